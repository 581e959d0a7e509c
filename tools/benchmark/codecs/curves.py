"""Curves of the kinds that objectives report, made here by training small models.

Perceptrons are trained in NumPy, many trials at once, in Float32 by mini-batches and in Float64
by whole batches; boosted trees by LightGBM. A set is a column as a store would hold it: Float64
values, trial after trial, step after step. Trials that diverge go on to infinity and NaN.
"""

import warnings
from pathlib import Path

import numpy

TRIALS = 50  # of one width of network
WIDTHS = [8, 12, 16, 24]
EPOCHS = 100
BATCH = 128

warnings.simplefilter("ignore")


def data(name):
    from sklearn import datasets
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import StandardScaler

    load = {"digits": datasets.load_digits, "cancer": datasets.load_breast_cancer}[name]
    inputs, targets = load(return_X_y=True)
    train_x, test_x, train_y, test_y = train_test_split(
        inputs, targets, test_size=0.4, random_state=0,
    )
    scale = StandardScaler().fit(train_x)
    return scale.transform(train_x), train_y, scale.transform(test_x), test_y


class Perceptrons:
    """One hidden layer, as many networks side by side as there are learning rates."""

    def __init__(self, inputs, width, classes, rates, generator, kind):
        self.kind = kind
        count = len(rates)
        self.rates = numpy.asarray(rates, kind).reshape(-1, 1, 1)
        self.weights = [
            (generator.normal(size=(count, inputs, width)) / inputs**0.5).astype(kind),
            numpy.zeros((count, 1, width), kind),
            (generator.normal(size=(count, width, classes)) / width**0.5).astype(kind),
            numpy.zeros((count, 1, classes), kind),
        ]
        self.velocity = [numpy.zeros_like(w) for w in self.weights]

    def forward(self, x):
        hidden = numpy.maximum(x @ self.weights[0] + self.weights[1], 0)
        scores = hidden @ self.weights[2] + self.weights[3]
        scores -= scores.max(axis=2, keepdims=True)
        return hidden, scores - numpy.log(numpy.exp(scores).sum(axis=2, keepdims=True))

    def judge(self, x, y):
        """Mean loss and accuracy of every network, in their own arithmetic."""
        _, logs = self.forward(x)
        losses = -logs[:, numpy.arange(len(y)), y]
        right = (logs.argmax(axis=2) == y).astype(self.kind)
        return losses.mean(axis=1, dtype=self.kind), right.mean(axis=1, dtype=self.kind)

    def step(self, x, y, momentum):
        """One step of gradient descent; the mean loss before it."""
        hidden, logs = self.forward(x)
        losses = -logs[:, numpy.arange(len(y)), y].mean(axis=1, dtype=self.kind)
        delta = numpy.exp(logs)
        delta[:, numpy.arange(len(y)), y] -= 1
        delta /= self.kind(len(y))
        back = (delta @ self.weights[2].transpose(0, 2, 1)) * (hidden > 0)
        gradients = [
            x.T @ back, back.sum(axis=1, keepdims=True),
            hidden.transpose(0, 2, 1) @ delta, delta.sum(axis=1, keepdims=True),
        ]
        for weight, velocity, gradient in zip(self.weights, self.velocity, gradients):
            velocity *= self.kind(momentum)
            velocity -= self.rates * gradient
            weight += velocity
        return losses


def networks(name, seed):
    """Curves of networks on data `name`, by epoch and, of the first width, by batch."""
    train_x, train_y, test_x, test_y = data(name)
    kind = numpy.float32
    train_x, test_x = train_x.astype(kind), test_x.astype(kind)
    generator = numpy.random.default_rng(seed)
    by_epoch = {key: [] for key in ("loss", "accuracy")}
    by_batch = []
    for width in WIDTHS:
        rates = 10 ** generator.uniform(-3, 0.8, TRIALS)
        many = Perceptrons(train_x.shape[1], width, train_y.max() + 1, rates, generator, kind)
        epochs, batches = [], []
        for _ in range(EPOCHS):
            order = generator.permutation(len(train_x))
            for start in range(0, len(order) - BATCH + 1, BATCH):
                part = order[start:start + BATCH]
                batches.append(many.step(train_x[part], train_y[part], 0.9))
            epochs.append(many.judge(test_x, test_y))
        for key, column in zip(by_epoch, zip(*epochs)):
            by_epoch[key].append(numpy.stack(column, axis=1).ravel())
        if width == WIDTHS[1]:
            by_batch = numpy.stack(batches, axis=1).ravel()
    return {key: numpy.concatenate(parts) for key, parts in by_epoch.items()} | {"batch": by_batch}


def smooth(seed):
    """Losses of logistic regressions by whole-batch descent in Float64: nothing jumps."""
    inputs, targets, _, _ = data("cancer")
    generator = numpy.random.default_rng(seed)
    rates = 10 ** generator.uniform(-3, 0, 3 * TRIALS)
    weights = generator.normal(size=(inputs.shape[1], len(rates))) / 10
    losses = []
    for _ in range(EPOCHS):
        scores = inputs @ weights
        losses.append(numpy.logaddexp(0, numpy.where(targets[:, None] == 1, -scores, scores))
                      .mean(axis=0))
        miss = 1 / (1 + numpy.exp(-scores)) - targets[:, None]
        weights -= rates * (inputs.T @ miss / len(inputs))
    return numpy.stack(losses, axis=1).ravel()


def boosting(seed, trials):
    """LightGBM's held-out losses, a tree a step."""
    import lightgbm

    train_x, train_y, test_x, test_y = data("cancer")
    generator = numpy.random.default_rng(seed)
    curves = []
    for _ in range(trials):
        config = {
            "objective": "binary", "metric": "binary_logloss", "verbosity": -1, "num_threads": 1,
            "learning_rate": 10 ** generator.uniform(-3, 0),
            "num_leaves": int(2 ** generator.uniform(1, 6)),
            "min_data_in_leaf": int(2 ** generator.uniform(0, 5)),
            "bagging_fraction": generator.uniform(0.4, 1), "bagging_freq": 1,
            "seed": int(generator.integers(1 << 30)),
        }
        kept = {}
        training = lightgbm.Dataset(train_x, train_y)
        lightgbm.train(
            config, training, EPOCHS, valid_sets=[lightgbm.Dataset(test_x, test_y, reference=training)],
            callbacks=[lightgbm.record_evaluation(kept)],
        )
        curves.append(kept["valid_0"]["binary_logloss"])
    return numpy.concatenate(curves)


def rounded(column):
    """As a program that prints four digits reports it."""
    return numpy.array([round(float(x), 4) for x in column])


def record(folder):
    """Every set as a file of little-endian Float64; those that are there are kept."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)

    def missing(*names):
        return not all((folder / f"{name}.f64").exists() for name in names)

    def write(name, column):
        (folder / f"{name}.f64").write_bytes(numpy.asarray(column, "<f8").tobytes())

    for seed, name in enumerate(["digits", "cancer"]):
        sets = [f"float32-ratio-{name}", f"float32-loss-{name}", f"rounded-loss-{name}",
                f"rounded-accuracy-{name}", f"float32-batch-loss-{name}"]
        if missing(*sets):
            made = networks(name, seed)
            columns = [made["accuracy"], made["loss"], rounded(made["loss"]),
                       rounded(made["accuracy"]), made["batch"]]
            for each, column in zip(sets, columns):
                write(each, column)
    if missing("float64-smooth"):
        write("float64-smooth", smooth(2))
    if missing("float64-lightgbm"):
        write("float64-lightgbm", boosting(3, 200))
    return sorted(folder.glob("*.f64"))


if __name__ == "__main__":
    import sys

    for path in record(sys.argv[1]):
        print(path, path.stat().st_size // 8)
