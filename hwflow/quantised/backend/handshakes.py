"""When each word of a net's streams moves, to the cycle: the handshakes of the RTL as equations between cycles.

A stream is known by the cycles of its handshakes. Each part below has the rule of its RTL module: from the cycles at its
inputs, and those at which its output makes room, come those at its own two ends. Nothing here depends on data. A part
settles what can be known so far; parts are settled in turn until nothing changes. Words that then are still to come never
will: the net has locked up.
"""

from collections.abc import Sequence
from typing import Protocol


class Sink(Protocol):
    """What a part writes to."""

    def room(self, word: int) -> int | None:
        """The first cycle in which it takes the word of that number; None as long as that is not known."""
        ...

    def push(self, cycle: int) -> None:
        """It takes the next word."""
        ...


class Source(Protocol):
    """What a part reads from."""

    def word(self, number: int) -> int | None:
        """The first cycle in which it offers that word; None as long as that is not known."""
        ...

    def pop(self, cycle: int) -> None:
        """The reader takes the next word."""
        ...


class Part(Protocol):
    """What lies between sources and sinks."""

    def settle(self) -> bool:
        """Work out what can be known by now; whether that was anything."""
        ...


class Fifo:
    """`hwf_fifo`: a word is offered in the cycle after it came; one that left makes room from the next cycle on.

    depth: words it holds; None: any number.
    """

    def __init__(self, depth: int | None) -> None:
        self.depth = depth
        self.pushes: list[int] = []
        self.pops: list[int] = []

    def room(self, word: int) -> int | None:
        if self.depth is None or word < self.depth:
            return 0
        left = word - self.depth
        return self.pops[left] + 1 if left < len(self.pops) else None

    def push(self, cycle: int) -> None:
        self.pushes.append(cycle)

    def word(self, number: int) -> int | None:
        return self.pushes[number] + 1 if number < len(self.pushes) else None

    def pop(self, cycle: int) -> None:
        self.pops.append(cycle)

    @property
    def fill(self) -> int:
        """The least depth at which no word that came would have waited for room, of what has passed so far."""
        depth, left = 0, 0
        for number, pushed in enumerate(self.pushes):
            while left < len(self.pops) and self.pops[left] < pushed:
                left += 1
            depth = max(depth, number + 1 - left)
        return depth


class Pack:
    """`hwf_pack`: the beat that completes a wide one is put, and the wide one is there in the next cycle.

    beats: narrow ones of a vector; slots: of a wide beat.
    """

    def __init__(self, sink: Fifo, beats: int, slots: int) -> None:
        self._sink = sink
        self._beats, self._slots = beats, slots
        self._put, self._last = 0, -1  # beats put, and the cycle of the last one
        self._early: int | None = None
        self._complete: int | None = None  # when a wide beat was completed that has not left
        self._free = 0
        self._words = 0

    def room(self, word: int) -> int | None:
        return self._last + 1 if self._early is None and word == self._put else None

    def push(self, cycle: int) -> None:
        self._early = cycle
        self.settle()

    def settle(self) -> bool:
        moved = False
        while True:
            if self._complete is not None:
                room = self._sink.room(self._words)
                if room is None:
                    return moved
                self._free = max(self._complete + 1, room)
                self._sink.push(self._free)
                self._words += 1
                self._complete = None
                moved = True
            if self._early is None:
                return moved
            self._last = max(self._early, self._last + 1, self._free)
            self._early = None
            self._put += 1
            of_vector = (self._put - 1) % self._beats + 1
            if of_vector == self._beats or of_vector % self._slots == 0:
                self._complete = self._last
            moved = True


class Unpack:
    """`hwf_unpack`: a wide beat is taken once the last piece of the one before is in front; pieces follow one another.

    pieces: for each wide beat of a vector, how many leave.
    """

    def __init__(self, source: Fifo, pieces: Sequence[int]) -> None:
        self._source, self._pieces = source, pieces
        self._beats, self._left = 0, 0
        self._taken: int | None = None  # when the beat was taken of which no piece has moved
        self._moved, self._out = -1, -1  # when a piece last came to the front, and left it
        self._fronts, self._pops = 0, 0

    def word(self, number: int) -> int | None:
        return self._moved + 1 if number < self._fronts else None

    def pop(self, cycle: int) -> None:
        self._out = cycle
        self._pops += 1
        self.settle()

    def settle(self) -> bool:
        moved = False
        while True:
            if self._left == 0:
                offered = self._source.word(self._beats)
                if offered is None:
                    return moved
                self._taken = max(offered, self._moved + 1)
                self._source.pop(self._taken)
                self._left = self._pieces[self._beats % len(self._pieces)]
                self._beats += 1
                moved = True
            if self._pops < self._fronts:
                return moved
            after = self._moved + 1 if self._taken is None else self._taken
            self._moved = max(after, self._out)
            self._taken = None
            self._fronts += 1
            self._left -= 1
            moved = True


class Joined:
    """Several sources as one, whose word is there when all of them offer theirs."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = sources

    def word(self, number: int) -> int | None:
        latest = 0
        for source in self._sources:
            offered = source.word(number)
            if offered is None:
                return None
            latest = max(latest, offered)
        return latest

    def pop(self, cycle: int) -> None:
        for source in self._sources:
            source.pop(cycle)


class Fork:
    """`hwf_fork`: each sink takes a word when it has room; the word leaves its source once all have it."""

    def __init__(self, source: Source, sinks: Sequence[Sink]) -> None:
        self._source, self._sinks = source, sinks
        self._number = 0
        self._taken: list[int | None] = [None] * len(sinks)
        self._last = -1

    def settle(self) -> bool:
        moved = False
        while True:
            offered = self._source.word(self._number)
            if offered is None:
                return moved
            for i, sink in enumerate(self._sinks):
                room = sink.room(self._number) if self._taken[i] is None else None
                if room is not None:
                    cycle = max(offered, self._last + 1, room)
                    sink.push(cycle)
                    self._taken[i] = cycle
                    moved = True
            taken = [cycle for cycle in self._taken if cycle is not None]
            if len(taken) < len(self._taken):
                return moved
            self._last = max(taken)
            self._source.pop(self._last)
            self._taken = [None] * len(taken)
            self._number += 1


class Turns:
    """`hwf_concat`: passes on, in the same cycle, words of each source in turn.

    turns: words of each source in a vector.
    """

    def __init__(self, sources: Sequence[Source], sink: Sink, turns: Sequence[int]) -> None:
        self._sources, self._sink = sources, sink
        self._order = [i for i, count in enumerate(turns) for _ in range(count)]
        self._read = [0] * len(sources)
        self._number, self._last = 0, -1

    def settle(self) -> bool:
        moved = False
        while True:
            turn = self._order[self._number % len(self._order)]
            offered, room = self._sources[turn].word(self._read[turn]), self._sink.room(self._number)
            if offered is None or room is None:
                return moved
            self._last = max(offered, room, self._last + 1)
            self._sources[turn].pop(self._last)
            self._sink.push(self._last)
            self._read[turn] += 1
            self._number += 1
            moved = True
