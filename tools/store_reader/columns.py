"""Columns as schema/column-codecs.md has them: numbers, texts and flags out of blocks."""

import struct

from .fields import Cursor, Malformed
from .integers import Bits, choose, integer_stream
from .lz4_block import decompress

MASK = (1 << 64) - 1
CAPACITY = 16384
FLOATS, INTEGERS, TEXTS, FLAGS = 1, 2, 3, 4


def floats(data):
    """The values of one block of Float64."""
    bits = _block(data, FLOATS)
    return list(struct.unpack(f"<{len(bits)}d", struct.pack(f"<{len(bits)}Q", *bits)))


def integers(data):
    """The values of one block of Int64."""
    return _block(data, INTEGERS)


def texts(data):
    """The values of one block of texts."""
    try:
        return [value.decode("utf-8") for value in _block(data, TEXTS)]
    except UnicodeDecodeError:
        raise Malformed("a text is no UTF-8") from None


def flags(data):
    """The values of one block of flags, as truths."""
    return _block(data, FLAGS)


def bits_of_blocks(data):
    """The bits of all numbers of the blocks that lie one behind the other in `data`."""
    cursor, found = Cursor(data), []
    while cursor.left:
        found += [value & MASK for value in read_block(cursor)[1]]
    return found


def _block(data, wanted):
    cursor = Cursor(data)
    kind, values = read_block(cursor)
    cursor.end()
    if kind != wanted:
        raise Malformed(f"a block of kind {kind}, not {wanted}")
    return values


def read_block(cursor):
    """The kind of the block at `cursor`, and its values: of floats the bits, of texts bytes."""
    kind, encoding, count, length = struct.unpack("<BBHI", cursor.take(8))
    if count > CAPACITY:
        raise Malformed(f"a block of {count} values")
    inner = Cursor(cursor.take(length))
    readers = {FLOATS: _floats, INTEGERS: _integers, TEXTS: _texts, FLAGS: _flags}
    if kind not in readers:
        raise Malformed(f"a block of kind {kind}")
    values = readers[kind](inner, encoding, count)
    inner.end()
    return kind, values


# Float64


def _floats(cursor, encoding, count):
    if encoding == 0:
        return list(struct.unpack(f"<{count}Q", cursor.take(8 * count)))
    if encoding == 1:
        return [cursor.u64()] * count
    if encoding > 5:
        raise Malformed(f"encoding {encoding} of floats")
    divisor = cursor.varint() if encoding >= 4 else 1
    if divisor == 0:
        raise Malformed("a divisor of 0")
    whole = integer_stream(cursor, count)
    if encoding == 2:
        return [ordered(x, 64) for x in whole]
    if encoding == 3:
        narrow = struct.pack(f"<{count}I", *(ordered(x, 32) for x in whole))
        values = struct.unpack(f"<{count}f", narrow)
    elif encoding == 4:
        values = [float(k) / float(divisor) for k in whole]
    else:
        by = single(divisor)
        quotients = struct.pack(f"<{count}f", *(single(k) / by for k in whole))
        values = struct.unpack(f"<{count}f", quotients)
    bits = list(struct.unpack(f"<{count}Q", struct.pack(f"<{count}d", *values)))
    exceptions = cursor.varint()
    if exceptions > count:
        raise Malformed(f"{exceptions} exceptions among {count} values")
    if exceptions:
        places = integer_stream(cursor, exceptions)
        for place, value in zip(places, integer_stream(cursor, exceptions)):
            if not 0 <= place < count:
                raise Malformed(f"an exception at {place}")
            bits[place] = ordered(value, 64)
    return bits


def ordered(value, width):
    """The bits whose ordered form this is."""
    value &= (1 << width) - 1
    return value ^ ((1 << (width - 1)) - 1) if value >> (width - 1) else value


def single(k):
    """The Float32 nearest to a whole number, ties to even, as a double."""
    shift = max(0, abs(k).bit_length() - 24)
    # In steps of 2^shift; `round` of a fraction would go by way of a double.
    half, low = 1 << shift >> 1, abs(k) & ((1 << shift) - 1)
    high = abs(k) >> shift
    high += low > half or (shift > 0 and low == half and high & 1)
    return float((high << shift) * (-1 if k < 0 else 1))


def _integers(cursor, encoding, count):
    if encoding != 0:
        raise Malformed(f"encoding {encoding} of integers")
    return integer_stream(cursor, count)


# Texts and flags


def _texts(cursor, encoding, count):
    if encoding == 0:
        return _plain_texts(cursor, count)
    if encoding != 1:
        raise Malformed(f"encoding {encoding} of texts")
    entry_count = cursor.varint()
    if entry_count > CAPACITY:
        raise Malformed(f"a dictionary of {entry_count} texts")
    entries = _plain_texts(cursor, entry_count)
    return choose(entries, integer_stream(cursor, count))


def _plain_texts(cursor, count):
    lengths = integer_stream(cursor, count)
    total = sum(lengths)
    if any(length < 0 for length in lengths) or total >= 1 << 30:
        raise Malformed("texts of impossible lengths")
    form = cursor.byte()
    if form > 1:
        raise Malformed(f"texts of form {form}")
    if form == 0:
        raw = cursor.take(total)
    else:
        block = cursor.blob()
        if total > 255 * len(block):
            raise Malformed(f"{len(block)} bytes that unpack to {total}")
        raw = decompress(block, total)
    found, place = [], 0
    for length in lengths:
        found.append(raw[place : place + length])
        place += length
    return found


def _flags(cursor, encoding, count):
    if encoding == 0:
        return [cursor.truth()] * count
    if encoding == 1:
        bits = Bits(cursor.take((count + 7) // 8))
        return [bits.read(1) == 1 for _ in range(count)]
    if encoding != 2:
        raise Malformed(f"encoding {encoding} of flags")
    value, found = cursor.truth(), []
    runs = cursor.varint()
    if runs > count:
        raise Malformed(f"{runs} runs of {count} flags")
    for length in integer_stream(cursor, runs):
        if not 0 < length <= count - len(found):
            raise Malformed(f"a run of {length} flags")
        found += [value] * length
        value = not value
    if len(found) != count:
        raise Malformed("runs that do not come to their block")
    return found
