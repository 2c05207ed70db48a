"""A net on a core, as the golden model wants it: what ticks do not change, and what follows from it once for all."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hwflow.ints import IntArray
from hwflow.spiking.arithmetic import ONE
from hwflow.spiking.learning import Learning, Modulation
from hwflow.spiking.network import Core, SpikingNetwork


@dataclass(frozen=True, eq=False)
class Rules:
    """What ticks do not change: a net, on a core whose widths and features it gets.

    The core's sizes and lanes do not matter: a net that is padded to a core spikes as it does by itself.
    """

    network: SpikingNetwork
    core: Core

    @property
    def learning(self) -> Learning:
        return self.network.learning

    @cached_property
    def keep(self) -> tuple[IntArray, IntArray]:
        """65536 less leak, and less decay."""
        return ONE - self.network.neurons.leak, ONE - self.network.neurons.decay

    @cached_property
    def fixed(self) -> NDArray[np.bool_] | None:
        """[M, N], the synapses that do not change; None if all do."""
        fixed = ~self.network.can_change
        return fixed if fixed.any() else None

    @cached_property
    def plastic_rows(self) -> tuple[bool, bool]:
        """Whether any synapse from an axon, and any from a neuron, can change."""
        axons, neurons = np.split(self.network.can_change, [self.network.axons])
        return bool(axons.any()), bool(neurons.any())

    @cached_property
    def draws(self) -> bool:
        """Whether changes of weights are rounded by draws."""
        return self.learning.stochastic and self.core.stochastic

    @cached_property
    def graded(self) -> bool:
        """Whether spikes of axons have values."""
        return self.network.graded and self.core.graded

    @cached_property
    def third(self) -> Modulation | None:
        """What weights change by in place of STDP, if anything."""
        return self.network.modulation if self.core.modulation else None

    @cached_property
    def axons(self) -> int:
        return self.network.axons

    @cached_property
    def bounds(self) -> tuple[int, int]:
        """Of membrane and current."""
        return self.core.state.min, self.core.state.max

    @cached_property
    def adapted_max(self) -> int:
        return self.core.adapted.max

    @cached_property
    def trace_max(self) -> int:
        return self.core.trace.max

    @cached_property
    def reset(self) -> IntArray | None:
        """None if every neuron is reset by subtraction."""
        return None if self.network.neurons.subtract.all() else self.network.neurons.reset
