"""The units that move or join what lies between tokens: transpositions, and sums and greatest along an axis."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from hwflow.ints import IntType
from hwflow.quantised.axes import Reduce, Transpose
from hwflow.quantised.backend.nodes_unit import OneInputUnit, OneNodeUnit
from hwflow.quantised.network import Network, Node


@dataclass(frozen=True, eq=False)
class TransposeUnit(OneNodeUnit, OneInputUnit):
    """`hwf_transpose`: one matrix is written while the one before is read.

    lanes: elements of a beat, which are neighbours of one group, or else one of each of as many rows.
    """

    node: Node
    lanes: int
    x: IntType

    @property
    def y(self) -> IntType:
        return self.x

    @property
    def layer(self) -> Transpose:
        assert isinstance(self.node.layer, Transpose)
        return self.node.layer

    @property
    def grouped(self) -> int:
        """Elements that the unit moves as one."""
        return math.gcd(self.lanes, self.layer.inner)

    @property
    def inner(self) -> int:
        """Such elements of a group."""
        return self.layer.inner // self.grouped

    @property
    def width(self) -> int:
        """Bits of such an element."""
        return self.grouped * self.y.bits

    @property
    def rows(self) -> int:
        """Elements of a matrix."""
        return self.layer.rows * self.layer.columns * self.layer.inner

    @property
    def lanes_in(self) -> tuple[int, ...]:
        return (self.lanes,)

    @property
    def beats(self) -> int:
        """Beats of a matrix."""
        return self.rows // self.lanes

    @property
    def cycles(self) -> int:
        return self.tokens * self.beats

    @property
    def latency(self) -> int:
        """Cycles from the last beat of a matrix to its first result."""
        return 2

    @property
    def memory(self) -> tuple[int, int, int]:
        """Banks, words of a bank, and bits of a word."""
        banks = self.lanes // self.grouped
        return banks, 2 * self.beats // banks, banks * self.width


@dataclass(frozen=True, eq=False)
class ReduceUnit(OneNodeUnit, OneInputUnit):
    """`hwf_reduce`: a result leaves with the last beat of what it is made of."""

    node: Node
    lanes: int
    x: IntType
    sum: IntType
    y: IntType

    @property
    def layer(self) -> Reduce:
        assert isinstance(self.node.layer, Reduce)
        return self.node.layer

    @property
    def rows(self) -> int:
        return self.layer.inner

    @property
    def lanes_in(self) -> tuple[int, ...]:
        return (self.lanes,)

    @property
    def beats(self) -> int:
        """Beats of a result."""
        return self.rows // self.lanes

    @property
    def cycles(self) -> int:
        return self.tokens * self.layer.axis * self.beats

    @property
    def latency(self) -> int:
        return 1


def transpose_unit(network: Network, node: Node, cycles: int) -> TransposeUnit:
    """The unit with the fewest lanes that takes a sample in `cycles`, or the one with the most there are."""
    layer = node.layer
    assert isinstance(layer, Transpose)
    lanes = fewest(_lanes(layer), layer.size, cycles)
    return TransposeUnit(node, lanes, network.types[node.name])


def _lanes(layer: Transpose) -> Iterator[int]:
    """What a beat can hold: a part of a group; and whole groups of as many rows as divide rows and columns, where these are
    moved as one."""
    yield from divisors(layer.inner)
    for rows in divisors(math.gcd(layer.rows, layer.columns)):
        yield rows * layer.inner


def reduce_unit(network: Network, node: Node, cycles: int) -> ReduceUnit:
    """The unit with the fewest lanes that takes a sample in `cycles`, or the one with the most there are."""
    layer = node.layer
    assert isinstance(layer, Reduce)
    lanes = fewest(divisors(layer.inner), layer.reads[0], cycles)
    x, y = network.types[node.inputs[0]], network.types[node.name]
    whole = IntType(max(x.bits, y.bits + (x.signed and not y.signed)), x.signed)
    return ReduceUnit(node, lanes, x, whole, y)


def fewest(lanes: Iterator[int], size: int, cycles: int) -> int:
    """The least number of lanes with which so many elements take at most that many cycles; the greatest, if none does."""
    found = sorted(lanes)
    return next((number for number in found if size <= number * cycles), found[-1])


def divisors(n: int) -> Iterator[int]:
    """Ascending."""
    return (d for d in range(1, n + 1) if n % d == 0)
