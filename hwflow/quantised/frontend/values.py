"""What a tensor of the graph can be while it is lowered: a constant, or a stream of a network node's values."""

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


RAW = ""  # the node of a stream of the model's own floats, before they became the integers of INPUT


@dataclass(frozen=True, eq=False)
class Stream:
    """Values that depend on the input: the integers of a network node, then float steps on each element.

    node: name of the node (or INPUT, or RAW); size: elements of the flattened vector; shape: of the ONNX tensor, batch first
    as 1; steps: applied to the integers as float32.
    """

    node: str
    size: int
    shape: tuple[int, ...]
    steps: tuple[Step, ...] = ()

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
        return spread[:1] if np.all(spread == spread[0]) else spread


Value = Constant | Stream
