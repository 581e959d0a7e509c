"""What records come to: studies, their trials and curves."""

import json

from .fields import Malformed

LAST_NUMBER = (1 << 31) - 2
DEEPEST = 100  # of JSON


class Trial:
    def __init__(self, number, id, created, proposer, retry_of):
        self.number, self.id, self.created = number, id, created
        self.proposer, self.retry_of = proposer, retry_of
        self.state, self.claim = "waiting", None
        self.started = self.ended = None
        self.stop_requested = False
        self.parameters = {}  # by name: a distribution and the number that is kept
        self.attributes = {"user": {}, "system": {}}  # JSON by key
        self.values, self.violations = [], []
        self.attempts = []
        self.reporting = None  # the attempt that reported last
        self.series = {}  # by metric, then by step: a value and its time

    @property
    def is_finished(self):
        return self.state not in ("waiting", "running")

    def report(self, record):
        if self.attempts and self.reporting != len(self.attempts):
            # A new attempt's first report takes back what earlier ones said of later steps.
            if self.reporting is not None:
                for metric in list(self.series):
                    kept = {step: point for step, point in self.series[metric].items()
                            if step < record["step"]}
                    self.series[metric] = kept
                    if not kept:
                        del self.series[metric]
            self.reporting = len(self.attempts)
        for each in record["values"]:
            points = self.series.setdefault(each["metric"], {})
            points[record["step"]] = (each["value"], record["time"])

    def end_attempt(self, end, time):
        if self.claim is not None:
            self.claim = None
            self.attempts[-1] |= {"end": end, "ended": time}


class Study:
    def __init__(self, id, name, definition, created):
        self.id, self.name, self.created, self.updated = id, name, created, created
        self.attributes = {"user": {}, "system": {}}
        self.edits = self.stop_requests = 0
        self.parameters, self.metrics = {}, {}  # names in order of appearance, as keys
        self.attribute_keys = {"user": {}, "system": {}}
        self.objective_count = self.bound_count = self.next_number = 0
        self.trials = {}  # by number: those of the log, and open ones of a checkpoint
        self.blocks = []  # the finished ones of a checkpoint
        self.adopt(definition)

    def adopt(self, definition):
        self.definition = parsed_definition(definition)
        self.objective_count = max(self.objective_count, len(self.definition["objectives"]))
        self.bound_count = max(self.bound_count, len(self.definition.get("bounds", [])))

    @property
    def directions(self):
        return [objective["direction"] for objective in self.definition["objectives"]]

    def every_trial(self):
        """All trials by number, blocks of a checkpoint read one at a time."""
        pending = sorted(self.trials)
        for block in self.blocks:
            for trial in block.trials():
                while pending and pending[0] < trial.number:
                    yield self.trials[pending.pop(0)]
                yield trial
        for number in pending:
            yield self.trials[number]

    def set_parameter(self, trial, entry):
        self.parameters.setdefault(entry["name"])
        trial.parameters[entry["name"]] = (entry["distribution"], entry["value"])

    def create(self, record):
        trial = Trial(record["trial"]["number"], record["id"], record["time"],
                      record["proposer"], record["retry_of"])
        names = [entry["name"] for entry in record["entries"]]
        if len(set(names)) < len(names):
            raise Malformed("two values of one parameter")
        for entry in record["entries"]:
            self.set_parameter(trial, entry)
        self.trials[trial.number] = trial
        self.next_number = trial.number + 1
        return trial

    def apply(self, name, record):
        """Applies what happened next to a trial that is waiting or running; false: to none."""
        trial = self.trials.get(record["trial"]["number"])
        if trial is None or trial.is_finished:
            return False
        if "claim" in record and name != "trial claimed" and trial.claim != record["claim"]:
            return False
        if name == "trial claimed":
            return self._claim(trial, record)
        if name == "process started":
            trial.attempts[-1]["process"] = record["process"]
            return True
        if name == "parameter set":
            self.set_parameter(trial, record["entry"])
            return False
        if name == "trial attribute":
            key, attributes = record["key"], trial.attributes[record["scope"]]
            self.attribute_keys[record["scope"]].setdefault(key)
            set_attribute(attributes, key, record["json"])
            return False
        self.updated = record["time"]
        if name == "metrics reported":
            for each in record["values"]:
                self.metrics.setdefault(each["metric"])
            trial.report(record)
        elif name == "attempt ended":
            trial.end_attempt(record["end"], record["time"])
            trial.state, trial.stop_requested = "waiting", False
        elif name == "trial finished":
            finished = {"outcome": "finished", "reason": "", "last_lines": "",
                        "exit_status": None, "usage": None}
            trial.end_attempt(record["end"] or finished, record["time"])
            trial.state, trial.ended = record["state"], record["time"]
            trial.values = record["values"][: self.objective_count]
            trial.violations = record["violations"][: self.bound_count]
        return True

    def _claim(self, trial, record):
        if trial.state != "waiting":
            return False
        trial.attempts.append({
            "claim": record["claim"], "lease": record["lease"], "host": record["host"],
            "worker": record["worker"], "started": record["time"], "process": None,
            "ended": None, "end": None})
        if trial.started is None:
            trial.started = record["time"]
        trial.claim, trial.state = record["claim"], "running"
        self.updated = record["time"]
        return True


class Store:
    """Studies by identity."""

    def __init__(self):
        self.studies, self.next_study, self.next_trial = {}, 0, 0
        self._names = {}

    def add(self, study):
        self.studies[study.id] = study
        self._names[study.name] = study.id

    def _delete(self, id):
        if study := self.studies.pop(id, None):
            del self._names[study.name]

    def apply(self, name, record):
        if name in ("hello", "close", "seal"):
            return
        if name == "study created":
            self._create(record)
            return
        id = record["trial"]["study"] if "trial" in record else record["study"]
        study = self.studies.get(id)
        if name == "study deleted":
            self._delete(id)
            return
        # Of a study whose creation was lost: nobody else is given its identity.
        self.next_study = max(self.next_study, min(id + 1, (1 << 64) - 1))
        if study is None:
            return
        if name == "study edited":
            directions = [each["direction"]
                          for each in parsed_definition(record["definition"])["objectives"]]
            if directions == study.directions:
                study.adopt(record["definition"])
                study.edits += 1
                study.updated = record["time"]
        elif name == "study attribute":
            set_attribute(study.attributes[record["scope"]], record["key"], record["json"])
            study.updated = record["time"]
        elif name == "stop requested":
            study.updated = record["time"]
            if record["number"] is None:
                study.stop_requests += 1
            elif trial := study.trials.get(record["number"]):
                trial.stop_requested |= not trial.is_finished
        elif name == "trial created":
            number, new = record["trial"]["number"], record["id"]
            if new >= self.next_trial and study.next_number <= number <= LAST_NUMBER:
                study.create(record)
                study.updated = record["time"]
                self.next_trial = new + 1
        else:
            study.apply(name, record)

    def _create(self, record):
        id, name = record["study"], record["name"]
        if id < self.next_study or name in self._names:
            return
        self.next_study = id + 1
        self.add(Study(id, name, record["definition"], record["time"]))


def set_attribute(attributes, key, text):
    """Nothing takes the attribute away."""
    if text is None:
        attributes.pop(key, None)
    else:
        attributes[key] = text


def parsed_definition(text):
    try:
        definition = json.loads(text)
        if _depth(definition) > DEEPEST:
            raise Malformed(f"a definition that is nested deeper than {DEEPEST}")
        objectives = definition["objectives"]
        if not objectives:
            raise Malformed("a study needs an objective")
        for objective in objectives:
            if objective["direction"] not in ("minimize", "maximize"):
                raise Malformed("an objective without a direction")
        len(definition.get("bounds") or [])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Malformed(f"a definition: {error!r}") from None
    return definition


def _depth(value):
    depth, level = 0, [value]
    while level:
        depth += 1
        level = [each for one in level if isinstance(one, (dict, list))
                 for each in (one.values() if isinstance(one, dict) else one)]
    return depth
