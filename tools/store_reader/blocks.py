"""Blocks of trials in checkpoints: their columns, and what trials they are."""

from . import columns, records
from .fields import Cursor, Malformed, wrap
from .files import Damage
from .model import Trial

BLOCK_ROWS = 4096
PLACES = -1  # the chunk that says which places a column has

(IN_BLOCK, IDS, NUMBERS, STATES, CREATED, STARTED, ENDED, PROPOSERS, RETRY_OF, VALUES, VIOLATIONS,
 PARAMETERS, DISTRIBUTIONS, USER_ATTRIBUTES, SYSTEM_ATTRIBUTES, ATTEMPTS, SERIES, POINT_VALUES,
 POINT_TIMES, POINT_STEPS) = range(1, 21)

# The fields of attempts from 1 on, and how each is kept; 0 is how many a place has.
ATTEMPT_FIELDS = [
    *((name, columns.integers) for name in (
        "epoch", "sequence", "flags", "started", "ended", "deadline", "wall", "group",
        "start_ticks", "outcome", "exit_status", "peak_bytes")),
    *((name, columns.floats) for name in ("wall_s", "cpu_s")),
    *((name, columns.texts) for name in (
        "host", "worker", "lease_boot", "process_host", "process_boot", "reason",
        "last_lines")),
]
DETACHED, LAPSES, HAS_PROCESS, HAS_ENDED, HAS_END, HAS_STATUS, HAS_USAGE = (
    1 << bit for bit in range(7))
# Fields of series.
PLACE, COUNT, NANS, STRIDE, FIRST_STEP = range(5)


class Block:
    """The finished ones of up to 4,096 consecutive trials of a study."""

    def __init__(self, checkpoint, study, distributions, count, missing, directory):
        self.checkpoint, self.study, self.count, self.missing = checkpoint, study, count, missing
        self.distributions, self.directory = distributions, directory

    @property
    def finished(self):
        return self.count - len(self.missing)

    def open(self):
        """Reads the directory, and verifies every part."""
        offset, length, checksum = self.directory
        end = self.checkpoint.state_offset
        data = self.checkpoint.verified(offset, length, checksum, end)
        self.parts = self.checkpoint.at(offset, lambda: self._directory(data))
        for offset, length, checksum in self.parts.values():
            self.checkpoint.verified(offset, length, checksum, end)

    def _directory(self, data):
        cursor = Cursor(data)
        parts = dict(cursor.many(lambda: (
            (cursor.byte(), cursor.varint(), cursor.signed()),
            (cursor.varint(), cursor.number(), cursor.u64())), 13))
        cursor.end()
        return parts

    # Columns

    def _damaged(self, key, reason):
        offset = self.parts.get(key, self.directory)[0]
        return Damage(self.checkpoint.file.path, offset, f"column {key}: {reason}")

    def _part(self, read, key, count=None):
        """The values of a part, `count` of them where that is known."""
        if key not in self.parts:
            raise self._damaged(key, "it is not there")
        offset, length, _ = self.parts[key]
        try:
            values = read(self.checkpoint.file.read(offset, length))
        except Malformed as error:
            raise self._damaged(key, error) from None
        if count is not None and len(values) != count:
            raise self._damaged(key, f"{len(values)} values, not {count}")
        return values

    def _chunks(self, read, kind, number, count):
        """`count` values of a long column."""
        values = []
        while len(values) < count:
            chunk = len(values) // columns.CAPACITY
            left = min(columns.CAPACITY, count - len(values))
            values += self._part(read, (kind, number, chunk), left)
        return values

    def _cells(self, read, kind, number=0):
        """Pairs of a place and its value, of a column that not every place need have."""
        key, places = (kind, number, 0), (kind, number, PLACES)
        if places in self.parts:
            at = self._part(columns.integers, places)
            if at != sorted(set(at)) or at and not 0 <= at[0] <= at[-1] < self.count:
                raise self._damaged(places, "places out of order")
        elif key in self.parts:
            at = range(self.count)
        else:
            return []
        return zip(at, self._part(read, key, len(at)))

    def _numbers(self, kind):
        return [number for of, number, chunk in sorted(self.parts) if of == kind and chunk == 0]

    # Trials

    def trials(self):
        whole = {kind: self._part(read, (kind, 0, 0), self.count) for kind, read in (
            (IN_BLOCK, columns.flags), (IDS, columns.integers), (NUMBERS, columns.integers),
            (STATES, columns.integers), (CREATED, columns.integers), (PROPOSERS, columns.texts))}
        trials = {}
        for place in range(self.count):
            if not whole[IN_BLOCK][place]:
                continue
            trial = Trial(*(whole[kind][place] for kind in (NUMBERS, IDS, CREATED, PROPOSERS)),
                          None)
            state = whole[STATES][place]
            if state not in records.STATES:
                raise self._damaged((STATES, 0, 0), f"there is no state {state}")
            trial.state = records.STATES[state]
            trials[place] = trial
        if set(range(self.count)) - set(trials) != self.missing:
            raise self._damaged((IN_BLOCK, 0, 0), "other trials are in it than should be")
        self._read_cells(trials)
        self._read_attempts(trials)
        for number, metric in self._named(SERIES, list(self.study.metrics)):
            self._read_series(trials, number, metric)
        return list(trials.values())

    def _named(self, kind, names):
        """The columns of a kind, each with what it is called."""
        for number in self._numbers(kind):
            if kind == SERIES and number >> 32 != PLACE:
                continue
            if number >= len(names):
                raise self._damaged((kind, number, 0), "the study has no such column")
            yield number, names[number]

    def _filled(self, trials, read, kind, number=0):
        """The trials that a column has, each with its value."""
        for place, value in self._cells(read, kind, number):
            if place not in trials:
                raise self._damaged((kind, number, 0), f"there is no trial at place {place}")
            yield trials[place], value

    def _read_cells(self, trials):
        for kind, name in ((STARTED, "started"), (ENDED, "ended"), (RETRY_OF, "retry_of")):
            for trial, value in self._filled(trials, columns.integers, kind):
                setattr(trial, name, value)
        for kind, name in ((VALUES, "values"), (VIOLATIONS, "violations")):
            for number in self._numbers(kind):
                for trial, value in self._filled(trials, columns.floats, kind, number):
                    getattr(trial, name).append(value)
        for number, name in self._named(PARAMETERS, list(self.distributions)):
            known = self.distributions[name]
            which = dict(self._cells(columns.integers, DISTRIBUTIONS, number))
            for place, value in self._cells(columns.floats, PARAMETERS, number):
                index = which.get(place, 0)
                if place not in trials or not 0 <= index < len(known):
                    raise self._damaged((PARAMETERS, number, 0), "a value of no distribution")
                trials[place].parameters[name] = (known[index], value)
        for kind, scope in ((USER_ATTRIBUTES, "user"), (SYSTEM_ATTRIBUTES, "system")):
            for number, key in self._named(kind, list(self.study.attribute_keys[scope])):
                for trial, value in self._filled(trials, columns.texts, kind, number):
                    trial.attributes[scope][key] = value

    def _read_attempts(self, trials):
        if (ATTEMPTS, 0, 0) not in self.parts:
            return
        counts = self._part(columns.integers, (ATTEMPTS, 0, 0), self.count)
        if any(count < 0 or count and place not in trials for place, count in enumerate(counts)):
            raise self._damaged((ATTEMPTS, 0, 0), "attempts of no trial")
        fields = {name: self._chunks(read, ATTEMPTS, number, sum(counts))
                  for number, (name, read) in enumerate(ATTEMPT_FIELDS, 1)}
        row = 0
        for place, count in enumerate(counts):
            for _ in range(count):
                trials[place].attempts.append(self._attempt(
                    {name: values[row] for name, values in fields.items()}))
                row += 1

    def _attempt(self, of):
        flags = of["flags"]
        lease = {"detached": flags & DETACHED != 0, "deadline": None}
        if flags & LAPSES:
            lease |= {"deadline": of["deadline"], "boot": of["lease_boot"], "end": of["wall"]}
        process = {"host": of["process_host"], "boot": of["process_boot"], "group": of["group"],
                   "start_ticks": of["start_ticks"] & (1 << 64) - 1}
        if of["outcome"] not in records.OUTCOMES:
            raise self._damaged((ATTEMPTS, 10, 0), f"there is no outcome {of['outcome']}")
        usage = {name: of[name] for name in ("wall_s", "cpu_s", "peak_bytes")}
        end = {"outcome": records.OUTCOMES[of["outcome"]], "reason": of["reason"],
               "last_lines": of["last_lines"],
               "exit_status": of["exit_status"] if flags & HAS_STATUS else None,
               "usage": usage if flags & HAS_USAGE else None}
        return {"claim": (of["epoch"], of["sequence"]), "lease": lease, "host": of["host"],
                "worker": of["worker"], "started": of["started"],
                "process": process if flags & HAS_PROCESS else None,
                "ended": of["ended"] if flags & HAS_ENDED else None,
                "end": end if flags & HAS_END else None}

    def _read_series(self, trials, metric, name):
        def field(number):
            return self._part(columns.integers, (SERIES, number << 32 | metric, 0))

        places, counts, strides, first_steps = map(field, (PLACE, COUNT, STRIDE, FIRST_STEP))
        key = (SERIES, metric, 0)
        if (not len(places) == len(counts) == len(strides) == len(first_steps)
                or any(place not in trials for place in places)
                or any(not 0 < count < 1 << 31 for count in counts)):
            raise self._damaged(key, "series that cannot be")
        total = sum(counts)
        values = self._chunks(columns.floats, POINT_VALUES, metric, total)
        times = self._chunks(columns.integers, POINT_TIMES, metric, total)
        has_steps = (POINT_STEPS, metric, 0) in self.parts
        if not has_steps and any(stride <= 0 for stride in strides):
            raise self._damaged(key, "steps that stand nowhere")
        steps = self._chunks(columns.integers, POINT_STEPS, metric, total) if has_steps else None
        row = 0
        for place, count, stride, first in zip(places, counts, strides, first_steps):
            points = range(row, row + count)
            trials[place].series[name] = {
                steps[i] if stride == 0 else wrap(first + (i - row) * stride):
                    (values[i], times[i]) for i in points}
            row += count
