"""Tests of the races of pruners: `tools/benchmark/optimizers/run test`."""

import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path += [str(HERE.parent), str(HERE.parent / "optimizers"),
             str(HERE.parent / "optimizers" / "peers")]

import adversarial
import race
from curve_set import CurveSet, rounded
from verdict import Verdict

SPACE = {"parameters": {"x": {"type": "float", "low": 0.0, "high": 1.0, "log": False}}}


def curve_set(*curves, direction="minimize"):
    params = [{"x": n / len(curves)} for n in range(len(curves))]
    return CurveSet("s", "", direction, "m", max(map(len, curves)), SPACE, params, list(curves))


class Races(unittest.TestCase):
    def test_without_pruning_every_curve_is_trained_once_to_its_end(self):
        curves = curve_set([3, 2, 1], [2, 2], [5, None])
        for workers in [1, 2, 8]:
            trials, _ = race.run("none", curves, 0, "random", workers, None)
            self.assertEqual(
                sorted(trial[:3] for trial in trials),
                [[0, 3, "finished"], [1, 2, "finished"], [2, 2, "failed"]],
            )
            self.assertEqual(trials[-1][3], 7)

    def test_workers_go_on_side_by_side(self):
        curves = curve_set(*([1.0] * 10 for _ in range(4)))
        trials, _ = race.run("none", curves, 0, "random", 4, None)
        self.assertEqual([spent for *_, spent in trials], [37, 38, 39, 40])

    def test_the_median_pruner_stops_what_is_worse_and_not_what_is_better(self):
        for direction, sign in [("minimize", 1), ("maximize", -1)]:
            good = [[sign * 0.1 * n] * 5 for n in range(12)]
            trials, _ = race.run(
                "median", curve_set(*good, direction=direction), 1, "random", 1, None
            )
            finished = {index for index, _, how, _ in trials if how == "finished"}
            self.assertIn(0, finished)
            self.assertTrue(any(how == "stopped" for _, _, how, _ in trials[5:]))
            self.assertTrue(all(how == "finished" for _, _, how, _ in trials[:5]))

    def test_tpe_proposes_each_once_and_prefers_what_is_good(self):
        curves = curve_set(*([abs(n - 20) / 100] for n in range(100)))
        trials, _ = race.run("none", curves, 0, "tpe", 1, None)
        order = [index for index, *_ in trials]
        self.assertEqual(sorted(order), list(range(100)))
        early = [abs(index - 20) for index in order[10:40]]
        self.assertLess(sum(early) / len(early), 20)


class Outcomes(unittest.TestCase):
    curves = curve_set([1, 0.0], [1, 0.5], [1, 1.0], [1, None], direction="minimize")

    def test_regret_is_that_of_the_best_finished_within_the_budget(self):
        outcome = race.Outcome(self.curves)
        trials = [[2, 2, "finished", 2], [0, 1, "stopped", 3], [1, 2, "finished", 5]]
        reached = [outcome.regret_after(trials, epochs) for epochs in [1, 2, 4, 5]]
        self.assertEqual(reached, [1.0, 1.0, 1.0, 0.5])

    def test_only_what_would_have_been_best_was_stopped_wrongly(self):
        outcome = race.Outcome(self.curves)
        trials = [[1, 2, "finished", 2], [2, 1, "stopped", 3], [0, 1, "stopped", 4],
                  [3, 1, "stopped", 5]]
        self.assertEqual(outcome.wrongly_stopped(trials), 0.25)

    def test_a_larger_value_may_be_the_better_one(self):
        outcome = race.Outcome(curve_set([0.2], [0.9], [0.5], direction="maximize"))
        self.assertEqual(outcome.regret(outcome.results[1]), 0)
        self.assertEqual(outcome.regret(outcome.results[2]), 1)


class Sets(unittest.TestCase):
    def test_values_keep_four_digits_and_no_infinities(self):
        found = [rounded(v) for v in [1.23456789, 1e-30, float("nan"), float("inf")]]
        self.assertEqual(found, [1.235, 1e-30, None, None])

    def test_what_is_kept_is_whole(self):
        for curves in CurveSet.recorded():
            with self.subTest(curves.name):
                self.assertEqual(len(curves.curves), len(curves.params))
                self.assertTrue(all(1 <= len(c) <= curves.steps for c in curves.curves))
                outcome = race.Outcome(curves)
                self.assertLess(outcome.best, outcome.median)
        kept = sum(curves.path.stat().st_size for curves in CurveSet.recorded())
        self.assertLess(kept, 1_000_000)

    def test_misleading_ones_are_the_same_each_time(self):
        for name in adversarial.MISLEADING:
            first, second = adversarial.curve_set(name), adversarial.curve_set(name)
            self.assertEqual(first.curves, second.curves)
            self.assertNotEqual(first.curves, adversarial.curve_set(name, 1).curves)


class Verdicts(unittest.TestCase):
    def test_epochs_to_what_no_pruning_reaches_are_shares_of_the_budget(self):
        curves = curve_set([1, 1, 1, 0.0], [1, 1, 1, 1.0], [1, 1, 1, 2.0], [1, 1, 1, 3.0])
        slow = [[1, 4, "finished", 4], [0, 4, "finished", 8], [2, 4, "finished", 12],
                [3, 4, "finished", 16]]
        fast = [[0, 4, "finished", 4], [1, 1, "stopped", 5], [2, 1, "stopped", 6],
                [3, 1, "stopped", 7]]
        races = [
            {"pruner": name, "set": "s", "seed": 0, "proposer": "random", "workers": 1,
             "trials": trials, "seconds": 1e-6 * trials[-1][3]}
            for name, trials in [("none", slow), ("quick", fast)]
        ]
        head, none, quick = Verdict(races, [curves], "random", 1, 0.5).rows()
        self.assertEqual(dict(zip(head, none))["epochs to none's"], "100 %")
        self.assertEqual(dict(zip(head, quick))["epochs to none's"], "50 %")
        self.assertEqual(dict(zip(head, quick))["epochs of all"], "44 %")
        self.assertEqual(dict(zip(head, quick))["µs/report"], "1.0")


if __name__ == "__main__":
    unittest.main()
