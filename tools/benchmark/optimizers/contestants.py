"""The optimizers by name, and how each is started.

    cairn:SAMPLER[:option=value…]   what `cairn create --sampler` takes: cairn:auto, cairn:tpe
    cairn:SAMPLER+RELATION          the same with --warm-start from studies of 60 trials on
                                    problems so related, see related.py: cairn:gp+shifted
    random  optuna:tpe  skopt:gp …  a peer: peers/serve.py in an environment of its family
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from builds import digest
from child import Child, ChildFailed, surroundings
from related import sources

HERE = Path(__file__).resolve().parent

# By name: the environment (a file in requirements/) and the class in peers/ as MODULE.CLASS.
PEERS = {
    "random": ("problems", "uniform.Uniform"),
    "optuna:tpe": ("optuna", "optuna_peer.TPE"),
    "optuna:tpe-group": ("optuna", "optuna_peer.GroupedTPE"),
    "optuna:gp": ("optuna", "optuna_peer.GP"),
    "optuna:cmaes": ("optuna", "optuna_peer.CMAES"),
    "rustuna:tpe": ("light", "rustuna_peer.TPE"),
    "hyperopt:tpe": ("light", "hyperopt_peer.TPE"),
    "skopt:gp": ("light", "skopt_peer.GP"),
    "botorch": ("botorch", "botorch_peer.LogEI"),
    "ax": ("botorch", "ax_peer.Ax"),
    "hebo": ("hebo", "hebo_peer.HEBO"),
    "smac": ("smac", "smac_peer.SMAC"),
}


# What a study knows that others learn from.
SOURCE_TRIALS = 60


@dataclass
class Setting:
    """Where things are: Cairn's binary, the environments, and what else `create` is told."""

    cairn: Path
    environments: "Environments"
    cairn_options: tuple = ()


def start(run, task, directory, setting):
    """A child that proposes for a run of a problem, in an empty directory. Raises ChildFailed."""
    space_file = os.path.join(directory, "space.json")
    with open(space_file, "w") as file:
        json.dump(task.space.document(), file)
    if run.optimizer.startswith("cairn:"):
        return _start_cairn(run, directory, setting)
    environment, where = PEERS[run.optimizer]
    python = setting.environments.python(environment)
    command = [python, HERE / "peers" / "serve.py", where, space_file, str(run.seed)]
    return Child(command, directory, surroundings())


def _start_cairn(run, directory, setting):
    sampler, _, relation = run.optimizer.removeprefix("cairn:").partition("+")
    store = CairnStore(setting, directory)
    studies = []
    for number, source in enumerate(sources(relation, run.problem, run.seed) if relation else []):
        studies.append(f"source{number}")
        seed = 1000 * (number + 1) + run.seed
        store.create(studies[-1], sampler, seed)
        _learn_source(store.converse(studies[-1]), source, seed)
    warm = ["--warm-start", ",".join(studies)] if studies else []
    store.create("bench", sampler, run.seed, *warm, *setting.cairn_options)
    return store.converse("bench")


def _learn_source(child, source, seed):
    for number in range(SOURCE_TRIALS):
        trial = child.demand({"op": "ask"})
        value, _ = source.evaluate(trial["params"], seed, number)
        told = {"value": value} if value is not None else {"state": "failed"}
        child.demand({"op": "tell", "trial": trial["trial"], **told})
    child.close()


class CairnStore:
    """A store in a directory that has the space in `space.json`."""

    def __init__(self, setting, directory):
        self.cairn = setting.cairn
        self.directory = str(directory)
        self.path = os.path.join(self.directory, "store")

    def create(self, study, sampler, seed, *options):
        self.call(
            "create", study, "--space", os.path.join(self.directory, "space.json"),
            "--minimize", "value", "--sampler", sampler, "--pruner", "none", "--seed", str(seed),
            *options,
        )

    def call(self, command, *words):
        done = subprocess.run(
            [self.cairn, command, *words, "--store", self.path],
            capture_output=True, text=True, env=surroundings(),
        )
        if done.returncode != 0:
            raise ChildFailed(f"cairn {command}: {done.stderr.strip()}")

    def converse(self, study):
        command = [self.cairn, "coprocess", study, "--store", self.path]
        return Child([*command, "--durability", "relaxed"], self.directory, surroundings())


def known(optimizer):
    return optimizer in PEERS or optimizer.startswith("cairn:")


class Environments:
    """The virtual environments of the peers, made from requirements/NAME.txt when first wanted."""

    def __init__(self, workplace):
        self.workplace = workplace
        self.ready = set()

    def python(self, name):
        """The Python of environment `name`. Raises ChildFailed when it cannot be made."""
        directory = self.workplace / f"peers-{name}"
        if name == "problems":
            return sys.executable
        if name not in self.ready:
            setup = HERE.parent.parent / "setup"
            make = 'source "$0" python && python_environment "$1" "$2"'
            requirements = HERE / "requirements" / f"{name}.txt"
            done = subprocess.run(["bash", "-c", make, setup, directory, requirements])
            if done.returncode != 0:
                raise ChildFailed(f"the environment for {name} could not be made")
            self.ready.add(name)
        return directory / "bin" / "python"

    def prepare(self, optimizers):
        """Makes all that `optimizers` need, before anything is measured."""
        for optimizer in optimizers:
            if optimizer in PEERS:
                self.python(PEERS[optimizer][0])


def version(optimizer, setting):
    """Cairn's binary by its digest, a peer by what its environment was made from."""
    if optimizer.startswith("cairn:"):
        return digest(setting.cairn)
    requirements = HERE / "requirements" / f"{PEERS[optimizer][0]}.txt"
    return " ".join(
        line for line in requirements.read_text().splitlines() if not line.startswith("#")
    )
