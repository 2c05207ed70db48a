"""What a tensor of the graph can be while it is lowered: a constant, a stream of a network node's values, or a curve."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwflow.ints import IntArray
from hwflow.quantised.elementwise import Step


@dataclass(frozen=True, eq=False)
class Quantised:
    """The integers behind a constant: constant = scale * integers, scale broadcasting against them."""

    integers: IntArray
    scale: NDArray[np.float64]

    @property
    def scales(self) -> NDArray[np.float64]:
        """The scale of each integer."""
        return np.broadcast_to(self.scale, self.integers.shape)

    def reshaped(self, shape: Sequence[int]) -> "Quantised":
        scale = self.scale.reshape(()) if self.scale.size == 1 else self.scales.reshape(shape)
        return Quantised(self.integers.reshape(shape), scale)

    def transposed(self, permutation: Sequence[int] | None) -> "Quantised":
        return Quantised(self.integers.transpose(permutation), self.scales.transpose(permutation))


@dataclass(frozen=True, eq=False)
class Constant:
    """A tensor whose values are known; `quantised` if it came out of a quantiser."""

    array: NDArray[Any]
    quantised: Quantised | None = None

    def transposed(self, permutation: Sequence[int] | None) -> "Constant":
        quantised = self.quantised.transposed(permutation) if self.quantised else None
        return Constant(self.array.transpose(permutation), quantised)


_RAW = "?"  # no node's name starts so


def raw(number: int = 0) -> str:
    """The node of a stream of the model's own floats, of its input of that number, before they became integers of INPUT."""
    return f"{_RAW}{number}"


def number_of(node: str) -> int | None:
    """The number of the input whose floats these are; None for a node of the network."""
    return int(node[1:]) if node.startswith(_RAW) else None


@dataclass(frozen=True, eq=False)
class Picked:
    """Which elements of a node's vector a stream takes: element i is that at places[i] of the `of` there are."""

    places: IntArray
    of: int

    def spread(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Operands of the elements as operands of the whole vector; what is not taken gets any of them.

        Raises ValueError if an element is taken twice, with operands that differ.
        """
        whole = np.full(self.of, values[0])
        whole[self.places] = values
        if not np.array_equal(whole[self.places], values):
            raise ValueError("it treats two copies of one element differently; copy it behind the quantiser")
        return whole

    def weights(self, weights: Quantised) -> Quantised:
        """Weights [elements, rows] as those of the whole vector: of what is not taken they are 0.

        Raises ValueError if an element is taken twice, with weights of different scales.
        """
        shape = (self.of, weights.integers.shape[1])
        integers, scales = np.zeros(shape, dtype=np.int64), np.ones(shape) * weights.scales[:1]
        np.add.at(integers, self.places, weights.integers)
        scales[self.places] = weights.scales
        if not np.array_equal(scales[self.places], weights.scales):
            raise ValueError("it multiplies two copies of one element by weights of different scales; use one scale")
        return Quantised(integers, weights.scale if weights.scale.size == 1 else scales)


@dataclass(frozen=True, eq=False)
class Stream:
    """Values that depend on the input: the integers of a network node, then float steps on each element.

    node: name of the node (or INPUT, or `raw`); size: elements of the flattened vector; shape: of the ONNX tensor, batch first
    as 1; steps: applied to the integers as float32; picked: if the vector is not the node's own, of which of the node's
    elements it is made: steps are then those of all of the node's elements.
    """

    node: str
    size: int
    shape: tuple[int, ...]
    steps: tuple[Step, ...] = ()
    picked: Picked | None = None

    @property
    def is_raw(self) -> bool:
        """Whether these are floats of the model's input, and not yet integers."""
        return number_of(self.node) is not None

    def then(self, *steps: Step) -> "Stream":
        return replace(self, steps=self.steps + steps)

    def operand(self, constant: NDArray[Any]) -> NDArray[np.float32]:
        """A constant as an operand of a step: one element, or one for each element of the flattened vector.

        Raises ValueError if it does not broadcast to the tensor without making it larger.
        """
        values = np.asarray(constant, dtype=np.float32)
        if values.size == 1:
            return values.reshape(1)
        shape = np.broadcast_shapes(values.shape, self.shape)
        if math.prod(shape) != self.size:
            raise ValueError(f"shape {values.shape} does not broadcast to {self.shape}")
        spread = np.ascontiguousarray(np.broadcast_to(values, shape).reshape(-1))
        if np.all(spread == spread[0]):
            return spread[:1]
        return self.picked.spread(spread) if self.picked else spread


@dataclass(frozen=True, eq=False)
class Curve:
    """A tensor each of whose elements is a function of one integer, by its value for every integer.

    node: whose elements these integers are; source [1, …]: of which of them each element is a function, -1 for none; tensor:
    values [integers, …], with every integer of the node's range, from the least to the greatest, in place of the samples.
    """

    node: str
    source: IntArray
    tensor: Constant


Value = Constant | Stream | Curve
