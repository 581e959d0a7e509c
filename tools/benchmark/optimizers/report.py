"""What runs come to: ranks, geometric means of regret, problems won, cost; and two compared.

A regret is first taken to log10. The mean over a problem's seeds is that problem's; the mean
over problems is the overall, whose standard error is that of its seeds (problems are fixed, not
drawn): the root of the summed variances of the problems' means over the number of problems.
An optimizer without a finished trial has a regret of 1; so has one that failed on a problem.
"""

import math
import statistics
from collections import defaultdict

CHECKPOINTS = [25, 50, 100]
COMPARED = [10, *CHECKPOINTS]
TARGETS = [50, 100]


class Table:
    """log10 regrets by optimizer, problem and seed, of runs with one number pending."""

    def __init__(self, runs, pending, wanted=None):
        self.kinds = {}
        self.runs = defaultdict(dict)
        for run in runs:
            chosen = wanted is None or run["problem"] in wanted
            if run["pending"] == pending and chosen:
                self.kinds[run["problem"]] = run["kind"]
                self.runs[run["optimizer"]][run["problem"], run["seed"]] = run

    def log_regret(self, optimizer, problem, seed, trials):
        """None where that run is missing or was shorter."""
        run = self.runs[optimizer].get((problem, seed))
        if run is None:
            return None
        return log_regret(run, trials)

    def problems(self):
        order = {}
        for name, kind in self.kinds.items():
            order.setdefault(kind, []).append(name)
        return [name for kind in sorted(order) for name in sorted(order[kind])]

    def seeds(self, optimizer, problem):
        return sorted(seed for name, seed in self.runs[optimizer] if name == problem)

    def cost(self, optimizer, problems):
        """Mean CPU seconds a suggestion took on some of the problems."""
        runs = [run for run in self.runs[optimizer].values() if run["problem"] in problems]
        return statistics.fmean(map(mean_cost, runs)) if runs else math.nan


def log_regret(run, trials):
    """A whole run has its regret after each trial; a stored one only at the checkpoints."""
    regret = run["regret"]
    if isinstance(regret, dict):
        if str(trials) not in regret:
            return None
        regret = regret[str(trials)]
    elif len(regret) < trials:
        return None
    else:
        regret = regret[trials - 1]
    return 0.0 if regret is None else math.log10(regret)


def mean_cost(run):
    return statistics.fmean(run["cpu"]) if isinstance(run["cpu"], list) else run["cpu"]


class Mean:
    """Of log10 values by problem: each a list over seeds."""

    def __init__(self, by_problem):
        means = [statistics.fmean(values) for values in by_problem]
        self.value = statistics.fmean(means)
        variances = [
            statistics.variance(values) / len(values) for values in by_problem if len(values) > 1
        ]
        whole = len(variances) == len(by_problem)
        self.error = math.sqrt(sum(variances)) / len(means) if whole else None

    def regret(self):
        """As a geometric mean with its standard error in decades."""
        error = "" if self.error is None else f" ±{self.error:.2f}"
        return f"{10 ** self.value:.4f}{error}"

    def difference(self):
        return f"{self.value:+.2f}" + ("" if self.error is None else f" ± {self.error:.2f}")


def ranks(values):
    """1 for the lowest; equals share the mean of their places."""
    ordered = sorted(values.values())
    return {
        name: statistics.fmean(n + 1 for n, other in enumerate(ordered) if other == value)
        for name, value in values.items()
    }


def common_cells(table, optimizers, trials):
    """The problems and seeds that all of them have, as {problem: [seed…]}."""
    cells = defaultdict(list)
    for problem in table.problems():
        seeds = set.intersection(*(set(table.seeds(name, problem)) for name in optimizers))
        for seed in sorted(seeds):
            found = [table.log_regret(name, problem, seed, trials) for name in optimizers]
            if None not in found:
                cells[problem].append(seed)
    return cells


def summary_rows(table, optimizers, problems):
    """Each optimizer on the cells that it shares with all the others: a fair comparison."""
    yield (
        "optimizer", "cells", *(f"rank@{n}" for n in CHECKPOINTS),
        *(f"regret@{n}" for n in CHECKPOINTS), "won@100", "ms/suggestion",
    )
    columns = {name: [] for name in optimizers}
    counts = []
    for trials in CHECKPOINTS:
        cells = {
            problem: seeds for problem, seeds in common_cells(table, optimizers, trials).items()
            if problem in problems
        }
        counts.append(sum(map(len, cells.values())))
        by_name = {name: [] for name in optimizers}
        placed = {name: [] for name in optimizers}
        won = dict.fromkeys(optimizers, 0.0)
        for problem, seeds in cells.items():
            for seed in seeds:
                found = {n: table.log_regret(n, problem, seed, trials) for n in optimizers}
                for name, rank in ranks(found).items():
                    placed[name].append(rank)
            means = {}
            for name in optimizers:
                values = [table.log_regret(name, problem, seed, trials) for seed in seeds]
                by_name[name].append(values)
                means[name] = statistics.fmean(values)
            best = [name for name in optimizers if means[name] <= min(means.values()) + 1e-9]
            for name in best:
                won[name] += 1 / len(best)
        for name in optimizers:
            if not cells:
                columns[name].append(("", "", ""))
                continue
            columns[name].append((
                f"{statistics.fmean(placed[name]):.2f}", Mean(by_name[name]).regret(),
                f"{won[name]:.1f}/{len(cells)}",
            ))
    final = len(CHECKPOINTS) - 1

    def place(name):
        rank = columns[name][final][0] or columns[name][0][0]
        return float(rank) if rank else math.inf

    for name in sorted(optimizers, key=place):
        yield (
            name, str(counts[final] or counts[0]),
            *(column[0] for column in columns[name]), *(column[1] for column in columns[name]),
            columns[name][final][2], f"{1000 * table.cost(name, problems):.3g}",
        )


def problem_rows(table, optimizers, trials):
    """Geometric mean of regret by problem, over whatever seeds each has (in brackets)."""
    yield (f"regret@{trials}", *optimizers)
    for problem in table.problems():
        cells = []
        for name in optimizers:
            values = [
                table.log_regret(name, problem, seed, trials)
                for seed in table.seeds(name, problem)
            ]
            values = [value for value in values if value is not None]
            cells.append(
                f"{10 ** statistics.fmean(values):.4f} ({len(values)})" if values else "-"
            )
        yield (problem, *cells)


def comparison_rows(table, first, second):
    """log10 regret of `first` less that of `second` on the runs that both have; − is better.

    The last columns say after how many trials the mean of `first` has reached what `second` has
    after 50 and after 100.
    """
    yield (
        f"{first} − {second}", "pairs", *(f"at {n}" for n in COMPARED),
        *(f"trials to its {n}" for n in TARGETS),
    )
    groups = {"all": set(table.problems())}
    for problem, kind in table.kinds.items():
        groups.setdefault(kind, set()).add(problem)
    rows = [*groups.items(), *((problem, {problem}) for problem in table.problems())]
    cells = {n: common_cells(table, [first, second], n) for n in COMPARED}
    for name, members in rows:
        row, pairs = [], 0
        for trials in COMPARED:
            differences = [
                [
                    table.log_regret(first, problem, seed, trials)
                    - table.log_regret(second, problem, seed, trials)
                    for seed in seeds
                ]
                for problem, seeds in cells[trials].items() if problem in members
            ]
            pairs = max(pairs, sum(map(len, differences)))
            row.append(Mean(differences).difference() if differences else "")
        if pairs:
            reached = [trials_to_reach(table, first, second, members, n) for n in TARGETS]
            yield (name, str(pairs), *row, *reached)


def trials_to_reach(table, first, second, members, trials):
    """The first n at which the mean of `first` is no worse than that of `second` at `trials`."""
    cells = [
        (problem, seed)
        for problem, seeds in common_cells(table, [first, second], trials).items()
        if problem in members for seed in seeds
    ]
    runs = [table.runs[first][cell] for cell in cells]
    if not runs or any(isinstance(run["regret"], dict) for run in runs):
        return ""
    wanted = statistics.fmean(table.log_regret(second, *cell, trials) for cell in cells)
    for n in range(1, min(run["trials"] for run in runs) + 1):
        if statistics.fmean(log_regret(run, n) for run in runs) <= wanted:
            return str(n)
    return "never"
