"""When each beat of a vector moves, and what FIFOs that takes: latency, interval and depths, without simulating the RTL.

The cycles come from the handshakes (`handshakes`), which are the RTL's own. A FIFO in front of a join holds what its branch
is ahead of the others by. Its depth is the least at which the net neither locks up nor loses a cycle, of a vector alone or
of the interval of vectors that come as fast as the net takes them: with one word less it does. Nor may
it lock up when it is stalled at its ends, in whatever cycles: units whose registers move together hold less then, so the
depth is also at least what lets vectors through units that hold as little as they may.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hwflow.quantised.backend.model import Course, run
from hwflow.quantised.backend.slice_unit import SliceUnit
from hwflow.quantised.backend.streams import LEAST_DEPTH, Link, Stream, streams_of, with_depths
from hwflow.quantised.backend.units import Unit

_VECTORS = 24  # sent in a row, at least: the second half shows the interval
_MOST_VECTORS = 1 << 16
_DOUBLINGS = 24
_HELD = 4  # and so many times the vectors that the deepest FIFO holds


@dataclass(frozen=True)
class Prediction:
    """Cycles, counted from handshake to handshake.

    latency: from the last input beat of a vector that meets an idle pipeline to the last output beat;
    fill: the same from its first input beat, with an input beat in each cycle in which the net takes one;
    initiation_interval: between two vectors under way, which is what the slowest unit takes for one.
    """

    latency: int
    fill: int
    initiation_interval: int


@dataclass(frozen=True, eq=False)
class Schedule:
    """The streams of a net with the depths of their FIFOs, and its cycles.

    tight: names of the links at which one word less would lock up the net or lose a cycle though nothing stalls it.
    """

    streams: tuple[Stream, ...]
    prediction: Prediction
    tight: tuple[str, ...] = ()


def schedule(units: Sequence[Unit]) -> Schedule:
    """Depths and cycles of a net.

    Raises RuntimeError if the depths found do not hold the interval, which no net should come to.
    """
    streams = streams_of(units)
    interval = max(unit.cycles for unit in units)
    uneven = any(unit.tokens > 1 or isinstance(unit, SliceUnit) for unit in units)
    joins = any(link.joins for stream in streams for link in stream.links)
    vectors = _settled(streams, interval) if uneven or joins else _VECTORS
    if uneven:
        streams = _with_room(streams, interval, vectors)
    depths, tight = _depths(streams, interval, vectors)
    streams = with_depths(streams, depths)
    alone = run(streams, {}, 1)
    latency, fill = alone.ends[0] - alone.lasts[0], alone.ends[0] - alone.firsts[0]
    return Schedule(streams, Prediction(latency, fill, interval), tight)


def _settled(streams: Sequence[Stream], interval: int) -> int:
    """Vectors in a row of which the later half show the interval, where there is room for all of them.

    The first ones may leave faster: as long as the slowest unit is on a short way, and what waits for a longer one hides it.
    """
    endless = {link.name: None for stream in streams for link in stream.links}
    vectors = _VECTORS
    while not _is_steady(run(streams, endless, vectors), vectors, interval):
        if vectors > _MOST_VECTORS:
            raise RuntimeError("no number of vectors shows the interval")
        vectors *= 2
    return vectors


def _is_steady(course: Course, vectors: int, interval: int) -> bool:
    """Whether all vectors left, and the later half of them at the interval."""
    ends = course.ends[len(course.ends) // 2 :]
    return len(course.ends) == vectors and ends[-1] - ends[0] == (len(ends) - 1) * interval


def _with_room(streams: Sequence[Stream], interval: int, vectors: int) -> tuple[Stream, ...]:
    """The same with FIFOs in front of units that read one value deep enough, in powers of two of what they have, for the interval.

    A token's room is enough where tokens come evenly; a transposition gives those of a sample at once, and the parts of a
    vector come one after another.
    """
    unbounded = {link.name: None for stream in streams for link in stream.links if link.joins}
    for factor in (1 << n for n in range(_DOUBLINGS)):
        deeper = {
            link.name: min(factor * link.depth, max(link.depth, link.beats))
            for stream in streams
            for link in stream.links
            if link.reader and link.depth and not link.joins
        }
        tried = with_depths(streams, deeper)
        if _is_steady(run(tried, unbounded, vectors), vectors, interval):
            return tried
        if all(factor * link.depth >= link.beats for stream in streams for link in stream.links if link.name in deeper):
            break
    raise RuntimeError("no depth of the FIFOs holds the interval")


def predict(units: Sequence[Unit]) -> Prediction:
    """The latency and the initiation interval of a net."""
    return schedule(units).prediction


def rough_streams(units: Sequence[Unit]) -> tuple[Stream, ...]:
    """The streams with depths that are enough, and not always the least: quickly found, for choosing."""
    streams = streams_of(units)
    return with_depths(streams, _enough(streams, max(unit.cycles for unit in units)))


def _depths(streams: Sequence[Stream], interval: int, vectors: int) -> tuple[Mapping[str, int], tuple[str, ...]]:
    """Depths of the links into joins, and of which one word less loses a cycle."""
    joining = [link for stream in streams for link in stream.links if link.joins]
    if not joining:
        return {}, ()
    search = _Search(streams, interval, vectors, _least_fill(streams, joining))
    depths = _enough(streams, interval)
    while not search.holds(depths):
        depths = {name: 2 * depth for name, depth in depths.items()}
        if min(depths.values()) > 1 << 20:
            raise RuntimeError("no depth of the FIFOs in front of the joins holds the interval")
    # The branches that are deepest first: what they hold is memory.
    for link in sorted(joining, key=lambda link: -depths[link.name]):
        low, high = LEAST_DEPTH, depths[link.name]
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if search.holds({**depths, link.name: middle}) else (middle + 1, high)
        depths[link.name] = high
    tight = tuple(
        name for name, depth in depths.items()
        if depth > LEAST_DEPTH and not search.keeps_time({**depths, name: depth - 1})
    )  # fmt: skip
    return depths, tight


def _enough(streams: Sequence[Stream], interval: int) -> dict[str, int]:
    """What the FIFOs in front of joins come to hold if each vector starts when the slowest unit is free for it."""
    joining = [link for stream in streams for link in stream.links if link.joins]
    if not joining:
        return {}
    course = run(streams, {link.name: None for link in joining}, 4, interval)
    return {link.name: max(LEAST_DEPTH, course.fills[link.name]) for link in joining}


def _least_fill(streams: Sequence[Stream], joining: Sequence[Link]) -> int:
    return run(streams, {link.name: None for link in joining}, 1).ends[0]


class _Search:
    """Whether depths hold a net's interval and what a vector alone takes at best."""

    def __init__(self, streams: Sequence[Stream], interval: int, vectors: int, fill: int) -> None:
        self._streams, self._interval, self._least, self._fill = streams, interval, vectors, fill
        self._words = {link.name: link.beats for stream in streams for link in stream.links if link.joins}

    def holds(self, depths: Mapping[str, int]) -> bool:
        return self.keeps_time(depths) and self._never_locks(depths)

    def keeps_time(self, depths: Mapping[str, int]) -> bool:
        """Without stalls: no cycle is lost, alone or in a row."""
        alone = run(self._streams, depths, 1)
        if not alone.ends or alone.ends[0] > self._fill:
            return False
        vectors = self._vectors(depths)
        return _is_steady(run(self._streams, depths, vectors), vectors, self._interval)

    def _never_locks(self, depths: Mapping[str, int]) -> bool:
        """Whatever stalls come. Which words pass hangs on what all parts hold at least, and on no cycle."""
        vectors = self._vectors(depths)
        return len(run(self._streams, depths, vectors, empty=True).ends) == vectors

    def _vectors(self, depths: Mapping[str, int]) -> int:
        return self._least + _HELD * max(depth // self._words[name] for name, depth in depths.items())
