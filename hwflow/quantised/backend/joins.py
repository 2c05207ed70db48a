"""The units that are no matrix: sums of branches, activations that stand alone, and branches one behind another."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hwflow.errors import UserError
from hwflow.ints import IntArray, IntType
from hwflow.quantised.backend.nodes_unit import NodesUnit, OneNodeUnit
from hwflow.quantised.backend.token_units import divisors, fewest
from hwflow.quantised.layers import tokens_of
from hwflow.quantised.network import Add, Concat, Network, Node, Product

MAX_LANES = 999  # of thresholds, whose images have three digits for the lane
MAX_SUM_BITS = 62  # of a sum of branches, in the simulation's 64


@dataclass(frozen=True, eq=False)
class AddUnit(NodesUnit):
    """`hwf_add`: Add or Product, and the Threshold that follows it, if any; or a Threshold alone, on one branch.

    lanes: elements of a beat; branches: the types of what it reads; x: the type in which they meet.
    """

    add: Node | None
    threshold: Node | None
    lanes: int
    branches: tuple[IntType, ...]
    x: IntType
    sum: IntType
    y: IntType

    @property
    def nodes(self) -> tuple[Node, ...]:
        return tuple(node for node in (self.add, self.threshold) if node)

    @property
    def node(self) -> Node:
        """The first of its nodes."""
        return self.nodes[0]

    @property
    def gain(self) -> IntArray:
        """Integers [branches, rows]."""
        layer = self.add.layer if self.add else None
        ones = np.ones((len(self.branches), self.rows), dtype=np.int64)
        return layer.gain if isinstance(layer, Add) else ones

    @property
    def multiplies(self) -> bool:
        """Whether branches are multiplied and not added."""
        return self.add is not None and isinstance(self.add.layer, Product)

    @property
    def rows(self) -> int:
        return self.nodes[-1].layer.size // self.tokens

    @property
    def lanes_in(self) -> tuple[int, ...]:
        return (self.lanes,) * len(self.branches)

    @property
    def types_in(self) -> tuple[IntType, ...]:
        """What each branch is widened to in front of it."""
        return (self.x,) * len(self.branches)

    @property
    def beats(self) -> int:
        return math.ceil(self.rows / self.lanes)

    @property
    def folds(self) -> int:
        return self.beats

    @property
    def cycles(self) -> int:
        return self.tokens * self.beats

    @property
    def weighted(self) -> bool:
        """Whether a branch is multiplied by anything but 1."""
        return bool(np.any(self.gain != 1))

    @property
    def latency(self) -> int:
        """Cycles from a beat to its sums."""
        return 1 + self.weighted + (len(self.branches) > 1) + self.count_bits


@dataclass(frozen=True, eq=False)
class ConcatUnit(OneNodeUnit):
    """`hwf_concat`: the beats of one branch behind those of another; `whole`: all branches, whole, in one beat."""

    node: Node
    lanes: int
    whole: bool
    branches: tuple[IntType, ...]
    y: IntType

    @property
    def layer(self) -> Concat:
        assert isinstance(self.node.layer, Concat)
        return self.node.layer

    @property
    def rows(self) -> int:
        return self.layer.channels

    @property
    def lanes_in(self) -> tuple[int, ...]:
        return self.layer.sizes if self.whole else (self.lanes,) * len(self.layer.sizes)

    @property
    def types_in(self) -> tuple[IntType, ...]:
        """What each branch is widened to in front of it."""
        return (self.y,) * len(self.branches)

    @property
    def turns(self) -> tuple[int, ...]:
        """Beats of each branch in a vector."""
        return tuple(math.ceil(size / lanes) for size, lanes in zip(self.layer.sizes, self.lanes_in, strict=True))

    @property
    def beats(self) -> int:
        return 1 if self.whole else sum(self.turns)

    @property
    def cycles(self) -> int:
        return self.tokens * self.beats

    @property
    def latency(self) -> int:
        return 0


def add_unit(network: Network, add: Node | None, threshold: Node | None, cycles: int) -> AddUnit:
    """The unit with the fewest lanes that takes a vector in `cycles`.

    Raises UserError if its sums are wider than the RTL.
    """
    node = add or threshold
    assert node is not None
    branches = tuple(network.types[name] for name in node.inputs)
    low, high = network.ranges[add.name] if add else network.ranges[node.inputs[0]]
    x = common_type(branches)
    # One above the greatest sum fits too: it is the threshold that is never reached.
    span = IntType.holding(int(low.min()), int(high.max()) + 1)
    least = max(span.bits + (not span.signed), x.bits)
    if least > MAX_SUM_BITS:
        raise UserError(f"Node {node.name} joins branches to integers that take {least} bits, more than the {MAX_SUM_BITS} of hwflow's "
                        "RTL; give its branches one scale, or quantise them to fewer bits.")  # fmt: skip
    last = (threshold or node).layer
    tokens = tokens_of(last)
    lanes = min(MAX_LANES, math.ceil(last.size / cycles))
    if tokens > 1:
        lanes = fewest((d for d in divisors(last.size // tokens) if d <= MAX_LANES), last.size, cycles)
    y = network.types[(threshold or node).name]
    return AddUnit(add, threshold, lanes, branches, x, IntType(least, signed=True), y)


def concat_unit(network: Network, node: Node, cycles: int) -> ConcatUnit:
    """The unit with the fewest lanes that takes a vector in `cycles`: so many that each branch but the last fills its beats,
    or else all at once.
    """
    assert isinstance(node.layer, Concat)
    sizes, tokens = node.layer.sizes, node.layer.tokens
    common = math.gcd(*(sizes[:-1] if tokens == 1 else sizes)) or sizes[-1]
    fitting = (lanes for lanes in range(1, common + 1)
               if common % lanes == 0 and tokens * sum(math.ceil(size / lanes) for size in sizes) <= cycles)  # fmt: skip
    lanes = next(fitting, None)
    branches = tuple(network.types[name] for name in node.inputs)
    return ConcatUnit(node, lanes or sum(sizes), lanes is None, branches, network.types[node.name])


def common_type(types: Sequence[IntType]) -> IntType:
    """The narrowest signed type that holds all of them."""
    return IntType(max(kind.bits + (not kind.signed) for kind in types), signed=True)
