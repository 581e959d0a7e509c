"""Reinforcement learning, whose curves are noise for long: REINFORCE on a walk to a goal."""

import numpy

from models import STEPS, model
from space import Choice, Float, Integer

SIZE = 5
MOVES = numpy.array([[0, 1], [1, 0], [0, -1], [-1, 0]])
LONGEST = 30


@model("REINFORCE with a table of preferences on a slippery 5 × 5 grid, 10 episodes a step",
       "maximize", "return",
       Float("lr", 1e-3, 1e1, log=True), Float("discount", 0.8, 1.0),
       Float("entropy", 1e-4, 1.0, log=True), Integer("batch", 1, 10),
       Choice("baseline", ["none", "mean", "state"]))
def policy_grid(config, seed):
    generator = numpy.random.default_rng(seed)
    preferences = numpy.zeros((SIZE * SIZE, 4))
    baseline = numpy.zeros(SIZE * SIZE)
    for _ in range(STEPS):
        returns, gradient = [], numpy.zeros_like(preferences)
        for number in range(10):
            states, actions, rewards = episode(preferences, generator)
            returns.append(sum(rewards))
            later, gains = 0.0, []
            for reward in reversed(rewards):
                later = reward + config["discount"] * later
                gains.append(later)
            for state, action, gain in zip(states, actions, reversed(gains)):
                known = {"none": 0.0, "mean": baseline.mean(), "state": baseline[state]}
                chances = softmax(preferences[state])
                advantage = gain - known[config["baseline"]]
                change = -advantage * chances
                change[action] += advantage
                surprise = numpy.log(chances)
                change -= config["entropy"] * chances * (surprise - chances @ surprise)
                gradient[state] += change
                baseline[state] += 0.05 * (gain - baseline[state])
            if (number + 1) % config["batch"] == 0:
                preferences += config["lr"] * gradient / config["batch"]
                preferences = preferences.clip(-50, 50)
                gradient[:] = 0
        yield float(numpy.mean(returns))


def softmax(row):
    powers = numpy.exp(row - row.max())
    return (powers / powers.sum()).clip(1e-12, 1)


def episode(preferences, generator):
    """States, actions and rewards of one walk: −0.04 a step, −1 in the pit, 1 at the goal."""
    place = numpy.array([0, 0])
    states, actions, rewards = [], [], []
    for _ in range(LONGEST):
        state = place[0] * SIZE + place[1]
        action = int(generator.choice(4, p=normalized(softmax(preferences[state]))))
        taken = int(generator.integers(4)) if generator.random() < 0.1 else action
        place = (place + MOVES[taken]).clip(0, SIZE - 1)
        states.append(state)
        actions.append(action)
        if tuple(place) == (SIZE - 1, SIZE - 1):
            rewards.append(1.0)
            break
        if tuple(place) in {(2, 1), (1, 3)}:
            rewards.append(-1.0)
            break
        rewards.append(-0.04)
    return states, actions, rewards


def normalized(chances):
    return chances / chances.sum()
