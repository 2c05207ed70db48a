"""The units that look values up: functions of one integer, and sums of such functions over edges."""

import math
from dataclasses import dataclass, replace

from hwflow.errors import UserError
from hwflow.ints import IntType
from hwflow.quantised.backend.folding import Fold
from hwflow.quantised.backend.nodes_unit import FoldedUnit, OneInputUnit, OneNodeUnit
from hwflow.quantised.network import Network, Node, Table, TableSum

MAX_LANES = 999  # of tables, whose images have three digits for the lane
IN_TABLES = 256  # words up to which a table is left to look-up tables: as many as four of six inputs hold
LEVELS = 2  # levels of additions between two registers


@dataclass(frozen=True, eq=False)
class TableUnit(OneNodeUnit, OneInputUnit):
    """`hwf_table`: a Table. lanes: elements of a beat."""

    node: Node
    lanes: int
    x: IntType
    y: IntType

    @property
    def layer(self) -> Table:
        assert isinstance(self.node.layer, Table)
        return self.node.layer

    @property
    def rows(self) -> int:
        return self.layer.channels

    @property
    def lanes_in(self) -> tuple[int, ...]:
        return (self.lanes,)

    @property
    def beats(self) -> int:
        return math.ceil(self.rows / self.lanes)

    @property
    def cycles(self) -> int:
        return self.beats

    @property
    def tables(self) -> int:
        """Tables of a lane."""
        return 1 if self.layer.shared else self.beats

    @property
    def depth(self) -> int:
        """Words of a lane's memory."""
        return self.tables << self.x.bits

    @property
    def latency(self) -> int:
        return 1


@dataclass(frozen=True, eq=False)
class TableSumUnit(FoldedUnit):
    """`hwf_table_sum`: TableSum, and the Threshold that follows it, if any."""

    @property
    def layer(self) -> TableSum:
        assert isinstance(self.node.layer, TableSum)
        return self.node.layer

    @property
    def rows(self) -> int:
        return self.layer.size

    @property
    def columns(self) -> int:
        return self.layer.columns

    @property
    def cycles(self) -> int:
        """Cycles a vector occupies the unit: its initiation interval."""
        return self.slots

    @property
    def entry_bits(self) -> int:
        entries = self.layer.entries
        return IntType.holding(min(int(entries.min()), -1), int(entries.max())).bits

    @property
    def depth(self) -> int:
        """Words of the memory of a column of a beat."""
        return self.slots << self.x.bits

    @property
    def latency(self) -> int:
        """Cycles from the beat that completes a result to the result."""
        tree = math.ceil((self.fold.simd - 1).bit_length() / LEVELS)
        return 2 + tree + (self.beats > 1) + self.count_bits


def table_unit(network: Network, node: Node, cycles: int) -> TableUnit:
    """The unit with the fewest lanes that takes a vector in `cycles`, or the one with the most there are.

    Raises UserError if what it reads is wider than a table.
    """
    assert isinstance(node.layer, Table)
    lanes = min(math.ceil(node.layer.size / cycles), MAX_LANES)
    x, y = network.types[node.inputs[0]], network.types[node.name]
    _check_bits(node, x)
    return TableUnit(node, lanes, x, y)


def table_sum_unit(network: Network, node: Node, threshold: Node | None, fold: Fold) -> TableSumUnit:
    """The unit of a fold. Raises UserError if what it reads is wider than a table."""
    low, high = network.ranges[node.name]
    x, y = network.types[node.inputs[0]], network.types[(threshold or node).name]
    _check_bits(node, x)
    # One above the greatest sum fits too: it is the threshold that is never reached.
    span = IntType.holding(min(int(low.min()), -1), int(high.max()) + (threshold is not None))
    unit = TableSumUnit(node, threshold, fold, x, span, y)
    return unit if span.bits >= unit.entry_bits else replace(unit, sum=IntType(unit.entry_bits, True))


def _check_bits(node: Node, x: IntType) -> None:
    if x.bits > 16:
        raise UserError(f"Node {node.name} looks up integers of {x.bits} bits, and hwflow's RTL has tables of at most 16; quantise to 16 "
                        "bits or fewer before it.")  # fmt: skip


def table_style(depth: int, block_ram: bool) -> str:
    """Where synthesis puts tables of so many words: look-up tables or block RAM. block_ram: whether the family's look-up tables hold
    no memory."""
    return "block" if depth > (16 if block_ram else IN_TABLES) else "auto"
