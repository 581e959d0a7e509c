"""SMAC3's facade for hyperparameter optimization, with its defaults and its conditions."""

import tempfile
from pathlib import Path

import ConfigSpace
from failures import WorstSoFar
from smac import HyperparameterOptimizationFacade, Scenario
from smac.runhistory.dataclasses import TrialValue
from space import Choice, Float

TRIALS = 100


class SMAC:
    def __init__(self, space, seed):
        configuration_space = ConfigSpace.ConfigurationSpace(seed=seed)
        parameters = {parameter.name: hyperparameter(parameter) for parameter in space.parameters}
        configuration_space.add(*parameters.values())
        for parameter in space.parameters:
            conditions = [
                ConfigSpace.InCondition(parameters[parameter.name], parameters[name], values)
                for name, values in parameter.when.items()
            ]
            if len(conditions) == 1:
                configuration_space.add(conditions[0])
            elif conditions:
                configuration_space.add(ConfigSpace.AndConjunction(*conditions))
        self.directory = tempfile.TemporaryDirectory()
        scenario = Scenario(
            configuration_space, deterministic=True, n_trials=TRIALS, seed=seed,
            output_directory=Path(self.directory.name),
        )
        self.facade = HyperparameterOptimizationFacade(
            scenario, lambda configuration, seed: 0.0, overwrite=True, logging_level=False
        )
        self.names = list(parameters)
        self.failures = WorstSoFar()

    def ask(self):
        info = self.facade.ask()
        chosen = dict(info.config)
        values = {name: plain(chosen.get(name)) for name in self.names}
        return values, info

    def tell(self, info, value):
        self.facade.tell(info, TrialValue(cost=self.failures.value(value)))


def plain(value):
    return value.item() if hasattr(value, "item") else value


def hyperparameter(parameter):
    if isinstance(parameter, Choice):
        return ConfigSpace.CategoricalHyperparameter(parameter.name, parameter.choices)
    if isinstance(parameter, Float):
        kind = ConfigSpace.UniformFloatHyperparameter
    else:
        kind = ConfigSpace.UniformIntegerHyperparameter
    return kind(parameter.name, parameter.low, parameter.high, log=parameter.log)
