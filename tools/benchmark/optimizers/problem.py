"""A problem: a space, what a trial of it reports, and what that is truly worth.

Everything is minimized. Regret is 0 at the optimum and 1 at the median of random search, so that
problems of all scales can be averaged; below 1e-4 it counts as 1e-4.
"""

import math
import statistics
import zlib
from dataclasses import dataclass
from functools import cached_property
from typing import Callable, Optional

import numpy

from space import Space

FLOOR = 1e-4
RANDOM_POINTS = 1000


@dataclass
class Problem:
    name: str
    # Problems of one kind are averaged together in a summary.
    kind: str
    space: Space
    # The true value of a configuration; None where the trial fails.
    truth: Callable[[dict], Optional[float]]
    optimum: float
    # What one trial reports, given a generator for its noise; without it, the truth.
    draw: Optional[Callable[[dict, numpy.random.Generator], Optional[float]]] = None
    # The true value that random search reaches in half its trials, where it is known exactly.
    known_median: Optional[float] = None

    @cached_property
    def median(self):
        """The true value of the median random configuration; failures count as the worst."""
        if self.known_median is not None:
            return self.known_median
        generator = numpy.random.default_rng(zlib.crc32(self.name.encode()))
        values = [self.truth(self.space.sample(generator)) for _ in range(RANDOM_POINTS)]
        return statistics.median(math.inf if value is None else value for value in values)

    def evaluate(self, values, seed, number):
        """What trial `number` of a run with `seed` reports, and the truth; None, None where it
        fails, as a configuration does that the space forbids.

        The noise hangs on seed and number only: all optimizers meet the same luck.
        """
        if not self.space.allows(values):
            return None, None
        truth = self.truth(values)
        if truth is None or not math.isfinite(truth):
            return None, None
        if self.draw is None:
            return truth, truth
        generator = numpy.random.default_rng([zlib.crc32(self.name.encode()), seed, number])
        return self.draw(values, generator), truth

    def regret(self, truth):
        return max((truth - self.optimum) / (self.median - self.optimum), FLOOR)
