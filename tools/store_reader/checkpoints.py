"""Checkpoints: what a store held up to a position of its log, as columns."""

import re
import struct

from . import columns, records
from .blocks import BLOCK_ROWS, Block
from .checksums import xxh64
from .fields import Cursor, Malformed
from .files import Damage, StoreFile
from .lz4_block import decompress
from .model import Store, Study

MAGIC = b"cairn ckp\n\0\0"
HEADER, TRAILER = 64, 128


def positions(names):
    """Where checkpoints end, of the names of files: the newest first."""
    found = []
    for name in names:
        match = re.fullmatch(r"(\d{8,10})-(\d{12,20})\.ckp", name, re.ASCII)
        if match and name == "%08d-%012d.ckp" % (int(match[1]), int(match[2])):
            found.append((int(match[1]), int(match[2]), name))
    return sorted(found, reverse=True)


class Checkpoint:
    """A checkpoint of the store `uuid`, every checksum of which is right."""

    def __init__(self, path, uuid):
        self.file = StoreFile(path)
        end = self.file.size - TRAILER
        self._demand(end >= HEADER, 0, "it is too short")
        self._demand(self.file.read(0, HEADER) == MAGIC + bytes(HEADER - len(MAGIC)), 0,
                     "its header is spoiled")
        trailer = self.file.read(end, TRAILER)
        self._demand(trailer[:12] == MAGIC
                     and xxh64(trailer[:120]) == int.from_bytes(trailer[120:], "little"),
                     end, "it does not end as checkpoints do")
        (version, store, self.log, self.offset, self.frame_start, self.frame_checksum, offset,
         length, checksum, raw) = struct.unpack_from("<I16sI4xQQQQQQQ", trailer, 12)
        self._demand(version in (2, 3), end, f"it has version {version}")
        self._demand(store == uuid, end, "it is of another store")
        self._demand(raw <= 255 * length, end, "its state is impossibly large")
        self.state_offset = offset
        self.hashed = 0
        packed = self.verified(offset, length, checksum, end)
        self.store = self.at(offset, lambda: self._state(
            packed if raw == length else decompress(packed, raw), version == 3))
        for study in self.store.studies.values():
            for block in study.blocks:
                block.open()

    def _demand(self, holds, offset, reason):
        if not holds:
            raise Damage(self.file.path, offset, reason)

    def at(self, offset, body):
        """What `body` makes of the bytes at `offset`; where it cannot, they are damaged."""
        try:
            return body()
        except Malformed as error:
            raise Damage(self.file.path, offset, str(error)) from None

    def verified(self, offset, length, checksum, end):
        """Bytes that are what was written. No byte is in two parts."""
        self.hashed += length
        self._demand(offset + length <= end and self.hashed <= self.file.size, offset,
                     f"{length} bytes go beyond their end")
        data = self.file.read(offset, length)
        self._demand(xxh64(data, offset) == checksum, offset,
                     f"{length} bytes fail their checksum")
        return data

    # The state

    def _state(self, raw, has_marks):
        cursor, store = Cursor(raw), Store()
        store.next_study, store.next_trial = cursor.varint(), cursor.varint()
        cursor.varint()  # the highest epoch
        cursor.many(lambda: (cursor.varint(), cursor.varint(), records.of_state(cursor)), 7)
        studies = cursor.many(lambda: self._study(cursor), 20)
        for study in studies:
            store.add(study)
        if has_marks:
            marked = cursor.many(
                lambda: cursor.many(lambda: records.marked_trial(cursor), 6), 1)
            cursor.demand(len(marked) == len(studies), "marks of other studies")
            for study, trials in zip(studies, marked):
                numbers = [number for run in study.runs for number in run]
                for row, marks, _ in trials:
                    cursor.demand(row < len(numbers), "marks of a trial that is not there")
                    study.marks[numbers[row]] = marks
        cursor.end()
        return store

    def _study(self, cursor):
        id, name, definition, created = (
            cursor.varint(), cursor.string(), cursor.blob(), cursor.time())
        study = Study(id, name, definition, created)
        updated = cursor.time()
        for scope in ("user", "system"):
            study.attributes[scope] = dict(
                cursor.many(lambda: (cursor.string(), cursor.string()), 2))
        edits, stop_requests = cursor.number(), cursor.number()
        cursor.optional(lambda: records.memory(cursor))
        distributions = {}
        for name, known in cursor.many(lambda: (cursor.string(), cursor.many(
                lambda: records.entry(cursor)["distribution"], 1)), 2):
            distributions[name] = known
        metrics, *keys = (cursor.many(cursor.string, 1) for _ in range(3))
        study.objective_count, study.bound_count = cursor.number(), cursor.number()
        trial_count = cursor.number()
        runs = cursor.many(lambda: (cursor.number(), cursor.number()), 2)  # rows and numbers
        ends = [row for row, _ in runs[1:]] + [trial_count]
        study.runs = [range(number, number + end - row)
                      for (row, number), end in zip(runs, ends)]
        next_number = cursor.number()
        complete, pruned, _ = (cursor.number() for _ in range(3))
        cursor.many(lambda: (cursor.number(), cursor.number(),
                             cursor.many(cursor.double, 8)), 3)  # the best
        self._rows(cursor)  # in the order of finishing
        for _ in range(4):
            cursor.varint()  # reports, parameters, attributes, series
        study.parameters = dict.fromkeys(distributions)
        study.metrics = dict.fromkeys(metrics)
        study.attribute_keys = {
            scope: dict.fromkeys(names) for scope, names in zip(("user", "system"), keys)}
        study.blocks = cursor.many(lambda: self._block(cursor, study, distributions), 13)
        self._open_trials(cursor, study)
        held = len(study.trials) + sum(block.finished for block in study.blocks)
        cursor.demand(held == trial_count, f"{held} trials, not {trial_count}")
        # What the records of open trials counted is in these already.
        study.updated, study.edits, study.stop_requests = updated, edits, stop_requests
        study.next_number = next_number
        study.accomplished = complete + pruned
        return study

    def _rows(self, cursor):
        return [row for chunk in cursor.many(cursor.blob, 8) for row in columns.integers(chunk)]

    def _block(self, cursor, study, distributions):
        cursor.number()  # the first row, divided by 4,096
        count, missing = cursor.number(), self._rows(cursor)
        cursor.demand(count <= BLOCK_ROWS, f"a block of {count} trials")
        cursor.demand(all(0 <= place < count for place in missing), "places beyond a block")
        directory = cursor.varint(), cursor.number(), cursor.varint()
        return Block(self, study, distributions, count, set(missing), directory)

    def _open_trials(self, cursor, study):
        def read():
            cursor.number()  # the row
            trial = None
            for name, record in cursor.many(lambda: records.of_state(cursor), 2):
                if trial is None:
                    cursor.demand(name == "trial created", "a trial that nobody created")
                    trial = study.create(record)
                elif name == "stop requested":
                    trial.stop_requested = True
                else:
                    study.apply(name, record)

        cursor.many(read, 2)
