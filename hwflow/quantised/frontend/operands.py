"""What operators ask of their inputs: a stream, a constant, a scale, a zero point, one number."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwflow.quantised.frontend.lowering import Lowering
from hwflow.quantised.frontend.values import Constant, Stream, Value

Attributes = Mapping[str, Any]
Inputs = Sequence[Value | None]
# Takes the node's attributes and the values of its inputs, and gives the value of its output. Raises ValueError with
# what is wrong; the caller names the node.
Operator = Callable[[Lowering, Attributes, Inputs], Value]


def stream_of(value: Value | None) -> Stream:
    if not isinstance(value, Stream):
        raise ValueError("its input does not depend on the model's input")
    return value


def constant_of(value: Value | None) -> NDArray[Any]:
    if not isinstance(value, Constant):
        raise ValueError("an input that must be constant is not")
    return value.array


def scale_of(value: Value | None) -> NDArray[np.float32]:
    scale = constant_of(value).astype(np.float32)
    if not np.all(scale > 0):
        raise ValueError("its scale is not positive")
    return scale


def zero_point_of(value: Value | None) -> NDArray[np.float32]:
    zero = constant_of(value).astype(np.float32)
    if np.any(zero != np.rint(zero)) or np.abs(zero).max(initial=0) > 1 << 24:
        raise ValueError("its zero point is not a whole number")
    return zero


def scalar_of(value: Value | None) -> float:
    array = constant_of(value)
    if array.size != 1:
        raise ValueError("an input that must be one number is not")
    return float(array.reshape(()))


def given(inputs: Inputs, index: int) -> bool:
    """Whether an optional input is there."""
    return len(inputs) > index and inputs[index] is not None
