"""Optuna's samplers, with their defaults where nothing is said."""

import optuna
from define_by_run import suggest_all
from optuna.samplers import CmaEsSampler, GPSampler, TPESampler
from optuna.trial import TrialState

optuna.logging.set_verbosity(optuna.logging.ERROR)


class Optuna:
    def __init__(self, space, seed):
        self.space = space
        self.study = optuna.create_study(sampler=self.sampler(seed))

    def ask(self):
        trial = self.study.ask()
        return suggest_all(trial, self.space), trial

    def tell(self, trial, value):
        if value is None:
            self.study.tell(trial, state=TrialState.FAIL)
        else:
            self.study.tell(trial, value)


class TPE(Optuna):
    """Joint densities of groups of parameters that occur together."""

    def sampler(self, seed):
        return TPESampler(multivariate=True, group=True, seed=seed)


class IndependentTPE(Optuna):
    """A density for each parameter alone, as before version 5."""

    def sampler(self, seed):
        return TPESampler(multivariate=False, seed=seed)


class GP(Optuna):
    def sampler(self, seed):
        return GPSampler(seed=seed)


class CMAES(Optuna):
    def sampler(self, seed):
        return CmaEsSampler(seed=seed)
