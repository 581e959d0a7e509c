"""HEBO with its defaults; conditions are not told."""

import numpy
import pandas
import torch
from failures import WorstSoFar
from hebo.design_space.design_space import DesignSpace
from hebo.optimizers.hebo import HEBO as Hebo
from space import Choice, Float


class HEBO:
    def __init__(self, space, seed):
        numpy.random.seed(seed)
        torch.manual_seed(seed)
        torch.set_num_threads(1)
        self.space = space
        design = DesignSpace().parse([entry(parameter) for parameter in space.parameters])
        self.optimizer = Hebo(design, scramble_seed=seed)
        self.failures = WorstSoFar()

    def ask(self):
        suggestion = self.optimizer.suggest(n_suggestions=1)
        row = suggestion.iloc[0]
        return {p.name: plain(p, row[p.name]) for p in self.space.parameters}, suggestion

    def tell(self, suggestion, value):
        result = numpy.array([[self.failures.value(value)]])
        self.optimizer.observe(pandas.DataFrame(suggestion), result)


def plain(parameter, value):
    if isinstance(parameter, Choice):
        return str(value)
    number = float(value) if isinstance(parameter, Float) else round(float(value))
    return min(max(number, parameter.low), parameter.high)


def entry(parameter):
    if isinstance(parameter, Choice):
        return {"name": parameter.name, "type": "cat", "categories": parameter.choices}
    if isinstance(parameter, Float):
        kind = "pow" if parameter.log else "num"
    else:
        kind = "pow_int" if parameter.log else "int"
    return {"name": parameter.name, "type": kind, "lb": parameter.low, "ub": parameter.high}
