"""What a tensor of the graph can be while it is lowered: a constant, or a stream of a network node's values."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwflow.elementwise import Step
from hwflow.ints import IntArray


@dataclass(frozen=True, eq=False)
class Quantised:
    """The integers behind a constant: constant = scale * integers, scale broadcasting against them."""

    integers: IntArray
    scale: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Constant:
    """A tensor whose values are known; `quantised` if it came out of a quantiser."""

    array: NDArray[Any]
    quantised: Quantised | None = None


@dataclass(frozen=True, eq=False)
class Stream:
    """Values that depend on the input: the integers of a network node, then float steps on each element.

    node: name of the node (or INPUT); size: elements of the flattened vector; shape: of the ONNX tensor, batch first
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

        Raises ValueError if it does not broadcast to the tensor's own shape.
        """
        values = np.asarray(constant, dtype=np.float32)
        if values.size == 1:
            return values.reshape(1)
        if np.broadcast_shapes(values.shape, self.shape) != self.shape:
            raise ValueError(f"shape {values.shape} does not broadcast to {self.shape}")
        return np.ascontiguousarray(np.broadcast_to(values, self.shape).reshape(-1))


Value = Constant | Stream
