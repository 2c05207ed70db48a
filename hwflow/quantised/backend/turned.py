"""The handshakes of a unit that holds a whole matrix before it gives any of it."""

from hwflow.quantised.backend.handshakes import Sink, Source


class Turned:
    """`hwf_transpose`: the words of a matrix are written while those of the one before are read.

    The first result is there two cycles after the last word of its matrix; there is room for a matrix once the last word
    of the one before the last was read.

    words: of a matrix.
    """

    def __init__(self, source: Source, sink: Sink, words: int) -> None:
        self._source, self._sink, self._words = source, sink, words
        self._written, self._read, self._waits = 0, 0, False
        self._put, self._get, self._left = -1, -1, -1  # when a word was last written, read, and left
        self._complete: list[int] = []  # from when on each matrix can be read
        self._free: list[int] = [0, 0]  # from when on there is room for each matrix

    def settle(self) -> bool:
        moved = False
        while self._write() or self._fetch() or self._leave():
            moved = True
        return moved

    def _write(self) -> bool:
        offered, matrix = self._source.word(self._written), self._written // self._words
        if offered is None or matrix >= len(self._free):
            return False
        self._put = max(offered, self._put + 1, self._free[matrix])
        self._source.pop(self._put)
        self._written += 1
        if self._written % self._words == 0:
            self._complete.append(self._put + 1)
        return True

    def _fetch(self) -> bool:
        """The next word is read once the one before it left."""
        matrix = self._read // self._words
        if self._waits or matrix >= len(self._complete):
            return False
        self._get = max(self._complete[matrix], self._get + 1, self._left)
        self._waits = True
        self._read += 1
        if self._read % self._words == 0:
            self._free.append(self._get + 1)
        return True

    def _leave(self) -> bool:
        room = self._sink.room(self._read - 1) if self._waits else None
        if room is None:
            return False
        self._left = max(self._get + 1, room)
        self._sink.push(self._left)
        self._waits = False
        return True
