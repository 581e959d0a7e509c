"""Holds what was read of a store against what `cairn` says of it."""

import datetime
import json
import math
import subprocess

from .model import NO_MARKS
from .output import value_of

EPOCH = datetime.datetime(1970, 1, 1)


def differences(store, directory, cairn):
    """A text for every row that is not the same, and how many were compared, in the end."""
    count = 0
    for query, rows, alive in _tables(store):
        said = _ask(cairn, ["query", query], directory)
        for place, row in enumerate(rows(store)):
            count += 1
            other = next(said, None)
            if other is None or list(other.values()) != alive(row, list(other.values())):
                yield f"{query}\n  row {place} read: {row}\n  row {place} said: {other}"
        for other in said:
            yield f"{query}\n  not read: {other}"
    for study in _studies(store):
        # Here a NaN is no NULL.
        said = _ask(cairn, ["metrics", study.name], directory)
        for row in _points(study):
            count += 1
            other = next(said, None)
            if other is None or list(other.values()) != row:
                yield f"metrics of {study.name!r}\n  read: {row}\n  said: {other}"
        for other in said:
            yield f"metrics of {study.name!r}\n  not read: {other}"
    yield count


def _ask(cairn, arguments, directory):
    process = subprocess.run(
        [cairn, arguments[0], "--store", directory, "--format", "jsonl", "--", *arguments[1:]],
        capture_output=True)
    if process.returncode != 0:
        raise SystemExit(f"error: {arguments}: {process.stderr.decode()}")
    return (json.loads(line) for line in process.stdout.decode().split("\n") if line)


def _tables(store):
    return [
        ("SELECT name, directions, objectives, sampler, pruner, trials, complete, pruned, "
         "failed, running, waiting, target, created, updated, CAST(seed AS TEXT), edits "
         "FROM studies", _study_rows, _living_study),
        ("SELECT study, number, state, objectives, created, started, ended, sampler, retry_of, "
         "violation, attempts, attempt_outcome, attempt_reason, exit_status, host, worker, "
         "wall_s, cpu_s, note, tags, dropped, rerun_of FROM trials", _trial_rows, _living_trial),
        ("SELECT study, number, name, value, distribution FROM params", _parameter_rows, _same),
        ("SELECT study, number, scope, key, json FROM attrs", _attribute_rows, _same),
        ("SELECT study, number, metric, steps, nans, first, last FROM series", _series_rows, _same),
    ]


def _studies(store):
    return [store.studies[id] for id in sorted(store.studies)]


def _same(row, said):
    return row


# A trial that runs by the record has lost its worker where that is gone, which only `cairn` sees.

def _living_study(row, said):
    if said[9] < row[9] and said[9] + said[10] == row[9] + row[10]:
        row[9:11] = said[9:11]
    return row


def _living_trial(row, said):
    if row[2] == "running" and said[2] == "waiting":
        row[2], row[11:13] = "waiting", ["lost", "its worker died"]
    return row


def _study_rows(store):
    for study in _studies(store):
        states = [trial.state for trial in study.every_trial()]
        objectives = study.definition["objectives"]
        yield [study.name, ",".join(study.directions),
               ",".join(objective["name"] for objective in objectives),
               study.definition["sampler"]["name"], study.definition["pruner"]["name"],
               len(states), *(states.count(state) for state in (
                   "complete", "pruned", "failed", "running", "waiting")),
               study.definition.get("targetTrials"), _clock(study.created),
               _clock(study.updated), str(study.definition["seed"]), study.edits]


def _trial_rows(store):
    for study in _studies(store):
        names = [objective["name"] for objective in study.definition["objectives"]]
        for trial in study.every_trial():
            last = trial.attempts[-1] if trial.attempts else None
            end = last and last["end"]
            usages = [each["end"]["usage"] for each in trial.attempts
                      if each["end"] and each["end"]["usage"]]
            marks = study.marks.get(trial.number, NO_MARKS)
            values = trial.values + [None] * (len(names) - len(trial.values))
            yield [study.name, trial.number, trial.state,
                   _text(dict(zip(names, values))) if trial.values else None,
                   *map(_clock, (trial.created, trial.started, trial.ended)),
                   trial.proposer or None, trial.retry_of, _shown(_violation(study, trial)),
                   len(trial.attempts), end and end["outcome"], end and end["reason"] or None,
                   end and end["exit_status"], last and last["host"], last and last["worker"],
                   *(_shown(sum(usage[part] for usage in usages)) if usages else None
                     for part in ("wall_s", "cpu_s")),
                   marks["note"], ",".join(marks["tags"]) or None, marks["dropped"],
                   marks["rerun_of"]]


def _violation(study, trial):
    known = [math.inf if math.isnan(each) else each for each in trial.violations]
    if known and max(known) > 0:
        return max(known)
    return max(known) if known and len(known) == study.bound_count else None


def _parameter_rows(store):
    for study in _studies(store):
        order = list(study.parameters)
        for trial in study.every_trial():
            for name in sorted(trial.parameters, key=order.index):
                distribution, kept = trial.parameters[name]
                value = value_of(distribution, kept)
                yield [study.name, trial.number, name,
                       value[0] if isinstance(value, tuple) else _shown(value),
                       _Optuna(distribution)]


class _Optuna:
    """Equal to the JSON that Optuna writes of a distribution."""

    def __init__(self, distribution):
        self.kind, self.has = distribution["kind"], distribution

    def __repr__(self):
        return repr(self.has)

    def __eq__(self, text):
        said = json.loads(text)
        has = said["attributes"]
        if self.kind == "choices":
            return said["name"] == "CategoricalDistribution" and (
                [_strict(choice) for choice in self.has["choices"]] == has["choices"])
        name = "FloatDistribution" if self.kind == "float" else "IntDistribution"
        return said["name"] == name and all(
            self.has.get(key, default) == has[key] for key, default in (
                ("low", None), ("high", None), ("log", False),
                ("step", None if self.kind == "float" else 1)))


def _strict(choice):
    if isinstance(choice, tuple):
        return json.loads(choice[0])
    return None if isinstance(choice, float) and math.isnan(choice) else choice


def _attribute_rows(store):
    for study in _studies(store):
        yield from _attributes(study, None, study.attributes, {})
    for study in _studies(store):
        for trial in study.every_trial():
            yield from _attributes(study, trial.number, trial.attributes, study.attribute_keys)


def _attributes(study, number, attributes, order):
    for scope in ("user", "system"):
        keys = list(order.get(scope, sorted(attributes[scope])))
        for key in sorted(attributes[scope], key=keys.index):
            yield [study.name, number, scope, key, _JSON(attributes[scope][key])]


class _JSON:
    """Equal to JSON that says the same; what is no JSON is said to be a text."""

    def __init__(self, text):
        self.text = text

    def __repr__(self):
        return repr(self.text)

    def __eq__(self, other):
        return self.text == other or json.loads(other) == _loads(self.text)


def _loads(text):
    try:
        return json.loads(text, parse_constant=lambda word: None if word == "NaN" else
                          math.inf if word == "Infinity" else -math.inf)
    except ValueError:
        return text


def _text(value):
    return _JSON(json.dumps(value))


def _series_rows(store):
    for study in _studies(store):
        for trial in study.every_trial():
            for metric in _metrics(study, trial):
                values = [value for _, (value, _) in sorted(trial.series[metric].items())]
                yield [study.name, trial.number, metric, len(values),
                       sum(map(math.isnan, values)), _shown(values[0]), _shown(values[-1])]


def _points(study):
    for trial in study.every_trial():
        for metric in _metrics(study, trial):
            for step, (value, time) in sorted(trial.series[metric].items()):
                yield [trial.number, metric, step, "NaN" if math.isnan(value) else _shown(value),
                       _clock(time)]


def _metrics(study, trial):
    return sorted(trial.series, key=list(study.metrics).index)


def _shown(value):
    """As a column of a query has it."""
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def _clock(microseconds):
    if microseconds is None:
        return None
    moment = EPOCH + datetime.timedelta(microseconds=microseconds)
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")
