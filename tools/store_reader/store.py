"""A store: which of its files are to be read, in which order, and what they come to."""

import os
import re
import struct

from . import records
from .checkpoints import Checkpoint, positions
from .checksums import xxh64
from .fields import Malformed
from .files import Damage, StoreFile
from .logs import BEGINNING, Log
from .model import Store

PATIENCE = 8


def read_store(directory, report):
    """What a store holds. `report` is told of a file, a byte, and what is wrong there.

    No lock is taken. Where logs come or go meanwhile, the reading begins anew.
    """
    uuid = _format(os.path.join(directory, "FORMAT"))
    for _ in range(PATIENCE):
        before, found = _listing(directory), []
        try:
            store = _read(directory, uuid, before, lambda *what: found.append(what))
        except FileNotFoundError:
            continue
        except Damage:
            if _listing(directory) != before:
                continue
            raise
        if _listing(directory) == before:
            for what in found:
                report(*what)
            return store
    raise Damage(directory, 0, "its logs change faster than they can be read")


def _format(path):
    file = StoreFile(path)
    data = file.read(0, 65)
    file.close()
    if len(data) != 64 or data[:12] != b"cairn store\n":
        raise Damage(path, 0, "this is not a Cairn store")
    if xxh64(data[:56]) != int.from_bytes(data[56:], "little"):
        raise Damage(path, 56, "its 56 bytes fail their checksum")
    version, uuid, _, incompatible = struct.unpack_from("<I16sqI", data, 12)
    if version != 1:
        raise Damage(path, 12, f"format version {version}; this reads version 1")
    if incompatible:
        raise Damage(path, 40, f"features that this reader does not know: {incompatible:#x}")
    return uuid


def _listing(directory):
    """The numbers of the logs, ascending, and the names of checkpoints."""
    numbers = []
    for name in os.listdir(os.path.join(directory, "log")):
        match = re.fullmatch(r"(\d{8,10})\.log", name, re.ASCII)
        if match and name == "%08d.log" % int(match[1]) and 0 < int(match[1]) < 1 << 32:
            numbers.append(int(match[1]))
    try:
        names = os.listdir(os.path.join(directory, "checkpoints"))
    except FileNotFoundError:
        names = []
    return sorted(numbers), positions(names)


def _read(directory, uuid, listing, report):
    numbers, checkpoints = listing
    logs = _Logs(directory, uuid, numbers, report)
    _look_at_lock(directory, numbers, report)
    for _, _, name in checkpoints:
        path = os.path.join(directory, "checkpoints", name)
        try:
            checkpoint = Checkpoint(path, uuid)
            if name != "%08d-%012d.ckp" % (checkpoint.log, checkpoint.offset):
                raise Damage(path, 0, "its name is that of another")
            logs.verify_end_of(checkpoint)
        except Damage as damage:
            report(path, 0, f"passed over: {damage}")
            continue
        logs.replay(checkpoint.store, checkpoint.log, checkpoint.offset)
        return checkpoint.store
    return logs.replay_all(Store())


def _look_at_lock(directory, numbers, report):
    path = os.path.join(directory, "LOCK")
    try:
        file = StoreFile(path)
    except FileNotFoundError:
        return
    word = file.read(0, 8)
    file.close()
    if len(word) < 8 or word == bytes(8):
        return
    number, complement = struct.unpack("<II", word)
    if number ^ complement != 0xFFFFFFFF or numbers and number > numbers[-1] + 1:
        report(path, 0, "its word is damaged")


class _Logs:
    def __init__(self, directory, uuid, numbers, report):
        self.directory, self.uuid, self.numbers, self.report = directory, uuid, numbers, report
        if not numbers:
            raise Damage(os.path.join(directory, "log"), 0, "there is no log")

    def _open(self, number):
        path = os.path.join(self.directory, "log", "%08d.log" % number)
        return Log(path, number, self.uuid, self.report)

    def verify_end_of(self, checkpoint):
        """Sees that the frame stands in its log that a checkpoint names as its last."""
        path = checkpoint.file.path
        if checkpoint.log not in self.numbers:
            raise Damage(path, checkpoint.file.size - 96, "its log is not there")
        log = self._open(checkpoint.log)
        if checkpoint.frame_start == 0:
            stands = (log.header is not None and checkpoint.offset == BEGINNING
                      and checkpoint.frame_checksum == log.header.seed)
        else:
            frame = log.header and checkpoint.frame_start >= BEGINNING and log.frame(
                checkpoint.frame_start, checkpoint.offset)
            stands = (frame and frame.checksum == checkpoint.frame_checksum
                      and frame.offset + frame.size == checkpoint.offset)
        log.file.close()
        if not stands:
            raise Damage(path, checkpoint.file.size - 80, "its last frame is not in the log")

    def replay_all(self, store):
        first = self._open(self.numbers[0])
        if first.number > 1 and first.is_sealed:
            raise Damage(first.file.path, 0, "what came before is in checkpoints, none of which "
                         "can be read")
        if first.number > 1:
            self.report(first.file.path, 0, f"{first.number - 1} logs before it are missing")
        first.file.close()
        self.replay(store, self.numbers[0], BEGINNING)
        return store

    def replay(self, store, number, offset):
        """Applies every frame from a place on."""
        pending = [each for each in self.numbers if each >= number]
        log = self._open(pending.pop(0))
        while log:
            following = self._following(log, pending)
            final_end = None
            if following and following.header and following.number == log.number + 1:
                final_end = max(following.header.previous_end, BEGINNING)
            if log.header:
                self._replay_log(store, log, offset, final_end, following)
            log.file.close()
            log, offset = following, BEGINNING

    def _following(self, log, pending):
        while pending:
            found = self._open(pending.pop(0))
            gap = found.number - log.number - 1
            if gap == 0 or found.header:
                if gap:
                    self.report(found.file.path, 0, f"{gap} logs before it are missing")
                return found
            found.file.close()  # its name is that of a log, and nothing else
        return None

    def _replay_log(self, store, log, offset, final_end, following):
        last = None
        for frame in log.frames(offset, final_end):
            last = frame
            try:
                payload = frame.payload()
                for name, record in records.of_payload(payload, log.header.time_base,
                                                       frame.epoch):
                    store.apply(name, record)
            except Malformed as error:
                raise Damage(log.file.path, frame.offset, str(error)) from None
        if (last and final_end is not None and following.header.previous_checksum
                and (last.offset + last.size, last.checksum)
                != (final_end, following.header.previous_checksum)):
            self.report(following.file.path, 48, "the log before it does not end as this says")
