"""Networks in PyTorch: learning rates that fall by schedule, and one that groks.

Small enough for a core: these are about the shapes of curves.
"""

import torch

from models import STEPS, data, model
from space import Choice, Float, Integer

torch.set_num_threads(1)


def digits():
    train_x, train_y, test_x, test_y = data("digits", 0.6)
    images = [torch.tensor(x, dtype=torch.float32).reshape(-1, 1, 8, 8) for x in (train_x, test_x)]
    labels = [torch.tensor(y) for y in (train_y, test_y)]
    return images[0], labels[0], images[1], labels[1]


@model("a convolutional network in PyTorch on digits, learning rates by schedule, by epoch",
       "minimize", "error",
       Float("lr", 1e-4, 1.0, log=True), Float("weight_decay", 1e-6, 1e-1, log=True),
       Integer("channels", 2, 8, log=True), Integer("batch", 64, 512, log=True),
       Float("dropout", 0.0, 0.7), Choice("schedule", ["none", "cosine", "step", "one-cycle"]))
def convolution_digits(config, seed):
    torch.manual_seed(seed)
    train_x, train_y, test_x, test_y = digits()
    channels = config["channels"]
    network = torch.nn.Sequential(
        torch.nn.Conv2d(1, channels, 3, padding=1), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(channels, 2 * channels, 3, padding=1), torch.nn.ReLU(),
        torch.nn.Flatten(), torch.nn.Dropout(config["dropout"]),
        torch.nn.Linear(32 * channels, 10),
    )
    optimizer = torch.optim.SGD(
        network.parameters(), config["lr"], momentum=0.9, weight_decay=config["weight_decay"]
    )
    schedules = torch.optim.lr_scheduler
    schedule = {
        "none": lambda: schedules.ConstantLR(optimizer, 1.0),
        "cosine": lambda: schedules.CosineAnnealingLR(optimizer, STEPS),
        "step": lambda: schedules.StepLR(optimizer, 40, 0.1),
        "one-cycle": lambda: schedules.OneCycleLR(optimizer, config["lr"], total_steps=STEPS + 1),
    }[config["schedule"]]()
    for _ in range(STEPS):
        network.train()
        for part in torch.randperm(len(train_x)).split(config["batch"]):
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(network(train_x[part]), train_y[part])
            loss.backward()
            optimizer.step()
        schedule.step()
        network.eval()
        with torch.no_grad():
            wrong = network(test_x).argmax(1) != test_y
            broken = not torch.isfinite(loss)
        if broken:
            yield float("nan")
            return
        yield wrong.float().mean().item()


@model("a perceptron in PyTorch that learns addition modulo 23 from half of the table and, with "
       "luck, understands it much later; 25 full batches a step",
       "maximize", "accuracy",
       Float("lr", 1e-3, 5e-2, log=True), Float("weight_decay", 1e-1, 2.0, log=True),
       Integer("units", 32, 128, log=True), Float("share", 0.4, 0.8),
       Float("init", 0.5, 4.0, log=True))
def grokking(config, seed):
    modulus, batches = 23, 25
    torch.manual_seed(seed)
    pairs = torch.cartesian_prod(torch.arange(modulus), torch.arange(modulus))
    labels = pairs.sum(1) % modulus
    inputs = torch.nn.functional.one_hot(pairs, modulus).flatten(1).float()
    order = torch.randperm(len(pairs))
    count = int(config["share"] * len(pairs))
    train, test = order[:count], order[count:]
    network = torch.nn.Sequential(
        torch.nn.Linear(2 * modulus, config["units"]), torch.nn.ReLU(),
        torch.nn.Linear(config["units"], modulus),
    )
    with torch.no_grad():
        for weights in network.parameters():
            weights *= config["init"]
    optimizer = torch.optim.AdamW(
        network.parameters(), config["lr"], weight_decay=config["weight_decay"], betas=(0.9, 0.98)
    )
    for _ in range(STEPS):
        for _ in range(batches):
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(network(inputs[train]), labels[train])
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            yield (network(inputs[test]).argmax(1) == labels[test]).float().mean().item()
