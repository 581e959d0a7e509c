"""Integer streams and token streams of schema/column-codecs.md."""

from .fields import Malformed, unzigzag, wrap
from .lz4_block import decompress


def integer_stream(cursor, count, nested=False):
    if count == 0:
        return []
    form = cursor.byte()
    coder, order = form & 7, form >> 3 & 7
    if coder == 4:
        return _dictionary(cursor, count, form, nested)
    if coder > 4 or order >= count:
        raise Malformed(f"integers of form {form}")
    origin = cursor.signed()
    stride = cursor.varint() if form & 128 else 1
    firsts = [cursor.signed() for _ in range(order)]
    numbers = _coded(cursor, coder, count - order)
    if form & 64:
        numbers = map(unzigzag, numbers)
    values = [wrap(origin + stride * u) for u in numbers]
    for first in reversed(firsts):
        sums = [first]
        for each in values:
            sums.append(wrap(sums[-1] + each))
        values = sums
    return values


def _dictionary(cursor, count, form, nested):
    entry_count = cursor.varint()
    if nested or form != 4 or not 1 <= entry_count <= 4096:
        raise Malformed(f"a dictionary of {entry_count} integers, form {form}")
    entries = integer_stream(cursor, entry_count, nested=True)
    return choose(entries, integer_stream(cursor, count, nested=True))


def choose(entries, codes):
    if any(not 0 <= code < len(entries) for code in codes):
        raise Malformed(f"an entry beyond the {len(entries)} of a dictionary")
    return [entries[code] for code in codes]


def _coded(cursor, coder, count):
    """`count` numbers of 64 bits without a sign."""
    if coder == 0:
        return [0] * count
    if coder == 1:
        width = cursor.byte()
        if width > 64:
            raise Malformed(f"numbers of {width} bits")
        bits = Bits(cursor.take((count * width + 7) // 8))
        return [bits.read(width) for _ in range(count)]
    if coder == 2:
        return token_stream(cursor, count)
    planes = cursor.byte()
    if planes > 8:
        raise Malformed(f"{planes} planes")
    raw = decompress(cursor.blob(), planes * count)
    return [sum(raw[plane * count + i] << 8 * plane for plane in range(planes))
            for i in range(count)]


class Bits:
    """Runs of bits, from the lowest of the first byte."""

    def __init__(self, data):
        self.data, self.position = data, 0

    def read(self, width):
        first = self.position >> 3
        word = int.from_bytes(self.data[first : first + 10], "little") >> (self.position & 7)
        self.position += width
        if self.position > 8 * len(self.data):
            raise Malformed("bits beyond their end")
        return word & ((1 << width) - 1)

    @property
    def byte_count(self):
        return (self.position + 7) // 8


class Alphabet:
    def __init__(self, form):
        self.exact, self.mantissa = form & 15, form >> 4
        if self.exact > 8 or self.mantissa > min(3, self.exact):
            raise Malformed(f"an alphabet {form}")

    def extra_bits(self, token):
        above = token - (1 << self.exact)
        return 0 if above < 0 else self.exact - self.mantissa + (above >> self.mantissa)

    def base(self, token):
        """The least number of a token."""
        above = token - (1 << self.exact)
        if above < 0:
            return token
        return (1 << self.mantissa | above & ((1 << self.mantissa) - 1)) << self.extra_bits(token)


def token_stream(cursor, count):
    alphabet = Alphabet(cursor.byte())
    last, classes = cursor.byte(), cursor.byte()
    log, class_count = classes & 15, (classes >> 4) + 1
    starts = [0] + [cursor.byte() for _ in range(class_count - 1)]
    if not 5 <= log <= 11 or class_count > 8 or any(a >= b for a, b in zip(starts, starts[1:])):
        raise Malformed(f"a token stream of classes {classes}")
    bases = [alphabet.base(token) for token in range(last + 1)]
    levels = [base.bit_length() for base in bases]
    if levels[-1] > 64:
        raise Malformed("tokens of more than 64 bits")
    bits = Bits(cursor.data[cursor.position :])
    tables = [_slots(_shares(bits, last + 1), 1 << log) for _ in range(class_count)]
    cursor.take(bits.byte_count)
    of_context = [tables[max(c for c, start in enumerate(starts) if start <= context)]
                  for context in range(129)]
    coded = Bits(cursor.blob())
    slot = [coded.read(log) for _ in range(4)]
    context, level = [0] * 4, [0] * 4
    quarter = count // 4
    tokens = [0] * count

    def step(lane, index):
        token, width, start = of_context[context[lane]][slot[lane]]
        tokens[index] = token
        slot[lane] = start + coded.read(width)
        context[lane], level[lane] = levels[token] + level[lane], levels[token]

    for index in range(quarter):
        for lane in range(4):
            step(lane, lane * quarter + index)
    for index in range(4 * quarter, count):
        step(3, index)
    if slot != [0] * 4 or coded.byte_count != len(coded.data):
        raise Malformed("a token stream that does not end where it should")
    extra = Bits(cursor.data[cursor.position :])
    widths = [alphabet.extra_bits(token) for token in range(last + 1)]
    numbers = [bases[token] + extra.read(widths[token]) for token in tokens]
    cursor.take(extra.byte_count)
    return numbers


def _shares(bits, count):
    found = []
    while len(found) < count:
        width = bits.read(4)
        if width:
            found.append(1 << (width - 1) | bits.read(width - 1))
        else:
            found += [0] * (bits.read(4) + 1)
    if len(found) != count:
        raise Malformed("shares of more tokens than there are")
    return found


def _slots(shares, size):
    """Of every slot: its token, how many bits to read, where to go on."""
    if sum(shares) != size:
        raise Malformed("shares that do not come to the size of their table")
    owner = [0] * size
    slot = 0
    for token, share in enumerate(shares):
        for _ in range(share):
            owner[slot] = token
            slot = (slot + size // 2 + size // 8 + 3) % size
    states, table = list(shares), []
    for token in owner:
        state = states[token]
        states[token] += 1
        width = size.bit_length() - state.bit_length()
        table.append((token, width, (state << width) - size))
    return table
