"""The class of scaled and biased outputs as an argmax over integers that is exact, ties included."""

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from hwflow.ints import IntArray
from hwflow.quantised.elementwise import Step
from hwflow.quantised.frontend.scales import common_unit, exact_affine
from hwflow.quantised.network import ArgMax

MAX_BITS = 40  # of a gain
_SUM_BITS = 62  # of gain * x + offset, in the reference's 64

_ORDER_KEEPING = ("softmax", "log_softmax", "sigmoid", "tanh")  # the same increasing function for every channel


def exact_argmax(steps: Sequence[Step], low: IntArray, high: IntArray) -> ArgMax:
    """ArgMax whose gain[c] * x_c + offset[c] are in the order, and have the ties, of the steps' exact results.

    The steps are taken as exact arithmetic on their float32 operands, value_c = g_c * x_c + b_c, for integers x_c in
    low[c] … high[c]. With u the greatest number of which all g_c are whole multiples, g_c * x_c is one too, so
    value_c is ordered as g_c / u * x_c + floor(b_c / u), and among equal ones as the rank of the fraction of b_c / u:
    gain = 2^k * g_c / u and offset = 2^k * floor(b_c / u) + rank, with k bits for the ranks.
    Raises ValueError if a step is not affine, or if the gains span too many bits.
    """
    end = len(steps)
    while end and steps[end - 1].kind in _ORDER_KEEPING:
        end -= 1
    gains, offsets = exact_affine(steps[:end], len(low), "the argmax")
    return _ranked(gains, offsets, low, high)


def _ranked(gains: Sequence[Fraction], offsets: Sequence[Fraction], low: IntArray, high: IntArray) -> ArgMax:
    unit = common_unit(gains)
    multiples = [int(gain / unit) for gain in gains]
    biases = [offset / unit for offset in offsets]
    wholes = [math.floor(bias) for bias in biases]
    fractions = [bias - whole for bias, whole in zip(biases, wholes, strict=True)]
    ranks = {fraction: rank for rank, fraction in enumerate(sorted(set(fractions)))}
    shift = (len(ranks) - 1).bit_length()
    least = min(wholes)  # a bias that all channels share changes nothing
    gain = [multiple << shift for multiple in multiples]
    offset = [((whole - least) << shift) + ranks[part] for whole, part in zip(wholes, fractions, strict=True)]
    reach = [abs(g) * max(abs(int(a)), abs(int(b))) for g, a, b in zip(gain, low, high, strict=True)]
    if max(abs(g) for g in gain) >> MAX_BITS or (max(reach) + max(offset)) >> _SUM_BITS:
        raise ValueError(f"the scales before the argmax span more than {MAX_BITS} bits; use one scale for all classes")
    return ArgMax(np.array(gain, dtype=np.int64), np.array(offset, dtype=np.int64))
