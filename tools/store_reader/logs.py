"""Logs: their headers, their frames, and where they end."""

import dataclasses
import re
import struct

from .checksums import xxh64
from .fields import Malformed
from .files import CHUNK, Damage, StoreFile
from .lz4_block import decompress

MAGIC = b"cairn log\n\0\0"
BEGINNING = 4224  # of the first frame
HEADER = 28
MOST_BYTES = 1 << 24
SEALED = 1  # the incompatible bit


@dataclasses.dataclass(frozen=True)
class LogHeader:
    number: int
    uuid: bytes
    seed: int
    previous_end: int
    previous_checksum: int
    time_base: int
    incompatible: int
    creator: str

    @staticmethod
    def read(data):
        """What 128 bytes say; nothing when they are no header."""
        if len(data) < 128 or data[:12] != MAGIC:
            return None
        if xxh64(data[:120]) != int.from_bytes(data[120:128], "little"):
            return None
        number, uuid, seed, end, checksum, base, incompatible = struct.unpack_from(
            "<I16sQQQqI", data, 12)
        creator = data[96:112].rstrip(b"\0").decode("utf-8", "replace")
        return LogHeader(number, uuid, seed, end, checksum, base, incompatible, creator)


@dataclasses.dataclass(frozen=True)
class Frame:
    offset: int
    size: int
    checksum: int
    synced: int
    epoch: int
    sequence: int
    kind: int
    codec: int
    raw_bytes: int
    stored: bytes

    def payload(self):
        if self.kind != 1:
            raise Malformed(f"a frame of kind {self.kind}")
        if self.codec == 0:
            return self.stored
        if self.codec != 1:
            raise Malformed(f"a frame of codec {self.codec}")
        if self.raw_bytes > (64 << 10) + 64 * len(self.stored):
            raise Malformed(f"{len(self.stored)} bytes that unpack to {self.raw_bytes}")
        return decompress(self.stored, self.raw_bytes)


class Log:
    """A log that is open. Without a `header`, both copies are lost and nothing can be read."""

    def __init__(self, path, number, uuid, report):
        self.file, self.number, self.report = StoreFile(path), number, report
        copies = [LogHeader.read(self.file.read(place, 128)) for place in (0, BEGINNING - 128)]
        self.header = copies[0] or copies[1]
        if self.header and (self.header.number != number or self.header.uuid != uuid):
            report(path, 0, "its header is that of another log")
            self.header = None
        elif copies[0] != copies[1]:
            report(path, 0 if copies[0] is None else BEGINNING - 128,
                   "this copy of the header is spoiled")
        elif self.header is None:
            report(path, 0, "both copies of the header are spoiled")
        if self.header and self.header.incompatible & ~SEALED:
            raise Damage(path, 64, f"written by {self.header.creator}, with features that this "
                         f"reader does not know: {self.header.incompatible:#x}")

    @property
    def is_sealed(self):
        return self.header is not None and self.header.incompatible & SEALED != 0

    def frame(self, offset, end):
        """The frame that stands at `offset` and ends by `end`; nothing when none does."""
        fields = self._plausible(offset, end)
        if fields is None:
            return None
        checksum, synced, epoch, sequence, kind, stored_bytes, codec, raw_bytes, size = fields
        data = self.file.read(offset, size)
        body, padding = data[8 : HEADER + stored_bytes], data[HEADER + stored_bytes :]
        if (len(data) < size or any(padding)
                or xxh64(body, self.header.seed ^ offset) != checksum):
            return None
        return Frame(offset, size, checksum, synced, epoch, sequence, kind, codec, raw_bytes,
                     body[HEADER - 8 :])

    def _plausible(self, offset, end):
        """What a header at `offset` says; nothing when no frame that ends by `end` has such."""
        head = self.file.read(offset, HEADER)
        if len(head) < HEADER:
            return None
        checksum, synced, epoch, sequence, stored, raw = struct.unpack("<QIIIII", head)
        kind, stored_bytes, codec, raw_bytes = stored & 255, stored >> 8, raw & 255, raw >> 8
        size = (HEADER + stored_bytes + 7) & ~7
        if (not 1 <= kind <= 15 or codec > 15 or stored_bytes == 0 or 8 * synced > offset
                or (stored_bytes != raw_bytes if codec == 0 else stored_bytes >= raw_bytes)
                or offset + size > end):
            return None
        return checksum, 8 * synced, epoch, sequence, kind, stored_bytes, codec, raw_bytes, size

    def frames(self, offset, final_end=None):
        """Every frame from `offset` on. `final_end` is where the next log says that this ends."""
        end = self.file.size if final_end is None else final_end
        readable = min(end, self.file.size)
        while offset < readable:
            frame = self.frame(offset, readable)
            if frame:
                yield frame
                offset += frame.size
                continue
            # It may have been half written when it was read.
            self.file.forget()
            if self.frame(offset, readable):
                continue
            damage_end = self._end_of_damage(offset, readable, final_end)
            if damage_end is None:
                self.report(self.file.path, offset,
                            f"an unfinished tail of {readable - offset} bytes")
                return
            self.report(self.file.path, offset, f"{damage_end - offset} bytes are damaged")
            offset = damage_end
        if offset < end:
            self.report(self.file.path, offset, f"{end - offset} bytes are missing at its end")

    def _end_of_damage(self, gap, end, final_end):
        """Where the damage ends that begins at `gap`; nothing when all behind it is void."""
        first, known = None, 0 if final_end is None else end
        for frame in self._search(gap + 8, end):
            first = frame.offset if first is None else first
            known = max(known, frame.synced)
        if known <= gap:
            return None
        return min(known if first is None else first, known, end)

    def _search(self, place, end):
        """The frames that stand between, in time that grows with the length and no faster."""
        budget = 16 * max(0, end - place) + MOST_BYTES
        while end - place >= HEADER:
            # A frame's kind is its byte 20, and frames stand at multiples of 8.
            kinds = self.file.read(place, min(CHUNK, end - place))[20::8]
            if not kinds:
                return
            following = place + 8 * len(kinds)
            for match in re.finditer(rb"[\x01-\x0f]", kinds):
                offset = place + 8 * match.start()
                fields = self._plausible(offset, end)
                if fields is None or fields[-1] > budget:
                    continue
                budget -= fields[-1]
                if frame := self.frame(offset, end):
                    yield frame
                    following = offset + frame.size
                    break
            place = following
