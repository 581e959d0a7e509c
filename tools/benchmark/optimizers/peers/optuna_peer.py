"""Optuna's samplers, with their defaults where nothing is said."""

import optuna
from define_by_run import suggest_all
from optuna_distributions import distribution
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

    def add(self, trials):
        distributions = {p.name: distribution(p) for p in self.space.parameters}
        self.study.add_trials([
            optuna.trial.create_trial(params=values, distributions=distributions, value=value)
            for values, value in trials
        ])


class TPE(Optuna):
    """Version 5's default: a joint density of the parameters that all trials have."""

    def sampler(self, seed):
        return TPESampler(seed=seed)


class GroupedTPE(Optuna):
    """Joint densities of groups of parameters that occur together, for conditions."""

    def sampler(self, seed):
        return TPESampler(multivariate=True, group=True, seed=seed)


class GP(Optuna):
    def sampler(self, seed):
        return GPSampler(seed=seed)


class CMAES(Optuna):
    def sampler(self, seed):
        return CmaEsSampler(seed=seed)
