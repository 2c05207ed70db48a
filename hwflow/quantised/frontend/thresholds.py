"""From a chain of float steps that ends in integers to integer thresholds, by bisection."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hwflow.ints import IntArray, IntType
from hwflow.quantised.elementwise import Step, apply
from hwflow.quantised.network import Threshold

MAX_STEPS = (1 << 16) - 1  # an activation of 16 bits
_MOST_LEVELS = 1 << 22  # of all channels


class TooManyLevels(ValueError):
    """A quantiser finer than asked for."""


def find_thresholds(steps: Sequence[Step], low: IntArray, high: IntArray, most: int = MAX_STEPS) -> Threshold:
    """The Threshold that gives what the steps give, for every accumulator x_c in low[c] … high[c].

    The steps are evaluated in float32, as QONNX execution does, so decisions agree at ties too. They are monotone in
    each channel, so each level is found by bisection: about log2(high - low) evaluations for all channels and levels.
    Raises TooManyLevels if the values need more than `most` levels, ValueError if they are not whole numbers, or if all
    channels need millions.
    """

    def value(x: IntArray) -> NDArray[np.float32]:
        return np.broadcast_to(apply(steps, x.astype(np.float32)), x.shape)

    at_low, at_high = value(low), value(high)
    ends = np.concatenate([at_low, at_high])
    if not np.isfinite(ends).all() or np.any(ends != np.rint(ends)):
        raise ValueError("its values are not whole numbers")
    base, top = int(ends.min()), int(ends.max())
    if top - base > most:
        raise TooManyLevels(f"it has {top - base + 1} levels, more than {most + 1}; quantise to fewer bits")
    if (top - base) * len(low) > _MOST_LEVELS:
        raise ValueError(
            f"{len(low)} channels of {top - base + 1} levels are too many to store; quantise to fewer bits"
        )
    descending = at_low > at_high
    levels = np.arange(base + 1, max(top, base + 1) + 1)[:, None]

    # The least x from which on the value is at the level (or, on descending channels, below it); high + 1 if none.
    first = np.broadcast_to(low, (len(levels), len(low))).copy()
    last = np.broadcast_to(high + 1, first.shape).copy()
    while np.any(first < last):
        middle = (first + last) // 2
        reached = (value(np.minimum(middle, high)) >= levels) != descending
        reached |= middle > high
        first, last = np.where(reached | (first >= last), first, middle + 1), np.where(reached, middle, last)
    output = IntType.holding(base, base + len(levels))
    return Threshold(np.sort(first.T, axis=1).astype(np.int64), descending, base, output)
