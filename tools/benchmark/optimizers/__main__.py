"""Runs optimizers on problems and says how they compare: `tools/bench optimizers`.

Runs that are there already are not run again, so it may be stopped and started at will; new
seeds, problems or optimizers are added to what there is. The peers' results come with the
repository: a newcomer need only run Cairn.

    tools/bench optimizers                                   cairn:auto, named problems, 5 seeds
    tools/bench optimizers --optimizers cairn:gp,optuna:gp --problems bbob5,mixed --seeds 0-15
    tools/bench optimizers --cairn OTHER/cairn --label other --compare cairn:auto@other cairn:auto
    tools/bench optimizers --summary --each                  what there is, problem by problem

catalogue.py says which problems there are, contestants.py which optimizers, report.py how the
figures are made.
"""

import argparse
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent))

import contestants  # noqa: E402
import facts  # noqa: E402
import kept  # noqa: E402
import report  # noqa: E402
from catalogue import expand, problem  # noqa: E402
from child import ChildFailed  # noqa: E402
from compare import table as aligned  # noqa: E402
from lists import seeds, words  # noqa: E402
from runs import Results, Run, perform  # noqa: E402


def arguments():
    parser = argparse.ArgumentParser(
        prog="tools/bench optimizers", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what = parser.add_argument_group("what to run")
    what.add_argument("--optimizers", type=words, default=["cairn:auto"], metavar="A,B",
                      help="cairn:SAMPLER, " + ", ".join(contestants.PEERS))
    what.add_argument("--problems", type=words, default=["named"], metavar="A,B",
                      help="problems and groups of them; also what the summary is about")
    what.add_argument("--seeds", type=seeds, default=seeds("0-4"), metavar="0-4")
    what.add_argument("--trials", type=int, default=100)
    what.add_argument("--pending", type=int, default=1, metavar="K",
                      help="so many trials at once, told in the order they were asked for")
    how = parser.add_argument_group("how")
    how.add_argument("--jobs", type=int, default=1, help="so many runs at once")
    how.add_argument("--budget-seconds", type=float, default=float("inf"), metavar="S",
                     help="begin no run after so long")
    how.add_argument("--results", type=Path, metavar="DIRECTORY", help="where runs are kept")
    how.add_argument("--cairn", type=Path, metavar="PATH", help="the binary to measure")
    how.add_argument("--label", default="", help="names this build: cairn:gp@LABEL")
    how.add_argument("--cairn-option", action="append", default=[], metavar="WORD",
                     help="one word more for `cairn create`; may be repeated")
    say = parser.add_argument_group("what to say")
    say.add_argument("--summary", action="store_true", help="run nothing")
    say.add_argument("--among", type=words, metavar="A,B", help="only these optimizers")
    say.add_argument("--each", action="store_true", help="also problem by problem")
    say.add_argument("--compare", nargs=2, metavar=("A", "B"), help="paired, instead of all")
    say.add_argument("--beside", type=Path, action="append", default=[], metavar="DIRECTORY",
                     help="read these results, too; may be repeated")
    say.add_argument("--keep", type=Path, nargs="?", const=kept.FILE, metavar="FILE",
                     help="write what is reported, in short, to the repository")
    parser.add_argument("--workplace", type=Path, required=True, help=argparse.SUPPRESS)
    found = parser.parse_args()
    unknown = [name for name in found.optimizers if not contestants.known(name)]
    if unknown:
        parser.error(f"there is no optimizer {', '.join(unknown)}: see --help")
    try:
        found.problems = expand(found.problems)
        for name in found.problems:
            problem(name, 0)
    except ValueError as error:
        parser.error(str(error))
    found.results = found.results or found.workplace / "optimizers"
    return found


def wanted(options):
    """The runs asked for, seed by seed, so that stopping early leaves whole seeds."""
    return [
        Run(name, task, seed, options.pending, options.trials,
            options.label if name.startswith("cairn:") else "")
        for seed in options.seeds for name in options.optimizers for task in options.problems
    ]


def refuse_mixture(results, options, digest):
    """Ends when runs of another build carry the names that this one's would."""
    for run in results.all():
        name, _, label = run["optimizer"].partition("@")
        same = name in options.optimizers and label == options.label
        if name.startswith("cairn:") and same and run["version"] != digest:
            sys.exit(
                f"error: {options.results} has runs of {run['optimizer']} by another build "
                f"({run['version']}; this one is {digest})\n"
                "  try: --label NAME, to keep the two apart\n"
                "  try: another --results DIRECTORY, or delete the file of the old one"
            )


def carry_out(options, results, setting):
    """Runs what is missing; returns what failed, as text."""
    have = results.keys()
    if not any(name.startswith("cairn:") for name in options.optimizers):
        have |= {Run(r["optimizer"], r["problem"], r["seed"], r["pending"], r["trials"]).key
                 for r in kept.read()}
    missing = [run for run in wanted(options) if run.key not in have]
    setting.environments.prepare(dict.fromkeys(run.optimizer for run in missing))
    deadline = time.monotonic() + options.budget_seconds
    failures = []

    def work(run):
        if time.monotonic() > deadline:
            return False
        begun = time.monotonic()
        try:
            line = perform(run, setting)
        except (ChildFailed, ValueError) as error:
            failures.append(f"{run.name} on {run.problem}, seed {run.seed}: {error}")
            print(f"failed: {failures[-1]}", file=sys.stderr)
            return True
        results.append(line)
        regret = line["regret"][-1]
        print(
            f"{run.name}  {run.problem}  seed {run.seed}  regret "
            f"{'none' if regret is None else format(regret, '.4g')}  "
            f"{time.monotonic() - begun:.1f} s",
            file=sys.stderr,
        )
        return True

    with ThreadPoolExecutor(options.jobs) as pool:
        done = list(pool.map(work, missing))
    if not all(done):
        print(f"{done.count(False)} runs are left for another time", file=sys.stderr)
    return failures


def gathered(options, results):
    """All runs to report on; one that was measured here stands for a kept one of that name."""
    found = {}
    sources = [kept.read(), *(Results(path).all() for path in options.beside), results.all()]
    for source in sources:
        for run in source:
            key = Run(run["optimizer"], run["problem"], run["seed"], run["pending"], 0).key
            found[key] = run
    chosen = options.compare or options.among
    return [
        run for run in found.values()
        if run["problem"] in options.problems and (not chosen or run["optimizer"] in chosen)
    ]


def tell(runs, options):
    table = report.Table(runs, options.pending)
    if options.compare:
        show(report.comparison_rows(table, *options.compare))
        return
    amounts = {name: len(cells) for name, cells in table.runs.items()}
    if not amounts:
        print("no runs yet")
        return
    full = [name for name in amounts if amounts[name] >= 0.9 * max(amounts.values())]
    kinds = sorted(set(table.kinds.values()))
    for title, names in [("", full), ("with those that have fewer runs", list(amounts))]:
        if len(names) == len(full) and title:
            continue
        for kind in ["all", *kinds] if len(kinds) > 1 and not title else ["all"]:
            members = [p for p in table.problems() if kind in ("all", table.kinds[p])]
            print(f"\n{kind}: {len(members)} problems{', ' if title else ''}{title}")
            show(report.summary_rows(table, names, members))
    if options.each:
        for trials in report.CHECKPOINTS:
            print()
            show(report.problem_rows(table, list(amounts), trials))


def show(rows):
    for line in aligned(list(rows)):
        print(line)


def main():
    options = arguments()
    results = Results(options.results)
    setting = contestants.Setting(
        options.cairn and options.cairn.resolve(),
        contestants.Environments(options.workplace), tuple(options.cairn_option),
    )
    described = facts.describe(setting.cairn)
    for name, fact in described.items():
        print(f"{name:12}{fact}")
    failures = []
    if not options.summary:
        measured = [name for name in options.optimizers if name.startswith("cairn:")]
        if measured:
            refuse_mixture(results, options, contestants.version(measured[0], setting))
        failures = carry_out(options, results, setting)
    runs = gathered(options, results)
    tell(runs, options)
    if options.keep:
        kept.write(runs, described, options.keep)
    for failure in failures:
        print(f"failed: {failure}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:  # whoever read the tables has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
