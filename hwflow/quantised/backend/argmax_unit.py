"""The unit of a class."""

import math
from dataclasses import dataclass

from hwflow.ints import IntType
from hwflow.quantised.backend.nodes_unit import OneInputUnit, OneNodeUnit
from hwflow.quantised.network import ArgMax, Node

MAX_AT_ONCE = 16  # elements of which each is compared with each other one


@dataclass(frozen=True, eq=False)
class ArgMaxUnit(OneNodeUnit, OneInputUnit):
    """`hwf_argmax`: takes the beats of the unit before it as they come; `at_once`: `hwf_first_largest`, a whole vector a cycle;
    loaded: whether the host writes its constants."""

    node: Node
    pe: int
    x: IntType
    y: IntType
    at_once: bool = False
    loaded: bool = False

    @property
    def layer(self) -> ArgMax:
        assert isinstance(self.node.layer, ArgMax)
        return self.node.layer

    @property
    def lanes_in(self) -> tuple[int, ...]:
        return (self.pe,)

    @property
    def lanes(self) -> int:
        """Elements of an output beat."""
        return 1

    @property
    def rows(self) -> int:
        return self.layer.channels

    @property
    def beats(self) -> int:
        return math.ceil(self.rows / self.pe)

    @property
    def cycles(self) -> int:
        return self.tokens * self.beats

    @property
    def latency(self) -> int:
        return 1 if self.at_once else 2 + (self.pe - 1).bit_length()
