"""What a program needs of whatever runs a spiking net: a board (hwflow.spiking.host.board), or the golden model
(hwflow.spiking.host.golden) without one, so that the same lines run on each."""

from collections.abc import Callable, Iterable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hwflow.errors import UserError
from hwflow.ints import IntArray
from hwflow.spiking.inputs import AxonSpikes, checked_spikes
from hwflow.spiking.network import Core, SpikingNetwork
from hwflow.spiking.reference import State

Progress = Callable[[int, int], None]
Spikes = NDArray[np.bool_]


class SpikingTarget(Protocol):
    """What runs a spiking net, tick after tick. Everything is in the size and order of the net that was loaded.

    Raises UserError for a net or stimuli that do not fit; on a board also the errors of `hwflow.host.errors`.
    """

    @property
    def core(self) -> Core:
        """What it is built as."""
        ...

    def load(self, network: SpikingNetwork, progress: Progress | None = None) -> None:
        """Make it run this net, from the state that the net begins in, and tick 0."""
        ...

    def configure(self, network: SpikingNetwork) -> None:
        """Take another net's neurons and settings, and keep state, weights and plastic synapses. It has equal sizes.

        The draws begin from its seed, if the net before made none.
        """
        ...

    def run(self, stimuli: NDArray[np.generic], *, learn: bool = False, progress: Progress | None = None) -> Spikes:
        """Ticks with the axon spikes [ticks, A], 0/1, or 0 … 255 if the net is graded; which neurons fired, [ticks, N], of those
        that the net tells of. progress: ticks done, and all."""
        ...

    def present(
        self,
        presentations: NDArray[np.generic],
        *,
        learn: bool | NDArray[np.bool_] = False,
        rest: bool = True,
        progress: Progress | None = None,
    ) -> IntArray:
        """Presentations, one behind the other, [n, ticks, A], each tick as of `run`; how often each neuron spiked in each, int64 [n, N], of
        those that the net tells of, of the others 0.

        learn: whether they do, one for all, or bool [n]; rest: each begins with the state as `rest` leaves it, else where the one before
        ended. progress: presentations done, and all. Raises UserError also for presentations of more than 65,535 ticks.
        """
        ...

    def rest(self) -> None:
        """Put membranes, currents, refractory periods, spikes and traces back to the net's start, keep all that it learnt."""
        ...

    def normalise(self, neurons: Iterable[int] | None = None) -> None:
        """Normalise the weights (docs/neuron.md), all or only those to some neurons, of 0 … N - 1: those that have fired since, say."""
        ...

    def state(self) -> State:
        """Every register and weight."""
        ...

    def write_state(self, state: State) -> None:
        """Go on from this state."""
        ...


def checked_stimuli(stimuli: NDArray[np.generic], network: SpikingNetwork) -> AxonSpikes:
    """Axon spikes as bools, or as bytes if the net is graded. Raises UserError if they are not what it takes, [ticks, axons]."""
    if stimuli.ndim != 2 or stimuli.shape[1] != network.axons:
        raise UserError(
            f"{network.name} takes spikes of {network.axons:,} axons in each tick, not an array of shape {stimuli.shape}."
        )
    return checked_spikes(stimuli, network.graded, f"The stimuli of {network.name}")


def told_of(network: SpikingNetwork, fired: Spikes) -> Spikes:
    """Of who fired, [ticks, N], the neurons that a net tells of."""
    return fired if not network.told else fired & told_neurons(network)


def told_neurons(network: SpikingNetwork) -> NDArray[np.bool_]:
    """[N], those that a net tells of."""
    return np.asarray(np.arange(network.size) >= network.told)
