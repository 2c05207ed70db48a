"""What every hardware unit of a net says of the nodes that it computes."""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

from hwflow.ints import IntType
from hwflow.quantised.backend.folding import Fold
from hwflow.quantised.layers import tokens_of
from hwflow.quantised.network import Node, Threshold


class NodesUnit(ABC):
    """A unit that computes one node, or a node and the Threshold that alone reads it."""

    @property
    @abstractmethod
    def nodes(self) -> tuple[Node, ...]:
        """Its nodes, in order."""

    @property
    @abstractmethod
    def rows(self) -> int:
        """Elements of a vector, so of a token, that its last node but the Threshold gives, or, of an argmax, takes."""

    @property
    def name(self) -> str:
        return self.nodes[0].name

    @property
    def output(self) -> str:
        """The node whose values it gives."""
        return self.nodes[-1].name

    @property
    def inputs(self) -> tuple[str, ...]:
        return self.nodes[0].inputs

    @property
    def tokens(self) -> int:
        """Vectors of a sample, which it takes one after another."""
        return tokens_of(self.nodes[-1].layer)

    @property
    def size(self) -> int:
        """Elements of an output sample."""
        return self.nodes[-1].layer.size

    @property
    def sizes_in(self) -> tuple[int, ...]:
        """Elements of a sample of each input."""
        return self.nodes[0].layer.reads

    @property
    def activation(self) -> Threshold | None:
        layer = self.nodes[-1].layer
        return layer if isinstance(layer, Threshold) else None

    @property
    def steps(self) -> int:
        return self.activation.levels.shape[1] if self.activation else 0

    @property
    def count_bits(self) -> int:
        return self.steps.bit_length()


class OneNodeUnit(NodesUnit):
    """A unit that computes one node alone."""

    node: Node

    @property
    def nodes(self) -> tuple[Node, ...]:
        return (self.node,)


class OneInputUnit(NodesUnit):
    """A unit that reads one value, of type `x`."""

    x: IntType

    @property
    def branches(self) -> tuple[IntType, ...]:
        """The types of what it reads."""
        return (self.x,)

    @property
    def types_in(self) -> tuple[IntType, ...]:
        """What each of them is widened to in front of it."""
        return (self.x,)


@dataclass(frozen=True, eq=False)
class FoldedUnit(OneInputUnit):
    """A unit of PE rows and SIMD columns a cycle: of a node, and of the Threshold that follows it, if any.

    x, sum, y: types of what it reads, of its sums, and of what it gives.
    """

    node: Node
    threshold: Node | None
    fold: Fold
    x: IntType
    sum: IntType
    y: IntType

    @property
    def nodes(self) -> tuple[Node, ...]:
        return (self.node, self.threshold) if self.threshold else (self.node,)

    @property
    @abstractmethod
    def columns(self) -> int:
        """Elements of a vector that it reads."""

    @property
    def lanes_in(self) -> tuple[int, ...]:
        return (self.fold.simd,)

    @property
    def lanes(self) -> int:
        """Elements of an output beat."""
        return self.fold.pe

    @property
    def folds(self) -> int:
        return math.ceil(self.rows / self.fold.pe)

    @property
    def beats(self) -> int:
        """Input beats of a vector."""
        return math.ceil(self.columns / self.fold.simd)

    @property
    def slots(self) -> int:
        """Cycles a vector occupies the unit, and words of its memories for each element that addresses them."""
        return self.folds * self.beats
