"""Curves that mislead a pruner, made by formula: what a study meets when the start tells nothing,
or the opposite of the end.

All are losses over 100 steps for 100 configurations, without parameters, as a seed draws them.
"""

import zlib

import numpy

from curve_set import CurveSet

STEPS, COUNT = 100, 100
U = numpy.arange(1, STEPS + 1) / STEPS
MISLEADING = {}


def misleading(about):
    def register(make):
        MISLEADING[make.__name__.replace("_", "-")] = (about, make)
        return make

    return register


def curve_set(name, seed=0):
    about, make = MISLEADING[name]
    generator = numpy.random.default_rng([zlib.crc32(name.encode()), seed])
    curves = [make(generator).tolist() for _ in range(COUNT)]
    return CurveSet(
        name, about, "minimize", "loss", STEPS, {}, [{} for _ in range(COUNT)], curves
    )


def noise(generator, scale=0.01):
    return scale * generator.normal(size=STEPS)


@misleading("the better the end, the slower the start: every pair of curves crosses")
def crossing(generator):
    final = generator.uniform(0.1, 0.6)
    return final + (1.2 - final) * numpy.exp(-U * (1 + 12 * final)) + noise(generator)


@misleading("a fifth understand late and suddenly, and are the best; the others never do")
def late_bloomers(generator):
    final = generator.uniform(0.4, 0.7)
    curve = final + (1 - final) * numpy.exp(-8 * U)
    if generator.random() < 0.2:
        when, depth = generator.uniform(0.4, 0.9), generator.uniform(0.2, 0.39)
        curve -= depth / (1 + numpy.exp(-60 * (U - when)))
    return curve + noise(generator)


@misleading("stairs: long plateaus, then a fall, at steps and by heights that nothing foretells")
def stairs(generator):
    falls = numpy.sort(generator.uniform(0, 1, size=4))
    depths = generator.dirichlet(numpy.ones(4)) * generator.uniform(0.3, 0.9)
    curve = 1 - (depths[:, None] * (U > falls[:, None])).sum(0)
    return curve + noise(generator)


@misleading("best in the middle: they fall, then rise again, the lowest by most")
def overfitting(generator):
    depth, when = generator.uniform(0.2, 0.7), generator.uniform(0.1, 0.5)
    rise = depth * generator.uniform(0.5, 1.2)
    curve = 1 - depth * numpy.minimum(U / when, 1) + rise * numpy.maximum(U - when, 0) / (1 - when)
    return curve + noise(generator)


@misleading("noise ten times as large as what the configurations differ by")
def noisy(generator):
    final = generator.uniform(0.45, 0.55)
    return final + 0.5 * numpy.exp(-10 * U) + noise(generator, 0.3)


@misleading("the start is drawn apart from the end: it tells nothing")
def unrelated(generator):
    start, final = generator.uniform(0.2, 1.0, size=2)
    weight = 1 / (1 + numpy.exp(-30 * (U - 0.8)))
    return start * (1 - weight) + final * weight + noise(generator)


@misleading("schedules: a tenfold cut of the step at half or at four fifths of the way helps much")
def schedules(generator):
    final, cut = generator.uniform(0.1, 0.5), generator.choice([0.5, 0.8])
    floor = final + generator.uniform(0.1, 0.4)
    curve = floor + (1.2 - floor) * numpy.exp(-6 * U)
    after = numpy.maximum(U - cut, 0)
    return curve - (floor - final) * (1 - numpy.exp(-30 * after)) + noise(generator)
