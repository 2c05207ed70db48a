"""What a third factor makes of the weights (docs/neuron.md): the gain of each neuron's column at the end of a presentation."""

import numpy as np
from numpy.typing import NDArray

from hwflow.ints import IntArray, IntType
from hwflow.spiking.learning import Modulation

GAIN = IntType(17, signed=True)


def gains(third: Modulation, factor: IntArray, y: IntArray, near: NDArray[np.bool_]) -> IntArray:
    """[N], zero where the gate is closed. factor, y: of the neurons; near: whether the membrane is near its threshold."""
    gated = np.arange(len(factor)) < third.gated
    wanted = np.clip(np.where(gated, third.rate, third.free_rate) * factor, GAIN.min, GAIN.max)
    return np.where(~gated | ((y <= third.most) & (near | (third.least <= y))), wanted, 0)
