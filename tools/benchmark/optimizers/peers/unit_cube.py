"""Configurations as points of a unit cube: a coordinate for a number, one for each choice."""

import numpy
from space import Choice


class UnitCube:
    def __init__(self, space):
        self.space = space
        self.dimension = sum(width(parameter) for parameter in space.parameters)

    def values(self, point):
        """The nearest configuration: integers rounded, of choices the one with most weight."""
        values, start = {}, 0
        for parameter in self.space.parameters:
            part = point[start:start + width(parameter)]
            start += width(parameter)
            if isinstance(parameter, Choice):
                values[parameter.name] = parameter.choices[int(numpy.argmax(part))]
            else:
                values[parameter.name] = parameter.at(float(part[0]))
        return values

    def point(self, values):
        point = []
        for parameter in self.space.parameters:
            value = values[parameter.name]
            if isinstance(parameter, Choice):
                point += [float(value == choice) for choice in parameter.choices]
            else:
                point.append(parameter.unit(value))
        return numpy.array(point)


def width(parameter):
    return len(parameter.choices) if isinstance(parameter, Choice) else 1
