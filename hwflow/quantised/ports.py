"""The inputs and outputs of a model that has several: the parts of the one vector that goes in, and of the one that comes out."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwflow.errors import UserError
from hwflow.ints import IntType
from hwflow.quantised.elementwise import Step, apply


@dataclass(frozen=True, eq=False)
class InputPort:
    """An input: its elements lie behind those of the inputs before it.

    name: in the model file; shape: of a sample; kind: of its integers; steps: float steps from one sample, flattened, to these.
    """

    name: str
    shape: tuple[int, ...]
    kind: IntType
    steps: tuple[Step, ...] = ()

    @property
    def size(self) -> int:
        """Elements."""
        return math.prod(self.shape)

    def quantise(self, x: NDArray[np.float32], net: str) -> NDArray[np.int64]:
        """Floats as the model file takes them [n, size] to integers [n, size].

        Raises UserError, with the net's name, if a result is not an integer of the input's type.
        """
        where = f"the input of {net}" if self.name == "x" else f"input {self.name!r:.60} of {net}"
        values = apply(self.steps, x)
        if not np.isfinite(values).all() or np.any(values != np.rint(values)):
            raise UserError(f"The vectors hold values that are not whole {self.kind}, which {where} takes; quantise them first.")  # fmt: skip
        integers = values.astype(np.int64)
        if not self.kind.holds(integers):
            raise UserError(f"The vectors hold values outside {self.kind}, {where}; scale them as for training, or compile "
                            "with another --input-type.")  # fmt: skip
        return integers


@dataclass(frozen=True, eq=False)
class OutputPort:
    """An output: its integers lie behind those of the outputs before it.

    name: in the model file; size: integers; shape: of what they mean for a sample; steps: float steps from the integers to that.
    """

    name: str
    size: int
    shape: tuple[int, ...]
    steps: tuple[Step, ...] = ()

    @property
    def width(self) -> int:
        """Elements of what the integers mean."""
        return math.prod(self.shape)


def parts_of(values: NDArray[Any], sizes: Sequence[int]) -> list[NDArray[Any]]:
    """Values [n, sum of sizes] as the parts of these sizes."""
    return np.split(values, list(accumulate(sizes))[:-1], axis=1)


def check_steps(steps: Sequence[Step], size: int) -> None:
    """Raises ValueError for operands that do not go with so many values."""
    for operand in (operand for step in steps for operand in step.operands):
        if operand.dtype != np.float32 or operand.shape not in ((1,), (size,)) or np.isnan(operand).any():
            raise ValueError(f"a step's operand is {operand.dtype} of shape {operand.shape} for {size} values, or NaN")
