"""Problems with the spaces that the packages of benchmarks lack: mixed, conditional, constrained,
and with trials that fail.

They imitate the tuning of neural networks, or are textbook functions on odd spaces. Each seed
gives another instance: the optimum lies elsewhere, never in the centre, and is known by
construction.
"""

import math

import numpy

from problem import Problem
from space import Choice, Float, Integer, Space

INVENTED = {}


def invented(kind):
    """Registers a function from an instance's generator to space, truth and optimum."""

    def register(make):
        short = make.__name__
        INVENTED[f"{kind}:{short}"] = lambda instance: _problem(kind, short, make, instance)
        return make

    return register


def _problem(kind, short, make, instance):
    name = f"{kind}:{short}:i{instance}"
    # Not the name's seed: the instances of a failing problem are those of its healthy twin.
    generator = numpy.random.default_rng([len(short), *short.encode(), instance])
    space, truth, optimum = make(generator)
    return Problem(name, kind, space, truth, optimum)


def place(generator):
    """A coordinate of an optimum: anywhere but at an edge, in 0…1."""
    return float(generator.uniform(0.15, 0.85))


def grid_place(generator, parameter):
    """The same for an integer: the coordinate of one of its values."""
    return parameter.unit(parameter.at(place(generator)))


TRAINING = Space([
    Float("lr", 1e-5, 1.0, log=True),
    Float("weight_decay", 1e-8, 1e-1, log=True),
    Integer("layers", 1, 8),
    Integer("units", 8, 1024, log=True),
    Integer("batch", 8, 512, log=True),
    Float("dropout", 0.0, 0.7),
    Choice("optimizer", ["sgd", "momentum", "adam", "rmsprop"]),
    Choice("activation", ["relu", "tanh", "gelu"]),
])


def training_terms(generator):
    """How far the learning rate is above the best one, and the loss, of a configuration.

    A bowl in eight dimensions: the best learning rate moves with optimizer and batch size, the
    best regularization with the width; learning rates far too high cost more than low ones.
    """
    best = {
        name: grid_place(generator, TRAINING[name]) for name in ["layers", "units", "batch"]
    } | {name: place(generator) for name in ["weight_decay", "dropout"]}
    best["lr"] = float(generator.uniform(0.15, 0.6))  # with room above for what diverges
    optimizers = dict(zip(TRAINING["optimizer"].choices, generator.permutation(4)))
    activations = dict(zip(TRAINING["activation"].choices, generator.permutation(3)))

    def terms(values):
        unit = {name: TRAINING[name].unit(values[name]) for name in best}
        off = {name: unit[name] - best[name] for name in best}
        optimizer = float(optimizers[values["optimizer"]])
        above = off["lr"] - 0.3 * off["batch"] - 0.08 * optimizer
        loss = (
            4 * above**2 + 3 * max(above - 0.25, 0)
            + (off["weight_decay"] - 0.4 * off["units"]) ** 2
            + (off["dropout"] - 0.3 * off["units"]) ** 2
            + 1.5 * off["layers"] ** 2 + off["units"] ** 2 + 0.5 * off["batch"] ** 2
            + 0.06 * optimizer + 0.04 * float(activations[values["activation"]])
        )
        return above, loss

    return terms


@invented("mixed")
def training(generator):
    terms = training_terms(generator)
    return TRAINING, lambda values: terms(values)[1], 0.0


@invented("failing")
def diverging(generator):
    """`training`, but a learning rate well above the best gives no number at all."""
    terms = training_terms(generator)

    def truth(values):
        above, loss = terms(values)
        return None if above > 0.2 else loss

    return TRAINING, truth, 0.0


@invented("mixed")
def ackley(generator):
    """Ackley's function of 3 floats, 3 integers and 4 choices of two; many local optima."""
    floats = [Float(f"x{n}", -1.0, 1.0) for n in range(3)]
    integers = [Integer(f"k{n}", 0, 20) for n in range(3)]
    switches = [Choice(f"s{n}", ["off", "on"]) for n in range(4)]
    best = [2 * place(generator) - 1 for _ in floats]
    ranks = [int(generator.integers(3, 18)) for _ in integers]
    wanted = [str(generator.choice(switch.choices)) for switch in switches]

    def truth(values):
        z = [3 * (values[f"x{n}"] - best[n]) for n in range(3)]
        z += [(values[f"k{n}"] - ranks[n]) / 5 for n in range(3)]
        z += [float(values[f"s{n}"] != wanted[n]) for n in range(4)]
        root = math.sqrt(sum(x * x for x in z) / len(z))
        waves = sum(math.cos(2 * math.pi * x) for x in z) / len(z)
        return 20 + math.e - 20 * math.exp(-0.2 * root) - math.exp(waves)

    return Space(floats + integers + switches), truth, 0.0


@invented("mixed")
def valley(generator):
    """Rosenbrock's valley through 2 floats and 2 integers, mirrored as a choice says."""
    space = Space([
        Float("x0", -2.0, 2.0), Integer("k0", -10, 10), Float("x1", -2.0, 2.0),
        Integer("k1", -10, 10), Choice("mirror", ["none", "first", "last", "both"]),
    ])
    # The valley's end, all coordinates 1, lies on the integers' grid of fifths.
    signs = {"none": (1, 1), "first": (-1, 1), "last": (1, -1), "both": (-1, -1)}
    costs = dict(zip(signs, generator.permutation(4)))

    def truth(values):
        first, last = signs[values["mirror"]]
        z = [first * values["x0"], values["k0"] / 5, values["x1"], last * values["k1"] / 5]
        steps = zip(z, z[1:])
        bends = sum(20 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in steps)
        return bends + 2 * float(costs[values["mirror"]])

    return space, truth, 0.0


@invented("conditional")
def optimizers(generator):
    """Three optimizers, each with parameters of its own; they reach different losses."""
    when = {name: {"optimizer": [name]} for name in ["sgd", "adam", "rmsprop"]}
    space = Space([
        Choice("optimizer", list(when)),
        Integer("layers", 1, 8),
        Float("sgd_lr", 1e-4, 1.0, log=True, when=when["sgd"]),
        Float("momentum", 0.0, 0.99, when=when["sgd"]),
        Choice("nesterov", ["no", "yes"], when=when["sgd"]),
        Float("adam_lr", 1e-6, 1e-1, log=True, when=when["adam"]),
        Float("beta1", 0.5, 0.999, when=when["adam"]),
        Float("beta2", 0.8, 0.9999, when=when["adam"]),
        Float("rms_lr", 1e-6, 1e-1, log=True, when=when["rmsprop"]),
        Float("alpha", 0.8, 0.9999, when=when["rmsprop"]),
    ])
    layers = grid_place(generator, space["layers"])
    costs = dict(zip(when, generator.permutation([0.0, 0.05, 0.2])))
    best = {
        parameter.name: place(generator)
        for parameter in space.parameters if isinstance(parameter, Float)
    }

    def truth(values):
        loss = float(costs[values["optimizer"]])
        loss += (space["layers"].unit(values["layers"]) - layers) ** 2
        loss += sum(
            (space[name].unit(values[name]) - best[name]) ** 2 for name in best if name in values
        )
        return loss + 0.05 * (values.get("nesterov") == "no")

    return space, truth, 0.0


@invented("conditional")
def layers(generator):
    """Up to four layers, each with a width and a dropout that exist only where the layer does."""
    exists = [{"layers": [count for count in range(1, 5) if count > n]} for n in range(4)]
    space = Space(
        [Integer("layers", 1, 4), Float("lr", 1e-5, 1e-1, log=True)]
        + [Integer(f"units{n}", 8, 512, log=True, when=exists[n]) for n in range(4)]
        + [Float(f"dropout{n}", 0.0, 0.7, when=exists[n]) for n in range(4)]
    )
    wanted = int(generator.integers(2, 4))
    lr = place(generator)
    widths = [grid_place(generator, space[f"units{n}"]) for n in range(4)]
    dropouts = [place(generator) for _ in range(4)]

    def truth(values):
        count = values["layers"]
        inside = sum(
            (space[f"units{n}"].unit(values[f"units{n}"]) - widths[n]) ** 2
            + 0.5 * (space[f"dropout{n}"].unit(values[f"dropout{n}"]) - dropouts[n]) ** 2
            for n in range(count)
        )
        # Deeper networks want smaller steps.
        off = space["lr"].unit(values["lr"]) - lr + 0.1 * (count - wanted)
        return inside / count + 2 * off**2 + 0.1 * abs(count - wanted)

    return space, truth, 0.0


@invented("conditional")
def jenatton(generator):
    """The tree of Jenatton, Archambeau, González and Seeger (2017), its minima moved."""
    space = Space([
        Choice("x1", ["0", "1"]),
        Choice("x2", ["0", "1"], when={"x1": ["0"]}),
        Choice("x3", ["0", "1"], when={"x1": ["1"]}),
        Float("x4", -1.0, 1.0, when={"x2": ["0"]}),
        Float("x5", -1.0, 1.0, when={"x2": ["1"]}),
        Float("x6", -1.0, 1.0, when={"x3": ["0"]}),
        Float("x7", -1.0, 1.0, when={"x3": ["1"]}),
        Float("r8", 0.0, 1.0, when={"x1": ["0"]}),
        Float("r9", 0.0, 1.0, when={"x1": ["1"]}),
    ])
    leaves = {"x4": 0.1, "x5": 0.2, "x6": 0.3, "x7": 0.4}
    best = {name: 2 * place(generator) - 1 for name in leaves}
    shifts = {name: place(generator) for name in ["r8", "r9"]}

    def truth(values):
        leaf = next(name for name in leaves if name in values)
        root = next(name for name in shifts if name in values)
        slope = abs(values[root] - shifts[root])
        return (values[leaf] - best[leaf]) ** 2 + leaves[leaf] + slope

    return space, truth, 0.1


@invented("constrained")
def budget(generator):
    """A network that may have at most 1,024 units in all; the best one spends nearly all."""
    space = Space(
        [
            Integer("layers", 1, 8), Integer("units", 8, 1024, log=True),
            Float("lr", 1e-5, 1e-1, log=True), Float("dropout", 0.0, 0.7),
            Choice("activation", ["relu", "tanh", "gelu"]),
        ],
        constraints=["layers * units <= 1024"],
    )
    depth = grid_place(generator, space["layers"])
    lr, dropout = place(generator), place(generator)
    costs = dict(zip(space["activation"].choices, generator.permutation([0.0, 0.03, 0.1])))

    def shape(layers, units):
        capacity = math.log(layers * units) / math.log(1024)
        return (1 - capacity) + 0.5 * (space["layers"].unit(layers) - depth) ** 2

    def truth(values):
        # A larger network wants more dropout.
        width = space["units"].unit(values["units"])
        wanted = dropout + 0.2 * (width - 0.5)
        off = space["dropout"].unit(values["dropout"]) - wanted
        return (
            shape(values["layers"], values["units"]) + off**2
            + 2 * (space["lr"].unit(values["lr"]) - lr) ** 2
            + float(costs[values["activation"]])
        )

    optimum = min(
        shape(layers, units)
        for layers in range(1, 9) for units in range(8, 1024 // layers + 1)
    )
    return space, truth, optimum
