"""Who says which configuration of a set is tried next; each is tried once."""

import numpy
import optuna
from optuna.samplers import TPESampler
from optuna.trial import TrialState, create_trial

from define_by_run import suggest_all
from optuna_distributions import distribution
from space import Space
from unit_cube import UnitCube


def proposer(who, curves, seed):
    return {"random": RandomOrder, "tpe": NearestToTPE}[who](curves, seed)


class RandomOrder:
    def __init__(self, curves, seed):
        self.left = numpy.random.default_rng(seed).permutation(len(curves.curves)).tolist()

    def next(self):
        return self.left.pop() if self.left else None

    def ended(self, index, step, how):
        pass


class NearestToTPE:
    """The untried configuration nearest to what Optuna's TPE proposes."""

    def __init__(self, curves, seed):
        self.curves = curves
        self.space = Space.from_document(curves.space)
        self.distributions = {p.name: distribution(p) for p in self.space.parameters}
        self.study = optuna.create_study(
            direction=curves.direction, sampler=TPESampler(seed=seed, multivariate=True, group=True)
        )
        cube = UnitCube(self.space)
        # What does not exist stands in the middle, and so moves nothing much.
        self.middle = {p.name: cube.values(numpy.full(cube.dimension, 0.5))[p.name]
                       for p in self.space.parameters}
        self.point = lambda values: cube.point(self.middle | values)
        self.left = {n: self.point(values) for n, values in enumerate(curves.params)}

    def next(self):
        if not self.left:
            return None
        trial = self.study.ask()
        values = suggest_all(trial, self.space)
        self.study.tell(trial, state=TrialState.FAIL)  # it is told as what was tried instead
        wanted = self.point({name: value for name, value in values.items() if value is not None})
        nearest = min(self.left, key=lambda n: float(((self.left[n] - wanted) ** 2).sum()))
        del self.left[nearest]
        return nearest

    def ended(self, index, step, how):
        if how == "failed":
            return
        values = self.curves.params[index]
        curve = self.curves.curves[index][:step]
        state = TrialState.COMPLETE if how == "finished" else TrialState.PRUNED
        self.study.add_trial(create_trial(
            state=state, params=values, value=curve[-1],
            distributions={name: self.distributions[name] for name in values},
            intermediate_values={n + 1: numpy.nan if v is None else v
                                 for n, v in enumerate(curve)},
        ))
