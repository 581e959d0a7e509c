"""What a suggestion costs as the history grows: `tools/bench suggestions`.

Ten floats; histories of random trials; CPU time of asking for a trial and telling its result, by
the process's own clock. `first` is what a new process needs for its first one, reading the
history included; the other figure is the median of those after it.

    tools/bench suggestions
    tools/bench suggestions --optimizers cairn:tpe,optuna:tpe,rustuna:tpe --lengths 100,1000
"""

import argparse
import math
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy

sys.path.append(str(Path(__file__).resolve().parent.parent))

import contestants  # noqa: E402
import facts  # noqa: E402
from child import ChildFailed  # noqa: E402
from compare import table as aligned  # noqa: E402
from problem import Problem  # noqa: E402
from runs import Run  # noqa: E402
from space import Float, Space  # noqa: E402

SPACE = Space([Float(f"x{n}", 0.0, 1.0) for n in range(10)])
DEFAULT = "cairn:auto,cairn:tpe,cairn:random,optuna:tpe,optuna:gp,rustuna:tpe"
# Longer histories than these take minutes a suggestion, or hours.
LONGEST = {"optuna:gp": 1000}


def objective(values):
    """A bowl with ripples, away from the centre."""
    off = [values[f"x{n}"] - 0.2 - 0.06 * n for n in range(10)]
    return sum(z * z + 0.02 * math.sin(25 * z) for z in off)


def history(length):
    generator = numpy.random.default_rng(length)
    return [SPACE.sample(generator) for _ in range(length)]


def tell(child, trial):
    child.demand({"op": "tell", "trial": trial["trial"], "value": objective(trial["params"])})


def begin(optimizer, directory, setting):
    run = Run(optimizer, "", 1, 1, 0)
    return contestants.start(run, Problem("", "", SPACE, objective, 0.0), directory, setting)


def peer_with_history(optimizer, length, directory, setting):
    child = begin(optimizer, directory, setting)
    child.wait_until_ready()
    begun = child.cpu_seconds()
    trials = [[values, objective(values)] for values in history(length)]
    for start in range(0, length, 100):
        child.demand({"op": "add", "trials": trials[start:start + 100]})
    return child, begun


class CairnHistories:
    """A store for each length, made once with random trials and copied for each sampler."""

    def __init__(self, setting, directory):
        self.setting = setting
        self.directory = Path(directory)

    def directory_with(self, length):
        made = self.directory / f"history-{length}"
        if not made.exists():
            made.mkdir()
            child = begin("cairn:random", str(made), self.setting)
            for _ in range(length):
                tell(child, child.demand({"op": "ask"}))
            child.close()
        return made

    def start(self, sampler, length, directory):
        shutil.copytree(self.directory_with(length), directory, dirs_exist_ok=True)
        store = contestants.CairnStore(self.setting, directory)
        store.call("edit", "bench", "--sampler", sampler)
        return store.converse("bench")


def measure(optimizer, length, histories, setting, count, patience):
    """CPU seconds of the first suggestion, and of each after it, as many as patience allows."""
    with tempfile.TemporaryDirectory(prefix="cairn-bench-") as directory:
        if optimizer.startswith("cairn:"):
            child = histories.start(optimizer.removeprefix("cairn:"), length, directory)
            begun = 0.0
        else:
            child, begun = peer_with_history(optimizer, length, directory, setting)
        try:
            deadline = time.monotonic() + patience
            marks = [begun]
            while len(marks) <= count + 1 and time.monotonic() < deadline:
                tell(child, child.demand({"op": "ask"}))
                marks.append(child.cpu_seconds())
        finally:
            child.close()
    costs = [later - earlier for earlier, later in zip(marks, marks[1:])]
    return costs[0], costs[1:]


def cell(first, rest):
    if not rest:
        return f"- (first {1000 * first:.3g})"
    return f"{1000 * statistics.median(rest):.3g} (first {1000 * first:.3g})"


def main():
    parser = argparse.ArgumentParser(
        prog="tools/bench suggestions", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--optimizers", default=DEFAULT, metavar="A,B")
    parser.add_argument("--lengths", default="100,1000,10000", metavar="N,M")
    parser.add_argument("--count", type=int, default=20, help="suggestions after the first")
    parser.add_argument("--patience-seconds", type=float, default=120, help="for one cell")
    parser.add_argument("--cairn", type=Path, metavar="PATH", help="the binary to measure")
    parser.add_argument("--workplace", type=Path, required=True, help=argparse.SUPPRESS)
    options = parser.parse_args()
    names = options.optimizers.split(",")
    lengths = [int(word) for word in options.lengths.split(",")]
    environments = contestants.Environments(options.workplace)
    environments.prepare(names)
    setting = contestants.Setting(options.cairn and options.cairn.resolve(), environments)
    for name, fact in facts.describe(setting.cairn).items():
        print(f"{name:12}{fact}")
    rows = [("ms of CPU a suggestion", *(f"n = {length:,}" for length in lengths))]
    failures = []
    with tempfile.TemporaryDirectory(prefix="cairn-bench-") as directory:
        histories = CairnHistories(setting, directory)
        for name in names:
            row = [name]
            for length in lengths:
                print(f"{name}, n = {length}", file=sys.stderr)
                if length > LONGEST.get(name, length):
                    row.append("not measured")
                    continue
                try:
                    row.append(cell(*measure(
                        name, length, histories, setting, options.count, options.patience_seconds
                    )))
                except ChildFailed as error:
                    failures.append(f"{name}, n = {length}: {error}")
                    row.append("failed")
            rows.append(tuple(row))
    print()
    for line in aligned(rows):
        print(line)
    for failure in failures:
        print(f"failed: {failure}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
