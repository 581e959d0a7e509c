"""Measures importance in Cairn and in Optuna, of the same trials, in one run on one machine.

    importance.py --binaries DIRECTORY [--sizes 1000x10,10000x10] [--json FILE]

Cairn proposes random trials, whose values are computed here; what it stored, Optuna gets. Each is
then asked for the importances as a library that has the study in memory, and the processor's time
counts. Cairn grows 64 trees, and the median of several rounds is taken; Optuna is asked once. Its
forest of 64 trees takes minutes where there are more than a thousand trials or ten parameters:
there it grows 2 trees, and 32 times that is its time, marked with a tilde.
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
    process = subprocess.Popen([cairn, "coprocess", "--store", store, "--durability", "relaxed",
                                "bench"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

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


# Trials times parameters to which Optuna is asked for as many trees as Cairn grows.
WHOLE_FOREST = 10_000
TREES, FEW_TREES = 64, 2


def optuna_seconds(trials, names, evaluator):
    study = optuna.create_study()
    distributions = {name: FloatDistribution(0, 1) for name in names}
    study.add_trials([create_trial(params=params, distributions=distributions, value=value)
                      for params, value in trials])
    start = time.process_time()
    shares = optuna.importance.get_param_importances(study, evaluator=evaluator)
    return time.process_time() - start, shares


def cairn_seconds(binary, store, *options):
    line = subprocess.run([binary, "importance", "--store", store, "--study", "bench", *options],
                          check=True, capture_output=True, text=True).stdout
    result = json.loads(line)
    total = sum(result["importance"].values())
    return result["seconds"], {k: v / total for k, v in result["importance"].items()}


def optuna_forest_seconds(trials, names):
    """Seconds of 64 trees, whether they are extrapolated, and the shares."""
    is_whole = len(trials) * len(names) <= WHOLE_FOREST
    grown = TREES if is_whole else FEW_TREES
    seconds, shares = optuna_seconds(
        trials, names, FanovaImportanceEvaluator(n_trees=grown, seed=0))
    return seconds * TREES / grown, not is_whole, shares


def measured(binaries, store, count, names):
    """A row for each method."""
    trials = make_study(str(binaries / "cairn"), store, names, count)

    def row(method, peer, is_extrapolated, expected):
        own, shares = cairn_seconds(str(binaries / "cairn-bench"), store, "--method", method)
        difference = max(abs(shares[name] - expected[name]) for name in names)
        return {"what": method, "cairn": own, "optuna": peer, "is_extrapolated": is_extrapolated,
                "difference": difference}

    yield row("fanova", *optuna_forest_seconds(trials, names))
    seconds, shares = optuna_seconds(trials, names, PedAnovaImportanceEvaluator())
    yield row("ped-anova", seconds, False, shares)
    for what, options in [("fanova with pairs", ["--pairs"]),
                          ("permutation", ["--method", "permutation"])]:
        own, _ = cairn_seconds(str(binaries / "cairn-bench"), store, *options)
        yield {"what": what, "cairn": own}


def size(text):
    trials, _, parameters = text.partition("x")
    return int(trials), int(parameters)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binaries", type=Path, required=True)
    parser.add_argument("--sizes", type=lambda text: [size(part) for part in text.split(",")],
                        default=[(1000, 10), (10_000, 10), (1000, 30)],
                        metavar="TRIALSxPARAMETERS,…")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    results = []
    with tempfile.TemporaryDirectory() as directory:
        facts = machine.describe(directory, REPOSITORY)
        print("importance; " + ", ".join(
            f"{name} {facts[name]}" for name in ["processor", "load", "cairn", "optuna"]))
        print(f"{'CPU time':<30}{'Cairn, ms':>12}{'Optuna, ms':>14}{'ratio':>10}"
              f"{'shares differ by':>18}")
        for count, parameters in arguments.sizes:
            names = [f"x{index}" for index in range(parameters)]
            store = str(Path(directory) / f"{count}x{parameters}")
            for row in measured(arguments.binaries, store, count, names):
                results.append({"trials": count, "parameters": parameters, **row})
                print(line(results[-1]), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps({"facts": facts, "rows": results}, indent=1) + "\n")


def line(row):
    title = f"{row['trials']} × {row['parameters']} {row['what']}"
    text = f"{title:<30}{row['cairn'] * 1e3:>12.1f}"
    if "optuna" in row:
        tilde = "~" if row["is_extrapolated"] else ""
        text += (f"{tilde + format(row['optuna'] * 1e3, '.1f'):>14}"
                 f"{row['optuna'] / row['cairn']:>10.0f}{row['difference']:>18.3f}")
    return text


if __name__ == "__main__":
    main()
