"""Records: what frames hold, and what checkpoints hold of trials that are not finished.

The table below is that of the document, field by field.
"""

from .fields import Cursor, Malformed

STATES = {1: "complete", 2: "pruned", 3: "failed"}
SCOPES = {0: "user", 1: "system"}
OUTCOMES = {0: "finished", 1: "interrupted", 2: "lost", 3: "failed", 4: "timed out",
            5: "out of memory"}


def group(*fields):
    """Fields that stand one behind the other, by their names."""
    return lambda cursor: {name: read(cursor) for name, read in fields}


def optional(read):
    return lambda cursor: cursor.optional(lambda: read(cursor))


def many(read, least):
    return lambda cursor: cursor.many(lambda: read(cursor), least)


def one_of(names, what):
    def read(cursor):
        value = cursor.byte()
        cursor.demand(value in names, f"there is no {what} {value}")
        return names[value]

    return read


varint, signed, string, blob = Cursor.varint, Cursor.signed, Cursor.string, Cursor.blob
double, time, byte, truth, number = (
    Cursor.double, Cursor.time, Cursor.byte, Cursor.truth, Cursor.number)
scope, outcome = one_of(SCOPES, "scope"), one_of(OUTCOMES, "outcome")
state = one_of(STATES, "state")


def claim(cursor):
    """Epoch and sequence of the frame that made it; nothing where there is none."""
    form = cursor.byte()
    cursor.demand(form <= 2, f"there is no claim {form}")
    if form == 0:
        return None
    return (cursor.epoch if form == 1 else cursor.varint()), cursor.varint()


def lease(cursor):
    form = cursor.byte()
    cursor.demand(form <= 2, f"there is no lease {form}")
    return {"detached": form > 0, "deadline": cursor.varint() if form == 2 else None}


memory = group(("sampler", string), ("bytes", blob))
process = group(("host", string), ("boot", string), ("group", signed), ("start_ticks", varint))
usage = group(("wall_s", double), ("cpu_s", double), ("peak_bytes", signed))
end = group(("outcome", outcome), ("reason", string), ("last_lines", string),
            ("exit_status", optional(signed)), ("usage", optional(usage)))
prior = group(("mean", double), ("deviation", double))


def choice(cursor):
    """A choice as JSON's types have it; a list or mapping is its text, in a tuple of one."""
    tag = cursor.byte()
    cursor.demand(tag <= 6, f"there is no choice {tag}")
    if tag <= 2:
        return [None, False, True][tag]
    return [cursor.signed, cursor.double, cursor.string, lambda: (cursor.string(),)][tag - 3]()


choices = many(choice, 1)
DISTRIBUTIONS = [
    ("float", group(("low", double), ("high", double))),
    ("log float", group(("low", double), ("high", double))),
    ("float", group(("low", double), ("high", double), ("step", double))),
    ("integer", group(("low", signed), ("high", signed), ("step", signed))),
    ("log integer", group(("low", signed), ("high", signed))),
    ("choices", group(("choices", choices))),
    ("float", group(("log", truth), ("low", double), ("high", double),
                    ("step", optional(double)), ("prior", optional(prior)))),
    ("integer", group(("log", truth), ("low", signed), ("high", signed), ("step", signed),
                      ("prior", optional(prior)))),
    ("choices", group(("ordered", truth), ("choices", choices), ("typed", many(string, 1)))),
]


def distribution(cursor):
    tag = cursor.byte()
    cursor.demand(tag < len(DISTRIBUTIONS), f"there is no distribution {tag}")
    kind, read = DISTRIBUTIONS[tag]
    found = read(cursor)
    if kind.startswith("log "):
        found["log"] = True
    if "low" in found:
        cursor.demand(found["low"] <= found["high"], "bounds that are not in order")
    return {"kind": kind.removeprefix("log "), **found}


entry = group(("name", string), ("distribution", distribution), ("value", double))


def trial_claimed(cursor):
    found = group(("trial", trial), ("claim", claim), ("lease", lease), ("host", string),
                  ("worker", string), ("time", time))(cursor)
    if found["lease"]["deadline"] is not None and cursor.left:
        found["lease"] |= {"boot": cursor.string(), "end": cursor.time()}
    found["memory"] = optional(memory)(cursor) if cursor.left else None
    return found


def cells(read, least):
    """Values by place, of some trials of a batch; without places, of all of them."""
    return group(("places", many(varint, 1)), ("values", many(read, least)))


def by_place(found, count, cursor):
    places, values = found["places"], found["values"]
    if not places and values:
        places = range(count)
    cursor.demand(
        len(places) == len(values) and all(place < count for place in places)
        and all(a < b for a, b in zip(places, places[1:])), "cells without a place")
    return dict(zip(places, values))


run = group(("started", time), ("end", end), ("host", string), ("worker", string))


def mark(cursor):
    """One thing that is said of a trial: a key of its marks, and the value; tags come and go."""
    form = cursor.byte()
    cursor.demand(form <= 4, f"there is no mark {form}")
    if form == 0:
        return "note", optional(string)(cursor)
    if form < 3:
        return ("tag", "untag")[form - 1], cursor.string()
    if form == 3:
        state(cursor)
        return "dropped", optional(string)(cursor)
    original = cursor.number()
    optional(state)(cursor)
    return "rerun_of", original


def trials_imported(cursor):
    """Finished trials by columns; cells are read into mappings from places."""
    found = group(
        ("study", varint), ("first", varint), ("numbers", many(number, 1)),
        ("states", many(state, 1)), ("created", many(time, 1)),
        ("ended", many(time, 1)), ("values", many(cells(double, 8), 2)),
        ("violations", many(cells(double, 8), 2)),
        ("parameters", many(group(("name", string), ("distribution", distribution),
                                  ("cells", cells(double, 8))), 4)),
        ("attributes", many(group(("scope", scope), ("key", string),
                                  ("cells", cells(string, 1))), 4)),
        ("proposers", cells(string, 1)), ("retry_of", cells(number, 1)), ("claim", claim),
        ("runs", cells(run, 6)))(cursor)
    count = len(found["numbers"])
    for name in ("states", "created", "ended"):
        cursor.demand(len(found[name]) == count, f"{len(found[name])} {name} of {count} trials")
    for name in ("values", "violations"):
        found[name] = [by_place(each, count, cursor) for each in found[name]]
    for each in found["parameters"] + found["attributes"]:
        each["cells"] = by_place(each["cells"], count, cursor)
    for name in ("proposers", "retry_of", "runs"):
        found[name] = by_place(found[name], count, cursor)
    return found


trial = group(("study", varint), ("number", number))
attribute = (("scope", scope), ("key", string), ("json", optional(string)))
RECORDS = {
    1: ("hello", group(("pid", signed), ("start_ticks", varint), ("host", string),
                       ("boot", string), ("time", time))),
    2: ("close", group()),
    3: ("seal", group()),
    16: ("study created", group(("study", varint), ("name", string), ("time", time),
                                ("definition", blob))),
    17: ("study edited", group(("study", varint), ("time", time), ("definition", blob))),
    18: ("study deleted", group(("study", varint), ("time", time))),
    19: ("study attribute", group(("study", varint), *attribute, ("time", time))),
    20: ("stop requested", group(("study", varint), ("number", optional(number)),
                                 ("time", time))),
    21: ("trial created", group(("trial", trial), ("id", varint), ("time", time),
                                ("entries", many(entry, 10)), ("proposer", string),
                                ("memory", optional(memory)), ("retry_of", optional(number)))),
    22: ("trial claimed", trial_claimed),
    23: ("process started", group(("trial", trial), ("claim", claim), ("process", process))),
    24: ("parameter set", group(("trial", trial), ("entry", entry))),
    25: ("metrics reported", group(("trial", trial), ("claim", claim), ("step", signed),
                                   ("time", time),
                                   ("values", many(group(("metric", string),
                                                         ("value", double)), 9)))),
    26: ("trial attribute", group(("trial", trial), *attribute)),
    27: ("attempt ended", group(("trial", trial), ("claim", claim), ("end", end),
                                ("time", time))),
    28: ("trial finished", group(("trial", trial), ("claim", claim),
                                 ("state", state),
                                 ("values", many(double, 8)), ("violations", many(double, 8)),
                                 ("end", optional(end)), ("time", time))),
    29: ("trials imported", trials_imported),
    30: ("trials marked", group(
        ("study", varint), ("time", time),
        ("marks", many(group(("number", number), ("mark", mark)), 3)),
        ("best", optional(many(group(("number", number), ("values", many(double, 8))), 2))))),
}


def marked_trial(cursor):
    """What is said of a trial, as the state of a checkpoint has it."""
    row = cursor.number()
    return row, {"note": optional(string)(cursor), "tags": many(string, 1)(cursor),
                 "dropped": optional(string)(cursor), "rerun_of": optional(number)(cursor)
                 }, optional(state)(cursor)


def of_payload(payload, time_base, epoch):
    """The records of a frame: pairs of a name and fields."""
    cursor = Cursor(payload)
    while cursor.left:
        tag, body = cursor.varint(), Cursor(cursor.blob(), time_base, epoch)
        if tag >> 1 in RECORDS:
            name, read = RECORDS[tag >> 1]
            yield name, read(body)
        elif tag & 1:
            raise Malformed(f"a critical record of the unknown type {tag >> 1}")


def of_state(cursor):
    """A record as the state of a checkpoint has it: nothing of it is relative to a frame."""
    type, body = cursor.varint(), Cursor(cursor.blob())
    cursor.demand(type in RECORDS, f"a record of the unknown type {type}")
    name, read = RECORDS[type]
    return name, read(body)
