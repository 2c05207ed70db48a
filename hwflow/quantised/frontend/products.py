"""What a matrix product is made of: its shape, its weights as integers, and the steps behind its sums."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwflow.ints import IntArray, IntType
from hwflow.quantised.elementwise import Step, apply
from hwflow.quantised.frontend.quantisers import one
from hwflow.quantised.frontend.scales import WEIGHT_BITS
from hwflow.quantised.frontend.values import Constant, Stream
from hwflow.quantised.network import Dense

MAX_ROWS = 16_384
MAX_INPUT_BITS = 16
_FRACTION_BITS = 3  # of a zero point that is still exact in integers


def add_bias(stream: Stream, bias: Constant) -> Stream:
    """stream + bias; a bias quantised in the unit of the sums, or a multiple of it, is added to them as an integer."""
    if bias.quantised is not None and stream.steps and stream.steps[-1].kind == "mul":
        unit = stream.steps[-1].operands[0].astype(np.float64)
        scales = stream.operand(bias.quantised.scales).astype(np.float64)
        multiple = np.rint(scales / np.where(unit, unit, np.inf))
        if np.all(np.abs(scales - multiple * unit) <= 2.0**-22 * np.abs(unit)):
            before, scaling = stream.steps[:-1], stream.steps[-1]
            integers = stream.operand(bias.quantised.integers) * multiple.astype(np.float32)
            return replace(stream, steps=(*before, Step("add", (integers,)), scaling))
    return stream.then(Step("add", (stream.operand(bias.array),)))


def check_product(stream: Stream, weights: NDArray[Any], axis: int) -> tuple[int, int]:
    """The rows of a product of weights [columns, rows] with the axis of the stream, and how many tokens have such an axis.

    Raises ValueError if they do not fit.
    """
    fits = weights.ndim == 2 and len(stream.shape) >= -axis and weights.shape[0] == stream.shape[axis]
    if not fits:
        raise ValueError(f"weights of shape {weights.shape} do not fit an input of {stream.shape}")
    if not 1 <= weights.shape[1] <= MAX_ROWS:
        raise ValueError(f"it has {weights.shape[1]} rows; 1 to {MAX_ROWS} can be built")
    return int(weights.shape[1]), stream.size // int(weights.shape[0])


def scaled(
    weight: IntArray, factor: NDArray[np.float64], shift: NDArray[np.float64], constant: NDArray[np.float64]
) -> tuple[Step, ...]:
    """The steps behind sum(w q): times the factor of each row, and what the shifts of the inputs add.

    constant: what they add in the end; it is added to the integers instead if the shifts are whole, in a power of two.
    """
    unit = 1 << _FRACTION_BITS
    shift = shift * unit
    whole = np.rint(shift)
    if not np.all(np.abs(shift - whole) <= 1e-12 * np.abs(shift)):
        return (Step("mul", (_narrow(factor),)), Step("add", (_narrow(constant),)))
    while unit > 1 and not np.any(whole % 2):
        unit, whole = unit // 2, whole / 2
    total = (weight * whole.astype(np.int64)).sum(axis=1)
    steps = [Step("mul", (one(unit),))] * (unit > 1) + [Step("add", (_narrow(total),))] * bool(np.any(total))
    last = _narrow(factor / unit)
    return (*steps, *[Step("mul", (last,))] * bool(np.any(last != 1)))


def _narrow(values: NDArray[np.float64] | IntArray) -> NDArray[np.float32]:
    """As an operand: one element if all are equal."""
    operand = values.astype(np.float32)
    return operand[:1] if np.all(operand == operand[0]) else operand


def type_of(steps: tuple[Step, ...], size: int) -> IntType:
    """The type of the integers in which the steps, all monotone, end: those of the least and greatest float32."""
    greatest = np.finfo(np.float32).max
    ends = apply(steps, np.array([[-greatest], [greatest]], dtype=np.float32) * np.ones(size, dtype=np.float32))
    if not np.isfinite(ends).all() or np.abs(ends).max() > 1 << 31:
        raise ValueError("the input's quantiser has no bounds")
    if np.any(ends != np.rint(ends)):
        raise ValueError("the bounds of the input's quantiser are not whole numbers")
    kind = IntType.holding(int(ends.min()), int(ends.max()))
    if kind.bits > MAX_INPUT_BITS:
        raise ValueError(f"the input has {kind.bits} bits, more than {MAX_INPUT_BITS}; quantise it to fewer")
    return kind


def check_width(integers: IntArray) -> None:
    low, high = int(integers.min()), int(integers.max())
    if high - low >= 1 << WEIGHT_BITS:
        raise ValueError(f"its weights run from {low} to {high}, which is more than {WEIGHT_BITS} bits")


def dense_of(integers: IntArray) -> Dense:
    low, high = int(integers.min()), int(integers.max())
    return Dense(np.ascontiguousarray(integers), IntType.holding(min(low, -1), max(high, 0)))
