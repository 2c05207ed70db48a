"""The hardware units of a chain of layers: one for each matrix (with its activation), and one for an argmax.

A unit holds what its RTL module is parametrised with; `rtl/dense/` says what each does and in how many cycles.
"""

import math
from dataclasses import dataclass

from hwflow.errors import UserError
from hwflow.ints import IntType
from hwflow.quantised.backend.folding import Fold, Folding
from hwflow.quantised.network import INPUT, ArgMax, Dense, Network, Node, Threshold

MAX_SUM_BITS = 63  # of a sum of products in hwf_dot
MAX_COUNT_BITS = 16  # of the search in hwf_threshold
LEVELS = 2  # levels of arithmetic between two registers of the adder tree


@dataclass(frozen=True, eq=False)
class DenseUnit:
    """`hwf_dense`: Dense, and the Threshold that follows it, if any."""

    dense: Node
    threshold: Node | None
    fold: Fold
    x: IntType
    sum: IntType
    y: IntType

    @property
    def matrix(self) -> Dense:
        assert isinstance(self.dense.layer, Dense)
        return self.dense.layer

    @property
    def activation(self) -> Threshold | None:
        layer = self.threshold.layer if self.threshold else None
        assert layer is None or isinstance(layer, Threshold)
        return layer

    @property
    def name(self) -> str:
        return self.dense.name

    @property
    def rows(self) -> int:
        return self.matrix.size

    @property
    def columns(self) -> int:
        return self.matrix.columns

    @property
    def folds(self) -> int:
        return math.ceil(self.rows / self.fold.pe)

    @property
    def beats(self) -> int:
        """Input beats of a vector."""
        return math.ceil(self.columns / self.fold.simd)

    @property
    def cycles(self) -> int:
        """Cycles a vector occupies the unit: its initiation interval."""
        return self.folds * self.beats

    @property
    def bipolar(self) -> bool:
        """Whether weights are stored as one bit: an element added to fill the last beat would need a weight of 0."""
        return self.matrix.bipolar and self.columns % self.fold.simd == 0

    @property
    def weight_bits(self) -> int:
        return 1 if self.bipolar else stored_bits(self.matrix)

    @property
    def ternary(self) -> bool:
        """Whether weights are -1, 0 and +1 in two bits, which makes products one bit narrower."""
        return self.weight_bits == 2 and int(self.matrix.weight.min()) >= -1

    @property
    def count_bits(self) -> int:
        return self.steps.bit_length()

    @property
    def steps(self) -> int:
        return self.activation.levels.shape[1] if self.activation else 0

    @property
    def latency(self) -> int:
        """Cycles from the beat that completes a result to the result."""
        tree = math.ceil((1 + clog2(self.fold.simd)) / LEVELS)
        return 1 + tree + (self.beats > 1) + self.count_bits


@dataclass(frozen=True, eq=False)
class ArgMaxUnit:
    """`hwf_argmax`: takes the beats of the unit before it as they come."""

    node: Node
    pe: int
    x: IntType
    y: IntType

    @property
    def layer(self) -> ArgMax:
        assert isinstance(self.node.layer, ArgMax)
        return self.node.layer

    @property
    def name(self) -> str:
        return self.node.name

    @property
    def rows(self) -> int:
        return self.layer.channels

    @property
    def beats(self) -> int:
        return math.ceil(self.rows / self.pe)

    @property
    def cycles(self) -> int:
        return self.beats

    @property
    def latency(self) -> int:
        return 2 + clog2(self.pe)


Unit = DenseUnit | ArgMaxUnit


def stored_bits(matrix: Dense) -> int:
    """Bits of a weight in two's complement."""
    return IntType.holding(min(int(matrix.weight.min()), -1), int(matrix.weight.max())).bits


def widest(x: IntType, matrix: Dense) -> int:
    """The greatest SIMD at which the RTL's sums of products hold what inputs of the type and the weights can give; 0: none."""
    spare = MAX_SUM_BITS - x.bits - stored_bits(matrix)
    return 1 << spare if spare >= 0 else 0


def clog2(value: int) -> int:
    """The least n with 2^n >= value."""
    return (value - 1).bit_length()


def units_of(network: Network, folding: Folding) -> tuple[Unit, ...]:
    """Pair the layers of a chain into units.

    Raises UserError if the network is not a chain of Dense, each with at most one Threshold, and an ArgMax at the end, or
    if a layer is wider than the RTL.
    """
    units: list[Unit] = []
    nodes = list(network.nodes)
    before = INPUT
    while nodes:
        node = nodes.pop(0)
        if node.inputs != (before,):
            raise UserError(f"Node {node.name} does not follow {before} alone; the dataflow backend builds chains.")
        match node.layer:
            case Dense():
                follower = nodes.pop(0) if nodes and isinstance(nodes[0].layer, Threshold) else None
                units.append(_dense_unit(network, node, follower, folding))
                before = (follower or node).name
            case ArgMax() if units and isinstance(units[-1], DenseUnit):
                pe = units[-1].fold.pe
                units.append(ArgMaxUnit(node, pe, network.types[before], network.types[node.name]))
                before = node.name
            case _:
                raise UserError(f"Node {node.name} ({type(node.layer).__name__}) does not follow a matrix product; "
                                "the dataflow backend needs one before it.")  # fmt: skip
    return tuple(units)


def _dense_unit(network: Network, node: Node, follower: Node | None, folding: Folding) -> DenseUnit:
    low, high = network.ranges[node.name]
    # One above the greatest sum fits too: it is the threshold that is never reached.
    span = IntType.holding(int(low.min()), int(high.max()) + 1)
    accumulator = span if span.signed else IntType(span.bits + 1, signed=True)
    x, y = network.types[node.inputs[0]], network.types[(follower or node).name]
    unit = DenseUnit(node, follower, folding.of(node.name), x, accumulator, y)
    most = widest(x, unit.matrix)
    if unit.fold.simd > most:
        remedy = f"fold it by SIMD {most} at most" if most else "quantise them to fewer bits"
        raise UserError(f"Layer {node.name} multiplies {x} by weights of {stored_bits(unit.matrix)} bits, whose sums in a cycle "
                        f"take more than the {MAX_SUM_BITS} bits of hwflow's RTL; {remedy}.")  # fmt: skip
    if unit.count_bits > MAX_COUNT_BITS:
        raise UserError(f"The activation behind layer {node.name} has {unit.steps + 1:,} levels, more than the "
                        f"{1 << MAX_COUNT_BITS:,} of hwflow's RTL; quantise it to {MAX_COUNT_BITS} bits or fewer.")  # fmt: skip
    return unit
