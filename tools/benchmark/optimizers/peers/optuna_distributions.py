"""Parameters as Optuna's distributions."""

from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from space import Choice, Float


def distribution(parameter):
    if isinstance(parameter, Choice):
        return CategoricalDistribution(parameter.choices)
    kind = FloatDistribution if isinstance(parameter, Float) else IntDistribution
    return kind(parameter.low, parameter.high, log=parameter.log)
