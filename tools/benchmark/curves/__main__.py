"""Races pruners on learning curves of real models and on misleading ones: `tools/bench pruners`.

Races that are there already are not run again.

    tools/bench pruners                                  all, random order, 1 worker, 5 seeds
    tools/bench pruners --pruners none,median,cairn:curve --workers 8 --seeds 0-19
    tools/bench pruners --proposer tpe --sets real       what Optuna's TPE proposes
    tools/bench pruners --summary --each                 what there is, set by set

judges.py says which pruners there are, models.py, networks.py, policy.py and adversarial.py where
the curves are from, verdict.py how the figures are made.
"""

import argparse
import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path += [str(HERE.parent), str(HERE.parent / "optimizers"),
             str(HERE.parent / "optimizers" / "peers")]

import adversarial  # noqa: E402
import judges  # noqa: E402
import race  # noqa: E402
from builds import digest  # noqa: E402
from child import ChildFailed  # noqa: E402
from compare import table as aligned  # noqa: E402
from curve_set import CurveSet  # noqa: E402
from lists import seeds, words  # noqa: E402
from machine import line_starting  # noqa: E402
from verdict import Verdict  # noqa: E402

NAME = ["pruner", "set", "proposer", "workers", "seed"]


def arguments():
    parser = argparse.ArgumentParser(
        prog="tools/bench pruners", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--pruners", type=words, default=[*judges.OPTUNA, "cairn:median"],
                        metavar="A,B", help="cairn:PRUNER, " + ", ".join(judges.OPTUNA))
    parser.add_argument("--sets", type=words, default=["real", "misleading"], metavar="A,B",
                        help="real, misleading, or names")
    parser.add_argument("--seeds", type=seeds, default=seeds("0-4"), metavar="0-4")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--proposer", choices=["random", "tpe"], default="random")
    parser.add_argument("--budget", type=float, default=0.2, metavar="SHARE",
                        help="of the epochs of all configurations, to compare regrets at")
    parser.add_argument("--results", type=Path, metavar="FILE")
    parser.add_argument("--cairn", type=Path, metavar="PATH", help="the binary to measure")
    parser.add_argument("--summary", action="store_true", help="race nothing")
    parser.add_argument("--each", action="store_true", help="also set by set")
    parser.add_argument("--workplace", type=Path, required=True, help=argparse.SUPPRESS)
    found = parser.parse_args()
    unknown = [name for name in found.pruners if not judges.known(name)]
    if unknown:
        parser.error(f"there is no pruner {', '.join(unknown)}: see --help")
    found.results = found.results or found.workplace / "pruners.jsonl"
    return found


def chosen_sets(options):
    """Real and misleading sets; the latter have no parameters that TPE could propose."""
    real = CurveSet.recorded()
    invented = [] if options.proposer == "tpe" else [
        adversarial.curve_set(name) for name in adversarial.MISLEADING
    ]
    groups = [("real", real), ("misleading", invented)]
    return {
        title: [s for s in sets if title in options.sets or s.name in options.sets]
        for title, sets in groups
    }


def build(pruner, options):
    """Tells builds of Cairn apart; nothing for Optuna, whose version is pinned."""
    return digest(options.cairn) if pruner.startswith("cairn:") else ""


def stored(options):
    """The races in the results, of this build of Cairn where it is known, the last of each."""
    if not options.results.exists():
        return {}
    found = {}
    for line in options.results.read_text().splitlines():
        try:
            line = json.loads(line)
        except ValueError:  # a killed process may leave half a line
            continue
        if options.cairn and line["build"] != build(line["pruner"], options):
            continue
        found[tuple(line[field] for field in NAME)] = line
    return found


def carry_out(options, groups):
    """Runs what is missing; returns what failed, as text."""
    have, failures = stored(options), []
    options.results.parent.mkdir(parents=True, exist_ok=True)
    sets = [curves for group in groups.values() for curves in group]
    for seed in options.seeds:
        for pruner in options.pruners:
            for curves in sets:
                key = (pruner, curves.name, options.proposer, options.workers, seed)
                if key in have:
                    continue
                try:
                    trials, seconds = race.run(
                        pruner, curves, seed, options.proposer, options.workers, options.cairn
                    )
                except ChildFailed as error:
                    failures.append(f"{pruner} on {curves.name}, seed {seed}: {error}")
                    continue
                line = dict(zip(NAME, key)) | {
                    "trials": trials, "seconds": round(seconds, 4),
                    "build": build(pruner, options),
                }
                with options.results.open("a") as file:
                    file.write(json.dumps(line, separators=(",", ":")) + "\n")
            print(f"{pruner}, seed {seed}", file=sys.stderr)
    return failures


def main():
    options = arguments()
    groups = chosen_sets(options)
    print(f"processor  {line_starting('/proc/cpuinfo', 'model name')}")
    print(f"optuna     {judges.optuna.__version__}")
    if options.cairn:
        print(f"cairn      {digest(options.cairn)}")
    failures = [] if options.summary else carry_out(options, groups)
    races = [race for race in stored(options).values() if race["pruner"] in options.pruners]
    for title, sets in groups.items():
        verdict = Verdict(races, sets, options.proposer, options.workers, options.budget)
        tables = [verdict.rows()] + ([verdict.set_rows()] if options.each else [])
        for rows in map(list, tables):
            if len(rows) > 1:
                print(f"\n{title}: {len(sets)} sets, {options.proposer} order, "
                      f"{options.workers} at once, a budget of {100 * options.budget:.0f} %")
                for line in aligned(rows):
                    print(line)
    for failure in failures:
        print(f"failed: {failure}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
