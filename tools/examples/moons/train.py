"""Tells two crescents of noisy points apart, by their neighbours or by a small network.

The objective of space.yaml: which arguments it gets depends on --model. Nothing but Python.
"""

import argparse
import json
import math
import random


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", choices=["neighbours", "network"], required=True)
    neighbours = parser.add_argument_group("neighbours")
    neighbours.add_argument("--k", type=int, default=5)
    neighbours.add_argument("--distance", choices=["euclidean", "manhattan"],
                            default="euclidean")
    network = parser.add_argument_group("network")
    network.add_argument("--hidden", type=int, default=4)
    network.add_argument("--optimizer", choices=["sgd", "adam"], default="adam")
    network.add_argument("--lr", type=float, default=0.1)
    network.add_argument("--momentum", type=float, default=0.0)
    network.add_argument("--decay", type=float, default=0.0)
    network.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0, help="of the data and the first weights")
    return parser.parse_args()


def moons(count, source):
    """Points of two crescents that hold each other, and which one each is of."""
    points = []
    for index in range(count):
        label, angle = index % 2, source.uniform(0, math.pi)
        x, y = math.cos(angle), math.sin(angle)
        if label:
            x, y = 1 - x, 0.5 - y
        points.append((x + source.gauss(0, 0.25), y + source.gauss(0, 0.25), label))
    return points


def accuracy(predict, points):
    return sum(predict(x, y) == label for x, y, label in points) / len(points)


def neighbours(options, train):
    def length(dx, dy):
        return math.hypot(dx, dy) if options.distance == "euclidean" else abs(dx) + abs(dy)

    def predict(x, y):
        near = sorted(train, key=lambda point: length(point[0] - x, point[1] - y))[: options.k]
        return int(2 * sum(label for _, _, label in near) > len(near))

    return predict


class Network:
    """One hidden layer of tanh; the weights of each unit are (of x, of y, bias, outwards)."""

    def __init__(self, options, source):
        self.options, self.steps, self.bias = options, 0, [0.0]
        self.units = [[source.gauss(0, 1) for _ in range(4)] for _ in range(options.hidden)]
        self.rows = [*self.units, self.bias]
        self.first = [[0.0] * len(row) for row in self.rows]
        self.second = [[0.0] * len(row) for row in self.rows]

    def output(self, x, y):
        outputs = [math.tanh(a * x + b * y + c) for a, b, c, _ in self.units]
        total = self.bias[0] + sum(unit[3] * out for unit, out in zip(self.units, outputs))
        return outputs, 1 / (1 + math.exp(-max(-60.0, min(60.0, total))))

    def predict(self, x, y):
        return int(self.output(x, y)[1] > 0.5)

    def learn(self, points):
        gradients = [[0.0] * len(row) for row in self.rows]
        for x, y, label in points:
            outputs, probability = self.output(x, y)
            error = (probability - label) / len(points)
            for row, unit, out in zip(gradients, self.units, outputs):
                back = error * unit[3] * (1 - out * out)
                for place, part in enumerate((back * x, back * y, back, error * out)):
                    row[place] += part
            gradients[-1][0] += error
        self.steps += 1
        for row, gradient, first, second in zip(self.rows, gradients, self.first, self.second):
            for place, part in enumerate(gradient):
                part += self.options.decay * row[place]
                row[place] -= self.options.lr * self.direction(part, first, second, place)

    def direction(self, gradient, first, second, place):
        if self.options.optimizer == "sgd":
            first[place] = self.options.momentum * first[place] + gradient
            return first[place]
        first[place] = 0.9 * first[place] + 0.1 * gradient
        second[place] = 0.99 * second[place] + 0.01 * gradient * gradient
        mean = first[place] / (1 - 0.9**self.steps)
        square = second[place] / (1 - 0.99**self.steps)
        return mean / (math.sqrt(square) + 1e-8)


def main():
    options = arguments()
    source = random.Random(options.seed)
    train, test = moons(120, source), moons(200, source)
    if options.model == "neighbours":
        print(json.dumps({"accuracy": accuracy(neighbours(options, train), test)}))
        return
    network = Network(options, source)
    for epoch in range(1, options.epochs + 1):
        source.shuffle(train)
        for start in range(0, len(train), 20):
            network.learn(train[start : start + 20])
        print(json.dumps({"step": epoch, "accuracy": accuracy(network.predict, test)}))


if __name__ == "__main__":
    main()
