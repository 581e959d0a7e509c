"""What Optuna's pruners decide on some histories, as a Swift file of test fixtures.

    python3 -m venv /tmp/optuna && /tmp/optuna/bin/pip install optuna==5.0.0
    /tmp/optuna/bin/python tools/reference/pruners.py > Tests/SamplersTests/Fixtures/PrunerFixtures.swift

Each history is a sequence of trials that report one after the other or side by side; after
every report the pruner is asked, and a trial that it stops is pruned there.
"""

import json
import math
import random
import warnings

import optuna
from optuna.trial import TrialState

warnings.simplefilter("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)


def run(name, seed, notation, pruner, direction, trials, steps, jobs=1, stride=1, holes=0.0):
    generator = random.Random(seed)
    study = optuna.create_study(direction=direction, pruner=pruner,
                                sampler=optuna.samplers.RandomSampler(seed=0))
    events, waiting, open_trials = [], trials, []
    while waiting or open_trials:
        while waiting and len(open_trials) < jobs:
            trial = study.ask()
            events.append({"event": "start", "trial": trial.number})
            open_trials.append([trial, 0, generator.gauss(0, 1)])
            waiting -= 1
        entry = generator.choice(open_trials)
        trial, step, level = entry
        if step >= steps:
            study.tell(trial, level)
            events.append({"event": "complete", "trial": trial.number, "value": level})
            open_trials.remove(entry)
            continue
        value = level + generator.gauss(0, 0.7) + 3.0 / (step + 1)
        if generator.random() < holes:
            value = math.nan
        trial.report(value, step)
        stop = trial.should_prune()
        events.append({"event": "report", "trial": trial.number, "step": step,
                       "value": value if math.isfinite(value) else str(value), "stop": bool(stop)})
        if stop:
            study.tell(trial, state=TrialState.PRUNED)
            events.append({"event": "prune", "trial": trial.number})
            open_trials.remove(entry)
        else:
            entry[1] += generator.choice([1, stride])
    return {"name": name, "pruner": notation, "direction": direction, "events": events}


P = optuna.pruners
CASES = [
    run("median", 1, "median", P.MedianPruner(), "minimize", 25, 12),
    run("median, maximizing, side by side", 2, "median:startup=2,warmup=3",
        P.MedianPruner(n_startup_trials=2, n_warmup_steps=3), "maximize", 25, 12, jobs=4),
    run("median with intervals and gaps", 3, "median:startup=1,warmup=2,interval=4,trials=2",
        P.MedianPruner(n_startup_trials=1, n_warmup_steps=2, interval_steps=4, n_min_trials=2),
        "minimize", 30, 20, jobs=3, stride=3),
    run("median with NaN", 4, "median:startup=1",
        P.MedianPruner(n_startup_trials=1), "minimize", 25, 8, holes=0.4),
    run("percentile", 5, "percentile:25", P.PercentilePruner(25.0), "minimize", 30, 10, jobs=2),
    run("percentile, maximizing", 6, "percentile:percentile=60,startup=3",
        P.PercentilePruner(60.0, n_startup_trials=3), "maximize", 30, 10, holes=0.2),
    run("asha", 7, "asha:min=1,factor=2", P.SuccessiveHalvingPruner(1, 2), "minimize", 40, 17),
    run("asha side by side, maximizing", 8, "asha:min=2,factor=3,rate=1",
        P.SuccessiveHalvingPruner(2, 3, 1), "maximize", 40, 60, jobs=4),
    run("asha with bootstrap and NaN", 9, "asha:min=1,factor=4,bootstrap=3",
        P.SuccessiveHalvingPruner(1, 4, 0, 3), "minimize", 40, 20, holes=0.1),
    run("asha with gaps", 10, "asha:min=2,factor=4",
        P.SuccessiveHalvingPruner(2, 4), "minimize", 40, 40, jobs=3, stride=2),
]

print("// swift-format-ignore-file")
print(f"// Written by tools/reference/pruners.py with Optuna {optuna.__version__}.")
print()
print('let prunerFixtures = #"""')
print("[")
print(",\n".join(json.dumps(c, separators=(",", ":")) for c in CASES))
print("]")
print('"""#')
