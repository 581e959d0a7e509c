"""What a store holds, as lines of JSON."""

import json
import math

from .model import NO_MARKS


def lines(store):
    """One a study, then one a trial and one a series of it, by number and metric."""
    for id in sorted(store.studies):
        study = store.studies[id]
        if study.is_draft:
            continue
        yield {"kind": "study", "study": study.name, "id": id, "created": study.created,
               "updated": study.updated, "edits": study.edits,
               "stop_requests": study.stop_requests, "attributes": study.attributes,
               "definition": study.definition}
        places = {name: place for place, name in enumerate(study.metrics)}
        order = {name: place for place, name in enumerate(study.parameters)}
        for trial in study.every_trial():
            yield trial_line(study, trial, order)
            for metric in sorted(trial.series, key=places.__getitem__):
                points = sorted(trial.series[metric].items())
                yield {"kind": "series", "study": study.name, "number": trial.number,
                       "metric": metric, "steps": [step for step, _ in points],
                       "values": [value for _, (value, _) in points],
                       "times": [time for _, (_, time) in points]}


def trial_line(study, trial, order):
    parameters, distributions = {}, {}
    for name in sorted(trial.parameters, key=order.__getitem__):
        distribution, kept = trial.parameters[name]
        parameters[name] = value_of(distribution, kept)
        distributions[name] = distribution
    attributes = {scope: {key: trial.attributes[scope][key] for key in keys
                          if key in trial.attributes[scope]}
                  for scope, keys in study.attribute_keys.items()}
    return {"kind": "trial", "study": study.name, "number": trial.number, "id": trial.id,
            "state": trial.state, "values": trial.values, "violations": trial.violations,
            "parameters": parameters, "distributions": distributions,
            "created": trial.created, "started": trial.started, "ended": trial.ended,
            "proposer": trial.proposer, "retry_of": trial.retry_of,
            "marks": study.marks.get(trial.number, NO_MARKS),
            "stop_requested": trial.stop_requested, "attributes": attributes,
            "attempts": trial.attempts}


def value_of(distribution, kept):
    """What a trial was given, of the number that it is kept as."""
    if distribution["kind"] == "integer" and kept.is_integer():
        return int(kept)
    if distribution["kind"] == "choices":
        choices = distribution["choices"]
        if kept.is_integer() and 0 <= kept < len(choices):
            return choices[int(kept)]
    return kept


def text(line):
    """As one line of strict JSON.

    A number that JSON has no word for is a text, "NaN", "Infinity" or "-Infinity"; a list or
    mapping among choices is what it says.
    """
    return json.dumps(_plain(line), ensure_ascii=False, allow_nan=False)


def _plain(value):
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, tuple) and len(value) == 1:
        return _structure(value[0])
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def _structure(text):
    try:
        return _plain(json.loads(text))
    except (ValueError, RecursionError):
        return text
