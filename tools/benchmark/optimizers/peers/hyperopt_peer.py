"""hyperopt's TPE with its defaults. Conditions become nested choices, which are its own manner."""

import math

import numpy
from hyperopt import STATUS_FAIL, STATUS_OK, Trials, hp, tpe
from hyperopt.base import JOB_STATE_DONE, Domain
from hyperopt.pyll import scope
from space import Choice, Float, Integer

scope_int = getattr(scope, "int")


class TPE:
    def __init__(self, space, seed):
        self.space = space
        self.generator = numpy.random.default_rng(seed)
        self.nodes = {}
        roots = [parameter for parameter in space.parameters if not parameter.when]
        self.domain = Domain(lambda values: 0.0, [self.node(parameter) for parameter in roots])
        self.trials = Trials()

    def node(self, parameter):
        """How hyperopt writes `parameter` and the parameters that hang on it."""
        if parameter.name not in self.nodes:
            self.nodes[parameter.name] = self.new_node(parameter)
        return self.nodes[parameter.name]

    def new_node(self, parameter):
        name = parameter.name
        children = [child for child in self.space.parameters if name in child.when]
        if children or isinstance(parameter, Choice):
            values = (
                parameter.choices if isinstance(parameter, Choice)
                else range(parameter.low, parameter.high + 1)
            )
            return hp.choice(name, [
                (name, value, [
                    self.node(child) for child in children if value in child.when[name]
                ])
                for value in values
            ])
        low, high = parameter.low, parameter.high
        if isinstance(parameter, Integer):
            if parameter.log:
                drawn = hp.qloguniform(name, math.log(low - 0.5), math.log(high + 0.5), 1)
            else:
                drawn = hp.quniform(name, low - 0.5, high + 0.5, 1)
            return (name, scope_int(drawn))
        if parameter.log:
            return (name, hp.loguniform(name, math.log(low), math.log(high)))
        return (name, hp.uniform(name, low, high))

    def ask(self):
        [number] = self.trials.new_trial_ids(1)
        self.trials.refresh()
        seed = int(self.generator.integers(2**31 - 1))
        [document] = tpe.suggest([number], self.domain, self.trials, seed)
        self.trials.insert_trial_doc(document)
        self.trials.refresh()
        chosen = {name: found[0] for name, found in document["misc"]["vals"].items() if found}
        return {p.name: self.value(p, chosen) for p in self.space.parameters}, number

    def value(self, parameter, chosen):
        if parameter.name not in chosen:
            return None
        found = chosen[parameter.name]
        if isinstance(parameter, Float):
            return min(max(float(found), parameter.low), parameter.high)
        if isinstance(parameter, Choice):
            return parameter.choices[int(found)]
        has_children = any(parameter.name in child.when for child in self.space.parameters)
        # With children it is a choice, and what was chosen is the place among the values.
        value = parameter.low + int(found) if has_children else int(found)
        return min(max(value, parameter.low), parameter.high)

    def tell(self, number, value):
        trial = next(trial for trial in self.trials.trials if trial["tid"] == number)
        trial["state"] = JOB_STATE_DONE
        if value is None:
            trial["result"] = {"status": STATUS_FAIL}
        else:
            trial["result"] = {"status": STATUS_OK, "loss": value}
        self.trials.refresh()
