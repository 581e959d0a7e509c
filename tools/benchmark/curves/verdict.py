"""What races come to, pruner by pruner, over the real sets and over the misleading ones.

All regrets are arithmetic means over sets and seeds, 0 the set's best configuration and 1 its
median. The budget is a share of the epochs that training every configuration to its end would
take: small enough that who stops the hopeless early has others left to spend the rest on.
"""

import statistics
from collections import defaultdict

from race import Outcome

HEAD = (
    "pruner", "races", "regret at budget", "epochs to none's", "worst set ÷ none",
    "regret of all", "epochs of all", "wrongly stopped", "µs/report",
)


class Verdict:
    def __init__(self, races, sets, proposer, workers, budget):
        self.budget = budget
        self.sets = {curves.name: curves for curves in sets}
        self.outcomes = {name: Outcome(curves) for name, curves in self.sets.items()}
        self.races = defaultdict(dict)
        for race in races:
            same = (race["proposer"], race["workers"]) == (proposer, workers)
            if same and race["set"] in self.sets:
                self.races[race["pruner"]][race["set"], race["seed"]] = race

    def rows(self):
        """A row a pruner, over the races that all of them have had."""
        if not self.races:
            return
        shared = sorted(set.intersection(*(set(races) for races in self.races.values())))
        if not shared:
            return
        yield HEAD
        for pruner in self.races:
            yield self.row(pruner, shared)

    def row(self, pruner, shared):
        races = self.races[pruner]
        regrets = {key: self.regret(races[key], self.budget) for key in shared}
        return (
            pruner, str(len(shared)), mean_and_error(by_set(regrets)),
            self.epochs_to_reference(pruner, shared), self.worst_ratio(regrets, shared),
            f"{statistics.fmean(self.regret(races[key], 1.0) for key in shared):.3f}",
            f"{100 * statistics.fmean(self.share(races[key]) for key in shared):.0f} %",
            f"{100 * statistics.fmean(self.wrong(races[key]) for key in shared):.2f} %",
            f"{statistics.fmean(self.cost(races[key]) for key in shared):.1f}",
        )

    def whole(self, name):
        """Epochs of all configurations to their ends."""
        return sum(map(len, self.sets[name].curves))

    def regret(self, race, share):
        """After that share of all epochs."""
        name = race["set"]
        return self.outcomes[name].regret_after(race["trials"], share * self.whole(name))

    def share(self, race):
        return race["trials"][-1][3] / self.whole(race["set"])

    def wrong(self, race):
        return self.outcomes[race["set"]].wrongly_stopped(race["trials"])

    def cost(self, race):
        return 1e6 * race["seconds"] / race["trials"][-1][3]

    def epochs_to_reference(self, pruner, shared):
        """The smallest share of the budget at which the mean regret is none's at the budget."""
        if "none" not in self.races:
            return ""
        unpruned = self.races["none"]
        wanted = statistics.fmean(self.regret(unpruned[key], self.budget) for key in shared)
        for percent in range(1, 101):
            reached = statistics.fmean(
                self.regret(self.races[pruner][key], self.budget * percent / 100) for key in shared
            )
            if reached <= wanted:
                return f"{percent} %"
        return "never"

    def worst_ratio(self, regrets, shared):
        """The mean regret over that without pruning, on the set where it is highest."""
        if "none" not in self.races:
            return ""
        unpruned = self.races["none"]
        none = by_set({key: self.regret(unpruned[key], self.budget) for key in shared})
        # With a hundredth more, or what is almost nothing would be divided by.
        ratios = [
            (statistics.fmean(own) + 0.01) / (statistics.fmean(none[name]) + 0.01)
            for name, own in by_set(regrets).items()
        ]
        return f"{max(ratios):.2f}"

    def set_rows(self):
        """The regret at the budget, set by set."""
        names = sorted({name for races in self.races.values() for name, _ in races})
        yield ("regret at budget", *self.races)
        for name in names:
            cells = []
            for races in self.races.values():
                found = [self.regret(race, self.budget) for (other, _), race in races.items()
                         if other == name]
                cells.append(f"{statistics.fmean(found):.3f}" if found else "-")
            yield (name, *cells)


def by_set(regrets):
    found = defaultdict(list)
    for (name, _), regret in regrets.items():
        found[name].append(regret)
    return found


def mean_and_error(groups):
    """Mean of the sets' means; the error is that of the seeds, as the sets are not drawn."""
    means = [statistics.fmean(values) for values in groups.values()]
    if any(len(values) < 2 for values in groups.values()):
        return f"{statistics.fmean(means):.3f}"
    variance = sum(statistics.variance(values) / len(values) for values in groups.values())
    return f"{statistics.fmean(means):.3f} ± {variance ** 0.5 / len(means):.3f}"
