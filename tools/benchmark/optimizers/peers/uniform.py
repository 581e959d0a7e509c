"""Random search: every configuration that is allowed is as likely as any other."""

import numpy


class Uniform:
    def __init__(self, space, seed):
        self.space = space
        self.generator = numpy.random.default_rng(seed)

    def ask(self):
        drawn = self.space.sample(self.generator)
        # Whole, as every peer answers: what does not exist is left out again.
        rest = {parameter.name: parameter.sample(self.generator)
                for parameter in self.space.parameters if parameter.name not in drawn}
        return drawn | rest, None

    def tell(self, token, value):
        pass

    def add(self, trials):
        pass
