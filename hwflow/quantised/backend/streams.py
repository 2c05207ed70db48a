"""What lies between the units of a net: for each value a FIFO for every reader, and what adapts its beats."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hwflow.ints import IntType
from hwflow.quantised.backend.argmax_unit import ArgMaxUnit
from hwflow.quantised.backend.lookups import TableSumUnit
from hwflow.quantised.backend.units import DenseUnit, HardwiredUnit, Unit
from hwflow.quantised.network import INPUT

LEAST_DEPTH = 2  # of a FIFO through which a word goes in each cycle
SPACED_DEPTH = 1  # of one whose words never come in two cycles in a row


@dataclass(frozen=True)
class Resize:
    """Between two units: beats of `pe` elements become beats of `simd`, through beats of `wide`."""

    size: int
    pe: int
    simd: int

    @property
    def wide(self) -> int:
        """The least width that both divide, or the whole vector if that is less."""
        return min(math.lcm(self.pe, self.simd), math.ceil(self.size / self.pe) * self.pe)

    @property
    def packs(self) -> bool:
        return self.wide > self.pe

    @property
    def unpacks(self) -> bool:
        return self.wide > self.simd


@dataclass(frozen=True, eq=False)
class Link:
    """The way of a value to one reader: packed to the beats of a FIFO of `depth`, unpacked and widened behind it.

    depth 0: wires alone, of a reader whose registers move together with the writer's.
    name: what its instances' names start with; kind: of an element; lanes: elements of a beat in the FIFO; reader, port:
    the unit and which of its inputs, None for the net's output; joins: whether the reader waits for other links too.
    """

    name: str
    kind: IntType
    resize: Resize | None
    lanes: int
    reader: Unit | None
    port: int
    depth: int

    @property
    def wires(self) -> bool:
        """Whether there is no FIFO."""
        return self.depth == 0

    @property
    def joins(self) -> bool:
        return self.reader is not None and len(self.reader.inputs) > 1

    @property
    def beats(self) -> int:
        """Words of a vector in the FIFO."""
        return math.ceil(self.size / self.lanes)

    @property
    def size(self) -> int:
        """Elements of a vector."""
        assert self.reader is not None
        return self.reader.sizes_in[self.port]

    @property
    def read_lanes(self) -> int:
        """Elements of a beat as the reader takes it."""
        return self.resize.simd if self.resize else self.lanes

    @property
    def widened(self) -> IntType | None:
        """What its elements are widened to in front of the reader, if to anything."""
        wanted = self.reader.types_in[self.port] if self.reader else self.kind
        return wanted if wanted.bits != self.kind.bits else None


@dataclass(frozen=True, eq=False)
class Stream:
    """A value of the net: what `writer` gives, None for the net's input.

    lanes: elements of a beat; links: one for each reader. With several of them, a FIFO and a fork lie before them.
    """

    name: str
    kind: IntType
    size: int
    lanes: int
    writer: Unit | None
    links: tuple[Link, ...]

    @property
    def forks(self) -> bool:
        return len(self.links) > 1


def streams_of(units: Sequence[Unit]) -> tuple[Stream, ...]:
    """The values of a net, its input first; links into joins have the least depth, others what `_depth` says."""
    made = []
    for writer in (None, *units):
        name = writer.output if writer else INPUT
        readers = [(unit, port) for unit in units for port, read in enumerate(unit.inputs) if read == name]
        made.append(stream_of(writer, readers))
    return tuple(made)


def stream_of(writer: Unit | None, readers: Sequence[tuple[Unit, int]]) -> Stream:
    """The value that a unit, or the net's input, gives to readers, each with the input it takes it at."""
    if writer is None:
        first, port = readers[0]
        name, kind, size, lanes = INPUT, first.branches[port], first.sizes_in[port], first.lanes_in[port]
    else:
        name, kind, size, lanes = writer.name, writer.y, writer.size, writer.lanes
    ends: Sequence[tuple[Unit | None, int]] = readers or [(None, 0)]
    links = []
    for i, (reader, port) in enumerate(ends):
        simd = reader.lanes_in[port] if reader else lanes
        resize = Resize(size, lanes, simd) if simd != lanes else None
        own = f"{name}_{i}" if len(ends) > 1 else name
        if len(ends) == 1 and together(writer, reader, resize):
            depth = 0
        elif len(ends) == 1 and writer is None:
            depth = LEAST_DEPTH
        elif reader is None and _spaced(writer):
            depth = SPACED_DEPTH
        else:
            depth = _depth(reader, resize)
        links.append(Link(own, kind, resize, resize.wide if resize else lanes, reader, port, depth))
    return Stream(name, kind, size, lanes, writer, tuple(links))


def together(writer: Unit | None, reader: Unit | None, resize: Resize | None) -> bool:
    """Whether a value needs no FIFO: from the net's input or a hardwired layer to one that takes whole vectors in one stage
    after another.
    """
    takes = isinstance(reader, HardwiredUnit) or (isinstance(reader, ArgMaxUnit) and reader.beats == 1)
    gives = isinstance(writer, HardwiredUnit) or (writer is None and isinstance(reader, HardwiredUnit))
    return takes and gives and resize is None


def _spaced(writer: Unit | None) -> bool:
    """Whether a unit's results are two cycles apart or more: each takes it several beats."""
    return isinstance(writer, DenseUnit | ArgMaxUnit) and writer.beats > 1


def _depth(reader: Unit | None, resize: Resize | None) -> int:
    """Beats the FIFO in front of a unit holds: a whole vector where it takes beats in bursts, else two.

    A reader that works over its input in several passes takes no beats meanwhile, and one behind narrower beats takes
    them at another pace; with a vector's room the writer is never held up except by a reader that is the slower one.
    Beats are packed before the FIFO and unpacked behind it, so that a burst leaves it at a beat a cycle.
    """
    if not isinstance(reader, DenseUnit | TableSumUnit) or (
        reader.folds == 1 and (resize is None or resize.wide == resize.simd)
    ):
        return LEAST_DEPTH
    return max(LEAST_DEPTH, math.ceil(reader.columns / (resize.wide if resize else reader.fold.simd)))


def with_depths(streams: Sequence[Stream], depths: Mapping[str, int]) -> tuple[Stream, ...]:
    """The same with other depths, by the names of links."""
    return tuple(
        replace(stream, links=tuple(replace(link, depth=depths.get(link.name, link.depth)) for link in stream.links))
        for stream in streams
    )
