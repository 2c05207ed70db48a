"""The class of scaled and biased outputs as an argmax over integers that is exact, ties included."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from hwflow.elementwise import Step
from hwflow.network import ArgMax

MAX_BITS = 40  # of a gain

_ORDER_KEEPING = ("softmax", "sigmoid", "tanh")  # the same increasing function for every channel


def exact_argmax(steps: Sequence[Step], channels: int) -> ArgMax:
    """ArgMax whose gain[c] * x_c + offset[c] are in the order, and have the ties, of the steps' exact results.

    The steps are taken as exact arithmetic on their float32 operands: value_c = g_c * x_c + b_c. Where all g_c are one
    positive number, x_c + b_c / g is ordered as its whole part, and among equal whole parts as the rank of its
    fraction: gain = 2^k with k bits for the ranks. Otherwise g_c and b_c are whole multiples of a common power of two.
    Raises ValueError if a step is not affine, or if the gains span too many bits.
    """
    gains, offsets = [Fraction(1)] * channels, [Fraction(0)] * channels
    for i, step in enumerate(steps):
        if all(later.kind in _ORDER_KEEPING for later in steps[i:]):
            break
        if step.kind not in ("add", "sub", "mul", "div"):
            raise ValueError(f"a step ({step.kind}) before the argmax is not affine")
        for c, value in enumerate(np.broadcast_to(step.operands[0], channels)):
            operand = Fraction(float(value))
            if step.kind in ("add", "sub"):
                offsets[c] += operand if step.kind == "add" else -operand
            else:
                factor = operand if step.kind == "mul" else 1 / operand if operand else Fraction(0)
                gains[c], offsets[c] = gains[c] * factor, offsets[c] * factor
    if all(gain == gains[0] for gain in gains) and gains[0] > 0:
        return _ranked([offset / gains[0] for offset in offsets])
    return _common_unit(gains, offsets)


def _ranked(biases: Sequence[Fraction]) -> ArgMax:
    wholes = [bias.numerator // bias.denominator for bias in biases]
    fractions = [bias - whole for bias, whole in zip(biases, wholes, strict=True)]
    ranks = {fraction: rank for rank, fraction in enumerate(sorted(set(fractions)))}
    shift = (len(ranks) - 1).bit_length()
    # A bias that all channels share changes nothing.
    least = min(wholes)
    offset = [((whole - least) << shift) + ranks[f] for whole, f in zip(wholes, fractions, strict=True)]
    return ArgMax(np.full(len(biases), 1 << shift, dtype=np.int64), _integers(offset))


def _common_unit(gains: Sequence[Fraction], offsets: Sequence[Fraction]) -> ArgMax:
    unit = max(value.denominator for value in (*gains, *offsets))
    if any(unit % value.denominator for value in (*gains, *offsets)):
        raise ValueError("the scales before the argmax have no common unit; divide by powers of two only")
    return ArgMax(_integers([int(gain * unit) for gain in gains]), _integers([int(o * unit) for o in offsets]))


def _integers(values: Sequence[int]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    if max(abs(value) for value in values) >> MAX_BITS:
        raise ValueError(f"the scales before the argmax span more than {MAX_BITS} bits; use one scale for all classes")
    return np.array(values, dtype=np.int64)
