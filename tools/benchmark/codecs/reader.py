"""Reads blocks of Float64 and Int64 as schema/column-codecs.md describes them, and nothing else.

It shares no code with Cairn: what both make of the same bytes shows that the document is whole.
"""

import struct

import lz4.block
import numpy

MASK = (1 << 64) - 1


class Cursor:
    def __init__(self, data, position=0):
        self.data, self.position = data, position

    def byte(self):
        self.position += 1
        return self.data[self.position - 1]

    def take(self, count):
        self.position += count
        return self.data[self.position - count:self.position]

    def varint(self):
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def signed(self):
        return unzigzag(self.varint())


class Bits:
    def __init__(self, data):
        self.data, self.position = data, 0

    def read(self, width):
        first = self.position >> 3
        word = int.from_bytes(self.data[first:first + 10], "little") >> (self.position & 7)
        self.position += width
        return word & ((1 << width) - 1)


def unzigzag(u):
    return (u >> 1) ^ -(u & 1)


def wrap(value):
    value &= MASK
    return value - (1 << 64) if value >> 63 else value


def integers(cursor, count, nested=False):
    if count == 0:
        return []
    form = cursor.byte()
    coder, order = form & 7, form >> 3 & 7
    if coder == 4:
        assert not nested and form == 4
        entries = integers(cursor, cursor.varint(), nested=True)
        return [entries[code] for code in integers(cursor, count, nested=True)]
    origin = cursor.signed()
    stride = cursor.varint() if form & 128 else 1
    firsts = [cursor.signed() for _ in range(order)]
    rest = count - order
    if coder == 0:
        numbers = [0] * rest
    elif coder == 1:
        width = cursor.byte()
        bits = Bits(cursor.take((rest * width + 7) // 8))
        numbers = [bits.read(width) for _ in range(rest)]
    elif coder == 2:
        numbers = token_stream(cursor, rest)
    else:
        planes = cursor.byte()
        raw = lz4.block.decompress(cursor.take(cursor.varint()), uncompressed_size=planes * rest)
        numbers = [sum(raw[plane * rest + i] << 8 * plane for plane in range(planes))
                   for i in range(rest)]
    values = [wrap(origin + stride * (unzigzag(u) if form & 64 else u)) for u in numbers]
    for first in reversed(firsts):
        sums = [first]
        for each in values:
            sums.append(wrap(sums[-1] + each))
        values = sums
    return values


def token_stream(cursor, count):
    form, last, classes = cursor.byte(), cursor.byte(), cursor.byte()
    exact, mantissa = form & 15, form >> 4
    log, class_count = classes & 15, (classes >> 4) + 1
    size = 1 << log
    starts = [0] + [cursor.byte() for _ in range(class_count - 1)]
    bits = Bits(cursor.data[cursor.position:])
    tables = [slots(shares(bits, last + 1), size) for _ in range(class_count)]
    cursor.take((bits.position + 7) // 8)

    def extra_bits(token):
        return 0 if token < 1 << exact else exact - mantissa + ((token - (1 << exact)) >> mantissa)

    def base(token):
        if token < 1 << exact:
            return token
        low = (token - (1 << exact)) & ((1 << mantissa) - 1)
        return (1 << mantissa | low) << extra_bits(token)

    of_context = [max(c for c, start in enumerate(starts) if start <= context)
                  for context in range(129)]
    coded = Bits(cursor.take(cursor.varint()))
    slot = [coded.read(log) for _ in range(4)]
    context, level = [0] * 4, [0] * 4
    quarter = count // 4
    tokens = [0] * count

    def step(lane, index):
        token, width, start = tables[of_context[context[lane]]][slot[lane]]
        tokens[index] = token
        slot[lane] = start + coded.read(width)
        now = base(token).bit_length()
        context[lane], level[lane] = now + level[lane], now

    for index in range(quarter):
        for lane in range(4):
            step(lane, lane * quarter + index)
    for index in range(4 * quarter, count):
        step(3, index)
    assert slot == [0] * 4
    extra = Bits(cursor.data[cursor.position:])
    numbers = [base(token) + extra.read(extra_bits(token)) for token in tokens]
    cursor.take((extra.position + 7) // 8)
    return numbers


def shares(bits, count):
    found = []
    while len(found) < count:
        width = bits.read(4)
        if width:
            found.append(1 << (width - 1) | bits.read(width - 1))
        else:
            found += [0] * (bits.read(4) + 1)
    assert len(found) == count
    return found


def slots(of_tokens, size):
    """Of every slot: its token, how many bits to read, where to go on."""
    assert sum(of_tokens) == size
    owner = [0] * size
    slot = 0
    for token, share in enumerate(of_tokens):
        for _ in range(share):
            owner[slot] = token
            slot = (slot + size // 2 + size // 8 + 3) % size
    states = list(of_tokens)
    table = []
    for token in owner:
        state = states[token]
        states[token] += 1
        width = size.bit_length() - state.bit_length()
        table.append((token, width, (state << width) - size))
    return table


def ordered(bits, width):
    """The bits whose ordered form this is."""
    bits &= (1 << width) - 1
    return bits ^ ((1 << (width - 1)) - 1) if bits >> (width - 1) else bits


def floats(encoding, count, cursor):
    """The bits of the values, as integers."""
    if encoding == 0:
        return list(struct.unpack(f"<{count}Q", cursor.take(8 * count)))
    if encoding == 1:
        return list(struct.unpack("<Q", cursor.take(8))) * count
    divisor = cursor.varint() if encoding >= 4 else None
    whole = integers(cursor, count)
    if encoding == 2:
        return [ordered(x, 64) for x in whole]
    with numpy.errstate(all="ignore"):
        if encoding == 3:
            narrow = numpy.array([ordered(x, 32) for x in whole], "u4").view("f4")
            values = narrow.astype("f8")
        elif encoding == 4:
            values = numpy.array(whole, "i8").astype("f8") / numpy.float64(divisor)
        else:
            values = (numpy.array(whole, "i8").astype("f4") / numpy.float32(divisor)).astype("f8")
    bits = values.view("u8").tolist()
    exceptions = cursor.varint()
    if exceptions:
        places = integers(cursor, exceptions)
        for place, value in zip(places, integers(cursor, exceptions)):
            bits[place] = ordered(value, 64)
    return bits


def blocks(data):
    """The bits of all values of the blocks that lie one behind the other in `data`."""
    found, position = [], 0
    while position < len(data):
        kind, encoding, count, length = struct.unpack_from("<BBHI", data, position)
        cursor = Cursor(data[position + 8:position + 8 + length])
        found += (floats(encoding, count, cursor) if kind == 1
                  else [x & MASK for x in integers(cursor, count)])
        assert cursor.position == length
        position += 8 + length
    return found
