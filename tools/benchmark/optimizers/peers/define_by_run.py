"""Conditions as the users of Optuna and Rustuna write them: suggested only where they hold."""

from space import Choice, Float


def suggest_all(trial, space):
    """A whole assignment by name, with None for what does not exist beside the others."""
    values = {}
    for parameter in space.parameters:
        exists = all(values.get(name) in wanted for name, wanted in parameter.when.items())
        values[parameter.name] = suggest(trial, parameter) if exists else None
    return values


def suggest(trial, parameter):
    if isinstance(parameter, Choice):
        return trial.suggest_categorical(parameter.name, parameter.choices)
    method = trial.suggest_float if isinstance(parameter, Float) else trial.suggest_int
    return method(parameter.name, parameter.low, parameter.high, log=parameter.log)
