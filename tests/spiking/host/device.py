"""The spiking device of docs/neuron.md in Python, with the golden model for its core: a test double."""

import struct
from collections import deque
from dataclasses import dataclass, field

import numpy as np
from host.device_model import Device, identity
from numpy.typing import NDArray

from hwflow.host.frame import Request
from hwflow.host.requests import Operation, Status
from hwflow.spiking.learning import Learning, Modulation
from hwflow.spiking.map import MODULATION, PARAMETERS, STATE, Field, Setting, neuron_alone, random_words
from hwflow.spiking.network import Core, Neurons, SpikingNetwork
from hwflow.spiking.reference import Rules, State, normalise, tick, to_rest

_RANGES = {1: "weight", 2: "plastic", 3: "fields", 4: "traces"}


@dataclass
class SpikingDevice(Device):
    """A device with a core whose memories hold junk at first. log: spikes that wait, at most."""

    core: Core = field(default_factory=lambda: Core(8, 8, 2))
    log: int = 128
    fetched: int = 0  # spikes that replies took
    refused: int = 0  # STREAM requests at a wrong position

    def __post_init__(self) -> None:
        core, junk = self.core, np.random.default_rng(5)
        self.hello_payload = identity(2, core.axons, core.neurons, digest=core.digest, window=self.window)
        self.weight = junk.integers(-100, 100, (core.sources, core.neurons))  # of synapses that it stores
        self.plastic = junk.integers(0, 2, (core.sources, core.neurons))
        self.fields = junk.integers(0, 2, (16, core.neurons))
        self.traces = junk.integers(0, 9, core.sources)
        self.settings = junk.integers(0, 2, len(Setting))
        self.counts = junk.integers(0, 9, core.neurons)
        self.entry_weights = junk.integers(-100, 100, core.entries * core.lanes)
        self.targets = junk.integers(0, 1 << 15, core.entries)
        self.firsts = junk.integers(0, core.entries or 1, core.sources)
        self._blank()
        super().__post_init__()

    def _blank(self) -> None:
        """What the core was built without is zero."""
        core, settings = self.core, self.settings
        learning = [Setting.LEARN, *range(Setting.POTENTIATION, Setting.POST_STEP + 1)]
        both = [Setting.RULE, Setting.WEIGHT_MIN, Setting.WEIGHT_MAX]
        for absent, which in (
            (not core.learning, learning),
            (not core.learning and not core.normalisation, both),
            (not core.adaptation, [Setting.ADAPTATION_DECAY, Setting.ADAPTATION_STEP]),
            (not core.normalisation, [Setting.TARGET]),
            (not core.modulation, list(MODULATION)),
            (not core.counters, list(range(Setting.SPIKES, Setting.BUSY_CYCLES + 1))),
            (not core.counting, [Setting.COUNTING]),
        ):
            settings[which] *= not absent
        self.fields[Field.ADAPTATION] *= core.adaptation
        self.fields[Field.Y] *= core.learning
        self.fields[Field.FACTOR] *= core.modulation
        self.settings[Setting.RULE] &= 63 if core.modulation else 31
        self.traces *= core.learning
        self.plastic *= core.synapse_mask & core.may_change
        self.weight[~core.kept] = core.constant[~core.kept]

    def reset(self) -> None:
        super().reset()
        self._forget()
        self.settings[[Setting.TICK, *range(Setting.SPIKES, Setting.BUSY_CYCLES + 1)]] = 0

    def _forget(self) -> None:
        self.position, self.buffer, self.spikes = 0, bytearray(), deque[int]()
        self.axons: dict[int, int] = {}  # and the values of their spikes
        self.waiting = 0
        self.order = -1  # that waits

    def _answer(self, request: Request):  # type: ignore[no-untyped-def]
        if request.operation == Operation.HELLO:
            self._forget()
        return super()._answer(request)

    def _carry_out(self, request: Request) -> tuple[Status, bytes]:
        match request.operation:
            case Operation.STREAM:
                return Status.OK, self._ticks(request)
            case Operation.READ if request.address >= 0x100:
                values = self._view(request.address, request.payload[0])
                return Status.OK, values.astype("<i8").astype("i1" if self._narrow(request) else "<i4").tobytes()
            case Operation.WRITE:
                kind = "i1" if self._narrow(request) else "<i4"
                self._store(request.address, np.frombuffer(request.payload, kind).astype(np.int64))
                return Status.OK, b""
        return super()._carry_out(request)

    @staticmethod
    def _narrow(request: Request) -> bool:
        return request.address >> 28 in (1, 2)

    def _place(self, address: int) -> tuple[NDArray[np.int64], int]:
        """The flat array an address lies in, and the index there."""
        region = address >> 28
        if region == 1 and self.core.entries:
            return self.entry_weights, address & 0xFFFFFFF
        if region in (5, 6):
            return (self.targets if region == 5 else self.firsts), (address & 0xFFFFFFF) // 4
        if region in (1, 2):
            array = self.weight if region == 1 else self.plastic
            return array.reshape(-1), (address >> 14 & 0x3FFF) * self.core.neurons + (address & 16383)
        if region == 3:
            return self.fields[address >> 16 & 15], (address & 0xFFFF) // 4
        if region == 4:
            return self.traces, (address & 0xFFFFFFF) // 4
        return self.settings, (address - 0x100) // 4

    def _view(self, address: int, count: int) -> NDArray[np.int64]:
        array, at = self._place(address)
        size = count if address >> 28 in (1, 2) else count // 4
        assert at + size <= len(array), hex(address)
        return array[at : at + size]

    def _store(self, address: int, values: NDArray[np.int64]) -> None:
        self._view(address, len(values) * (1 if address >> 28 in (1, 2) else 4))[:] = values
        self._blank()
        if address <= 0x100 + 4 * Setting.COUNTING < address + 4 * len(values):
            self.counts[:] = 0
        if address == 0x100 + 4 * Setting.NORMALISE and self.core.normalisation and values[0] & 1:
            rules, state = self._model()
            normalise(rules, state, neuron_alone(int(values[0])))
            self.weight[:] = state.weight
            self.settings[Setting.NORMALISE] = 0

    def _spread(self) -> None:
        """Rows of entries as a matrix."""
        self.weight[:] = 0
        lanes = self.core.lanes
        for source, first in enumerate(self.firsts):
            last = 0
            for entry in range(int(first), self.core.entries):
                last, target = divmod(int(self.targets[entry]), 1 << 14)
                self.weight[source, lanes * target : lanes * (target + 1)] = self.entry_weights[lanes * entry :][:lanes]
                if last:
                    break
            assert last

    def _model(self) -> tuple[Rules, State]:
        if self.core.entries:
            self._spread()
        fields, settings = self.fields, self.settings
        flags = [bool(settings[Setting.RULE] >> bit & 1) for bit in range(6)]
        named = [s for s in Setting if Setting.POTENTIATION <= s <= Setting.TARGET]
        learning = Learning(*flags[:4], stochastic=flags[4], **{s.name.lower(): int(settings[s]) for s in named})
        parameters = {f.name.lower(): fields[f].copy() for f in PARAMETERS}
        subtract = parameters.pop("subtract").astype(np.bool_)
        plastic = self.plastic.astype(np.bool_) if self.core.synapse_mask else self.core.may_change
        shift = int(settings[Setting.WEIGHT_SHIFT])
        third = Modulation(**{s.name.lower(): int(settings[s]) for s in MODULATION}) if flags[5] else None
        network = SpikingNetwork(
            "core",
            self.weight,
            Neurons(**parameters, subtract=subtract),
            plastic,
            shift,
            learning,
            modulation=third,
            graded=self.core.graded,
        )
        state = {name: fields[f].copy() for f, name in STATE.items()}
        state["fired"] = state["fired"].astype(np.bool_)
        random = int(fields[Field.RANDOM_LOW, 0]) & 0xFFFFFFFF | int(fields[Field.RANDOM_HIGH, 0]) << 32
        return Rules(network, self.core), State(**state, x=self.traces.copy(), weight=self.weight.copy(), random=random)

    def _ticks(self, request: Request) -> bytes:
        if request.address == self.position:
            payload = deque(request.payload)
            while True:
                while payload and not self.waiting and self.order < 0:
                    self.buffer.append(payload.popleft())
                    self.position += 1
                    self._parse()
                waits = self.waiting or self.order >= 0
                if not waits or len(self.spikes) > self.log - self.core.neurons:
                    break
                if self.waiting:
                    self._tick()
                else:
                    self._obey(self.order)
                    self.order = -1
        taken = [self.spikes.popleft() for _ in range(min(58, len(self.spikes)))]
        self.fetched += len(taken)
        self.refused += request.address != self.position and bool(request.payload) and not taken
        done = int(self.settings[Setting.TICK]) & 0xFFFFFFFF
        return struct.pack(f"<II{len(taken)}I", self.position, done, *taken)

    def _parse(self) -> None:
        """Make a tick of the bytes so far, if they are one."""
        data, wide, axons = bytes(self.buffer), 1 + (self.core.axons > 256), self.core.axons
        kind = data[0]
        values = kind == 253 and self.core.graded
        needed = 1 + (
            1 if kind == 252 else 2 if kind == 254 or values else -(-axons // 8) if kind == 255 else kind * wide
        )
        needed += int.from_bytes(data[1:3], "little") if values else 0
        if len(data) < needed:
            return
        self.waiting = int(kind != 252)
        if kind == 252:
            self.order = data[1]
        elif kind == 254:
            self.waiting = int.from_bytes(data[1:], "little")
        elif kind == 255:
            bits = int.from_bytes(data[1:], "little")
            self.axons = {j: 1 for j in range(axons) if bits >> j & 1}
        elif values:
            self.axons = {j: value for j, value in enumerate(data[3:]) if value and j < axons}
        else:
            numbers = (int.from_bytes(data[at : at + wide], "little") for at in range(1, needed, wide))
            self.axons = {j: 1 for j in numbers if j < axons}
        self.buffer.clear()

    def _obey(self, order: int) -> None:
        self.settings[Setting.LEARN] = order & 1
        self._blank()
        if order & 2 and self.core.counting:
            counts = self.counts[self.settings[Setting.TOLD] :]
            pairs = np.append(counts, [0] * (len(counts) % 2)).astype("<u2").tobytes()
            self.spikes.extend(np.frombuffer(pairs, "<u4").tolist())
            counts[:] = 0
        if order & 4:
            _, state = self._model()
            to_rest(state)
            self._keep(state)

    def _keep(self, state: State) -> None:
        self.traces[:] = state.x
        for f, name in STATE.items():
            self.fields[f] = getattr(state, name)

    def _tick(self) -> None:
        rules, state = self._model()
        learn = bool(self.settings[Setting.LEARN])
        numbers = sorted(self.axons)
        values = np.array([self.axons[j] for j in numbers], dtype=np.int64)
        fires = tick(rules, state, np.array(numbers, dtype=np.int64), learn, values)
        number = int(self.settings[Setting.TICK]) & 0x3FFFF
        heard = [int(i) for i in fires.nonzero()[0] if i >= self.settings[Setting.TOLD]]
        if self.settings[Setting.COUNTING]:
            self.counts[heard] += 1
        else:
            self.spikes.extend(i + 16384 * number for i in heard)
        self._keep(state)
        self.weight[:] = state.weight
        for f, word in random_words(state.random).items():
            self.fields[f] = word
        counts = [1, state.spikes, state.events, state.saturations]
        self.settings[[Setting.TICK, Setting.SPIKES, Setting.EVENTS, Setting.SATURATIONS]] += counts
        self.axons.clear()
        self.waiting -= 1
