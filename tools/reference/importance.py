"""What Optuna's importance evaluators make of some histories, as a Swift file of test fixtures.

    python3 -m venv /tmp/optuna && /tmp/optuna/bin/pip install optuna==5.0.0 scikit-learn==1.9.1
    /tmp/optuna/bin/python tools/reference/importance.py \
      > Tests/ImportanceAnalysisTests/Fixtures/ImportanceFixtures.swift

PED-ANOVA is without chance, so its figures are met to the last digits. fANOVA is a random forest's:
the mean of 3 seeds, to be met within what forests differ by. Both as shares that come to 1.
"""

import json
import math
import random
import warnings

import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.importance import (FanovaImportanceEvaluator, PedAnovaImportanceEvaluator,
                               get_param_importances)
from optuna.trial import create_trial

warnings.simplefilter("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)

MIXED = {
    "x": FloatDistribution(-3, 5),
    "lr": FloatDistribution(1e-5, 1e-1, log=True),
    "drop": FloatDistribution(0, 0.9, step=0.1),
    "layers": IntDistribution(1, 8),
    "batch": IntDistribution(16, 240, step=16),
    "units": IntDistribution(4, 1024, log=True),
    "kind": CategoricalDistribution(["a", "b", "c"]),
    "opt": CategoricalDistribution(["adam", "sgd"]),
}
MOMENTUM = FloatDistribution(0, 1)
LINEAR = {
    "x": FloatDistribution(-3, 5),
    "y": FloatDistribution(0, 1),
    "layers": IntDistribution(1, 8),
    "kind": CategoricalDistribution(["a", "b", "c"]),
    "idle": FloatDistribution(0, 1),
}


def draw(generator, distribution):
    if isinstance(distribution, CategoricalDistribution):
        return generator.choice(distribution.choices)
    low, high = distribution.low, distribution.high
    if distribution.log:
        value = math.exp(generator.uniform(math.log(low), math.log(high)))
    else:
        value = generator.uniform(low, high)
    if isinstance(distribution, IntDistribution):
        step = distribution.step
        return min(high, max(low, low + round((value - low) / step) * step))
    if distribution.step:
        return round(low + round((value - low) / distribution.step) * distribution.step, 6)
    return min(high, max(low, float(f"{value:.6g}")))


def mixed(generator, _):
    params = {name: draw(generator, d) for name, d in MIXED.items()}
    loss = (params["x"] - 1) ** 2 / 4 + (math.log10(params["lr"]) + 3) ** 2
    loss += {"a": 0, "b": 1, "c": 3}[params["kind"]] + 0.2 * params["layers"]
    distributions = dict(MIXED)
    if params["opt"] == "sgd":
        distributions["momentum"] = MOMENTUM
        params["momentum"] = draw(generator, MOMENTUM)
        loss += 4 * (params["momentum"] - 0.9) ** 2
    return params, distributions, loss


def widened(generator, number):
    """One parameter's range is another in the second half."""
    distributions = {"x": FloatDistribution(0, 1 if number < 60 else 4), "n": IntDistribution(0, 9)}
    params = {name: draw(generator, d) for name, d in distributions.items()}
    return params, distributions, abs(params["x"] - 0.7) + 0.05 * params["n"]


def linear(generator, _):
    params = {name: draw(generator, d) for name, d in LINEAR.items()}
    loss = math.sin(params["x"]) + params["y"] * (params["layers"] - 3) / 3
    return params, dict(LINEAR), loss + {"a": 0.5, "b": 0, "c": -1}[params["kind"]]


def history(name, seed, make, count, direction="minimize"):
    generator = random.Random(seed)
    study = optuna.create_study(direction=direction)
    trials = []
    for number in range(count):
        params, distributions, value = make(generator, number)
        value = float(f"{value:.6g}")
        study.add_trial(create_trial(params=params, distributions=distributions, value=value))
        trials.append({"params": params, "value": value})
    return {"name": name, "direction": direction, "trials": trials, "cases": []}, study


def shares(study, evaluator):
    return get_param_importances(study, evaluator=evaluator)


def ped_anova(entry, study, quantiles):
    for quantile in quantiles:
        evaluator = PedAnovaImportanceEvaluator(target_quantile=quantile)
        entry["cases"].append({"method": "ped-anova", "quantile": quantile,
                               "shares": shares(study, evaluator)})


def fanova(entry, study):
    runs = [shares(study, FanovaImportanceEvaluator(seed=seed)) for seed in range(3)]
    entry["cases"].append({"method": "fanova", "quantile": 0.1, "shares": {
        name: sum(run[name] for run in runs) / len(runs) for name in runs[0]}})


histories = []
for direction in ["minimize", "maximize"]:
    entry, study = history("mixed", 1, mixed, 150, direction)
    ped_anova(entry, study, [0.1, 0.25, 0.5])
    histories.append(entry)
entry, study = history("widened", 2, widened, 120)
ped_anova(entry, study, [0.1, 0.3])
histories.append(entry)
entry, study = history("linear", 3, linear, 300)
ped_anova(entry, study, [0.1])
fanova(entry, study)
histories.append(entry)

print("// swift-format-ignore-file")
print(f"// Written by tools/reference/importance.py with Optuna {optuna.__version__}.")
print()
print('let importanceFixtures = #"""')
print("[")
print(",\n".join(json.dumps(entry, separators=(",", ":")) for entry in histories))
print("]")
print('"""#')
