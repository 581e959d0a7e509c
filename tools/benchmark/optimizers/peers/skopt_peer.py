"""scikit-optimize's Gaussian process with its defaults; conditions are not told."""

from failures import WorstSoFar
from skopt import Optimizer
from skopt.space import Categorical, Integer, Real
from space import Choice, Float


class GP:
    def __init__(self, space, seed):
        self.names = [parameter.name for parameter in space.parameters]
        dimensions = [dimension(parameter) for parameter in space.parameters]
        self.optimizer = Optimizer(dimensions, base_estimator="GP", random_state=seed)
        self.failures = WorstSoFar()

    def ask(self):
        point = self.optimizer.ask()
        values = [value.item() if hasattr(value, "item") else value for value in point]
        return dict(zip(self.names, values)), point

    def tell(self, point, value):
        self.optimizer.tell(point, self.failures.value(value))


def dimension(parameter):
    if isinstance(parameter, Choice):
        return Categorical(parameter.choices)
    kind = Real if isinstance(parameter, Float) else Integer
    prior = "log-uniform" if parameter.log else "uniform"
    return kind(parameter.low, parameter.high, prior=prior)
