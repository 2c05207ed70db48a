"""QONNX quantisers as elementary float steps, in the order in which the `qonnx` package computes them."""

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
_WHOLE = 1 << 15  # of weights that are whole numbers, which are taken as they are


def one(value: float) -> NDArray[np.float32]:
    """The operand of a step that is the same for all elements."""
    return np.array([value], dtype=np.float32)


def rounding_step(mode: str) -> Step:
    """Raises ValueError if the mode is unknown."""
    kind = _ROUNDING_MODES.get(mode.upper())
    if kind is None:
        raise ValueError(f"rounding mode {mode!a:.40} is not one of {', '.join(_ROUNDING_MODES)}")
    return Step(kind)


def quantiser_range(
    bits: NDArray[Any] | float, signed: bool, narrow: bool
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Least and greatest integer of a quantiser, for each width that is given. Raises ValueError unless 1 to 32 whole bits."""
    bits = np.atleast_1d(np.asarray(bits))
    wrong = bits[~((bits >= 1) & (bits <= 32) & (np.floor(bits) == bits))]
    if wrong.size:
        raise ValueError(f"a width of {wrong.flat[0]:g} bits is not 1 to 32")
    reach = 2.0 ** (bits.astype(np.float64) - signed)
    low, high = (-reach + narrow, reach - 1) if signed else (0 * reach, reach - 1 - narrow)
    return low.astype(np.float32), high.astype(np.float32)


def quant_steps(
    scale: NDArray[np.float32],
    zero: NDArray[np.float32],
    low: NDArray[np.float32],
    high: NDArray[np.float32],
    rounding: Step,
) -> tuple[Step, ...]:
    """Quant: clip to low … high of x / scale + zero, round, and back: (q - zero) * scale."""
    there = [Step("div", (scale,))] + [Step("add", (zero,))] * bool(np.any(zero))
    back = [Step("sub", (zero,))] * bool(np.any(zero)) + [Step("mul", (scale,))]
    return (*there, Step("clip", (low, high)), rounding, *back)


def bipolar_steps(scale: NDArray[np.float32]) -> tuple[Step, ...]:
    """BipolarQuant: scale where x >= 0, -scale elsewhere, as scale * (2 b - 1) with b = 0 or 1."""
    return Step("step"), Step("mul", (one(2),)), Step("sub", (one(1),)), Step("mul", (scale,))


def with_zero_point(zero: NDArray[np.float32]) -> tuple[Step, ...]:
    """Integers plus a zero point, as integers of the quantiser's own type: without it they may need a bit more."""
    return (Step("add", (zero,)), Step("round")) if np.any(zero) else ()


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
    bounds = (np.zeros(1), np.full(1, np.inf)) if step.kind == "relu" else step.operands
    least, greatest = (np.asarray(bound, dtype=np.float64) for bound in bounds)
    if np.any((gain == 0) & ((offset < least) | (offset > greatest))):
        return None  # what is always the offset would be cut
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = [np.where(gain == 0, sign * np.inf, _near_whole((bound - offset) / gain))
                for sign, bound in ((-1, least), (1, greatest))]  # fmt: skip
    if any(np.isnan(end).any() for end in ends):
        return None
    low, high = (end.astype(np.float32) for end in (np.minimum(*ends), np.maximum(*ends)))
    return Step("clip", (low, high))


def _near_whole(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each value as the integer that it is, or is but for float32's rounding; else NaN."""
    nearest = np.rint(values)
    near = (values == nearest) | (np.abs(values - nearest) <= _FLOAT32 * np.abs(values))
    return np.where(near, nearest, np.nan)


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
    array: NDArray[Any],
    scale: NDArray[Any],
    zero: NDArray[Any],
    low: NDArray[np.float32],
    high: NDArray[np.float32],
    rounding: Step,
) -> tuple[NDArray[np.float32], Quantised]:
    """A quantiser on a constant: its float values, and the integers behind them. Raises ValueError on odd shapes."""
    values = np.asarray(array, dtype=np.float32)
    scale32, zero32 = np.asarray(scale, dtype=np.float32), np.asarray(zero, dtype=np.float32)
    bounds = low.shape if low.size > 1 else ()
    if np.broadcast_shapes(values.shape, scale32.shape, zero32.shape, bounds) != values.shape:
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
    if np.all(values == np.rint(values)) and np.abs(values).max(initial=0) < _WHOLE:
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
