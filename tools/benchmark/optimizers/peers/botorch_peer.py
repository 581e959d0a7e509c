"""BoTorch as its tutorials use it: a SingleTaskGP with its priors, log EI, ten Sobol points first.

Integers are relaxed and rounded, choices one-hot; conditions are not told.
"""

import torch
from botorch.acquisition import qLogExpectedImprovement
from botorch.fit import fit_gpytorch_mll
from botorch.models import SingleTaskGP
from botorch.optim import optimize_acqf
from failures import WorstSoFar
from gpytorch.mlls import ExactMarginalLogLikelihood
from unit_cube import UnitCube

FIRST = 10


class LogEI:
    def __init__(self, space, seed):
        torch.manual_seed(seed)
        torch.set_num_threads(1)
        self.cube = UnitCube(space)
        self.sobol = torch.quasirandom.SobolEngine(self.cube.dimension, scramble=True, seed=seed)
        self.points, self.results = [], []
        self.pending = {}
        self.asked = 0
        self.failures = WorstSoFar()

    def ask(self):
        if self.asked < FIRST or not self.results:
            candidate = self.sobol.draw(1, dtype=torch.double)[0]
        else:
            candidate = self.propose()
        values = self.cube.values(candidate.numpy())
        self.asked += 1
        self.pending[self.asked] = torch.as_tensor(self.cube.point(values))
        return values, self.asked

    def propose(self):
        inputs = torch.stack(self.points)
        targets = -torch.tensor(self.results, dtype=torch.double).unsqueeze(-1)
        model = SingleTaskGP(inputs, targets)
        fit_gpytorch_mll(ExactMarginalLogLikelihood(model.likelihood, model))
        waiting = torch.stack(list(self.pending.values())) if self.pending else None
        acquisition = qLogExpectedImprovement(
            model, best_f=targets.max(), X_pending=waiting
        )
        bounds = torch.tensor([[0.0], [1.0]], dtype=torch.double).repeat(1, self.cube.dimension)
        found, _ = optimize_acqf(acquisition, bounds, q=1, num_restarts=10, raw_samples=512)
        return found[0].detach()

    def tell(self, token, value):
        self.points.append(self.pending.pop(token))
        self.results.append(self.failures.value(value))
