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


class Standing:
    """How optimizers stand after so many trials, on the runs that all of them have."""

    def __init__(self, table, optimizers, problems, trials):
        cells = common_cells(table, optimizers, trials)
        self.cells = {name: seeds for name, seeds in cells.items() if name in problems}
        self.regrets = {
            optimizer: {
                name: [table.log_regret(optimizer, name, seed, trials) for seed in seeds]
                for name, seeds in self.cells.items()
            }
            for optimizer in optimizers
        }

    @property
    def runs(self):
        return sum(map(len, self.cells.values()))

    def mean_ranks(self):
        placed = defaultdict(list)
        for name, seeds in self.cells.items():
            for place in range(len(seeds)):
                row = {optimizer: found[name][place] for optimizer, found in self.regrets.items()}
                for optimizer, rank in ranks(row).items():
                    placed[optimizer].append(rank)
        return {optimizer: statistics.fmean(found) for optimizer, found in placed.items()}

    def mean(self, optimizer):
        return Mean(list(self.regrets[optimizer].values()))

    def won(self):
        """On how many problems each has the lowest mean; who shares a problem shares its point."""
        points = dict.fromkeys(self.regrets, 0.0)
        for name in self.cells:
            means = {o: statistics.fmean(found[name]) for o, found in self.regrets.items()}
            best = [o for o, mean in means.items() if mean <= min(means.values()) + 1e-9]
            for optimizer in best:
                points[optimizer] += 1 / len(best)
        return points


def summary_rows(table, optimizers, problems):
    """A row an optimizer, the best mean rank at the last checkpoint first."""
    yield (
        "optimizer", "runs", *(f"rank@{n}" for n in CHECKPOINTS),
        *(f"regret@{n}" for n in CHECKPOINTS), f"won@{CHECKPOINTS[-1]}", "ms/suggestion",
    )
    standings = [Standing(table, optimizers, problems, trials) for trials in CHECKPOINTS]
    told = [standing for standing in standings if standing.runs]
    if not told:
        return
    mean_ranks = [standing.mean_ranks() for standing in standings]
    won, problem_count = told[-1].won(), len(told[-1].cells)
    for name in sorted(optimizers, key=told[-1].mean_ranks().get):
        yield (
            name, str(told[-1].runs),
            *(f"{found[name]:.2f}" if found else "" for found in mean_ranks),
            *(s.mean(name).regret() if s.runs else "" for s in standings),
            f"{won[name]:.1f}/{problem_count}", f"{1000 * table.cost(name, problems):.3g}",
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
