"""Whether the sums of a net can leave the range of a core's state: bounds from its integers, for any input."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwflow.ints import IntType
from hwflow.spiking.inputs import GRADED_MAX
from hwflow.spiking.learning import DECAY
from hwflow.spiking.network import SpikingNetwork

_ONE = 1 << DECAY.bits
_ROWS = 512  # of weights looked at together
_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Saturation:
    """Neurons by what clipping can do to them, whatever the input.

    never: no sum of theirs can leave the range; harmless: a sum can, and no spike changes by it (a membrane above its
    threshold fires all the same, and one that never fires is not read); can: a sum can, and spikes may change.
    """

    never: int
    harmless: int
    can: int

    def __str__(self) -> str:
        if not self.harmless and not self.can:
            return "no sum can saturate"
        told = f"; of {self.harmless:,} it changes no spike" if self.harmless else ""
        return f"the sums of {self.can:,} of {self.never + self.harmless + self.can:,} neurons can saturate{told}"


def saturation_of(network: SpikingNetwork, state: IntType) -> Saturation:
    """Bounds of each neuron's current and membrane, from the sums of its weights through its decay and leak.

    Weights that learn are taken at their bounds.
    """
    neurons, learning, never_read = network.neurons, network.learning, np.ones(network.size, np.bool_)
    never_read[network.outputs] = False
    positive, negative = _most_brought(network)
    unit, zero = float(1 << network.weight_shift), np.zeros(network.size)
    start = network.start
    begin = (start.membrane + zero, np.abs(start.current) + zero) if start else (zero, zero)
    up = _summed(positive * unit, neurons.decay) + begin[1]
    down = _summed(negative * unit, neurons.decay) + begin[1]
    rise, fall = up + np.maximum(neurons.bias, 0), down + np.maximum(-neurons.bias, 0)
    low = -np.maximum.reduce([_summed(fall, neurons.leak), -neurons.reset, -begin[0]])
    top = np.maximum.reduce([_summed(rise, neurons.leak), neurons.reset, begin[0]])
    high = np.minimum(top, _before_reset(network, rise, begin[0]))
    clips = (up > state.max) | (-down < state.min) | (low < state.min) | (high > state.max)
    # A sum that is clipped at the top still fires, if nothing can have driven the membrane down.
    at_top = np.minimum(np.minimum(neurons.reset, begin[0]), 0) + state.max + neurons.bias > neurons.threshold
    fires_anyway = (fall == 0) & (neurons.decay == DECAY.max) & at_top & ~neurons.subtract
    silent = (neurons.threshold >= state.max) & never_read
    harmless = clips & ((fires_anyway & (learning.adaptation_step == 0)) | silent)
    return Saturation(int((~clips).sum()), int(harmless.sum()), int((clips & ~harmless).sum()))


def _most_brought(network: SpikingNetwork) -> tuple[_Floats, _Floats]:
    """The most that a tick can bring to each neuron, up and down, in weights. Some sources at a time, since a large net's are many."""
    learning, learns = network.learning, network.learns
    up, down = np.zeros((2, network.size))
    for first in range(0, len(network.weight), _ROWS):
        rows = slice(first, first + _ROWS)
        most = least = network.weight[rows].astype(np.int64)
        if learns:
            changes = network.can_change[rows]
            most = np.where(changes, np.maximum(most, learning.weight_max), most)
            least = np.where(changes, np.minimum(least, learning.weight_min), least)
        number = np.arange(first, first + len(most))
        worth = (
            np.where(network.graded & (number < network.axons), GRADED_MAX, 1) * ~network.modulators[rows]
        )  # which bring no current
        up += worth @ np.maximum(most, 0)
        down += worth @ np.maximum(-least, 0)
    return up, down


def _summed(amount: _Floats, rate: NDArray[np.int64]) -> _Floats:
    """The most that a state comes to if each tick adds an amount and takes a rate off."""
    endless = np.where(amount > 0, np.inf, 0.0)
    return np.asarray(np.where(rate > 0, amount * _ONE / np.maximum(rate, 1), endless))


def _before_reset(network: SpikingNetwork, rise: _Floats, begin: _Floats) -> _Floats:
    """The most that a membrane that fires is before its reset."""
    neurons, keep = network.neurons, 1 - network.neurons.leak / _ONE
    adapted = np.inf if network.learning.adaptation_step else 0.0
    from_below = np.maximum.reduce([neurons.threshold + adapted, neurons.reset, begin, np.zeros(network.size)])
    once = keep * from_below + rise
    again = _summed(np.maximum(rise - keep * neurons.threshold, 0), neurons.leak)
    return np.asarray(np.where(neurons.subtract, np.maximum(once, again), once))
