"""The hardware units of a net's layers: one for each matrix (with its activation), for each join, and for an argmax.

A unit holds what its RTL module is parametrised with; `rtl/dense/` says what each does and in how many cycles.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from hwflow.errors import UserError
from hwflow.ints import IntArray, IntType
from hwflow.quantised.backend.argmax_unit import MAX_AT_ONCE, ArgMaxUnit
from hwflow.quantised.backend.folding import Folding, cycles
from hwflow.quantised.backend.hardwired import Hardwired, hardwired
from hwflow.quantised.backend.joins import AddUnit, ConcatUnit, add_unit, concat_unit
from hwflow.quantised.backend.lookups import TableSumUnit, TableUnit, table_sum_unit, table_unit
from hwflow.quantised.backend.nodes_unit import FoldedUnit
from hwflow.quantised.backend.slice_unit import SliceUnit, slice_unit
from hwflow.quantised.backend.token_units import ReduceUnit, TransposeUnit, reduce_unit, transpose_unit
from hwflow.quantised.layers import tokens_of
from hwflow.quantised.network import (
    Add,
    ArgMax,
    Concat,
    Dense,
    Network,
    Node,
    Product,
    Reduce,
    Slice,
    Table,
    TableSum,
    Threshold,
    Transpose,
)

MAX_SUM_BITS = 63  # of a sum of products in hwf_dot
MAX_COUNT_BITS = 16  # of the search in hwf_threshold
MAX_COMPARED = 255  # levels of a hardwired layer's activation
LEVELS = 2  # levels of arithmetic between two registers of the adder tree


@dataclass(frozen=True, eq=False)
class DenseUnit(FoldedUnit):
    """`hwf_dense`: Dense, and the Threshold that follows it, if any."""

    @property
    def matrix(self) -> Dense:
        assert isinstance(self.node.layer, Dense)
        return self.node.layer

    @property
    def rows(self) -> int:
        return self.matrix.rows

    @property
    def columns(self) -> int:
        return self.matrix.columns

    @property
    def cycles(self) -> int:
        """Cycles a sample occupies the unit: its initiation interval."""
        return self.tokens * self.slots

    @property
    def written(self) -> bool:
        """Whether the host writes the weights."""
        return self.fold.loaded or self.fold.large

    @property
    def bipolar(self) -> bool:
        """Whether weights are stored as one bit: an element added to fill the last beat would need a weight of 0."""
        return not self.fold.loaded and self.matrix.bipolar and self.columns % self.fold.simd == 0

    @property
    def seed(self) -> int | None:
        """The seed of weights that are generated and in no memory (`hwf_signs`); None if there is none."""
        possible = self.bipolar and not self.written and self.slots > 1 and self.rows % self.fold.pe == 0
        return self.matrix.seed if possible else None

    @property
    def read_only(self) -> bool:
        """Whether the weights are constants in a memory."""
        return not self.written and not self.seed

    @property
    def weight_bits(self) -> int:
        return 1 if self.bipolar else stored_bits(self.matrix, self.fold.loaded)

    @property
    def ternary(self) -> bool:
        """Whether weights are -1, 0 and +1 in two bits, which makes products one bit narrower."""
        return not self.fold.loaded and self.weight_bits == 2 and self.matrix.limits[0] >= -1

    @property
    def implementation(self) -> str:
        """What it is called in a design: all of an unrolled one works in every cycle."""
        return "unrolled" if self.cycles == 1 else "folded"

    @property
    def latency(self) -> int:
        """Cycles from the beat that completes a result to the result."""
        tree = math.ceil((1 + clog2(self.fold.simd)) / LEVELS)
        return 1 + tree + (self.beats > 1) + self.count_bits


@dataclass(frozen=True, eq=False)
class HardwiredUnit(DenseUnit):
    """The same with constant weights, a vector a cycle, as a module made for it (`hardwired_text`).

    low, high: least and greatest value of each input.
    """

    low: IntArray
    high: IntArray

    @cached_property
    def wired(self) -> Hardwired:
        """Its graph, results and registers."""
        fold, ends = self.fold, (self.low, self.high)
        assert fold.levels is not None
        return hardwired(self.matrix, self.activation, self.x, *ends, self.y.bits, fold.levels, fold.chain)

    @property
    def implementation(self) -> str:
        return "hardwired"

    @property
    def latency(self) -> int:
        return self.wired.stages


MatrixUnit = DenseUnit | TableSumUnit  # which are folded
Unit = DenseUnit | ArgMaxUnit | AddUnit | ConcatUnit | TransposeUnit | ReduceUnit | SliceUnit | TableUnit | TableSumUnit


def stored_bits(matrix: Dense, loaded: bool = False) -> int:
    """Bits of a weight in two's complement; loaded: of any of the type that the weights are declared in."""
    declared = matrix.weight_type
    low, high = (declared.min, declared.max) if loaded else matrix.limits
    return IntType.holding(min(low, -1), high).bits


def widest(x: IntType, matrix: Dense, loaded: bool = False) -> int:
    """The greatest SIMD at which the RTL's sums of products hold what inputs of the type and the weights can give; 0: none."""
    spare = MAX_SUM_BITS - x.bits - stored_bits(matrix, loaded)
    return 1 << spare if spare >= 0 else 0


def clog2(value: int) -> int:
    """The least n with 2^n >= value."""
    return (value - 1).bit_length()


def units_of(network: Network, folding: Folding) -> tuple[Unit, ...]:
    """Pair the nodes of a net into units: a Dense, a TableSum, an Add or a Product with the Threshold that alone reads it; each other node alone.

    Joins, slices, transpositions and reductions have as few lanes as let the slowest matrix stay the slowest unit. Raises UserError if a node is wider than the RTL.
    """
    readers: dict[str, list[Node]] = {}
    for node in network.nodes:
        for name in node.inputs:
            readers.setdefault(name, []).append(node)
    slowest = max((cycles(node.layer, folding.of(node.name)) for node in network.nodes if isinstance(node.layer, Dense | TableSum)),
                  default=max(node.layer.size for node in network.nodes))  # fmt: skip
    units: list[Unit] = []
    paired: set[str] = set()
    for node in network.nodes:
        if node.name in paired:
            continue
        follower = _follower(node, readers.get(node.name, []))
        if follower:
            paired.add(follower.name)
        match node.layer:
            case Dense():
                units.append(_dense_unit(network, node, follower, folding, units))
            case Add() | Product():
                units.append(add_unit(network, node, follower, slowest))
            case Threshold():
                units.append(add_unit(network, None, node, slowest))
            case Concat():
                units.append(concat_unit(network, node, slowest))
            case Table():
                units.append(table_unit(network, node, slowest))
            case TableSum():
                units.append(table_sum_unit(network, node, follower, folding.of(node.name)))
            case Slice():
                units.append(slice_unit(network, node, slowest))
            case Transpose():
                units.append(transpose_unit(network, node, slowest))
            case Reduce():
                units.append(reduce_unit(network, node, slowest))
            case ArgMax(channels=channels, tokens=tokens):
                before = next((unit for unit in units if unit.output == node.inputs[0]), None)
                lanes = before.lanes if before else math.ceil(channels / slowest)
                lanes = lanes if tokens == 1 else math.gcd(lanes, channels)
                at_once = isinstance(before, HardwiredUnit) and lanes == channels <= MAX_AT_ONCE
                x = _given(network, node.inputs[0], units) if folding.loaded else network.types[node.inputs[0]]
                units.append(ArgMaxUnit(node, lanes, x, network.types[node.name], at_once, folding.loaded))
    for unit in units:
        if unit.count_bits > MAX_COUNT_BITS:
            raise UserError(f"The activation behind layer {unit.name} has {unit.steps + 1:,} levels, more than the "
                            f"{1 << MAX_COUNT_BITS:,} of hwflow's RTL; quantise it to {MAX_COUNT_BITS} bits or fewer.")  # fmt: skip
    return tuple(units)


def _follower(node: Node, readers: Sequence[Node]) -> Node | None:
    """The Threshold that becomes one unit with the node."""
    if len(readers) != 1 or not isinstance(node.layer, Dense | Add | Product | TableSum):
        return None
    layer = readers[0].layer
    alike = isinstance(node.layer, Product) or tokens_of(layer) == node.layer.tokens
    return readers[0] if isinstance(layer, Threshold) and alike else None


def _given(network: Network, name: str, units: Sequence[Unit]) -> IntType:
    """The type of a value that units before have, whatever their weights."""
    return next((unit.y for unit in units if unit.output == name), network.types[name])


def _any_sums(x: IntType, matrix: Dense) -> tuple[int, int]:
    """The least and greatest sum that any weights of the declared type can give."""
    kind = matrix.weight_type
    products = [a * b for a in (x.min, x.max) for b in (kind.min, kind.max)]
    return matrix.columns * min(products), matrix.columns * max(products)


def _dense_unit(
    network: Network, node: Node, follower: Node | None, folding: Folding, before: Sequence[Unit]
) -> DenseUnit:
    fold, matrix = folding.of(node.name), node.layer
    assert isinstance(matrix, Dense)
    x, y = network.types[node.inputs[0]], network.types[(follower or node).name]
    low, high = (int(bound) for bound in (network.ranges[node.name][0].min(), network.ranges[node.name][1].max()))
    if fold.loaded:
        x = _given(network, node.inputs[0], before)
        low, high = _any_sums(x, matrix)
        y = y if follower else IntType.holding(low, high)
    # One above the greatest sum fits too: it is the threshold that is never reached.
    span = IntType.holding(low, high + 1)
    accumulator = span if span.signed else IntType(span.bits + 1, signed=True)
    if fold.levels is not None:
        if follower and isinstance(follower.layer, Threshold) and follower.layer.levels.shape[1] > MAX_COMPARED:
            raise UserError(f"Layer {node.name} cannot be hardwired with the {follower.layer.levels.shape[1]:,} levels of its "
                            f"activation, more than {MAX_COMPARED}, each of which is a comparison; fold it.")  # fmt: skip
        least, greatest = (end.reshape(tokens_of(node.layer), -1) for end in network.ranges[node.inputs[0]])
        return HardwiredUnit(node, follower, fold, x, accumulator, y, least.min(axis=0), greatest.max(axis=0))
    unit = DenseUnit(node, follower, fold, x, accumulator, y)
    most = widest(x, unit.matrix, fold.loaded)
    if unit.fold.simd > most:
        remedy = f"fold it by SIMD {most} at most" if most else "quantise them to fewer bits"
        raise UserError(f"Layer {node.name} multiplies {x} by weights of {stored_bits(unit.matrix, fold.loaded)} bits, whose sums in a cycle "
                        f"take more than the {MAX_SUM_BITS} bits of hwflow's RTL; {remedy}.")  # fmt: skip
    return unit
