"""The problems by name, and the groups of them that have a name of their own.

    hpobench:car  hpolib:naval_propulsion  nas201:cifar10     a table
    bbob:8:10  mixint:8:5                                     a function in a dimension
    bbob:8:10:from6                                           its instances 6 to 10, not 1 to 5
    mixed:training  conditional:layers  constrained:budget  failing:diverging

A group stands for all of its problems. `named` are those that published figures are about; they
are for comparing, the `others` are for judging, so tune to neither.
"""

import functools

import coco
import tables
from invented import INVENTED

FUNCTIONS = [1, 8, 10, 15, 20, 21]
INSTANCES = 5

GROUPS = {
    "tables": [
        "hpobench:car", "hpobench:credit_g", "hpobench:kc1", "hpolib:naval_propulsion",
        "nas201:cifar10",
    ],
    "bbob5": [f"bbob:{number}:5" for number in FUNCTIONS],
    "bbob10": [f"bbob:{number}:10" for number in FUNCTIONS],
    "mixint5": ["mixint:1:5", "mixint:8:5"],
}
GROUPS["named"] = [name for group in GROUPS.values() for name in group]
GROUPS["other-tables"] = [
    *(f"hpobench:{name}" for name in ["phoneme", "vehicle", "segment", "australian"]),
    *(f"hpolib:{name}" for name in ["parkinsons_telemonitoring", "protein_structure"]),
    "hpolib:slice_localization", "nas201:cifar100", "nas201:imagenet",
]
GROUPS["other-functions"] = [
    *(f"bbob:{number}:5" for number in [3, 6, 13, 17]),
    *(f"bbob:{number}:10" for number in [2, 7, 14, 24]),
    *("bbob:5:3", "bbob:11:3", "bbob:18:3"), *("mixint:3:5", "mixint:15:5"),
]
GROUPS["others"] = GROUPS["other-tables"] + GROUPS["other-functions"]
for kind in ["mixed", "conditional", "constrained", "failing"]:
    GROUPS[kind] = [name for name in INVENTED if name.startswith(f"{kind}:")]
GROUPS["invented"] = list(INVENTED)


def expand(words):
    """The names that some words, each a name or a group's, stand for; each once."""
    names = [name for word in words for name in GROUPS.get(word, [word])]
    return list(dict.fromkeys(names))


@functools.lru_cache(maxsize=256)
def problem(name, seed):
    """The problem that a run with `seed` of `name` is about. Raises ValueError for no name."""
    family, *rest = name.split(":")
    try:
        if family in tables.FAMILIES:
            return tables.table(family, *rest)
        if family in coco.SUITES:
            first = int(rest.pop().removeprefix("from")) if len(rest) == 3 else 1
            number, dimension = map(int, rest)
            return coco.function(family, number, dimension, first + seed % INSTANCES)
        return INVENTED[name](1 + seed % INSTANCES)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        known = ", ".join(GROUPS)
        raise ValueError(
            f"there is no problem \"{name}\" ({error}); the groups are {known}, and "
            "catalogue.py says how problems are written"
        ) from error
