"""Scales as fractions: weights with scales of their own as integers in one unit for each row, and units that are exact."""

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from hwflow.ints import IntArray
from hwflow.quantised.elementwise import Step
from hwflow.quantised.frontend.values import Quantised

WEIGHT_BITS = 16  # of weights that are taken as they are
FOLDED_BITS = 24  # of weights into which scales were folded: what float32 keeps of a number
EXACT_BITS = 40  # of weights in one unit, in which nothing is rounded
_FLOAT32 = 2.0**-23
_MOST_SCALES = 4096  # in a row, for which an exact unit is sought


def in_one_unit(
    quantised: Quantised, gain: NDArray[np.float64], bits: int = EXACT_BITS
) -> tuple[IntArray, NDArray[np.float64], bool]:
    """gain[c] * scale[c, r] * integers[c, r] as unit[r] * w[c, r]: w, unit, and whether that is exact.

    bits: that w may have, 40 at most. Where the scales of a row are whole multiples of a unit that leaves w so many, it is exact: few
    bits where they are powers of two or masks of 0 and 1, and for others what float32 keeps of them. Else w is rounded to 24 bits.
    """
    scales = quantised.scales if np.all(gain == 1) else quantised.scales * gain[:, None]
    if np.all(scales == scales[:1]):
        return quantised.integers, np.asarray(scales[0], dtype=np.float64), True
    used = (quantised.integers != 0) & (scales != 0)
    integers = np.where(used, quantised.integers, 0)
    first = np.argmax(used, axis=0)
    unit = np.where(used.any(axis=0), np.take_along_axis(scales, first[None], axis=0)[0], 1.0)
    if np.all(~used | (scales == unit)):
        return integers, unit, True
    limit = 1 << (min(bits, EXACT_BITS) - 1)
    rows = [_row(integers[:, r], scales[:, r], used[:, r], limit) for r in range(scales.shape[1])]
    return np.stack([row[0] for row in rows], axis=1), np.array([row[1] for row in rows]), all(row[2] for row in rows)


def _row(
    integers: IntArray, scales: NDArray[np.float64], used: NDArray[np.bool_], limit: int
) -> tuple[IntArray, float, bool]:
    if not used.any():
        return integers, 1.0, True
    for unit in _units(np.unique(np.abs(scales[used]))):
        multiples = np.where(used, scales / unit, 0)
        whole = np.rint(multiples)
        if np.all(np.abs(multiples - whole) <= _FLOAT32 * np.abs(multiples)):
            if np.abs(integers * whole).max() < limit:
                return integers * whole.astype(np.int64), unit, True
            break
    values = integers * np.where(used, scales, 0)
    unit = float(np.abs(values).max()) / ((1 << (FOLDED_BITS - 1)) - 1)
    return np.rint(values / unit).astype(np.int64), unit, False


def _units(scales: NDArray[np.float64]) -> list[float]:
    """Of what a row's scales may be multiples: of the least, or of the greatest number that divides all exactly."""
    if len(scales) > _MOST_SCALES:
        return [float(scales[0])]
    fractions = [Fraction(float(scale)) for scale in scales]
    denominator = math.lcm(*(fraction.denominator for fraction in fractions))
    divisor = math.gcd(*(int(fraction * denominator) for fraction in fractions))
    return [float(scales[0]), float(Fraction(divisor, denominator))]


def common_unit(gains: Sequence[Fraction]) -> Fraction:
    """The greatest positive number of which all gains are whole multiples; 1 if all are zero."""
    denominator = math.lcm(*(gain.denominator for gain in gains))
    numerator = math.gcd(*(int(gain * denominator) for gain in gains))
    return Fraction(numerator, denominator) if numerator else Fraction(1)


def exact_affine(steps: Sequence[Step], size: int, reader: str) -> tuple[list[Fraction], list[Fraction]]:
    """Steps as x_c -> gain_c * x_c + offset_c, in exact arithmetic on their float32 operands: gains and offsets [size].

    reader: what is behind the steps, for the error. Raises ValueError if a step is not affine.
    """
    gains, offsets = [Fraction(1)] * size, [Fraction(0)] * size
    for step in steps:
        if step.kind not in ("add", "sub", "mul", "div"):
            raise ValueError(f"a step ({step.kind}) before {reader} is not affine")
        for c, value in enumerate(np.broadcast_to(step.operands[0], size)):
            operand = Fraction(float(value))
            if step.kind in ("add", "sub"):
                offsets[c] += operand if step.kind == "add" else -operand
            else:
                factor = operand if step.kind == "mul" else 1 / operand
                gains[c], offsets[c] = gains[c] * factor, offsets[c] * factor
    return gains, offsets
