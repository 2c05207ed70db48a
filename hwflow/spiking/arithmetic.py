"""The arithmetic of a core's states, traces and weights (docs/neuron.md), in int64, which holds every product and sum."""

import numpy as np

from hwflow.ints import IntArray
from hwflow.spiking.learning import Learning

ONE = 65536  # a decay's unit


def fade(q: IntArray, keep: IntArray | int) -> IntArray:
    """sgn(q) (|q| - ⌈|q| d / 65536⌉), where keep = 65536 - d: q keep / 65536, rounded toward zero."""
    product = q * keep
    return np.asarray((product + ((product >> 63) & (ONE - 1))) >> 16)


def change(gain: IntArray | int, trace: IntArray, rectangular: bool) -> IntArray:
    """How much a weight changes, by the trace on the other side."""
    if rectangular:
        return np.where(trace > 0, gain, 0)
    return np.asarray(np.sign(gain) * ((np.abs(gain) * trace + 128) >> 8))


def raised(
    trace: IntArray, spiked: IntArray, decay: int, step: int, rule: Learning, most: int, values: IntArray | int = 1
) -> IntArray:
    """Traces after a tick in which the given ones had a spike; values: of these spikes."""
    faded = np.maximum(trace - 1, 0) if rule.rectangular else trace * (ONE - decay) >> 16
    if rule.rectangular or rule.nearest:
        faded[spiked] = step
    else:
        faded[spiked] = np.minimum(faded[spiked] + values * step, most)
    return np.asarray(faded)


def clipped(weight: IntArray, learning: Learning) -> IntArray:
    """Weights within the bounds of the rule."""
    return np.asarray(np.minimum(np.maximum(weight, learning.weight_min), learning.weight_max))
