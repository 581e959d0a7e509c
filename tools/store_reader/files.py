"""Files of a store, and what is wrong with them."""

import os

CHUNK = 1 << 20


class Damage(Exception):
    """What is wrong, and where: a file and a byte of it."""

    def __init__(self, path, offset, reason):
        super().__init__(f"{path}: byte {offset}: {reason}")


class StoreFile:
    """Bytes of a file, at most `CHUNK` of which are kept beside those that are asked for."""

    def __init__(self, path):
        self.path = path
        self._descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        self.size = os.fstat(self._descriptor).st_size
        self.forget()

    def close(self):
        os.close(self._descriptor)

    def forget(self):
        """Reads afresh from now on."""
        self._chunk, self._chunk_start = b"", 0

    def read(self, offset, count):
        """`count` bytes from `offset` on, or as many as there are."""
        start = offset - self._chunk_start
        if not 0 <= start <= start + count <= len(self._chunk):
            wanted = max(0, min(max(count, CHUNK), self.size - offset))
            self._chunk, self._chunk_start, start = self._pread(wanted, offset), offset, 0
        return self._chunk[start : start + count]

    def _pread(self, count, offset):
        pieces = []
        while count and (piece := os.pread(self._descriptor, count, offset)):
            pieces.append(piece)
            count, offset = count - len(piece), offset + len(piece)
        return b"".join(pieces)
