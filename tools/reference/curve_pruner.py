"""What the curve pruner must decide on some histories, as a Swift file of test fixtures.

    python3 -m venv /tmp/reference && /tmp/reference/bin/pip install numpy==2.4.6 scipy==1.17.1
    /tmp/reference/bin/python tools/reference/curve_pruner.py \
      > Tests/SamplersTests/Fixtures/CurveFixtures.swift

The rule is written down here once more, plainly: every fit is made anew from all points, with
dense matrices, and every finished trial is looked at anew for every decision.
"""

import json
import math
import random

import numpy
from scipy.stats import norm, t as student

LIMIT = 3.0


def position(y, best, spread):
    if not math.isfinite(y):
        return LIMIT
    z = (y - best) / spread
    return math.copysign(min(LIMIT, math.log(1 + 10 * abs(z)) / math.log(11)), z)


def shapes(u, length):
    return numpy.array([u**-0.3, u**-0.6, 1 / u, u**-2, math.exp(-u / (0.05 * length)),
                        math.exp(-u / (0.15 * length)), math.exp(-u / (0.4 * length)),
                        -0.2 * math.log(u / length), 0.0])


def extrapolate(us, ws, length):
    """Mean and deviation at the end, from points at places `us`."""
    t = len(ws)
    weights = numpy.array([0.3 + 0.7 * (i + 1) / t for i in range(t)])
    ws = numpy.array(ws)
    phis = numpy.array([shapes(u, length) for u in us])
    end = shapes(length, length)
    logs, means, variances = [], [], []
    for k in range(9):
        design = numpy.column_stack([numpy.ones(t), phis[:, k]])
        matrix = design.T @ (weights[:, None] * design) + 4e-4 * numpy.eye(2)
        target = design.T @ (weights * ws) + numpy.array([4e-4 * ws[-1], 0])
        c, b = numpy.linalg.solve(matrix, target)
        if b < 0:
            b, c = 0.0, target[0] / matrix[0, 0]
        error = float(weights @ (ws - c - b * phis[:, k]) ** 2)
        variance = (error + 0.0012) / (t + 3)
        row = numpy.array([1, end[k]])
        spread = float(row @ numpy.linalg.inv(matrix) @ row)
        determinant = float(numpy.linalg.det(matrix))
        means.append(c + b * end[k])
        variances.append(variance * (1 + spread) + (0.4 * (length - us[-1]) / length) ** 2)
        logs.append(-0.5 * (t + 3) * math.log(variance)
                    - 0.25 * math.log(determinant / variance**2))
    mixture = numpy.exp(numpy.array(logs) - max(logs))
    mixture /= mixture.sum()
    means, variances = numpy.array(means), numpy.array(variances)
    mean = float(mixture @ means)
    return mean, math.sqrt(float(mixture @ (variances + (means - mean) ** 2)) + 1e-4)


def outlook(us, ws, length):
    mean, deviation = extrapolate(us, ws, length)
    tail = max(1, int(0.1 * len(ws)))
    return mean, deviation, float(numpy.mean(ws[-tail:]))


def chance(prefix, finished, length, target):
    """`finished` are pairs of the points up to the same place, and the final position."""
    mean, deviation, recent = outlook(*prefix, length)
    weights, residuals, gained = [], [], 0.0
    for (us, ws), final in finished:
        other, other_deviation, other_recent = outlook(us, ws, length)
        h = 0.9 if other < mean else 0.3
        weights.append(math.exp(-0.5 * (((other - mean) / h) ** 2 + (
            ((other_recent - other) - (recent - mean)) / 0.3) ** 2)))
        residuals.append(min(5, max(-8, (final - other) / other_deviation)))
        gained += norm.cdf((target - recent - (final - other_recent)) / 0.06)
    weights, residuals = numpy.array(weights), numpy.array(residuals)
    total = weights.sum()
    shift = (weights @ residuals) / (total + 4)
    scale = math.sqrt((4 + weights @ (residuals - shift) ** 2) / (4 + total))
    first = student.cdf(
        (target - mean - shift * deviation) / (scale * deviation * math.sqrt(1 + 1 / (4 + total))),
        min(30, 3 + 0.5 * total))
    second = (0.3 + gained) / (len(finished) + 0.6)
    return float(first), float(max(first, second))


class Study:
    def __init__(self, sign, aggregate, max_steps):
        self.sign, self.aggregate, self.max_steps = sign, aggregate, max_steps
        self.complete = []  # (steps, aggregated values, final), to be minimized
        self.frame = None

    def values(self, raw):
        if self.aggregate == "last":
            return [self.sign * y for y in raw]
        out, best = [], math.nan
        for y in raw:
            if not math.isnan(y):
                best = y if math.isnan(best) else (min if self.aggregate == "min" else max)(best, y)
            out.append(self.sign * best)
        return out

    def finish(self, steps, raw, final):
        self.complete.append((steps, self.values(raw), self.sign * final))
        best = min(f for _, _, f in self.complete)
        spread = max(float(numpy.median([v[0] for _, v, _ in self.complete])) - best,
                     float(numpy.quantile([f for _, _, f in self.complete], 0.75)) - best, 1e-12)
        if self.frame is None or abs(best - self.frame[0]) > 0.1 * self.frame[1] or abs(
                spread - self.frame[1]) > 0.1 * self.frame[1]:
            self.frame = (best, spread)

    def judge(self, steps, raw):
        """The chance after the last report, nil where there is none, and whether to stop."""
        if math.isnan(raw[-1]) and len(self.complete) >= 3:
            return None, True
        if len(self.complete) < 4:
            return None, False
        grid = next(s for s, _, _ in self.complete if len(s) > 1)
        gaps = sorted(b - a for a, b in zip(grid, grid[1:]))
        first, spacing = grid[0], gaps[(len(gaps) - 1) // 2]
        last = self.max_steps or max(s[-1] for s, _, _ in self.complete)
        length = 1 + (last - max(first, spacing)) / spacing

        def place(step):
            return max(1.0, 1 + (step - first) / spacing)

        def bin_of(u):
            return math.floor((u - 1) / max(1, length / 200) + 1e-9)

        def points(steps, values, until):
            """Means over bins, up to the bin of `until`."""
            bins = {}
            for s, y in zip(steps, values):
                if bin_of(place(s)) <= bin_of(until):
                    bins.setdefault(bin_of(place(s)), []).append(
                        (place(s), position(y, *self.frame)))
            means = [numpy.mean(bins[key], axis=0) for key in sorted(bins)]
            return [float(u) for u, _ in means], [float(w) for _, w in means]

        best = min(f for _, _, f in self.complete)
        target = position(best, *self.frame)
        values = self.values(raw)
        chances, stops = [], []
        for count in (len(steps), len(steps) - 1):
            if count == 0:
                stops.append(False)
                continue
            until = place(steps[count - 1])
            if bin_of(until) > math.floor((length - 1) / max(1, length / 200)):
                return None, False
            finished = [(points(s, v, until), position(f, *self.frame))
                        for s, v, f in self.complete]
            # A trial that ended early stays where it was.
            quick, sure = chance(points(steps[:count], values[:count], until), finished, length,
                                 target)
            chances.append(quick if quick >= 0.05 else sure)
            stops.append(chances[-1] < 0.05)
        if position(values[-1], *self.frame) < target or place(steps[-1]) <= 0.05 * length:
            return chances[0], False
        return chances[0], stops[0] and (length < 20 or stops[1])


def curves(generator, steps, count):
    for _ in range(count):
        level, drop = abs(generator.gauss(0.2, 0.25)), generator.uniform(0.3, 2)
        rate, noise = generator.uniform(0.2, 1.2), generator.choice([0.002, 0.01, 0.03])
        yield [level + drop * (i + 1) ** -rate + generator.gauss(0, noise)
               for i in range(steps)]


def case(name, seed, steps, count, direction="minimize", aggregate="last", max_steps=None,
         stride=1, start=1, ragged=False, gaps=0.0):
    generator = random.Random(seed)
    sign = 1 if direction == "minimize" else -1
    study = Study(sign, aggregate, max_steps)
    trials = []
    for number, raw in enumerate(curves(generator, steps, count)):
        if ragged and number % 3 == 1:
            raw = raw[:generator.randrange(steps // 2, steps)]
        reports, kept_steps, kept = [], [], []
        stopped = False
        for index, y in enumerate(raw):
            if index and index + 1 < len(raw) and generator.random() < gaps:
                continue
            y = float(f"{sign * y:.6g}")
            if number == count - 2 and index == 4:
                y = math.nan
            kept_steps.append(start + stride * index)
            kept.append(y)
            probability, stopped = study.judge(kept_steps, kept)
            reports.append([kept_steps[-1], None if math.isnan(y) else y, probability, stopped])
            if stopped:
                break
        final = None
        if not stopped:
            final = sign * study.values(kept)[-1]
            study.finish(kept_steps, kept, final)
        trials.append({"reports": reports, "final": final})
    stops = sum(t["final"] is None for t in trials)
    notation = {"last": "", "min": "@min", "max": "@max"}[aggregate]
    return {"name": name, "direction": direction, "aggregate": notation[1:] or "last",
            "maxSteps": max_steps, "stops": stops, "trials": trials}


CASES = [
    case("plain", 1, 40, 24),
    case("short", 2, 12, 24),
    case("upwards", 3, 30, 20, direction="maximize"),
    case("the smallest counts", 4, 30, 20, aggregate="min"),
    case("the largest counts", 5, 30, 16, direction="maximize", aggregate="max"),
    case("told how long", 6, 30, 16, max_steps=60),
    case("batches as steps", 7, 25, 16, stride=500, start=500),
    case("ragged and with gaps", 8, 30, 20, ragged=True, gaps=0.2),
    case("long", 9, 210, 6),
]

print("// swift-format-ignore-file")
print("// Written by tools/reference/curve_pruner.py.")
print()
print('let curveFixtures = #"""')
print("[")
print(",\n".join(json.dumps(entry, separators=(",", ":")) for entry in CASES))
print("]")
print('"""#')
