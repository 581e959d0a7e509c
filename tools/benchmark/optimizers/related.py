"""Problems that are related to another, or only look so: what a study may be told to learn from.

    shifted     the same function, its optimum moved by about a tenth of each range; two of them
    tables      the same space trained on other data sets; up to two of them
    inverted    the best is the worst
    shuffled    every parameter's values, or stretches of them, in another order
    unrelated   another function on the same space
    one-good    a shifted one among an inverted and a shuffled one
"""

from dataclasses import replace

import numpy

import catalogue
from space import Choice, Integer

SIBLINGS = {
    family: [name for group in ("tables", "other-tables") for name in catalogue.GROUPS[group]
             if name.startswith(family)]
    for family in ("hpobench", "hpolib", "nas201")
}
STRETCHES = 8


def sources(relation, name, seed):
    """The problems to learn from for problem `name` with `seed`. Raises ValueError for none."""
    task = catalogue.problem(name, seed)
    generator = numpy.random.default_rng([seed, *relation.encode()])
    if relation == "shifted":
        return [shifted(task, generator) for _ in range(2)]
    if relation == "tables":
        return tables(name, seed)
    if relation == "inverted":
        return [inverted(task)]
    if relation == "shuffled":
        return [shuffled(task, generator)]
    if relation == "unrelated":
        return [unrelated(name, seed)]
    if relation == "one-good":
        return [shifted(task, generator), inverted(task), shuffled(task, generator)]
    raise ValueError(f"no problems are related as \"{relation}\"")


def tables(name, seed):
    family = name.split(":")[0]
    others = [other for other in SIBLINGS.get(family, []) if other != name][:2]
    if not others:
        raise ValueError(f"{name} is no table")
    return [catalogue.problem(other, seed) for other in others]


def unrelated(name, seed):
    family, number, *rest = name.split(":")
    if family not in catalogue.coco.SUITES:
        raise ValueError(f"{name} is no function of a suite")
    other = 24 if int(number) != 24 else 1
    return catalogue.problem(":".join([family, str(other), *rest]), seed + 1)


def inverted(task):
    draw = task.draw and (lambda values, generator: negative(task.draw(values, generator)))
    return replace(task, truth=lambda values: negative(task.truth(values)), draw=draw)


def negative(value):
    return None if value is None else -value


def shifted(task, generator):
    distances = {
        parameter.name: float(generator.choice([-1, 1]) * generator.uniform(0.05, 0.15))
        for parameter in task.space.parameters
    }

    def move(parameter, value):
        if isinstance(parameter, Choice):
            return value
        unit = parameter.unit(value) + distances[parameter.name]
        return parameter.at(1 - abs(1 - abs(unit)))  # reflected at the edges

    return through(task, move)


def shuffled(task, generator):
    orders = {}
    for parameter in task.space.parameters:
        count = STRETCHES
        if isinstance(parameter, Choice):
            count = len(parameter.choices)
        elif isinstance(parameter, Integer) and not parameter.log:
            count = min(STRETCHES, parameter.high - parameter.low + 1)
        orders[parameter.name] = generator.permutation(count)

    def move(parameter, value):
        order = orders[parameter.name]
        if isinstance(parameter, Choice):
            return parameter.choices[int(order[parameter.choices.index(value)])]
        place = parameter.unit(value) * len(order)
        stretch = min(int(place), len(order) - 1)
        return parameter.at((order[stretch] + place - stretch) / len(order))

    return through(task, move)


def through(task, move):
    """`task` seen through a map of each parameter's values."""

    def moved(values):
        return task.space.active({
            parameter.name: move(parameter, values[parameter.name])
            if parameter.name in values else parameter.sample(numpy.random.default_rng(0))
            for parameter in task.space.parameters
        })

    draw = task.draw and (lambda values, generator: task.draw(moved(values), generator))
    return replace(task, truth=lambda values: task.truth(moved(values)), draw=draw)
