"""The unit that takes a part of a vector."""

import math
from dataclasses import dataclass

from hwflow.ints import IntType
from hwflow.quantised.axes import Slice
from hwflow.quantised.backend.handshakes import Sink, Source
from hwflow.quantised.backend.nodes_unit import OneInputUnit, OneNodeUnit
from hwflow.quantised.backend.token_units import divisors
from hwflow.quantised.network import Network, Node


@dataclass(frozen=True, eq=False)
class SliceUnit(OneNodeUnit, OneInputUnit):
    """`hwf_slice`: the beats of the part pass.

    lanes: elements of a beat that leaves; whole: whether vectors come in one beat, of which the part is some elements;
    x: the type of the whole vector; y: that of the part, to which its elements are narrowed in front of the unit.
    """

    node: Node
    lanes: int
    whole: bool
    x: IntType
    y: IntType

    @property
    def layer(self) -> Slice:
        assert isinstance(self.node.layer, Slice)
        return self.node.layer

    @property
    def rows(self) -> int:
        return self.layer.size

    @property
    def types_in(self) -> tuple[IntType, ...]:
        return (self.y,)

    @property
    def lanes_in(self) -> tuple[int, ...]:
        return (self.layer.of if self.whole else self.lanes,)

    @property
    def beats(self) -> int:
        """Beats of a vector."""
        return math.ceil(self.layer.of / self.lanes_in[0])

    @property
    def passing(self) -> range:
        """The numbers of those that pass."""
        if self.whole:
            return range(1)
        return range(self.layer.start // self.lanes, math.ceil((self.layer.start + self.layer.size) / self.lanes))

    @property
    def cycles(self) -> int:
        return self.beats

    @property
    def latency(self) -> int:
        return 0


def slice_unit(network: Network, node: Node, cycles: int) -> SliceUnit:
    """The unit with the fewest lanes that takes a vector in `cycles`, of which the part fills its beats, or else with all at once."""
    layer = node.layer
    assert isinstance(layer, Slice)
    common = math.gcd(layer.start, layer.size)
    lanes = next((lanes for lanes in divisors(common) if math.ceil(layer.of / lanes) <= cycles), None)
    x, y = network.types[node.inputs[0]], network.types[node.name]
    return SliceUnit(node, lanes or layer.size, lanes is None, x, y)


class Passing:
    """The handshakes of `hwf_slice`: of every `beats` words some pass, in the same cycle, and the others are taken as they come."""

    def __init__(self, source: Source, sink: Sink, beats: int, passing: range) -> None:
        self._source, self._sink = source, sink
        self._beats, self._passing = beats, passing
        self._number, self._passed, self._last = 0, 0, -1

    def settle(self) -> bool:
        moved = False
        while (offered := self._source.word(self._number)) is not None:
            passes = self._number % self._beats in self._passing
            room = self._sink.room(self._passed) if passes else 0
            if room is None:
                return moved
            self._last = max(offered, room, self._last + 1)
            self._source.pop(self._last)
            if passes:
                self._sink.push(self._last)
                self._passed += 1
            self._number += 1
            moved = True
        return moved
