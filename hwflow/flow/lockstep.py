"""A spiking core behind a port and the golden model, fed alike and compared in every spike and every register."""

from dataclasses import fields
from typing import Protocol

import numpy as np

from hwflow import spiking_reference as golden
from hwflow.ints import IntArray
from hwflow.spiking import Core, SpikingNetwork
from hwflow.spiking_reference import State
from hwflow.train.spiking.coding import Spikes


class Driven(Protocol):
    """What is asked of a core behind a port."""

    def load(self, network: SpikingNetwork) -> None:
        """Write everything: settings, parameters, weights, and the state at the start."""

    def stream(self, axon_spikes: Spikes, *, learn: bool) -> Spikes:
        """Ticks with the axon spikes [ticks, A]; which neurons fired, [ticks, N]."""

    def normalise(self) -> None: ...

    def state(self) -> State:
        """Read everything that ticks change."""

    def membranes(self) -> IntArray:
        """[N]."""

    def busy_cycles(self) -> int:
        """Cycles that ticks took since power-up, modulo 2^32."""


class Lockstep:
    """The golden model, and, where there is one, a core behind a port that must do the same."""

    def __init__(self, core: Core, driven: Driven | None) -> None:
        self._core = core
        self._driven = driven
        self.ticks = self.spikes = self.cycles = self.compared = self.differing = 0
        self.first = ""

    def load(self, network: SpikingNetwork) -> None:
        """Begin with a net, in its state at the start."""
        self._rules = golden.Rules(network, self._core)
        self._state = golden.initial(network)
        if self._driven:
            self._driven.load(network)

    def run(self, axon_spikes: Spikes, *, learn: bool = False) -> Spikes:
        """Ticks with the axon spikes [ticks, A]; which neurons fired, [ticks, N]: on the core, if there is one."""
        done = golden.run(self._rules, self._state, axon_spikes, learn=learn)
        self._state = done.state
        fired = done.spikes
        if self._driven:
            before = self._driven.busy_cycles()
            fired = self._driven.stream(axon_spikes, learn=learn)
            self.cycles += (self._driven.busy_cycles() - before) % (1 << 32)
            self._compare("spikes", fired, done.spikes)
        self.ticks += len(axon_spikes)
        self.spikes += int(np.count_nonzero(fired))
        return fired

    def normalise(self) -> None:
        golden.normalise(self._rules, self._state)
        if self._driven:
            self._driven.normalise()

    def membranes(self) -> IntArray:
        """[N], read back from the core, if there is one."""
        if not self._driven:
            return self._state.membrane
        found = self._driven.membranes()
        self._compare("membrane", found, self._state.membrane)
        return found

    def state(self) -> State:
        """Everything that ticks change: read back from the core, if there is one."""
        if not self._driven:
            return self._state.copy()
        found = self._driven.state()
        for part in fields(State):
            if part.name not in ("ticks", "spikes", "events", "saturations"):
                self._compare(part.name, getattr(found, part.name), getattr(self._state, part.name))
        return found

    @property
    def model(self) -> tuple[golden.Rules, State]:
        """The golden model as it is now, for looks aside that the core need not share."""
        return self._rules, self._state.copy()

    def _compare(self, what: str, found: np.ndarray, right: np.ndarray) -> None:
        wrong = np.argwhere(np.asarray(found) != np.asarray(right))
        self.compared += right.size
        self.differing += len(wrong)
        if len(wrong) and not self.first:
            where = (
                f"tick {self.ticks + wrong[0][0]}, neuron {wrong[0][1]}"
                if what == "spikes"
                else f"{wrong[0].tolist()}, after tick {self.ticks}"
            )
            self.first = f"{what} at {where}"
