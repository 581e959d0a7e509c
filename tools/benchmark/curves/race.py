"""One study over a set of curves: who proposes, who gives up, and so many workers.

An epoch costs the same for all. A race is over when every configuration was begun once; what a
smaller budget would have reached is read off afterwards. A race is one line of JSON:

    pruner, set, seed, proposer, workers      what was raced; together they name it
    trials      in the order of ending: [configuration, its steps, how it ended, epochs spent by
                all workers until then]; it ended "finished", "stopped" or "failed"
    seconds     CPU time of the pruner
"""

import heapq
import math

import judges
from proposers import proposer


def run(pruner, curves, seed, who, workers, cairn):
    """Returns the trials and the pruner's seconds. Raises ChildFailed when Cairn fails."""
    proposing = proposer(who, curves, seed)
    judging = judges.judge(pruner, curves, seed, cairn)
    trials, spent = [], 0
    busy = []  # by time: (time of the next report, worker, configuration, trial, step)
    try:
        for worker in range(workers):
            begin(busy, 0, worker, proposing, judging)
        while busy:
            clock, worker, index, trial, step = heapq.heappop(busy)
            spent += 1
            curve = curves.curves[index]
            value = math.nan if curve[step - 1] is None else curve[step - 1]
            how = None
            if judging.stops(trial, step, value):
                how = "stopped"
                judging.end_stopped(trial)
            elif step == len(curve):
                how = "failed" if math.isnan(value) else "finished"
                judging.end(trial, None if how == "failed" else value)
            if how is None:
                heapq.heappush(busy, (clock + 1, worker, index, trial, step + 1))
                continue
            trials.append([index, step, how, spent])
            proposing.ended(index, step, how)
            begin(busy, clock, worker, proposing, judging)
        return trials, judging.seconds
    finally:
        judging.close()


def begin(busy, clock, worker, proposing, judging):
    """Gives the worker a trial, while there is one."""
    index = proposing.next()
    if index is not None:
        heapq.heappush(busy, (clock + 1, worker, index, judging.begin(), 1))


class Outcome:
    """What a set's values are worth: 0 the best result that there is, 1 the median one."""

    def __init__(self, curves):
        self.steps = curves.steps
        sign = -1 if curves.direction == "maximize" else 1
        self.results = [
            math.inf if curve[-1] is None else sign * curve[-1] for curve in curves.curves
        ]
        ordered = sorted(self.results)
        self.best, self.median = ordered[0], ordered[len(ordered) // 2]

    def regret(self, result):
        """At most 1, which is also what a study has before anything finished."""
        if result == math.inf:
            return 1.0
        return min((result - self.best) / (self.median - self.best), 1.0)

    def regret_after(self, trials, epochs):
        """Of the best trial that had finished when so many epochs were spent."""
        finished = [
            self.results[index] for index, _, how, spent in trials
            if how == "finished" and spent <= epochs
        ]
        return self.regret(min(finished, default=math.inf))

    def wrongly_stopped(self, trials):
        """The share of trials that were stopped and would have been the best until then."""
        wrong, best = 0, math.inf
        for index, _, how, _ in trials:
            if how == "finished":
                best = min(best, self.results[index])
            elif how == "stopped" and self.results[index] < best:
                wrong += 1
        return wrong / len(trials)
