"""QONNX quantisers as elementary float steps, in the order in which the `qonnx` package computes them."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwflow.ints import IntArray
from hwflow.quantised.elementwise import ROUNDINGS, Step, apply
from hwflow.quantised.frontend.values import Quantised

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
_GRID = 128  # the greatest multiple looked for in weights that no quantiser made
_FLOAT32 = 2.0**-23


def one(value: float) -> NDArray[np.float32]:
    """The operand of a step that is the same for all elements."""
    return np.array([value], dtype=np.float32)


def rounding_step(mode: str) -> Step:
    """Raises ValueError if the mode is unknown."""
    kind = _ROUNDING_MODES.get(mode.upper())
    if kind is None:
        raise ValueError(f"rounding mode {mode!a:.40} is not one of {', '.join(_ROUNDING_MODES)}")
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
    return (*there, Step("clip", (one(low), one(high))), rounding, *back)


def bipolar_steps(scale: NDArray[np.float32]) -> tuple[Step, ...]:
    """BipolarQuant: scale where x >= 0, -scale elsewhere, as scale * (2 b - 1) with b = 0 or 1."""
    return Step("step"), Step("mul", (one(2),)), Step("sub", (one(1),)), Step("mul", (scale,))


def integer_end(steps: Sequence[Step]) -> int:
    """How many leading steps end in integers: up to the last rounding; 0 if there is none."""
    return max((i + 1 for i, step in enumerate(steps) if step.kind in ROUNDINGS), default=0)


def settled(steps: Sequence[Step], end: int) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
    """Steps that end in integers after the first `end`, as those and an affine rest, where that can be.

    A relu or a clip behind the scaling g * q + o is a clip of the integers q, if its bounds fall on integers.
    """
    whole, rest = list(steps[:end]), list(steps[end:])
    while whole:
        at = next((i for i, step in enumerate(rest) if step.kind in ("relu", "clip")), len(rest))
        clip = _integer_clip(rest[:at], rest[at]) if at < len(rest) else None
        if clip is None:
            return tuple(whole), tuple(rest)
        whole.append(clip)
        del rest[at]
    return (), tuple(rest)


def _integer_clip(before: Sequence[Step], step: Step) -> Step | None:
    """The clip of integers that a relu or a clip behind an affine scaling of them is, if it is one."""
    scaling = affine(before)
    if scaling is None:
        return None
    gain, offset = scaling
    if gain.size > 1 or offset.size > 1 or gain[0] == 0:
        return None
    bounds = [0.0, np.inf] if step.kind == "relu" else [float(bound[0]) for bound in step.operands]
    integers = [_near_whole((bound - float(offset[0])) / float(gain[0])) for bound in bounds]
    known = sorted(bound for bound in integers if bound is not None)
    return Step("clip", (one(known[0]), one(known[1]))) if len(known) == 2 else None


def _near_whole(value: float) -> float | None:
    nearest = float(np.rint(value))
    return nearest if value == nearest or abs(value - nearest) <= _FLOAT32 * abs(value) else None


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


def on_grid(weights: NDArray[Any]) -> Quantised | None:
    """Weights [columns, rows] that no quantiser made, if they are small multiples of one scale, or of one a row."""
    values = np.asarray(weights, dtype=np.float64)
    if np.all(values == np.rint(values)) and np.abs(values).max(initial=0) <= 2 * _GRID:
        return Quantised(values.astype(np.int64), np.ones(1))
    whole = _multiples(values.reshape(-1, 1))
    if whole is not None:
        return Quantised(whole.integers.reshape(values.shape), whole.scale.reshape(1))
    return _multiples(values)


def _multiples(values: NDArray[np.float64]) -> Quantised | None:
    """Each column as multiples, up to 128, of the coarsest scale that gives them to float32 precision."""
    largest = np.abs(values).max(axis=0)
    largest[largest == 0] = 1
    scale = np.zeros_like(largest)
    for multiple in range(1, _GRID + 1):
        found = _is_grid(values[:64], largest / multiple) & (scale == 0)
        found[found] = _is_grid(values[:, found], largest[found] / multiple)
        scale[found] = largest[found] / multiple
        if scale.all():
            return Quantised(np.rint(values / scale).astype(np.int64), scale)
    return None


def _is_grid(values: NDArray[np.float64], scale: NDArray[np.float64]) -> NDArray[np.bool_]:
    off = np.abs(np.rint(values / scale) * scale - values)
    return np.asarray((off <= _FLOAT32 * np.abs(values)).all(axis=0))
