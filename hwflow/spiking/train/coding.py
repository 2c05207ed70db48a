"""From values to spikes, without chance: the same sample always gives the same spikes."""

import numpy as np
from numpy.typing import NDArray

Spikes = NDArray[np.bool_]
_GOLDEN = (5**0.5 - 1) / 2  # its multiples are spread evenly over 0 … 1, however many there are


def rate_code(values: NDArray[np.float64], spikes: float, ticks: int, silence: int = 0) -> Spikes:
    """Evenly spaced spikes, more for a greater value: bool [ticks + silence, axons].

    values: [axons], 0 … 1. Axon j has a spike in tick t where floor(t · r + p) grows: r = value · spikes / ticks, at most
    1, and p = j · 0.618… modulo 1, so that axons of equal values do not spike together. No spikes in the last `silence`.
    """
    rate = np.minimum(np.asarray(values, np.float64) * spikes / ticks, 1.0)
    phase = np.arange(len(rate)) * _GOLDEN % 1.0
    level = np.floor(np.arange(ticks + 1)[:, None] * rate + phase)
    return np.concatenate([np.diff(level, axis=0) > 0, np.zeros((silence, len(rate)), np.bool_)])


def on_and_off(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """[…, n], 0 … 1, to […, 2n]: the values and, behind them, 1 - the values, so that every sample sums up to n."""
    return np.concatenate([values, 1 - values], axis=-1)
