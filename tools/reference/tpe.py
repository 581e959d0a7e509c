"""What Optuna's TPE makes of some histories, as a Swift file of test fixtures.

    python3 -m venv /tmp/optuna && /tmp/optuna/bin/pip install optuna==5.0.0
    /tmp/optuna/bin/python tools/reference/tpe.py > Tests/SamplersTests/Fixtures/ParzenFixtures.swift

For each history: which trials are below and above, the groups of parameters, and for each group
both mixtures (weights, centers, deviations) and their log densities at some points. Reads
Optuna's private modules, so the version matters. Equal observations are taken in the order of
their trials: NumPy's default sort promises nothing there.

One difference is meant: Optuna leaves failed trials out, Cairn counts them as bad. They are added
to Optuna's upper half before its estimator is made.
"""

import json
import math
import random
import warnings

import numpy
import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.samplers._tpe import parzen_estimator, sampler as tpe
from optuna.search_space.group_decomposed import _GroupDecomposedSearchSpace
from optuna.trial import TrialState

warnings.simplefilter("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)


class StableNumPy:
    def __getattr__(self, name):
        return getattr(numpy, name)

    @staticmethod
    def argsort(values):
        return numpy.argsort(values, kind="stable")


parzen_estimator.np = StableNumPy()

STATES = {
    "complete": TrialState.COMPLETE,
    "pruned": TrialState.PRUNED,
    "running": TrialState.RUNNING,
    "failed": TrialState.FAIL,
    "waiting": TrialState.WAITING,
}

MIXED = {
    "x": FloatDistribution(-3.0, 5.0),
    "lr": FloatDistribution(1e-5, 1e-1, log=True),
    "drop": FloatDistribution(0.0, 0.95, step=0.1),
    "layers": IntDistribution(1, 8),
    "batch": IntDistribution(16, 250, step=16),
    "units": IntDistribution(4, 1024, log=True),
    "kind": CategoricalDistribution(["a", "b", "c"]),
    "one": IntDistribution(7, 7),
}

TREE = {
    "opt": CategoricalDistribution(["sgd", "adam", "none"]),
    "lr": FloatDistribution(1e-4, 1.0, log=True),
    "momentum": FloatDistribution(0.0, 0.99),
    "beta": FloatDistribution(0.8, 0.999),
    "amsgrad": CategoricalDistribution([False, True]),
    "depth": IntDistribution(1, 5),
}

SMALL = {"k": IntDistribution(1, 3), "c": CategoricalDistribution([0, 1])}


def draw(generator, distribution):
    if isinstance(distribution, CategoricalDistribution):
        return generator.choice(distribution.choices)
    if isinstance(distribution, IntDistribution):
        if distribution.log:
            value = math.exp(generator.uniform(math.log(distribution.low), math.log(distribution.high)))
            return min(max(round(value), distribution.low), distribution.high)
        return generator.randrange(distribution.low, distribution.high + 1, distribution.step)
    if distribution.step is not None:
        count = round((distribution.high - distribution.low) / distribution.step)
        return min(distribution.low + distribution.step * generator.randint(0, count), distribution.high)
    if distribution.log:
        return math.exp(generator.uniform(math.log(distribution.low), math.log(distribution.high)))
    return generator.uniform(distribution.low, distribution.high)


def parameters(generator, space):
    names = list(space)
    if space is TREE:
        kind = draw(generator, TREE["opt"])
        active = {"sgd": ["momentum"], "adam": ["beta", "amsgrad"], "none": []}[kind]
        values = {"opt": kind}
        values.update({n: draw(generator, TREE[n]) for n in ["lr", "depth"] + active})
        return {n: values[n] for n in names if n in values}
    return {n: draw(generator, space[n]) for n in names}


def history(generator, space, count, directions, states, equal=False, bounded=False, discrete=False):
    trials = []
    for _ in range(count):
        state = generator.choice(states)
        trial = {"state": state, "params": parameters(generator, space), "values": None,
                 "intermediate": [], "violations": []}
        if state == "complete":
            trial["values"] = [
                1.0 if equal else float(generator.randint(0, 5)) if discrete else generator.gauss(0, 1)
                for _ in directions]
        if state == "pruned" and len(directions) == 1:
            trial["intermediate"] = [
                [step, generator.choice([math.nan] + [generator.gauss(0, 1)] * 4)]
                for step in range(generator.randint(0, 4))]
        if bounded and state in ("complete", "pruned"):
            trial["violations"] = [generator.uniform(-3, 1), generator.uniform(-2, 1)]
        trials.append(trial)
    return trials


def study_of(space, directions, trials):
    study = optuna.create_study(directions=directions, sampler=optuna.samplers.RandomSampler())
    for trial in trials:
        study.add_trial(optuna.trial.create_trial(
            state=STATES[trial["state"]], values=trial["values"], params=trial["params"],
            distributions={n: space[n] for n in trial["params"]},
            intermediate_values=dict(trial["intermediate"]),
            constraints={str(i): v for i, v in enumerate(trial["violations"])} or None))
    return study


def mixture(estimator, names):
    distribution = estimator._mixture_distribution
    result = {"weights": distribution.weights.tolist(), "parameters": {}}
    for name, part in zip(names, distribution.distributions):
        result["parameters"][name] = (
            {"categories": part.weights.tolist()} if hasattr(part, "weights")
            else {"centers": part.mu.tolist(), "deviations": part.sigma.tolist()})
    return result


def case(name, seed, space, count, directions=("minimize",), states=("complete",), **options):
    generator = random.Random(seed)
    trials = history(generator, space, count, directions, states, **options)
    study = study_of(space, directions, trials)
    sampler = optuna.samplers.TPESampler(multivariate=True, group=True, seed=0)
    considered = [t for t in study.trials if t.state in
                  (TrialState.COMPLETE, TrialState.PRUNED, TrialState.RUNNING)]
    finished = sum(t.state != TrialState.RUNNING for t in considered)
    gamma = tpe.default_gamma if len(directions) == 1 else tpe.default_gamma_multiobjective
    below, above = tpe._split_trials(study, considered, gamma(finished))
    failed = [t for t in study.trials if t.state == TrialState.FAIL]
    above = sorted(above + failed, key=lambda t: t.number)

    groups = []
    for sub_space in _GroupDecomposedSearchSpace(True).calculate(study).search_spaces:
        group = {n: d for n, d in sorted(sub_space.items()) if not d.single()}
        if not group:
            continue
        good = sampler._build_parzen_estimator(study, group, below, handle_below=True)
        bad = sampler._build_parzen_estimator(study, group, above, handle_below=False)
        points = {n: numpy.array([d.to_internal_repr(draw(generator, d)) for _ in range(6)], dtype=float)
                  for n, d in group.items()}
        groups.append({
            "names": list(group), "below": mixture(good, group), "above": mixture(bad, group),
            "points": {n: v.tolist() for n, v in points.items()},
            "logBelow": good.log_pdf(points).tolist(), "logAbove": bad.log_pdf(points).tolist()})

    for trial in trials:
        trial["params"] = {n: float(space[n].to_internal_repr(v)) for n, v in trial["params"].items()}
    return {"name": name, "space": {"MIXED": "mixed", "TREE": "tree", "SMALL": "small"}[
        next(k for k, v in globals().items() if v is space)],
        "directions": list(directions), "trials": trials,
        "below": [t.number for t in below], "above": [t.number for t in above], "groups": groups}


def plain(value):
    """JSON has no NaN."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    return value


EVERY = ("complete",) * 6 + ("pruned",) * 3 + ("running", "failed", "waiting")
CASES = [
    case("a few trials of every kind of parameter", 1, MIXED, 4),
    case("past the ramp of weights", 2, MIXED, 45),
    case("past the narrowest width", 3, MIXED, 130, directions=("maximize",)),
    case("every state", 4, MIXED, 50, states=EVERY),
    case("mostly pruned", 5, MIXED, 40, directions=("maximize",), states=("pruned",) * 8 + ("complete",)),
    case("bounds", 6, MIXED, 40, states=EVERY, bounded=True),
    case("conditional", 7, TREE, 60, states=EVERY),
    case("conditional with bounds", 8, TREE, 40, directions=("maximize",), states=EVERY, bounded=True),
    case("all values equal", 9, SMALL, 40, equal=True),
    case("one trial", 10, SMALL, 1),
    case("two objectives", 11, MIXED, 60, directions=("minimize", "maximize")),
    case("two objectives with ties and bounds", 12, TREE, 80, directions=("minimize", "minimize"),
         states=("complete",) * 5 + ("running", "failed"), bounded=True, discrete=True),
    case("more failed than not", 14, MIXED, 60, states=("complete",) * 2 + ("failed",) * 3),
    case("two complete, the others failed", 15, SMALL, 30,
         states=("complete",) + ("failed",) * 12),
    case("three objectives", 13, SMALL, 90, directions=("minimize", "maximize", "minimize")),
]

print("// swift-format-ignore-file")
print(f"// Written by tools/reference/tpe.py with Optuna {optuna.__version__}.")
print()
print('let parzenFixtures = #"""')
print("[")
print(",\n".join(json.dumps(plain(c), separators=(",", ":")) for c in CASES))
print("]")
print('"""#')
