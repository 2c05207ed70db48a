"""A spiking core behind a port and the golden model, fed alike and compared in every spike and every register."""

from collections.abc import Sequence
from dataclasses import fields

import numpy as np
from numpy.typing import NDArray

from hwflow.ints import IntArray
from hwflow.spiking.fit import not_stored
from hwflow.spiking.host.board import SpikingBoard
from hwflow.spiking.host.golden import GoldenModel
from hwflow.spiking.inputs import AxonSpikes
from hwflow.spiking.network import Core, SpikingNetwork
from hwflow.spiking.reference import State
from hwflow.spiking.train.coding import Spikes

_COUNTS = ("ticks", "spikes", "events", "saturations")
_WRAP = 1 << 32


class Lockstep:
    """The golden model, and, where there is one, a board that must do the same; results are the board's.

    ticks, spikes: done in all, spikes as far as the net tells of them; compared, differing: values; first: where they differed first, empty if they did not.
    """

    def __init__(self, core: Core, board: SpikingBoard | None = None) -> None:
        self.model = GoldenModel(core)
        self._board = board
        self._cycles = self._cycles_before = 0
        self._loaded = False
        self._not_stored = 0
        self.ticks = self.spikes = self.compared = self.differing = 0
        self.first = ""

    def load(self, network: SpikingNetwork) -> None:
        """Begin with a net, in its state at the start."""
        self.model.load(network)
        if self._board:
            self._not_stored = not_stored(network, self.model.core)
            self._count()
            self._board.load(network)  # which sets its count of cycles to 0
            self._loaded, self._cycles_before = True, 0

    def configure(self, network: SpikingNetwork) -> None:
        """Take another net's neurons and settings, and keep state and weights."""
        self.model.configure(network)
        if self._board:
            self._board.configure(network)

    def run(self, axon_spikes: AxonSpikes, *, learn: bool = False) -> Spikes:
        """Ticks with the axon spikes [ticks, A]; which neurons fired, [ticks, N], of those that the net tells of."""
        fired = self.model.run(axon_spikes, learn=learn)
        if self._board:
            right, fired = fired, self._board.run(axon_spikes, learn=learn)
            self._compare("spikes", fired, right)
        self.ticks += len(axon_spikes)
        self.spikes += int(np.count_nonzero(fired))
        return fired

    def present(
        self, presentations: AxonSpikes, *, learn: bool | NDArray[np.bool_] = False, rest: bool = True
    ) -> IntArray:
        """Presentations [n, ticks, A]; the spikes of each neuron that the net tells of in each, [n, N]: see SpikingTarget."""
        counts = self.model.present(presentations, learn=learn, rest=rest)
        if self._board:
            right, counts = counts, self._board.present(presentations, learn=learn, rest=rest)
            self._compare("counts", counts, right)
        self.ticks += presentations.shape[0] * presentations.shape[1]
        self.spikes += int(counts.sum())
        return counts

    def rest(self) -> None:
        """Put everything but weights and adaptation back to the net's start."""
        self.model.rest()
        if self._board:
            self._board.rest()

    def normalise(self, neurons: Sequence[int] | None = None) -> None:
        """Normalise the weights, all or only those to some neurons."""
        self.model.normalise(neurons)
        if self._board:
            self._board.normalise(neurons)

    def state(self) -> State:
        """Everything that ticks change."""
        state = self.model.state()
        if self._board:
            right, state = state, self._board.state()
            for part in fields(State):
                if part.name not in _COUNTS:
                    self._compare(part.name, *(np.atleast_1d(getattr(one, part.name)) for one in (state, right)))
            self.compared -= self._not_stored
        return state

    def write_state(self, state: State) -> None:
        """Go on from this state."""
        self.model.write_state(state)
        if self._board:
            self._board.write_state(state)

    def alone(self, network: SpikingNetwork) -> "Lockstep":
        """The golden model alone, with a net of the same sizes, in the state that this one is in."""
        other = Lockstep(self.model.core)
        other.load(network)
        other.write_state(self.model.state())
        return other

    @property
    def cycles(self) -> int:
        """What the board counts as busy_cycles (docs/neuron.md), over all nets; 0 without a board."""
        self._count()
        return self._cycles

    def _count(self) -> None:
        if self._board and self._loaded:
            now = self._board.busy_cycles()
            self._cycles += (now - self._cycles_before) % _WRAP
            self._cycles_before = now

    def _compare(self, what: str, found: NDArray[np.generic], right: NDArray[np.generic]) -> None:
        wrong = np.argwhere(found != right)
        self.compared += right.size
        self.differing += len(wrong)
        if len(wrong) and not self.first:
            if what == "spikes":
                self.first = f"tick {self.ticks + wrong[0][0]}, neuron {wrong[0][1]}"
            elif what == "counts":
                self.first = f"presentation {wrong[0][0]} after tick {self.ticks}, neuron {wrong[0][1]}"
            else:
                self.first = f"{what}{wrong[0].tolist()} after tick {self.ticks}"
