"""Functions of the suites bbob and bbob-mixint, from the package coco-experiment.

A run with seed s takes instance 1 + s mod 5 (or first + s mod 5): other shifts and rotations of
the same function.
"""

import os
import tempfile
from functools import lru_cache

import cocoex
import numpy

from problem import Problem
from space import Float, Integer, Space

SUITES = {"bbob": "bbob", "mixint": "bbob-mixint"}
# So many of each function; the package makes any number of them.
INSTANCES = 100
# Where the package writes the optimum that it is asked for, in the current directory.
OPTIMUM_FILE = "._bbob_problem_best_parameter.txt"


@lru_cache(maxsize=None)
def suite(name, dimension):
    return cocoex.Suite(SUITES[name], f"instances: 1-{INSTANCES}", f"dimensions: {dimension}")


@lru_cache(maxsize=None)
def function(family, number, dimension, instance):
    """The problem of one instance of function `number`."""
    name = f"{family}:{number}:{dimension}:i{instance}"
    coco = suite(family, dimension).get_problem_by_function_dimension_instance(
        number, dimension, instance
    )
    names = [f"x{index}" for index in range(dimension)]
    bounds = list(zip(coco.lower_bounds, coco.upper_bounds))
    integers = coco.number_of_integer_variables

    def truth(values):
        return float(coco([float(values[name]) for name in names]))

    return Problem(
        name=name,
        kind=f"{family} d={dimension}",
        space=Space([
            Integer(name, int(low), int(high)) if index < integers
            else Float(name, float(low), float(high))
            for index, (name, (low, high)) in enumerate(zip(names, bounds))
        ]),
        truth=truth,
        optimum=float(coco(optimum(coco))),
    )


def optimum(coco):
    """The best configuration. The package tells it by way of a file."""
    previous = os.getcwd()
    with tempfile.TemporaryDirectory() as directory:
        os.chdir(directory)
        try:
            coco._best_parameter("print")
            return numpy.loadtxt(OPTIMUM_FILE)
        finally:
            os.chdir(previous)
