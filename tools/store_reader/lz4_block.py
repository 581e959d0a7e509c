"""One LZ4 block, as https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md has it."""

from .fields import Malformed


def decompress_in_python(block, size):
    """The `size` bytes that `block` stands for."""
    out, place, end = bytearray(), 0, len(block)
    try:
        while True:
            token = block[place]
            place += 1
            length, place = _length(block, place, token >> 4)
            if length > end - place or len(out) + length > size:
                raise Malformed("an LZ4 block goes beyond its end")
            out += block[place : place + length]
            place += length
            if place == end:
                break
            distance = block[place] | block[place + 1] << 8
            length, place = _length(block, place + 2, token & 15)
            length += 4
            if not 0 < distance <= len(out) or len(out) + length > size:
                raise Malformed("an LZ4 block copies from nowhere")
            start = len(out) - distance
            if distance >= length:
                out += out[start : start + length]
            else:
                pattern = bytes(out[start:])
                out += (pattern * (length // distance + 1))[:length]
    except IndexError:
        raise Malformed("an LZ4 block ends too early") from None
    if len(out) != size:
        raise Malformed(f"an LZ4 block of {len(out)} bytes, not {size}")
    return bytes(out)


def _length(block, place, length):
    if length == 15:
        while True:
            more = block[place]
            place += 1
            length += more
            if more < 255:
                break
    return length, place


try:
    import lz4.block

    def decompress(block, size):
        try:
            raw = lz4.block.decompress(block, uncompressed_size=size)
        except lz4.block.LZ4BlockError as error:
            raise Malformed(f"an LZ4 block: {error}") from None
        if len(raw) != size:
            raise Malformed(f"an LZ4 block of {len(raw)} bytes, not {size}")
        return raw

except ImportError:
    decompress = decompress_in_python
