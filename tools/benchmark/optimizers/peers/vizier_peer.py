"""Google Vizier's Gaussian process bandit, its default, as a designer without a server.

Conditions are not told: its designer takes flat spaces only.
"""

import jax
from failures import WorstSoFar
from space import Choice, Float
from vizier import algorithms, pyvizier
from vizier.algorithms.designers.gp_ucb_pe import VizierGPUCBPEBandit

METRIC = "value"


class GPBandit:
    def __init__(self, space, seed):
        self.space = space
        problem = pyvizier.ProblemStatement()
        for parameter in space.parameters:
            add(problem.search_space.root, parameter)
        problem.metric_information.append(
            pyvizier.MetricInformation(METRIC, goal=pyvizier.ObjectiveMetricGoal.MINIMIZE)
        )
        self.designer = VizierGPUCBPEBandit(problem, rng=jax.random.PRNGKey(seed))
        self.active = {}
        self.number = 0
        self.failures = WorstSoFar()

    def ask(self):
        [suggestion] = self.designer.suggest(1)
        self.number += 1
        trial = suggestion.to_trial(self.number)
        self.active[self.number] = trial
        values = {
            parameter.name: plain(parameter, trial.parameters.get_value(parameter.name))
            for parameter in self.space.parameters
        }
        return values, trial

    def tell(self, trial, value):
        measurement = pyvizier.Measurement({METRIC: self.failures.value(value)})
        trial.complete(measurement)
        del self.active[trial.id]
        self.designer.update(
            algorithms.CompletedTrials([trial]), algorithms.ActiveTrials(self.active.values())
        )


def plain(parameter, value):
    if isinstance(parameter, Choice):
        return str(value)
    number = float(value) if isinstance(parameter, Float) else round(float(value))
    return min(max(number, parameter.low), parameter.high)


def add(root, parameter):
    if isinstance(parameter, Choice):
        root.add_categorical_param(parameter.name, parameter.choices)
        return
    scale = pyvizier.ScaleType.LOG if parameter.log else pyvizier.ScaleType.LINEAR
    method = root.add_float_param if isinstance(parameter, Float) else root.add_int_param
    method(parameter.name, parameter.low, parameter.high, scale_type=scale)
