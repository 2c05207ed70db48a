"""The golden model as a target, so that what drives a board can be tried without one."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hwflow.errors import UserError
from hwflow.ints import IntArray
from hwflow.spiking.fit import misfits
from hwflow.spiking.golden import normalise, present, run
from hwflow.spiking.host.target import Progress, Spikes, checked_stimuli, told_neurons, told_of
from hwflow.spiking.network import Core, SpikingNetwork
from hwflow.spiking.presentations import Presentations
from hwflow.spiking.reference import Rules, State, initial


class GoldenModel:
    """A SpikingTarget (hwflow.spiking.host.target) that computes what a board with this core must give."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._rules: Rules | None = None
        self._state: State | None = None
        self.fired: Spikes | None = None  # in the last run, of all neurons, those too that the net does not tell of
        self.events = np.zeros(
            0, np.int64
        )  # of the presentations of the last `present`: sources with a spike that began its ticks
        self.columns: int | None = (
            None  # neurons whose weights the third factor changed in the last run, if there is one
        )

    @property
    def core(self) -> Core:
        return self._core

    def load(self, network: SpikingNetwork, progress: Progress | None = None) -> None:
        if over := misfits(network, self._core):
            raise UserError(f"{network.name} does not fit the core: it needs {' and '.join(over)}.")
        self._rules, self._state = Rules(network, self._core), initial(network)

    def configure(self, network: SpikingNetwork) -> None:
        rules, state = self._loaded()
        if (network.axons, network.size) != (rules.network.axons, rules.network.size):
            raise UserError(f"{network.name} has other sizes than the net that is loaded; load it.")
        if over := misfits(network, self._core):
            raise UserError(f"{network.name} does not fit the core: it needs {' and '.join(over)}.")
        network = replace(network, plastic=rules.network.plastic)
        if "stochastic" in network.needs and "stochastic" not in rules.network.needs:
            state.random = initial(network).random
        self._rules = Rules(network, self._core)

    def run(self, stimuli: NDArray[np.generic], *, learn: bool = False, progress: Progress | None = None) -> Spikes:
        rules, state = self._loaded()
        axon_spikes = checked_stimuli(stimuli, rules.network)

        def told(ticks: int) -> None:
            if progress is not None:
                progress(ticks, len(axon_spikes))

        done = run(rules, state, axon_spikes, learn=learn, told=told)
        self._state, self.columns, self.fired = done.state, done.columns, done.spikes
        return told_of(rules.network, done.spikes)

    def present(
        self,
        presentations: NDArray[np.generic],
        *,
        learn: bool | NDArray[np.bool_] = False,
        rest: bool = True,
        progress: Progress | None = None,
    ) -> IntArray:
        rules, _ = self._loaded()
        network = rules.network
        shown = Presentations.of(presentations, network, learn, rest)
        spikes, columns = np.zeros((len(shown), network.size), np.int64), 0
        self.events = np.zeros(len(shown), np.int64)
        for some, part, start in shown.parts(network, len(shown)):
            if start:
                self.rest()

            def told(done: int, first: int = some.start) -> None:
                if progress is not None:
                    progress(first + done, len(shown))

            done = present(rules, self._loaded()[1], part, told)
            spikes[some], self.events[some], self._state = done.spikes, done.events, done.state
            columns += done.columns or 0
        self.columns, self.fired = columns if rules.third else None, None
        return spikes * told_neurons(network)

    def rest(self) -> None:
        rules, state = self._loaded()
        start = initial(rules.network)
        for name in ("membrane", "current", "refractory", "fired", "y", "x", "factor"):
            setattr(state, name, getattr(start, name))

    def normalise(self, neurons: Iterable[int] | None = None) -> None:
        rules, state = self._loaded()
        for only in (None,) if neurons is None else neurons:
            normalise(rules, state, only)

    def state(self) -> State:
        return self._loaded()[1].copy()

    def write_state(self, state: State) -> None:
        self._loaded()
        self._state = state.copy()

    def _loaded(self) -> tuple[Rules, State]:
        if self._rules is None or self._state is None:
            raise RuntimeError("load a net first")
        return self._rules, self._state
