"""Tests of the harness itself: `tools/benchmark/optimizers/run test`."""

import json
import math
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent))

import numpy

import contestants
import kept
import report
from catalogue import GROUPS, expand, problem
from problem import FLOOR, Problem
from related import sources
from runs import Results, Run, perform, regrets
from space import Choice, Float, Integer, Space


class Spaces(unittest.TestCase):
    space = Space(
        [
            Choice("kind", ["a", "b"]), Integer("n", 1, 100, log=True, when={"kind": ["b"]}),
            Float("x", 1e-4, 1.0, log=True, when={"n": list(range(1, 11))}),
        ],
        constraints=["n * x <= 5"],
    )

    def test_what_hangs_on_what_does_not_exist_does_not_exist(self):
        whole = {"kind": "a", "n": 3, "x": 0.5}
        self.assertEqual(self.space.active(whole), {"kind": "a"})
        self.assertEqual(self.space.active(whole | {"kind": "b"}), whole | {"kind": "b"})
        self.assertEqual(self.space.active({"kind": "b", "n": 90, "x": 1}), {"kind": "b", "n": 90})

    def test_a_constraint_binds_only_where_its_parameters_exist(self):
        self.assertTrue(self.space.allows({"kind": "a"}))
        self.assertTrue(self.space.allows({"kind": "b", "n": 5, "x": 1.0}))
        self.assertFalse(self.space.allows({"kind": "b", "n": 6, "x": 1.0}))

    def test_samples_keep_conditions_and_constraints(self):
        generator = numpy.random.default_rng(1)
        for _ in range(500):
            drawn = self.space.sample(generator)
            self.assertTrue(self.space.allows(drawn))
            self.assertEqual(self.space.active({"n": None, "x": None} | drawn), drawn)

    def test_every_integer_is_at_its_own_place(self):
        for log in [False, True]:
            number = Integer("n", 1, 50, log=log)
            for value in range(1, 51):
                self.assertEqual(number.at(number.unit(value)), value)
            self.assertEqual([number.at(0.0), number.at(1.0)], [1, 50])

    def test_it_survives_its_document(self):
        document = json.loads(json.dumps(self.space.document()))
        self.assertEqual(Space.from_document(document), self.space)


class Problems(unittest.TestCase):
    def test_there_are_19_named_ones_and_others_share_none(self):
        self.assertEqual(len(GROUPS["named"]), 19)
        self.assertFalse(set(GROUPS["named"]) & set(GROUPS["others"]))

    def test_no_random_point_beats_an_optimum(self):
        for name in expand(["named", "invented"]):
            with self.subTest(name):
                task, generator = problem(name, 3), numpy.random.default_rng(3)
                for _ in range(200):
                    truth = task.truth(task.space.sample(generator))
                    self.assertTrue(truth is None or truth >= task.optimum)

    def test_the_median_random_point_has_regret_1(self):
        for name in ["bbob:8:5", "mixed:training", "hpobench:kc1"]:
            task, generator = problem(name, 0), numpy.random.default_rng(9)
            drawn = [task.truth(task.space.sample(generator)) for _ in range(2000)]
            self.assertAlmostEqual(task.regret(sorted(drawn)[1000]), 1, delta=0.12, msg=name)

    def test_a_seed_is_another_instance_and_a_table_the_same(self):
        self.assertNotEqual(problem("bbob:1:5", 0).optimum, problem("bbob:1:5", 1).optimum)
        self.assertEqual(problem("bbob:1:5", 0).name, problem("bbob:1:5", 5).name)
        self.assertEqual(problem("bbob:1:5:from6", 0).name, "bbob:1:5:i6")
        self.assertIs(problem("hpobench:car", 0), problem("hpobench:car", 1))

    def test_a_table_draws_its_replicates_and_the_truth_is_their_mean(self):
        task = problem("hpobench:kc1", 0)
        values = task.space.sample(numpy.random.default_rng(0))
        drawn = {task.evaluate(values, 0, number) for number in range(200)}
        self.assertEqual(len({truth for _, truth in drawn}), 1)
        self.assertEqual(len(drawn), 5)
        mean = sum(value for value, _ in drawn) / 5
        self.assertAlmostEqual(mean, task.truth(values))

    def test_a_forbidden_configuration_fails(self):
        task = problem("constrained:budget", 0)
        values = {"layers": 8, "units": 1024, "lr": 1e-3, "dropout": 0.1, "activation": "relu"}
        self.assertEqual(task.evaluate(values, 0, 0), (None, None))

    def test_some_of_the_failing_ones_trials_fail_but_not_the_best(self):
        task, generator = problem("failing:diverging", 2), numpy.random.default_rng(0)
        drawn = [task.truth(task.space.sample(generator)) for _ in range(300)]
        self.assertTrue(30 < drawn.count(None) < 270)


class RelatedProblems(unittest.TestCase):
    def draws(self, name, count=300):
        task, generator = problem(name, 2), numpy.random.default_rng(7)
        return task, [task.space.sample(generator) for _ in range(count)]

    def correlation(self, relation, name):
        task, points = self.draws(name)
        [source, *_] = sources(relation, name, 2)
        pairs = [(task.truth(point), source.truth(point)) for point in points]
        ranks = numpy.array(pairs).argsort(0).argsort(0)
        return numpy.corrcoef(ranks.T)[0, 1]

    def test_they_are_as_alike_as_they_say(self):
        for name in ["bbob:1:5", "mixed:training", "mixint:8:5"]:
            self.assertGreater(self.correlation("shifted", name), 0.6, name)
            self.assertAlmostEqual(self.correlation("inverted", name), -1, places=6)
            self.assertLess(abs(self.correlation("shuffled", name)), 0.6, name)
        self.assertGreater(self.correlation("tables", "hpobench:kc1"), 0.4)

    def test_a_shuffled_table_is_the_same_table_in_another_order(self):
        task, points = self.draws("nas201:cifar10", 2000)
        [source] = sources("shuffled", "nas201:cifar10", 2)
        keys = {tuple(sorted(point.items())) for point in points}
        same = [task.truth(dict(key)) == source.truth(dict(key)) for key in keys]
        self.assertLess(sum(same), len(same) / 10)

    def test_what_has_no_relatives_says_so(self):
        with self.assertRaises(ValueError):
            sources("tables", "bbob:1:5", 0)
        with self.assertRaises(ValueError):
            sources("cousins", "bbob:1:5", 0)


class Regrets(unittest.TestCase):
    task = Problem("p", "k", Space([]), truth=None, optimum=1.0, known_median=3.0)

    def test_it_is_the_truth_of_what_looked_best(self):
        observed, true = [None, 2.5, 1.9, 1.9, 2.0], [None, 2.0, 2.4, 1.0, 1.2]
        self.assertEqual(regrets(self.task, observed, true), [None, 0.5, 0.7, 0.7, 0.7])

    def test_it_ends_at_a_floor(self):
        self.assertEqual(self.task.regret(1.0), FLOOR)
        self.assertEqual(regrets(self.task, [1.0], [1.0]), [FLOOR])


def stored(optimizer, problem, seed, *regret):
    at = dict(zip(["25", "50", "100"], regret))
    return {
        "optimizer": optimizer, "problem": problem, "seed": seed, "pending": 1, "trials": 100,
        "kind": "k", "regret": at, "cpu": 0.25, "version": "v",
    }


class Reports(unittest.TestCase):
    runs = [
        stored("a", "p", 0, 0.1, 0.01, 0.001), stored("a", "p", 1, 0.1, 0.01, 0.1),
        stored("b", "p", 0, 1.0, 0.01, 0.01), stored("b", "p", 1, 1.0, 0.01, 0.01),
        stored("b", "q", 0, 1.0, 0.01, 0.01),
    ]

    def test_equals_share_ranks(self):
        self.assertEqual(report.ranks({"x": 1, "y": 0, "z": 1}), {"x": 2.5, "y": 1, "z": 2.5})

    def test_only_runs_that_all_have_are_compared(self):
        table = report.Table(self.runs, 1)
        head, first, second = report.summary_rows(table, ["a", "b"], ["p", "q"])
        row = dict(zip(head, first))
        self.assertEqual((row["runs"], row["rank@25"], row["rank@50"]), ("2", "1.00", "1.50"))
        self.assertEqual(row["regret@100"], "0.0100 ±1.00")
        self.assertEqual(row["won@100"], "0.5/1")
        self.assertEqual(row["ms/suggestion"], "250")

    def test_a_comparison_is_paired(self):
        table = report.Table(self.runs, 1)
        rows = list(report.comparison_rows(table, "a", "b"))
        self.assertEqual(
            rows[1], ("all", "2", "", "-1.00 ± 0.00", "+0.00 ± 0.00", "+0.00 ± 1.00", "", "")
        )

    def test_trials_to_reach_are_counted_on_the_mean(self):
        slow = stored("a", "p", 0) | {"regret": [0.1] * 99 + [0.01]}
        fast = stored("b", "p", 0) | {"regret": [1.0] * 29 + [0.1] * 30 + [0.05] * 41}
        table = report.Table([slow, fast], 1)
        self.assertEqual(report.trials_to_reach(table, "b", "a", {"p"}, 50), "30")
        self.assertEqual(report.trials_to_reach(table, "b", "a", {"p"}, 100), "never")

    def test_a_run_whose_trials_all_failed_counts_as_random(self):
        run = stored("a", "p", 0, None, 0.1, 0.1)
        self.assertEqual(report.log_regret(run, 25), 0.0)

    def test_what_is_kept_comes_back(self):
        whole = self.runs[0] | {"regret": [0.5] * 24 + [0.1] * 26, "trials": 50, "cpu": [1.0, 3.0]}
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "kept.jsonl"
            kept.write([whole], {"machine": "m"}, path)
            [run] = kept.read(path)
        self.assertEqual(run["regret"], {"25": 0.1, "50": 0.1})
        self.assertEqual(run["cpu"], 2.0)
        self.assertIsNone(report.log_regret(run, 100))


class Running(unittest.TestCase):
    setting = contestants.Setting(None, contestants.Environments(Path("/nonexistent")))

    def test_a_run_is_the_same_again_and_is_found_again(self):
        run = Run("random", "hpobench:car", 4, 3, 12)
        first, second = perform(run, self.setting), perform(run, self.setting)
        self.assertEqual(first["observed"], second["observed"])
        self.assertEqual(len(first["observed"]), 12)
        self.assertTrue(all(cost >= 0 for cost in first["cpu"]))
        with tempfile.TemporaryDirectory() as directory:
            results = Results(directory)
            self.assertNotIn(run.key, results.keys())
            # As a killed process may leave it.
            (Path(directory) / "random.jsonl").write_text('{"optimizer": "ra')
            results.append(first)
            self.assertEqual(results.keys(), {run.key})

    def test_a_child_that_ends_says_its_last_words(self):
        child = contestants.Child(
            [sys.executable, "-c", "import sys; sys.exit('no more')"], tempfile.mkdtemp()
        )
        with self.assertRaisesRegex(contestants.ChildFailed, "no more"):
            child.demand({"op": "ask"})
            child.demand({"op": "ask"})
        child.close()

    def test_cpu_time_is_the_childs_own(self):
        burn = "import sys\nfor line in sys.stdin: sum(range(3_000_000)); print('{}', flush=True)"
        with tempfile.TemporaryDirectory() as directory:
            child = contestants.Child([sys.executable, "-c", burn], directory)
            child.wait_until_ready()
            before = child.cpu_seconds()
            child.demand({"op": "ask"})
            self.assertGreater(child.cpu_seconds() - before, 0.005)
            self.assertTrue(math.isfinite(before))
            child.close()


if __name__ == "__main__":
    unittest.main()
