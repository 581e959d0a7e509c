"""Measures importance in Cairn and in Optuna, of the same trials, in one run on one machine.

    importance.py --binaries DIRECTORY [--trials 1000] [--parameters 10] [--json FILE]

Cairn proposes random trials, whose values are computed here; what it stored, Optuna gets. Each is
then asked for the importances as a library that has the study in memory: Cairn the median of 11
rounds with 8 seeds of 8 trees, Optuna with as many trees once, as it takes long.
"""

import argparse
import json
import math
import subprocess
import tempfile
import time
import warnings
from pathlib import Path

import machine
import optuna
from optuna.distributions import FloatDistribution
from optuna.importance import FanovaImportanceEvaluator, PedAnovaImportanceEvaluator
from optuna.trial import create_trial

REPOSITORY = Path(__file__).resolve().parent.parent.parent

warnings.simplefilter("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)


def objective(point):
    """Ishigami's function of three parameters, a line, a product, and idle ones."""
    a, b, c = (math.pi * (2 * x - 1) for x in point[:3])
    rest = (2 * point[3] + point[4] * point[5]) if len(point) > 5 else 0
    return math.sin(a) + 7 * math.sin(b) ** 2 + 0.1 * c**4 * math.sin(a) + rest


def make_study(cairn, store, names, count):
    parameters = [part for name in names for part in ("-p", f"{name}=0.0..1.0")]
    subprocess.run([cairn, "create", "bench", "--store", store, "--sampler", "random",
                    "--seed", "1", *parameters], check=True, capture_output=True)
    process = subprocess.Popen([cairn, "coprocess", "--store", store, "bench"],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def exchange(message):
        process.stdin.write(json.dumps(message) + "\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())

    trials = []
    for _ in range(count):
        trial = exchange({"op": "ask"})
        value = objective([trial["params"][name] for name in names])
        exchange({"op": "tell", "trial": trial["trial"], "value": value})
        trials.append((trial["params"], value))
    process.stdin.close()
    if process.wait() != 0:
        raise SystemExit(f"cairn coprocess ended with {process.returncode}")
    return trials


def optuna_seconds(trials, names, evaluator):
    study = optuna.create_study()
    distributions = {name: FloatDistribution(0, 1) for name in names}
    study.add_trials([create_trial(params=params, distributions=distributions, value=value)
                      for params, value in trials])
    start = time.perf_counter()
    shares = optuna.importance.get_param_importances(study, evaluator=evaluator)
    return time.perf_counter() - start, shares


def cairn_seconds(binary, store, *options):
    line = subprocess.run([binary, "importance", "--store", store, "--study", "bench", *options],
                          check=True, capture_output=True, text=True).stdout
    result = json.loads(line)
    total = sum(result["importance"].values())
    return result["seconds"], {k: v / total for k, v in result["importance"].items()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binaries", required=True)
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--parameters", type=int, default=10)
    parser.add_argument("--json")
    arguments = parser.parse_args()
    binaries = Path(arguments.binaries)
    names = [f"x{index}" for index in range(arguments.parameters)]
    rows = []
    with tempfile.TemporaryDirectory() as directory:
        store = str(Path(directory) / "store")
        trials = make_study(str(binaries / "cairn"), store, names, arguments.trials)
        bench = str(binaries / "cairn-bench")
        for method, evaluator in [("fanova", FanovaImportanceEvaluator(n_trees=64, seed=0)),
                                  ("ped-anova", PedAnovaImportanceEvaluator())]:
            own, shares = cairn_seconds(bench, store, "--method", method)
            peer, expected = optuna_seconds(trials, names, evaluator)
            difference = max(abs(shares[name] - expected[name]) for name in names)
            rows.append({"what": method, "cairn": own, "optuna": peer, "difference": difference})
        for what, options in [("fanova with pairs", ["--pairs"]),
                              ("permutation", ["--method", "permutation"])]:
            own, _ = cairn_seconds(bench, store, *options)
            rows.append({"what": what, "cairn": own})

        facts = machine.describe(directory, REPOSITORY)
    print(f"importance of {arguments.parameters} parameters in {arguments.trials} trials; " + ", ".join(
        f"{name} {facts[name]}" for name in ["processor", "load", "cairn", "optuna"]))
    print(f"{'':<20}{'Cairn, ms':>12}{'Optuna, ms':>14}{'ratio':>10}{'shares differ by':>18}")
    for row in rows:
        line = f"{row['what']:<20}{row['cairn'] * 1e3:>12.1f}"
        if "optuna" in row:
            line += (f"{row['optuna'] * 1e3:>14.1f}{row['optuna'] / row['cairn']:>10.0f}"
                     f"{row['difference']:>18.3f}")
        print(line)
    if arguments.json:
        Path(arguments.json).write_text(json.dumps({"facts": facts, "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
