"""Presentations: stimuli that a net is shown one behind the other, of which it is asked how often each neuron spikes."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hwflow.errors import UserError
from hwflow.ints import IntArray
from hwflow.spiking.inputs import AxonSpikes, checked_spikes
from hwflow.spiking.network import SpikingNetwork
from hwflow.spiking.reference import State

LONGEST = 65535  # ticks, which a count of 16 bits holds the spikes of


@dataclass(frozen=True, eq=False)
class Presentations:
    """axon_spikes: bool [n, ticks, A], or, of graded input, uint8; learn: bool [n], whether its ticks learn; rest: whether each begins
    at rest."""

    axon_spikes: AxonSpikes
    learn: NDArray[np.bool_]
    rest: bool

    @staticmethod
    def of(
        stimuli: NDArray[np.generic], network: SpikingNetwork, learn: "bool | NDArray[np.bool_]", rest: bool
    ) -> "Presentations":
        """Raises UserError if the stimuli are not what the net takes, [n, ticks, A], or `learn` is neither a bool nor one for each."""
        if stimuli.ndim != 3 or stimuli.shape[2] != network.axons:
            raise UserError(
                f"{network.name} takes presentations [n, ticks, {network.axons:,}], not an array of shape {stimuli.shape}."
            )
        count, ticks, _ = stimuli.shape
        if ticks > LONGEST:
            raise UserError(
                f"A presentation of {network.name} has {ticks:,} ticks, and at most {LONGEST:,} can be counted over; run it in parts."
            )
        learns = np.asarray(learn)
        if learns.dtype != np.bool_ or learns.shape not in ((), (count,)):
            raise UserError(
                f"Whether {count:,} presentations learn is one bool, or as many, and not {learns.shape} of {learns.dtype}."
            )
        spikes = checked_spikes(stimuli, network.graded, f"The presentations of {network.name}")
        return Presentations(spikes, np.broadcast_to(learns, (count,)), rest)

    def __len__(self) -> int:
        return len(self.learn)

    @property
    def ticks(self) -> int:
        """Of one."""
        return int(self.axon_spikes.shape[1])

    def __getitem__(self, some: slice) -> "Presentations":
        return replace(self, axon_spikes=self.axon_spikes[some], learn=self.learn[some])

    def parts(self, network: SpikingNetwork, most: int) -> Iterator["tuple[slice, Presentations, bool]"]:
        """At most so many in a go: which, what, and whether the net is to be put to its start before: where that is another state than
        what the core knows as rest, one by one."""
        start = network.start
        apart = self.rest and start is not None and any(map(np.any, (start.membrane, start.current, start.refractory)))
        step = 1 if apart else max(1, most)
        for first in range(0, len(self), step):
            some = slice(first, min(first + step, len(self)))
            yield some, replace(self[some], rest=self.rest and not apart), apart


@dataclass(frozen=True, eq=False)
class Presented:
    """spikes: int64 [n, N], of each neuron in each presentation; events: int64 [n], the sources with a spike that began its ticks; state:
    after the last; columns: as of `Run`, in all."""

    spikes: IntArray
    events: IntArray
    state: State
    columns: int | None
