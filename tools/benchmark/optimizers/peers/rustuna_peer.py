"""Rustuna's TPE with its defaults."""

import rustuna
from define_by_run import suggest_all


class TPE:
    def __init__(self, space, seed):
        self.space = space
        self.study = rustuna.create_study(sampler=rustuna.samplers.TPESampler(seed=seed))

    def ask(self):
        trial = self.study.ask()
        return suggest_all(trial, self.space), trial.number

    def tell(self, number, value):
        if value is None:
            self.study.tell(number, state=rustuna.trial.TrialState.FAIL)
        else:
            self.study.tell(number, value)
