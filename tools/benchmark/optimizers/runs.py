"""One run: an optimizer on a problem with a seed, told one trial at a time or with several pending.

A run is one line of JSON in RESULTS/OPTIMIZER.jsonl:

    optimizer, problem, seed, pending, trials     what was run; together they name the run
    observed, true    by trial in the order of finishing; null where it failed
    regret            after each trial: of the trial that looked best so far (null: all failed)
    cpu               seconds that proposing and learning took, by trial
    wall              the same by the clock, waiting for the disk included
    version           of the optimizer
"""

import json
import os
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import contestants
from catalogue import problem


@dataclass(frozen=True)
class Run:
    optimizer: str
    problem: str
    seed: int
    pending: int
    trials: int
    # What the results call the optimizer beside its name, to keep two builds apart.
    label: str = ""

    @property
    def name(self):
        return f"{self.optimizer}@{self.label}" if self.label else self.optimizer

    @property
    def key(self):
        return self.name, self.problem, self.seed, self.pending, self.trials


class Results:
    """The runs that are in a directory, appended to line by line by any number of processes."""

    def __init__(self, directory):
        self.directory = Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)

    def all(self):
        """Every run as it was written; what a killed process left half written is passed over."""
        for path in sorted(self.directory.glob("*.jsonl")):
            for line in path.read_text().splitlines():
                try:
                    yield json.loads(line)
                except ValueError:
                    continue

    def keys(self):
        return {
            (run["optimizer"], run["problem"], run["seed"], run["pending"], run["trials"])
            for run in self.all()
        }

    def append(self, run):
        path = self.directory / f"{run['optimizer'].replace(':', '-').replace('/', '-')}.jsonl"
        line = (json.dumps(run, separators=(",", ":")) + "\n").encode()
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            size = os.fstat(descriptor).st_size
            if size and os.pread(descriptor, 1, size - 1) != b"\n":
                line = b"\n" + line
            os.write(descriptor, line)
        finally:
            os.close(descriptor)


def perform(run, setting):
    """Carries a run out and returns its line. Raises ChildFailed when the optimizer fails."""
    task = problem(run.problem, run.seed)
    directory = tempfile.mkdtemp(prefix="cairn-bench-")
    try:
        child = contestants.start(run, task, directory, setting)
        try:
            child.wait_until_ready()
            line = _converse(child, task, run)
        finally:
            child.close()
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    return {
        "optimizer": run.name, "problem": run.problem, "seed": run.seed,
        "pending": run.pending, "trials": run.trials, "kind": task.kind,
        "version": contestants.version(run.optimizer, setting), **line,
    }


def _converse(child, task, run):
    observed, true, cpu, wall = [], [], [], []
    asked = []
    count = 0
    used, clock = child.cpu_seconds(), time.perf_counter()
    waited = 0.0  # for the problem, which is not the optimizer's time
    while len(observed) < run.trials:
        while len(asked) < run.pending and count < run.trials:
            asked.append(child.demand({"op": "ask"}))
            count += 1
        trial = asked.pop(0)
        start = time.perf_counter()
        value, truth = task.evaluate(trial["params"], run.seed, len(observed))
        waited += time.perf_counter() - start
        told = {"value": value} if value is not None else {"state": "failed"}
        child.demand({"op": "tell", "trial": trial["trial"], **told})
        observed.append(value)
        true.append(truth)
        now, later = child.cpu_seconds(), time.perf_counter()
        cpu.append(round(now - used, 6))
        wall.append(round(later - clock - waited, 6))
        used, clock, waited = now, later, 0.0
    return {
        "observed": observed, "true": true, "regret": regrets(task, observed, true),
        "cpu": cpu, "wall": wall,
    }


def regrets(task, observed, true):
    """After each trial, the regret of the one with the best observed value, the first of equals."""
    best, found = None, []
    for value, truth in zip(observed, true):
        if value is not None and (best is None or value < best[0]):
            best = value, truth
        found.append(None if best is None else float(f"{task.regret(best[1]):.6g}"))
    return found
