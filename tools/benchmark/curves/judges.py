"""Those who say when a trial is given up: Optuna's pruners, and Cairn's over its coprocess.

    none  median  median-warm  percentile  patient  asha  hyperband      Optuna's
    cairn:none  cairn:median  cairn:curve …                              Cairn's `--pruner`
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import optuna
from optuna import pruners
from optuna.trial import TrialState

sys.path.append(str(Path(__file__).resolve().parent.parent / "optimizers"))

from child import Child, ChildFailed, surroundings  # noqa: E402

optuna.logging.set_verbosity(optuna.logging.ERROR)

OPTUNA = {
    "none": lambda steps: pruners.NopPruner(),
    "median": lambda steps: pruners.MedianPruner(),
    "median-warm": lambda steps: pruners.MedianPruner(n_warmup_steps=steps // 5),
    "percentile": lambda steps: pruners.PercentilePruner(25.0),
    "patient": lambda steps: pruners.PatientPruner(pruners.MedianPruner(), patience=5),
    "asha": lambda steps: pruners.SuccessiveHalvingPruner(reduction_factor=4),
    "hyperband": lambda steps: pruners.HyperbandPruner(
        min_resource=1, max_resource=steps, reduction_factor=3
    ),
}


def known(name):
    return name in OPTUNA or name.startswith("cairn:")


def judge(name, curves, seed, cairn):
    """A judge of one study over a set of curves."""
    if name.startswith("cairn:"):
        return CairnJudge(name.removeprefix("cairn:"), curves, seed, cairn)
    return OptunaJudge(OPTUNA[name](curves.steps), curves.direction)


class OptunaJudge:
    def __init__(self, pruner, direction):
        self.study = optuna.create_study(pruner=pruner, direction=direction)
        self.seconds = 0.0

    def begin(self):
        return self.study.ask()

    def stops(self, trial, step, value):
        """Whether the trial is to be given up after this report."""
        start = time.process_time()
        trial.report(value, step)
        answer = trial.should_prune()
        self.seconds += time.process_time() - start
        return answer

    def end(self, trial, value):
        """`value` is the result; None where the trial failed."""
        if value is None:
            self.study.tell(trial, state=TrialState.FAIL)
        else:
            self.study.tell(trial, value)

    def end_stopped(self, trial):
        self.study.tell(trial, state=TrialState.PRUNED)

    def close(self):
        pass


class CairnJudge:
    def __init__(self, pruner, curves, seed, cairn):
        self.directory = tempfile.TemporaryDirectory(prefix="cairn-bench-")
        store = f"{self.directory.name}/store"
        if pruner == "curve":
            pruner = f"curve:max-steps={curves.steps}"
        create = [
            cairn, "create", "bench", "--store", store, "-p", "x=0.0..1.0", "--sampler", "random",
            f"--{curves.direction}", "value", "--pruner", pruner, "--seed", str(seed),
        ]
        made = subprocess.run(create, capture_output=True, text=True, env=surroundings())
        if made.returncode != 0:
            raise ChildFailed(f"cairn create: {made.stderr.strip()}")
        self.child = Child(
            [cairn, "coprocess", "bench", "--store", store, "--durability", "relaxed"],
            self.directory.name, surroundings(),
        )
        self.child.wait_until_ready()
        self.begun = self.child.cpu_seconds()

    @property
    def seconds(self):
        """Everything that it does, asking and telling as well."""
        return self.child.cpu_seconds() - self.begun

    def begin(self):
        return self.child.demand({"op": "ask"})["trial"]

    def stops(self, trial, step, value):
        report = {"op": "report", "trial": trial, "step": step, "value": value}
        return self.child.demand(report)["prune"]

    def end(self, trial, value):
        told = {"state": "failed"} if value is None else {"value": value}
        self.child.demand({"op": "tell", "trial": trial, **told})

    def end_stopped(self, trial):
        self.child.demand({"op": "tell", "trial": trial, "state": "pruned"})

    def close(self):
        self.child.close()
        self.directory.cleanup()
