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
        values = {}
        for parameter in self.space.parameters:
            value = row[parameter.name]
            if isinstance(parameter, Choice):
                values[parameter.name] = str(value)
            elif isinstance(parameter, Float):
                values[parameter.name] = min(max(float(value), parameter.low), parameter.high)
            else:
                values[parameter.name] = min(max(round(float(value)), parameter.low), parameter.high)
        return values, suggestion

    def tell(self, suggestion, value):
        result = numpy.array([[self.failures.value(value)]])
        self.optimizer.observe(pandas.DataFrame(suggestion), result)


def entry(parameter):
    if isinstance(parameter, Choice):
        return {"name": parameter.name, "type": "cat", "categories": parameter.choices}
    if isinstance(parameter, Float):
        kind = "pow" if parameter.log else "num"
    else:
        kind = "pow_int" if parameter.log else "int"
    return {"name": parameter.name, "type": kind, "lb": parameter.low, "ub": parameter.high}
