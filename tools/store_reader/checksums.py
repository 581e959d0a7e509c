"""XXH64, as https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md has it."""

import struct

MASK = (1 << 64) - 1
P1, P2, P3 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
P4, P5 = 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5


def _turn(value, bits):
    return (value << bits | value >> (64 - bits)) & MASK


def _round(lane, word):
    lane = (lane + word * P2) & MASK
    return ((lane << 31 | lane >> 33) & MASK) * P1 & MASK


def xxh64_in_python(data, seed=0):
    size, place = len(data), 0
    if size >= 32:
        a, b = (seed + P1 + P2) & MASK, (seed + P2) & MASK
        c, d = seed, (seed - P1) & MASK
        place = size - size % 32
        for wa, wb, wc, wd in struct.iter_unpack("<4Q", data[:place]):
            a, b, c, d = _round(a, wa), _round(b, wb), _round(c, wc), _round(d, wd)
        total = (_turn(a, 1) + _turn(b, 7) + _turn(c, 12) + _turn(d, 18)) & MASK
        for lane in (a, b, c, d):
            total = ((total ^ _round(0, lane)) * P1 + P4) & MASK
    else:
        total = (seed + P5) & MASK
    total = (total + size) & MASK
    while place + 8 <= size:
        total ^= _round(0, int.from_bytes(data[place : place + 8], "little"))
        total = (_turn(total, 27) * P1 + P4) & MASK
        place += 8
    if place + 4 <= size:
        total ^= int.from_bytes(data[place : place + 4], "little") * P1 & MASK
        total = (_turn(total, 23) * P2 + P3) & MASK
        place += 4
    for byte in data[place:]:
        total = _turn(total ^ byte * P5 & MASK, 11) * P1 & MASK
    total = (total ^ total >> 33) * P2 & MASK
    total = (total ^ total >> 29) * P3 & MASK
    return total ^ total >> 32


try:
    import xxhash

    def xxh64(data, seed=0):
        return xxhash.xxh64_intdigest(data, seed)

except ImportError:
    xxh64 = xxh64_in_python
