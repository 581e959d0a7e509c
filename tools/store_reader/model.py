"""What records come to: studies, their trials and curves."""

import json

from .fields import Malformed

LAST_NUMBER = (1 << 31) - 2
DRAFT = "cairn:draft"
DEEPEST = 100  # of JSON
NO_MARKS = {"note": None, "tags": [], "dropped": None, "rerun_of": None}


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
        self.accomplished = 0  # trials that are complete or pruned
        self.runs = []  # ranges of the numbers of a checkpoint's trials
        self.marks = {}  # by number: what is said of trials
        self.trials = {}  # by number: those of the log, and open ones of a checkpoint
        self.blocks = []  # the finished ones of a checkpoint
        self.adopt(definition)

    def adopt(self, definition):
        self.definition = parsed_definition(definition)
        self.objective_count = max(self.objective_count, len(self.definition["objectives"]))
        self.bound_count = max(self.bound_count, len(self.definition.get("bounds", [])))

    @property
    def is_draft(self):
        return DRAFT in self.attributes["system"]

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
            self.accomplished += trial.state != "failed"
            trial.values = record["values"][: self.objective_count]
            trial.violations = record["violations"][: self.bound_count]
        return True

    def take(self, batch):
        """Finished trials that come together; false: their numbers are in use."""
        numbers = batch["numbers"]
        if not numbers or numbers[0] < self.next_number or any(
                a >= b for a, b in zip(numbers, numbers[1:])):
            return False
        for each in batch["attributes"]:
            self.attribute_keys[each["scope"]].setdefault(each["key"])
        for each in batch["parameters"]:
            self.parameters.setdefault(each["name"])
        for place, number in enumerate(numbers):
            trial = Trial(number, batch["first"] + place, batch["created"][place],
                          batch["proposers"].get(place, ""), batch["retry_of"].get(place))
            trial.state, trial.ended = batch["states"][place], batch["ended"][place]
            self.accomplished += trial.state != "failed"
            for name, limit in (("values", self.objective_count),
                                ("violations", self.bound_count)):
                columns = batch[name][:limit]
                setattr(trial, name, [column[place] for column in columns if place in column])
            for each in batch["parameters"]:
                if place in each["cells"]:
                    trial.parameters[each["name"]] = (each["distribution"], each["cells"][place])
            for each in batch["attributes"]:
                if place in each["cells"]:
                    trial.attributes[each["scope"]][each["key"]] = each["cells"][place]
            if run := batch["runs"].get(place):
                trial.started = run["started"]
                trial.attempts.append({
                    "claim": batch["claim"], "lease": {"detached": True, "deadline": None},
                    "host": run["host"], "worker": run["worker"], "started": run["started"],
                    "process": None, "ended": trial.ended, "end": run["end"]})
            self.trials[number] = trial
        self.next_number = numbers[-1] + 1
        self.updated = batch["ended"][-1]
        return True

    def mark(self, record):
        has_changed = record["best"] is not None
        for each in record["marks"]:
            number, (kind, value) = each["number"], each["mark"]
            if not self.has_trial(number) or kind == "dropped" and self.is_open(number):
                continue
            marks = self.marks.get(number, NO_MARKS)
            now = dict(marks)
            if kind == "tag":
                now["tags"] = marks["tags"] + [value] * (value not in marks["tags"])
            elif kind == "untag":
                now["tags"] = [tag for tag in marks["tags"] if tag != value]
            else:
                now[kind] = value
            has_changed |= now != marks
            self.marks[number] = now
        if has_changed:
            self.updated = record["time"]

    def has_trial(self, number):
        return number in self.trials or any(number in numbers for numbers in self.runs)

    def is_open(self, number):
        return number in self.trials and not self.trials[number].is_finished

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
        if not study.is_draft:
            self._names[study.name] = study.id

    def _delete(self, id):
        study = self.studies.pop(id, None)
        if study and not study.is_draft:
            del self._names[study.name]

    def _set_draft(self, study, owner):
        """A study becomes a draft, or a draft a study; false: its name is another's by now."""
        if study.is_draft == (owner is not None):
            return False
        if owner is not None:
            del self._names[study.name]
        elif study.name in self._names:
            return False
        else:
            self._names[study.name] = study.id
        return True

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
            if directions == study.directions or not study.accomplished:
                study.adopt(record["definition"])
                study.edits += 1
                study.updated = record["time"]
        elif name == "study attribute":
            if (record["scope"], record["key"]) == ("system", DRAFT):
                if not self._set_draft(study, record["json"]):
                    return
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
        elif name == "trials marked":
            study.mark(record)
        elif name == "trials imported":
            if record["first"] >= self.next_trial and study.take(record):
                self.next_trial = record["first"] + len(record["numbers"])
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
