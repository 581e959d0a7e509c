"""Ax's client with its default strategy; conditions are not told, constraints neither."""

import logging

import torch
from ax.api.client import Client
from ax.api.configs import ChoiceParameterConfig, RangeParameterConfig
from space import Choice, Float

logging.disable(logging.WARNING)


class Ax:
    def __init__(self, space, seed):
        torch.set_num_threads(1)
        self.client = Client(random_seed=seed)
        self.client.configure_experiment(
            parameters=[configuration(parameter) for parameter in space.parameters]
        )
        self.client.configure_optimization(objective="-value")

    def ask(self):
        [(index, values)] = self.client.get_next_trials(max_trials=1).items()
        return dict(values), index

    def tell(self, index, value):
        if value is None:
            self.client.mark_trial_failed(index)
        else:
            self.client.complete_trial(index, raw_data={"value": value})


def configuration(parameter):
    if isinstance(parameter, Choice):
        return ChoiceParameterConfig(
            name=parameter.name, values=parameter.choices, parameter_type="str", is_ordered=False
        )
    return RangeParameterConfig(
        name=parameter.name, bounds=(parameter.low, parameter.high),
        parameter_type="float" if isinstance(parameter, Float) else "int",
        scaling="log" if parameter.log else "linear",
    )
