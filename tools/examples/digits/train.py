#!/usr/bin/env python3
"""Trains a small neural network on scikit-learn's digits and reports after every epoch.

An ordinary training script: parameters come as arguments, and after each epoch one line of
JSON goes to standard output. It needs nothing of Cairn and runs by hand as well:

    python3 train.py --lr 0.003 --layers 2 --units 64 --epochs 10

Equal arguments give equal results. When Cairn runs it, CAIRN_TRIAL_DIR names a directory of
the trial's own; there a checkpoint is kept after every epoch, so that an interrupted trial
goes on where it stopped instead of starting over.
"""

import argparse
import json
import os
import pickle
from pathlib import Path

# One thread a process: Cairn runs several trials side by side, and so small a network gains
# nothing from more. Must be set before NumPy is loaded.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from sklearn.datasets import load_digits
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

CLASSES = np.arange(10)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lr", type=float, default=1e-3, help="learning rate")
    parser.add_argument("--layers", type=int, default=2, help="hidden layers")
    parser.add_argument("--units", type=int, default=64, help="units in each hidden layer")
    parser.add_argument(
        "--activation", choices=["relu", "tanh", "logistic"], default="relu"
    )
    parser.add_argument("--optimizer", choices=["adam", "sgd"], default="adam")
    parser.add_argument(
        "--noise", type=float, default=0.0,
        help="deviation of the noise added to training images, whose pixels are 0 to 1",
    )
    parser.add_argument(
        "--shift", action="store_true",
        help="move training images by up to one pixel at random",
    )
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def load_data():
    """Training and validation images, pixels from 0 to 1, and their labels."""
    images, labels = load_digits(return_X_y=True)
    return train_test_split(
        images / 16, labels, test_size=0.4, random_state=0, stratify=labels
    )


def augmented(images, noise, shift, random):
    """The training images as this epoch sees them."""
    if shift:
        padded = np.pad(images.reshape(-1, 8, 8), ((0, 0), (1, 1), (1, 1)))
        rows, columns = random.integers(0, 3, (2, len(images), 1))
        image = np.arange(len(images))[:, None, None]
        row = (rows + np.arange(8))[:, :, None]
        column = (columns + np.arange(8))[:, None, :]
        images = padded[image, row, column].reshape(len(images), 64)
    if noise > 0:
        images = images + random.normal(0, noise, images.shape)
    return images


class Training:
    """All that a checkpoint must hold for training to go on as if it had never stopped."""

    def __init__(self, arguments):
        self.epoch = 0
        self.random = np.random.default_rng(arguments.seed)
        self.model = MLPClassifier(
            hidden_layer_sizes=(arguments.units,) * arguments.layers,
            activation=arguments.activation,
            solver=arguments.optimizer,
            learning_rate_init=arguments.lr,
            batch_size=32,
            # A generator and not a number: a number would shuffle every epoch alike.
            random_state=np.random.RandomState(arguments.seed),
        )

    def run_epoch(self, images, labels, arguments):
        seen = augmented(images, arguments.noise, arguments.shift, self.random)
        self.model.partial_fit(seen, labels, classes=CLASSES)
        self.epoch += 1

    def scores(self, images, labels):
        """Accuracy, and cross-entropy in nats, on images the model was not trained on."""
        probabilities = self.model.predict_proba(images)
        accuracy = np.mean(probabilities.argmax(axis=1) == labels)
        return float(accuracy), float(log_loss(labels, probabilities, labels=CLASSES))


class Checkpoint:
    """The training's state in the trial's directory; nowhere when there is none."""

    def __init__(self, directory):
        self.path = Path(directory) / "checkpoint.pickle" if directory else None

    def restore(self):
        if self.path is None or not self.path.exists():
            return None
        with open(self.path, "rb") as file:
            return pickle.load(file)

    def save(self, training):
        if self.path is None:
            return
        # Written beside and renamed: whoever stops us finds the old one or the new one.
        unfinished = self.path.with_suffix(".tmp")
        with open(unfinished, "wb") as file:
            pickle.dump(training, file)
        os.replace(unfinished, self.path)


def main():
    arguments = parse_arguments()
    train_images, validation_images, train_labels, validation_labels = load_data()
    checkpoint = Checkpoint(os.environ.get("CAIRN_TRIAL_DIR"))
    training = checkpoint.restore() or Training(arguments)
    while training.epoch < arguments.epochs:
        training.run_epoch(train_images, train_labels, arguments)
        accuracy, loss = training.scores(validation_images, validation_labels)
        report = {
            "step": training.epoch,
            "accuracy": round(accuracy, 4),
            "loss": round(loss, 4),
        }
        print(json.dumps(report), flush=True)
        # After the report: a trial stopped in between repeats this epoch and says the same.
        checkpoint.save(training)
    # Without a step: the trial's result.
    accuracy, loss = training.scores(validation_images, validation_labels)
    print(json.dumps({"accuracy": round(accuracy, 4), "loss": round(loss, 4)}))


if __name__ == "__main__":
    main()
