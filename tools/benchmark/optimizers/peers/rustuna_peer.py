"""Rustuna's TPE with its defaults."""

import rustuna
from define_by_run import suggest_all
from space import Choice, Float


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

    def add(self, trials):
        distributions = {p.name: distribution(p) for p in self.space.parameters}
        for values, value in trials:
            self.study.add_trial(rustuna.create_trial(
                params=values, distributions=distributions, value=value
            ))


def distribution(parameter):
    if isinstance(parameter, Choice):
        return rustuna.distributions.CategoricalDistribution(parameter.choices)
    if isinstance(parameter, Float):
        kind = rustuna.distributions.FloatDistribution
    else:
        kind = rustuna.distributions.IntDistribution
    return kind(parameter.low, parameter.high, log=parameter.log)
