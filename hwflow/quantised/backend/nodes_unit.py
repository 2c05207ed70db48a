"""What every hardware unit of a net says of the nodes that it computes."""

from abc import ABC, abstractmethod

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
