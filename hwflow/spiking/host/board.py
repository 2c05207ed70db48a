"""Spiking nets on a board: load one, stream stimuli, learn, read everything back.

`SpikingBoard` is a `SpikingTarget` (hwflow.spiking.host.target) on a board, real or simulated:

    with open_link("/dev/ttyUSB1", baud=1_000_000) as link:
        board = SpikingBoard(link, core)
        board.load(network)
        spikes = board.run(stimuli, learn=True)         # bool, ticks x neurons
        learnt = board.state().weight
"""

import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hwflow.errors import ToolError, UserError
from hwflow.host.errors import DeviceReset
from hwflow.host.identity import demand_build
from hwflow.host.requests import Command, Operation, Requests
from hwflow.ints import IntArray
from hwflow.spiking.backend.schedule import tick_cycles
from hwflow.spiking.fit import pad
from hwflow.spiking.host.checks import check_state, demand_core
from hwflow.spiking.host.exchange import REPLY_SPIKES, TICK_WRAP, Exchange
from hwflow.spiking.host.target import Progress, Spikes, checked_stimuli
from hwflow.spiking.host.ticks import Order, TickStream, encode_orders, encode_presentations, encode_ticks
from hwflow.spiking.inputs import AxonSpikes
from hwflow.spiking.map import (
    STATE,
    Field,
    Setting,
    field_address,
    normalise_word,
    random_words,
    setting_address,
    trace_address,
)
from hwflow.spiking.network import Core, SpikingNetwork
from hwflow.spiking.presentations import Presentations
from hwflow.spiking.reads import weight_reads, weights_from
from hwflow.spiking.reference import State, initial
from hwflow.spiking.writes import (
    COUNTS,
    configuration,
    field_writes,
    fields_of,
    loading,
    plastic_bytes,
    plastic_writes,
    random_writes,
    setting_writes,
    state_writes,
    weight_writes,
)

_STRETCH = TICK_WRAP // 4  # ticks that are encoded at a time
_REQUEST_SECONDS = 0.05  # of the board's clock that the ticks of one request may take, if every neuron fired


class SpikingBoard:
    """The core on a board, behind a link or a DMA: a SpikingTarget.

    Says HELLO at once and raises WrongBoard if the board holds another kind of net, a core of other sizes, widths or
    features, or another build than `build` (`hwflow.shell.build_digest`; None: any build of the core). If the board is reset later, calls raise DeviceReset: load the net again into a new SpikingBoard.
    """

    def __init__(self, requests: Requests, core: Core, build: str | None = None) -> None:
        self._requests, self._core = requests, core
        self.identity = requests.hello()
        demand_core(self.identity, requests.name, core)
        demand_build(self.identity, requests.name, build)
        self._network: SpikingNetwork | None = None  # as loaded, without padding
        self._rows = np.zeros(0, dtype=np.int64)  # of the core's sources that are the net's
        self._plastic = b""  # what the board's plastic bits are known to be

    @property
    def core(self) -> Core:
        return self._core

    def load(self, network: SpikingNetwork, progress: Progress | None = None) -> None:
        padded = pad(network, self._core)
        plastic = plastic_bytes(self._core, padded)
        commands = loading(self._core, padded)
        if plastic != self._plastic:
            commands += plastic_writes(self._core, plastic)
            self._plastic = b""
        self._network = None
        self._carry_out(commands, progress)
        self._plastic = plastic
        self._know(network)

    def configure(self, network: SpikingNetwork) -> None:
        loaded = self._loaded()
        if (network.axons, network.size) != (loaded.axons, loaded.size):
            raise UserError(f"{network.name} has other sizes than the net that is loaded; load it.")
        network = replace(network, plastic=loaded.plastic)
        self._carry_out(configuration(pad(network, self._core)))
        if "stochastic" in network.needs and "stochastic" not in loaded.needs:
            self._carry_out(random_writes(self._core, initial(network)))
        self._know(network)

    def run(self, stimuli: NDArray[np.generic], *, learn: bool = False, progress: Progress | None = None) -> Spikes:
        network = self._loaded()
        axon_spikes = checked_stimuli(stimuli, network)
        core, spikes = self._core, np.zeros((len(axon_spikes), network.size), dtype=np.bool_)
        self._carry_out(setting_writes({Setting.LEARN: int(learn), Setting.COUNTING: 0}))
        for first in range(0, len(spikes), _STRETCH):
            some = axon_spikes[first : first + _STRETCH]
            most = self._most_ticks(some, learn)
            stream = encode_ticks(some, core.axons, most, graded=core.graded)
            ticks, neurons = self._spikes(self._exchange(stream, most, _told(progress, first, len(spikes))), len(some))
            spikes[first + ticks, neurons] = True
        return spikes

    def present(
        self,
        presentations: NDArray[np.generic],
        *,
        learn: bool | NDArray[np.bool_] = False,
        rest: bool = True,
        progress: Progress | None = None,
    ) -> IntArray:
        network, core = self._loaded(), self._core
        shown = Presentations.of(presentations, network, learn, rest)
        counts = np.zeros((len(shown), network.size), np.int64)
        self._carry_out(setting_writes({Setting.COUNTING: int(core.counting)}))  # which zeroes the counts
        for some, part, start in shown.parts(network, _STRETCH // max(1, shown.ticks)):
            if start:
                self.rest()
            most = self._most_ticks(part.axon_spikes, bool(part.learn.any()))
            stream = encode_presentations(part, core.axons, most, give=core.counting, graded=core.graded)
            told = _told(progress, some.start, len(shown), max(1, shown.ticks))
            done = self._exchange(stream, most, told)
            if core.counting:
                with self._in_order():
                    counted = done.counts(len(part), core.neurons - network.told)
                counts[some, network.told :] = counted[:, : network.size - network.told]
            else:
                ticks, neurons = self._spikes(done, part.ticks * len(part))
                np.add.at(counts[some], (ticks // max(1, part.ticks), neurons), 1)
        return counts

    def rest(self) -> None:
        network, core = self._loaded(), self._core
        self._exchange(encode_orders(Order.REST), 1, _told(None, 0, 0))
        if network.start is not None:
            self._carry_out(field_writes(core, initial(pad(network, core)), without=(Field.ADAPTATION,)))

    def normalise(self, neurons: Iterable[int] | None = None) -> None:
        if self._core.normalisation:
            words = [normalise_word(only) for only in ((None,) if neurons is None else neurons)]
            self._carry_out([command for word in words for command in setting_writes({Setting.NORMALISE: word})])

    def state(self) -> State:
        network, core = self._loaded(), self._core
        whole = initial(pad(network, core))
        for name in STATE.values():  # of features that the core has not too
            setattr(whole, name, getattr(whole, name)[: network.size])
        for field, name in fields_of(core):
            kind = getattr(whole, name).dtype
            setattr(whole, name, self._words(field_address(field), core.neurons)[: network.size].astype(kind))
        whole.x = self._words(trace_address(0), core.sources)[self._rows]
        whole.weight = self.weights()
        if core.stochastic:
            words = [int(self._words(field_address(field), 1)[0]) & 0xFFFFFFFF for field in random_words(0)]
            whole.random = words[0] | words[1] << 32
        counts = self._words(setting_address(Setting.TICK), Setting.BUSY_CYCLES + 1).astype(np.uint32)
        for name, setting in COUNTS.items():
            setattr(whole, name, int(counts[setting]))
        return whole

    def weights(self) -> IntArray:
        """Of the net's synapses, [A + N, N]: those that are stored are read, and what the others are is known."""
        network, core = self._loaded(), self._core
        with self._in_order():
            found = weights_from(core, self._replies(weight_reads(core)))
        return found[self._rows, : network.size].astype(np.int64)

    def write_state(self, state: State) -> None:
        network = self._loaded()
        whole = initial(pad(network, self._core))
        for name in STATE.values():
            getattr(whole, name)[: network.size] = getattr(state, name)
        whole.x[self._rows] = state.x
        whole.random = state.random
        whole.weight[self._rows, : network.size] = state.weight
        check_state(self._core, whole)
        for name in COUNTS:
            setattr(whole, name, getattr(state, name))
        self._carry_out([*state_writes(self._core, whole), *weight_writes(self._core, whole.weight)])

    def busy_cycles(self) -> int:
        """Clock cycles of all ticks since the net was loaded, modulo 2^32; zero in a core without counters."""
        return int(self._words(setting_address(Setting.BUSY_CYCLES), 1)[0]) & 0xFFFFFFFF

    def _most_ticks(self, axon_spikes: AxonSpikes, learn: bool) -> int:
        """Of one request. axon_spikes: [..., axons], of which the busiest tick counts."""
        core, busiest = self._core, int(np.count_nonzero(axon_spikes, axis=-1).max(initial=0))
        slowest = tick_cycles(core).of(busiest + core.neurons, core.neurons, learn, entries=core.entries + core.sources)
        return max(1, int(self.identity.clock_hz * _REQUEST_SECONDS / slowest))

    def _exchange(self, stream: TickStream, most: int, told: Callable[[int], None]) -> Exchange:
        """Ticks whose numbers do not wrap, and orders."""
        exchange = Exchange(stream, *self._where(), most)
        while not exchange.finished:
            for reply in self._replies(exchange.commands()):
                with self._in_order():
                    exchange.take(reply)
                told(exchange.ticks)
        return exchange

    @contextmanager
    def _in_order(self) -> Iterator[None]:
        """Raises ToolError for what no device in order could have sent."""
        try:
            yield
        except ValueError as error:
            raise ToolError(f"The board on {self._requests.name} {error}; load the net again.") from None

    def _spikes(self, exchange: Exchange, most: int) -> tuple[IntArray, IntArray]:
        """Their ticks, of so many, and their neurons."""
        ticks, neurons = exchange.spikes()
        if len(neurons) and (int(neurons.max()) >= self._loaded().size or int(ticks.max()) >= most):
            raise ToolError(
                f"The board on {self._requests.name} gave a spike of neuron {neurons.max()} in tick {ticks.max()}, "
                "which there is not; build it again."
            )
        return ticks, neurons

    def _where(self) -> tuple[int, int]:
        """The device's position and ticks. What it still has of ticks that were broken off is dropped."""
        while True:
            (reply,) = self._replies([Command(Operation.STREAM, 0)])
            if len(reply) < 4 * (2 + REPLY_SPIKES):
                position, ticks = struct.unpack_from("<II", reply)
                return position, ticks

    def _words(self, address: int, count: int) -> IntArray:
        return np.frombuffer(self._checked(lambda: self._requests.read(address, 4 * count)), dtype="<i4").astype(
            np.int64
        )

    def _carry_out(self, commands: Iterable[Command], progress: Progress | None = None) -> None:
        commands = list(commands)
        for done, _ in enumerate(self._replies(commands), 1):
            if progress is not None:
                progress(done, len(commands))

    def _replies(self, commands: Iterable[Command]) -> Iterator[bytes]:
        self._same_session()
        with closing(self._requests.run(commands)) as replies:
            yield from replies

    def _checked(self, read: Callable[[], bytes]) -> bytes:
        self._same_session()
        return read()

    def _same_session(self) -> None:
        """After a call that was broken off the link says HELLO again; the device must not have been reset meanwhile."""
        if self._requests.identity().session != self.identity.session:
            raise DeviceReset(
                f"The device on {self._requests.name} was reset and has lost its state; load the net again.",
                self._requests.counters,
            )

    def _know(self, network: SpikingNetwork) -> None:
        self._network = network
        self._rows = np.r_[: network.axons, self._core.axons : self._core.axons + network.size].astype(np.int64)

    def _loaded(self) -> SpikingNetwork:
        if self._network is None:
            raise RuntimeError("load a net first")
        return self._network


def _told(progress: Progress | None, first: int, total: int, ticks: int = 1) -> Callable[[int], None]:
    """Called with the ticks that are done. ticks: of what is counted as one."""

    def told(done: int) -> None:
        if progress is not None:
            progress(first + done // ticks, total)

    return told
