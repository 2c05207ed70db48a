"""The net between its source and its sink as parts of `handshakes`, from the streams between its units."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hwflow.quantised.backend.argmax_unit import ArgMaxUnit
from hwflow.quantised.backend.handshakes import Fifo, Fork, Joined, Pack, Part, Sink, Source, Turns, Unpack
from hwflow.quantised.backend.joins import AddUnit, ConcatUnit
from hwflow.quantised.backend.lookups import TableSumUnit, TableUnit
from hwflow.quantised.backend.pipeline import Pipeline
from hwflow.quantised.backend.slice_unit import Passing, SliceUnit
from hwflow.quantised.backend.streams import LEAST_DEPTH, Link, Stream
from hwflow.quantised.backend.token_units import ReduceUnit, TransposeUnit
from hwflow.quantised.backend.turned import Turned
from hwflow.quantised.backend.units import DenseUnit, Unit


@dataclass(frozen=True)
class Course:
    """How vectors went through: for each the cycles of its first and last input beat and its last output beat.

    ends: as many as left; fewer than sent, if the net locked up. fills: for each link, by its name, the least depth at
    which no word of it would have waited.
    """

    firsts: tuple[int, ...]
    lasts: tuple[int, ...]
    ends: tuple[int, ...]
    fills: Mapping[str, int]


def run(
    streams: Sequence[Stream], depths: Mapping[str, int | None], vectors: int, interval: int = 0, *, empty: bool = False
) -> Course:
    """Send vectors through a net that starts empty, and take what comes at once.

    depths: of links whose depth is not their own, None for a FIFO without end; interval: cycles at least from the start of
    one vector to that of the next, 0: as fast as the net takes them; empty: units hold as little as they may (`Pipeline`), so
    that what passes then passes whatever stalls come, and only whether it passes counts.
    """
    made = _Made(streams, depths, vectors, interval, empty)
    moved = True
    while moved:
        moved = False
        for part in made.parts:
            moved = part.settle() or moved
    beats, out = made.feed.beats, made.drain.beats
    taken, given = made.feed.cycles, made.drain.cycles
    return Course(
        tuple(taken[::beats]),
        tuple(taken[beats - 1 :: beats]),
        tuple(given[out - 1 :: out]),
        {name: fifo.fill for name, fifo in made.fifos.items()},
    )


class _Feed:
    """What sends the vectors: a beat in each cycle in which there is room."""

    def __init__(self, sink: Sink, beats: int, vectors: int, interval: int) -> None:
        self._sink, self.beats = sink, beats
        self._words, self._interval = beats * vectors, interval
        self.cycles: list[int] = []

    def settle(self) -> bool:
        moved = False
        while (number := len(self.cycles)) < self._words and (room := self._sink.room(number)) is not None:
            start = number // self.beats * self._interval if number % self.beats == 0 else 0
            cycle = max(room, start, self.cycles[-1] + 1 if self.cycles else 0)
            self._sink.push(cycle)
            self.cycles.append(cycle)
            moved = True
        return moved


class _Offer:
    """The same where the first unit takes beats from the net's input itself."""

    def __init__(self, beats: int, vectors: int, interval: int) -> None:
        self.beats = beats
        self._words, self._interval = beats * vectors, interval
        self.cycles: list[int] = []

    def word(self, number: int) -> int | None:
        if number >= self._words:
            return None
        start = number // self.beats * self._interval if number % self.beats == 0 else 0
        return max(start, self.cycles[-1] + 1 if self.cycles else 0)

    def pop(self, cycle: int) -> None:
        self.cycles.append(cycle)


class _Drain:
    """What takes the results: each when it is there."""

    def __init__(self, source: Source, beats: int) -> None:
        self._source, self.beats = source, beats
        self.cycles: list[int] = []

    def settle(self) -> bool:
        moved = False
        while (offered := self._source.word(len(self.cycles))) is not None:
            cycle = max(offered, self.cycles[-1] + 1 if self.cycles else 0)
            self._source.pop(cycle)
            self.cycles.append(cycle)
            moved = True
        return moved


class _Made:
    """The parts in the order of the streams, so that one round of settling takes words far."""

    def __init__(
        self,
        streams: Sequence[Stream],
        depths: Mapping[str, int | None],
        vectors: int,
        interval: int,
        empty: bool,
    ) -> None:
        self._empty = empty
        self.parts: list[Part] = []
        self.fifos: dict[str, Fifo] = {}
        self._ends: dict[tuple[int, int], Source] = {}  # by reader and port
        self._before: dict[int, int] = {}  # latency of the registers that move together with a unit's, in front of it
        for stream in streams:
            self._sinks: list[Part] = []
            beats = math.ceil(stream.size / stream.lanes)
            if stream.links[0].wires:
                self._wires(stream, _Offer(beats, vectors, interval))
                continue
            sink = self._stream(stream, depths)
            if stream.writer is None:
                self.feed: _Feed | _Offer = _Feed(sink, beats, vectors, interval)
                self.parts.append(self.feed)
            else:
                self.parts.append(self._unit(stream.writer, sink))
            self.parts += self._sinks
        last = streams[-1]
        self.drain = _Drain(self._ends[id(None), 0], math.ceil(last.size / last.lanes))
        self.parts.append(self.drain)

    def _wires(self, stream: Stream, offer: "_Offer") -> None:
        """The reader's registers move together with the writer's, as those of one pipeline."""
        (link,) = stream.links
        end = id(link.reader), link.port
        if stream.writer is None:
            self.feed = self._ends[end] = offer
            return
        before = id(stream.writer), 0
        self._ends[end] = self._ends[before]
        self._before[id(link.reader)] = self._before.get(id(stream.writer), 0) + stream.writer.latency

    def _stream(self, stream: Stream, depths: Mapping[str, int | None]) -> Sink:
        """What the writer writes to."""
        if not stream.forks:
            return self._link(stream, stream.links[0], depths)
        front = Fifo(LEAST_DEPTH)
        fork = Fork(front, [self._link(stream, link, depths) for link in stream.links])
        self._sinks.insert(0, fork)
        return front

    def _link(self, stream: Stream, link: Link, depths: Mapping[str, int | None]) -> Sink:
        fifo = Fifo(depths.get(link.name, link.depth))
        self.fifos[link.name] = fifo
        resize, sink, source = link.resize, fifo, fifo
        if resize and resize.packs:
            pack = Pack(fifo, math.ceil(resize.size / resize.pe), resize.wide // resize.pe)
            self._sinks.append(pack)
            sink = pack  # type: ignore[assignment]
        if resize and resize.unpacks:
            unpack = Unpack(fifo, _pieces(resize.size, resize.wide, resize.simd))
            self._sinks.append(unpack)
            source = unpack  # type: ignore[assignment]
        self._ends[id(link.reader), link.port] = source
        return sink

    def _unit(self, unit: Unit, sink: Sink) -> Part:
        sources = [self._ends[id(unit), port] for port in range(len(unit.inputs))]
        source = Joined(sources)
        latency = unit.latency + self._before.get(id(unit), 0)
        match unit:
            case DenseUnit() | TableSumUnit():
                return Pipeline(source, sink, unit.beats, unit.folds, latency, empty=self._empty)
            case ArgMaxUnit():
                return Pipeline(source, sink, unit.beats, 1, latency, empty=self._empty)
            case AddUnit() | TableUnit():
                return Pipeline(source, sink, 1, 1, latency, empty=self._empty)
            case ReduceUnit():
                words = unit.layer.axis * unit.beats
                return Pipeline(source, sink, 1, 1, latency, silent=words - unit.beats, period=words, empty=self._empty)
            case SliceUnit():
                return Passing(source, sink, unit.beats, unit.passing)
            case TransposeUnit():
                return Turned(source, sink, unit.beats)
            case ConcatUnit(whole=True):
                return Fork(source, [sink])
            case ConcatUnit():
                return Turns(sources, sink, unit.turns)


def _pieces(size: int, wide: int, simd: int) -> list[int]:
    """Beats of `simd` in each wide beat of a vector."""
    return [math.ceil(min(wide, size - start) / simd) for start in range(0, size, wide)]
