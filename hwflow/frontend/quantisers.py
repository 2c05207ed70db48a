"""QONNX quantisers as elementary float steps, in the order in which the `qonnx` package computes them."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwflow.elementwise import ROUNDINGS, Step, apply
from hwflow.frontend.values import Quantised
from hwflow.ints import IntArray

_ROUNDING_MODES = {
    "ROUND": "round",
    "HALF_EVEN": "round",
    "CEIL": "ceil",
    "FLOOR": "floor",
    "UP": "round_up",
    "DOWN": "truncate",
    "HALF_UP": "round_half_up",
    "HALF_DOWN": "round_half_down",
}


def _one(value: float) -> NDArray[np.float32]:
    return np.array([value], dtype=np.float32)


def rounding_step(mode: str) -> Step:
    """Raises ValueError if the mode is unknown."""
    kind = _ROUNDING_MODES.get(mode.upper())
    if kind is None:
        raise ValueError(f"rounding mode {mode!r:.40} is not one of {', '.join(_ROUNDING_MODES)}")
    return Step(kind)


def quantiser_range(bits: float, signed: bool, narrow: bool) -> tuple[int, int]:
    """Least and greatest integer of a quantiser. Raises ValueError unless it has 1 to 32 whole bits."""
    if not (1 <= bits <= 32 and math.floor(bits) == bits):
        raise ValueError(f"a width of {bits:g} bits is not 1 to 32")
    width = int(bits)
    if signed:
        return -(1 << (width - 1)) + narrow, (1 << (width - 1)) - 1
    return 0, (1 << width) - 1 - narrow


def quant_steps(
    scale: NDArray[np.float32], zero: NDArray[np.float32], low: int, high: int, rounding: Step
) -> tuple[Step, ...]:
    """Quant: clip to low … high of x / scale + zero, round, and back: (q - zero) * scale."""
    there = [Step("div", (scale,))] + [Step("add", (zero,))] * bool(np.any(zero))
    back = [Step("sub", (zero,))] * bool(np.any(zero)) + [Step("mul", (scale,))]
    return (*there, Step("clip", (_one(low), _one(high))), rounding, *back)


def bipolar_steps(scale: NDArray[np.float32]) -> tuple[Step, ...]:
    """BipolarQuant: scale where x >= 0, -scale elsewhere, as scale * (2 b - 1) with b = 0 or 1."""
    return Step("step"), Step("mul", (_one(2),)), Step("sub", (_one(1),)), Step("mul", (scale,))


def integer_end(steps: Sequence[Step]) -> int:
    """How many leading steps end in integers: up to the last rounding, and clips of integers behind it; 0 if none."""
    rounded = [i for i, step in enumerate(steps) if step.kind in ROUNDINGS]
    if not rounded:
        return 0
    end = rounded[-1] + 1
    while end < len(steps) and (steps[end].kind == "relu" or _clips_integers(steps[end])):
        end += 1
    return end


def _clips_integers(step: Step) -> bool:
    return step.kind == "clip" and all(bool(np.all(operand == np.rint(operand))) for operand in step.operands)


def affine(steps: Sequence[Step]) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Steps as x -> gain * x + offset, computed in float64; None if one of them is not affine."""
    gain, offset = np.ones(1), np.zeros(1)
    for step in steps:
        if step.kind not in ("add", "sub", "mul", "div"):
            return None
        operand = step.operands[0].astype(np.float64)
        match step.kind:
            case "add":
                offset = offset + operand
            case "sub":
                offset = offset - operand
            case "mul":
                gain, offset = gain * operand, offset * operand
            case "div":
                gain, offset = gain / operand, offset / operand
    return gain, offset


def quantise_constant(
    array: NDArray[Any], scale: NDArray[Any], zero: NDArray[Any], low: int, high: int, rounding: Step
) -> tuple[NDArray[np.float32], Quantised]:
    """A quantiser on a constant: its float values, and the integers behind them. Raises ValueError on odd shapes."""
    values = np.asarray(array, dtype=np.float32)
    scale32, zero32 = np.asarray(scale, dtype=np.float32), np.asarray(zero, dtype=np.float32)
    if np.broadcast_shapes(values.shape, scale32.shape, zero32.shape) != values.shape:
        raise ValueError("the scale's shape does not fit the weights")
    if np.any(zero32 != np.rint(zero32)):
        raise ValueError("the zero point is not a whole number")
    steps = quant_steps(scale32, zero32, low, high, rounding)
    integers = apply(steps[: integer_end(steps)], values).astype(np.int64) - zero32.astype(np.int64)
    return apply(steps, values), Quantised(integers, scale32.astype(np.float64))


def bipolar_constant(array: NDArray[Any], scale: NDArray[Any]) -> tuple[NDArray[np.float32], Quantised]:
    """BipolarQuant on a constant."""
    signs: IntArray = np.where(np.asarray(array) >= 0, 1, -1).astype(np.int64)
    scale32 = np.asarray(scale, dtype=np.float32)
    if np.broadcast_shapes(signs.shape, scale32.shape) != signs.shape:
        raise ValueError("the scale's shape does not fit the weights")
    return (signs * scale32).astype(np.float32), Quantised(signs, scale32.astype(np.float64))
