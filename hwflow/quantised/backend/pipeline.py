"""The handshakes of a unit whose registers all move together."""

from collections import deque

from hwflow.quantised.backend.handshakes import Sink, Source


class Pipeline:
    """A unit whose registers all move, or stand still while its result waits: `hwf_dense`, `hwf_argmax`, `hwf_add`, `hwf_reduce`.

    It takes `beats` words, then works on for `folds - 1` times as many cycles; a result
    comes `latency` moves behind the last beat of each fold. Moves are counted apart from cycles, from which they differ by
    how long it has stood still: `_late` where results leave, `_taken_late` where words are taken. Of every `period` beats
    the first `silent` give no result.

    empty: it takes a word only when no result is left in it. Registers that move together hold more results or fewer, as
    words come one behind another or with gaps; this is the least that they hold, whatever stalls come.
    """

    def __init__(
        self, source: Source, sink: Sink, beats: int, folds: int, latency: int, *, silent: int = 0, period: int = 1,
        empty: bool = False,
    ) -> None:  # fmt: skip
        self._silent, self._period = silent, period
        self._empty = empty
        self._source, self._sink = source, sink
        self._beats, self._folds, self._latency = beats, folds, latency
        self._move = -1
        self._late, self._taken_late = 0, 0
        self._number, self._results = 0, 0
        self._waiting: deque[int] = deque()  # moves at which results come that have not left
        self._stalls: deque[tuple[int, int]] = deque()  # at which move it stood still, for how long

    def settle(self) -> bool:
        moved = False
        while self._leave() or self._take():
            moved = True
        return moved

    def _leave(self) -> bool:
        room = self._sink.room(self._results) if self._waiting else None
        if room is None:
            return False
        move = self._waiting.popleft()
        cycle = max(move + self._late, room)
        if stall := cycle - move - self._late:
            self._stalls.append((move, stall))
            self._late += stall
        self._sink.push(cycle)
        self._results += 1
        return True

    def _take(self) -> bool:
        offered = self._source.word(self._number)
        if offered is None:
            return False
        while self._stalls and self._stalls[0][0] <= max(self._move + 1, offered - self._taken_late):
            still, cycles = self._stalls.popleft()
            self._move = max(self._move, still - 1)
            self._taken_late += cycles
        move = max(self._move + 1, offered - self._taken_late)
        if self._waiting and (self._empty or self._waiting[0] <= move):
            return False
        self._source.pop(move + self._taken_late)
        self._number += 1
        if self._number % self._beats == 0 and (self._number - 1) % self._period >= self._silent:
            self._waiting.extend(move + fold * self._beats + self._latency for fold in range(self._folds))
            move += (self._folds - 1) * self._beats
        self._move = move
        return True
