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
from contextlib import closing
from dataclasses import fields, replace

import numpy as np
from numpy.typing import NDArray

from hwflow.errors import ToolError, UserError
from hwflow.host.errors import DeviceReset, WrongBoard
from hwflow.host.identity import Identity, Kind, demand_build
from hwflow.host.requests import Command, Operation, Requests
from hwflow.ints import IntArray
from hwflow.spiking.backend.schedule import tick_cycles
from hwflow.spiking.fit import pad
from hwflow.spiking.host.exchange import REPLY_SPIKES, TICK_WRAP, Exchange
from hwflow.spiking.host.target import Progress, Spikes, checked_stimuli
from hwflow.spiking.host.ticks import encode_ticks
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
    weight_address,
)
from hwflow.spiking.network import Core, SpikingNetwork
from hwflow.spiking.reference import State, initial
from hwflow.spiking.writes import (
    COUNTS,
    configuration,
    field_writes,
    fields_of,
    loading,
    pieces,
    plastic_bytes,
    plastic_writes,
    random_writes,
    setting_writes,
    state_writes,
    trace_writes,
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
        _demand(self.identity, requests.name, core)
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
        spikes = np.zeros((len(axon_spikes), network.size), dtype=np.bool_)
        self._carry_out(setting_writes({Setting.LEARN: int(learn)}))
        for first in range(0, len(spikes), _STRETCH):
            done = self._stretch(axon_spikes[first : first + _STRETCH], learn, first, len(spikes), progress)
            ticks, neurons = done.spikes()
            if len(neurons) and (int(neurons.max()) >= network.size or int(ticks.max()) >= _STRETCH):
                raise ToolError(
                    f"The board on {self._requests.name} gave a spike of neuron {neurons.max()} in tick {ticks.max()}, "
                    "which there is not; build it again."
                )
            spikes[first + ticks, neurons] = True
        return spikes

    def rest(self) -> None:
        network = self._loaded()
        start = initial(pad(network, self._core))
        core = self._core
        self._carry_out([*field_writes(core, start, without=(Field.ADAPTATION,)), *trace_writes(core, start.x)])

    def normalise(self, neurons: Iterable[int] | None = None) -> None:
        if self._core.normalisation:
            words = [normalise_word(only) for only in ((None,) if neurons is None else neurons)]
            self._carry_out([command for word in words for command in setting_writes({Setting.NORMALISE: word})])

    def state(self) -> State:
        network, core = self._loaded(), self._core
        whole = initial(pad(network, core))
        whole.factor = whole.factor[: network.size]  # which a core without modulation has not
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
        asked = list(pieces(core))
        reads = (
            Command(Operation.READ, weight_address(*divmod(begin, core.neurons)), bytes([end - begin]))
            for begin, end in asked
        )
        found = core.constant.reshape(-1).copy()
        for (begin, end), reply in zip(asked, self._replies(reads), strict=True):
            found[begin:end] = np.frombuffer(reply, np.int8)
        return found.reshape(core.sources, -1)[self._rows, : network.size].astype(np.int64)

    def write_state(self, state: State) -> None:
        network = self._loaded()
        whole = initial(pad(network, self._core))
        for name in STATE.values():
            getattr(whole, name)[: network.size] = getattr(state, name)
        whole.x[self._rows] = state.x
        whole.random = state.random
        whole.weight[self._rows, : network.size] = state.weight
        self._check(whole)
        for name in COUNTS:
            setattr(whole, name, getattr(state, name))
        self._carry_out([*state_writes(self._core, whole), *weight_writes(self._core, whole.weight)])

    def busy_cycles(self) -> int:
        """Clock cycles of all ticks since the net was loaded, modulo 2^32; zero in a core without counters."""
        return int(self._words(setting_address(Setting.BUSY_CYCLES), 1)[0]) & 0xFFFFFFFF

    def _stretch(
        self, axon_spikes: AxonSpikes, learn: bool, first: int, total: int, progress: Progress | None
    ) -> Exchange:
        """Ticks whose numbers do not wrap."""
        core, busiest = self._core, int(np.count_nonzero(axon_spikes, axis=1).max(initial=0))
        slowest = tick_cycles(core).of(busiest + core.neurons, core.neurons, learn)
        most = max(1, int(self.identity.clock_hz * _REQUEST_SECONDS / slowest))
        position, ticks = self._where()
        exchange = Exchange(encode_ticks(axon_spikes, core.axons, most, graded=core.graded), position, ticks, most)
        while not exchange.finished:
            for reply in self._replies(exchange.commands()):
                try:
                    exchange.take(reply)
                except ValueError as error:
                    raise ToolError(f"The board on {self._requests.name} {error}; load the net again.") from None
                if progress is not None:
                    progress(first + exchange.ticks, total)
        return exchange

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

    def _check(self, state: State) -> None:
        """Refuse what the device would cut to its low bits."""
        core = self._core
        kinds = {"membrane": core.state, "current": core.state, "adaptation": core.adapted, "y": core.trace,
                 "x": core.trace, "weight": core.weight, "factor": core.state}  # fmt: skip
        for part in fields(state):
            kind, values = kinds.get(part.name), getattr(state, part.name)
            if kind and not kind.holds(values):
                raise UserError(f"The {part.name} to be written is not within {kind}, which the core has for it.")
        if np.any((state.weight != core.constant)[~core.kept]):
            raise UserError("Weights to be written are not those that the core does not store; write those of its net.")


def _demand(identity: Identity, name: str, core: Core) -> None:
    if identity.kind != Kind.SPIKING:
        raise WrongBoard(f"The board on {name} holds a {identity.kind.name.lower()} net and not a spiking net.")
    if (identity.inputs, identity.outputs) != (core.axons, core.neurons):
        raise WrongBoard(
            f"The board on {name} has a core of {identity.inputs} axons and {identity.outputs} neurons, and the "
            f"project's has {core.axons} and {core.neurons}; program it with the project's bitstream."
        )
    if not identity.matches(core.digest):
        raise WrongBoard(
            f"The board on {name} has a core of other widths or features ({identity.digest.hex()[:12]}) than the "
            f"project's ({core.digest[:12]}); program it with the project's bitstream."
        )
