"""Numbers and texts out of bytes that anyone may have written.

Nothing is allocated by a length that was not held against what is there.
"""

import struct


class Malformed(Exception):
    """Bytes that are not as the format has them."""


class Cursor:
    """Reads fields from `data`, front to back.

    `time_base` is what times are counted from, `epoch` the writer whose claims are short.
    """

    def __init__(self, data, time_base=0, epoch=0):
        self.data, self.position = data, 0
        self.time_base, self.epoch = time_base, epoch

    @property
    def left(self):
        return len(self.data) - self.position

    def demand(self, holds, what):
        if not holds:
            raise Malformed(what)

    def take(self, count):
        if count > self.left:
            raise Malformed("a field goes beyond its end")
        self.position += count
        return self.data[self.position - count : self.position]

    def byte(self):
        return self.take(1)[0]

    def truth(self):
        value = self.byte()
        self.demand(value < 2, f"{value} is neither 0 nor 1")
        return value == 1

    def varint(self):
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 127) << shift
            shift += 7
            if value >> 64 or shift > 70:
                raise Malformed("a number has more than 64 bits")
            if byte < 128:
                return value

    def signed(self):
        return unzigzag(self.varint())

    def number(self):
        """A whole number of 31 bits: of a trial, a row, a column."""
        value = self.varint()
        self.demand(value < 1 << 31, f"the number {value} is too large")
        return value

    def u64(self):
        return int.from_bytes(self.take(8), "little")

    def double(self):
        return struct.unpack("<d", self.take(8))[0]

    def blob(self):
        return self.take(self.varint())

    def string(self):
        try:
            return self.blob().decode("utf-8")
        except UnicodeDecodeError:
            raise Malformed("a text is no UTF-8") from None

    def time(self):
        """Microseconds since 1970."""
        return wrap(self.time_base + self.signed())

    def optional(self, read):
        return read() if self.truth() else None

    def many(self, read, least):
        """A count, and so many, each of at least `least` bytes."""
        count = self.varint()
        self.demand(count * least <= self.left, f"{count} fields in {self.left} bytes")
        return [read() for _ in range(count)]

    def end(self):
        self.demand(self.left == 0, f"{self.left} bytes too many")


def unzigzag(u):
    return (u >> 1) ^ -(u & 1)


def wrap(value):
    """An integer of 64 bits, as overflowing ones wrap around."""
    value &= (1 << 64) - 1
    return value - (1 << 64) if value >> 63 else value
