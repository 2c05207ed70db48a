"""hwf_learning: ticks and normalisations of random nets, whose weights the test keeps, against the golden model."""

import random
from dataclasses import replace
from typing import Any

import cocotb
import numpy as np
import pytest
from harness import check
from helpers.cycles import begin, corner, cycle, pack, unpack
from helpers.reset import check_resets
from helpers.settings import fields, learning_fields, pack_settings
from spiking.nets import random_network, random_state, random_stimuli

from hwflow.spiking.arithmetic import change, clipped
from hwflow.spiking.draws import column_draws, drawn_change
from hwflow.spiking.network import Core
from hwflow.spiking.reference import Rules, normalise, tick

pytestmark = pytest.mark.slow
IDLE = dict.fromkeys(
    ("settings", "beat", "column", "raise", "from_axon", "scales", "index", "word", "high", "turn", "weight1", "axon_bits",
     "fired_before", "sweep5", "step5", "fires6", "restart", "divide", "told", "host_weight", "write_plastic", "write_x",
     "write_y", "host_lane", "host_data", "visited", "finish", "write_low", "write_high", "modulated", "closes", "resting", "column_gain",
     "may_change"), 0) | {"there": 1}  # fmt: skip
NAMES = (
    "axons",
    "neurons",
    "lanes",
    "weight_bits",
    "trace_bits",
    "synapse_mask",
    "normalisation",
    "stochastic",
    "graded",
)
CORES = [
    Core(1, 1, 1, weight_bits=2, trace_bits=4),
    Core(3, 5, 1, weight_bits=5, normalisation=False),
    Core(6, 4, 2, trace_bits=16, stochastic=True),
    Core(8, 12, 4, stochastic=True),
    Core(16, 8, 8, synapse_mask=False),
    Core(8, 12, 4, stochastic=True, graded=True),
    Core(3, 5, 1, trace_bits=16, graded=True),
]


class Driver:
    """What hwf_sequence and the memory of the weights are to the module; `weights` [sources, neurons] is that memory,
    `changing` [sources, neurons] what the sequence says of them, as of whole blocks of LANES sources and LANES neurons."""

    def __init__(self, dut: Any) -> None:
        self.dut = dut
        values = {name: int(getattr(dut, name.upper()).value) for name in NAMES}
        features = ("synapse_mask", "normalisation", "stochastic", "graded")
        self.core = Core(**{name: bool(value) if name in features else value for name, value in values.items()})
        self._rows, self._axon_words = self.core.neurons // self.core.lanes, self.core.axons // self.core.lanes
        self._units = min(self.core.lanes, 2)
        self.weights = np.zeros((self.core.sources, self.core.neurons), np.int64)
        self.changing = np.ones(self.weights.shape, np.bool_)

    def net(self, dice: np.random.Generator, *, extreme: bool) -> Any:
        """A random net, some blocks of which the sequence lets change; its mask is loaded as if it let all."""
        self._mask = random_network(dice, self.core, extreme=extreme)
        lanes = self.core.lanes
        blocks = dice.random((self.core.sources // lanes, self._rows)) < 0.8
        self.changing = blocks.repeat(lanes, axis=0).repeat(lanes, axis=1)
        return replace(self._mask, plastic=self._mask.plastic & self.changing, modulation=None)

    async def _host(self, port: str, source: int, neuron: int, lane: int, value: int) -> None:
        """Name a value for 4 cycles, then write it."""
        lanes, dut = self.core.lanes, self.dut
        dut.index.value, dut.word.value, dut.turn.value = source // lanes, neuron // lanes, source % lanes
        dut.high.value = source // lanes * self._rows + neuron // lanes
        dut.told.value, dut.host_lane.value, dut.host_data.value = 1, lane % lanes, value & 0xFFFFFFFF
        for _ in range(4):
            await cycle(dut)
        await cycle(dut, **{port: 1})
        await cycle(dut, told=0, **{port: 0})

    async def load(self, network: Any, state: Any) -> None:
        own = learning_fields(network.learning) | {"learn": 1}
        own = {name: value for name, value in own.items() if name in fields("learning_t")}
        self.dut.settings.value = pack_settings("learning_t", own)
        self.weights = state.weight.copy()
        if self.core.synapse_mask:
            for (source, neuron), plastic in np.ndenumerate(self._mask.plastic):
                await self._host("write_plastic", source, neuron, neuron, int(plastic))
        for source, value in enumerate(state.x):
            await self._host("write_x", source, 0, source, int(value))
        for neuron, value in enumerate(state.y):
            await self._host("write_y", 0, neuron, neuron, int(value))
        await self._host("write_low", 0, 0, 0, state.random)
        await self._host("write_high", 0, 0, 0, state.random >> 32)

    async def traces(self) -> tuple[list[int], list[int]]:
        x: list[int] = []
        y: list[int] = []
        lanes, bits = self.core.lanes, self.core.trace_bits
        for word in range(self.core.sources // lanes):
            await cycle(self.dut, index=word, word=word % self._rows)
            seen = await cycle(self.dut, "x1", "y1")
            x += unpack(seen[0], lanes, bits)
            y += unpack(seen[1], lanes, bits) if word < self._rows else []
        return x, y

    async def plastic(self, source: int, neuron: int) -> int:
        high = source // self.core.lanes * self._rows + neuron // self.core.lanes
        await cycle(self.dut, high=high, turn=source % self.core.lanes, may_change=int(self.changing[source, neuron]))
        return (await cycle(self.dut, "plastic1"))[0] >> neuron % self.core.lanes & 1

    async def _walk(self, places: list[Any], changes: bool, **inputs: int) -> None:
        """Name the words of a row or of a column one after the other; places: [LANES] into `weights` of each."""
        dut, bits = self.dut, self.core.weight_bits
        for at in range(len(places) + 3):
            source, neuron = (int(side[0]) for side in places[at]) if at < len(places) else (0, 0)
            named = {
                "beat": at < len(places),
                "from_axon": source < self.core.axons,
                "index": source // self.core.lanes,
                "word": neuron // self.core.lanes,
                "high": source // self.core.lanes * self._rows + neuron // self.core.lanes,
                "visited": neuron if inputs.get("column") else source - self.core.axons * (source >= self.core.axons),
                "may_change": int(self.changing[source, neuron]),
                "turn": (neuron if inputs.get("column") else source) % self.core.lanes,
            }
            last = self.weights[places[at - 1]].tolist() if 0 < at <= len(places) else [0] * self.core.lanes
            seen = await cycle(dut, "weight2", "weight3", weight1=pack(last, bits), **named, **inputs)
            if 2 <= at < len(places) + 2:
                assert seen[0] == pack(self.weights[places[at - 2]].tolist(), bits), "weight2 is not weight1"
            if at >= 3 and changes:
                self.weights[places[at - 3]] = unpack(seen[1], self.core.lanes, bits, signed=True)
        await cycle(dut, **dict.fromkeys(inputs, 0))

    async def row(self, source: int) -> None:
        lanes = np.arange(self.core.lanes)
        words = [(np.full_like(lanes, source), first + lanes) for first in range(0, self.core.neurons, len(lanes))]
        await self._walk(words, True)

    async def column(self, neuron: int, sources: int, changes: bool = True, **inputs: int) -> None:
        """The synapses of the first `sources` to a neuron."""
        lanes = np.arange(self.core.lanes)
        words = [(first + lanes, np.full_like(lanes, neuron)) for first in range(0, sources, len(lanes))]
        await self._walk(words, changes, column=1, **inputs)

    async def raise_y(self, fires: Any) -> None:
        steps = fires.reshape(-1, self._units)
        for step in range(len(steps) + 4):
            now = step < len(steps)
            before = pack(steps[step - 1], 1) if 0 < step <= len(steps) else 0
            await cycle(self.dut, sweep5=now, step5=step if now else 0, fires6=before)

    async def raise_x(self, rng: random.Random, spikes: Any) -> None:
        """By the axons' bits or by the neurons', whichever the word is of; the others do not matter."""
        words = spikes.reshape(-1, self.core.lanes)
        for at in range(len(words) + 4):
            now = at < len(words)
            value = 8 if self.core.graded else 1
            bits = {
                "axon_bits": rng.getrandbits(self.core.lanes * value),
                "fired_before": rng.getrandbits(self.core.lanes),
            }
            if 0 < at <= len(words):
                if at <= self._axon_words:
                    bits["axon_bits"] = pack(words[at - 1], value)
                else:
                    bits["fired_before"] = pack(words[at - 1], 1)
            named = {"raise": now, "index": at if now else 0, "from_axon": at < self._axon_words}
            await cycle(self.dut, **named, **bits)

    async def normalise(self, rng: random.Random) -> None:
        for neuron in range(self.core.neurons):
            await cycle(self.dut, restart=1)
            await cycle(self.dut, restart=0)
            await self.column(neuron, self.core.axons, changes=False)
            for _ in range(32):
                await cycle(self.dut, divide=1)
            await cycle(self.dut, divide=0, scales=1)
            await cycle(self.dut)
            await self.column(neuron, self.core.axons, scales=1)


async def presentation(driver: Driver, rng: random.Random) -> None:
    """Columns that change by gains of their own, in place of STDP; at its end the traces are zero."""
    core, dice = driver.core, np.random.default_rng(rng.getrandbits(32))
    network = driver.net(dice, extreme=False)
    rule, state = network.learning, random_state(dice, core)
    await driver.load(network, state)
    driver.dut.modulated.value = 1
    for neuron in rng.sample(range(core.neurons), rng.randint(1, core.neurons)):
        gain, sources = corner(rng, -65536, 65535), np.arange(core.sources)
        changed = change(gain, state.x, rule.rectangular)
        if rule.stochastic and core.stochastic:
            draw = column_draws(state.random, core.axons, core.neurons, np.array([neuron]))[:, 0]
            changed = drawn_change(gain, state.x, rule.rectangular, draw)
        wanted = clipped(state.weight[:, neuron] + changed, rule)
        state.weight[:, neuron] = np.where(network.can_change[:, neuron], wanted, state.weight[:, neuron])
        driver.dut.column_gain.value = gain & 0x1FFFF
        await driver.column(neuron, len(sources))
    assert (driver.weights == state.weight).all()
    driver.dut.closes.value = 1
    if resting := rng.random() < 0.5:  # whatever the tick before was
        settings = {name: rng.getrandbits(1) for name in ("modulated", "rectangular", "nearest", "stochastic")}
        await cycle(
            driver.dut, resting=1, modulated=settings.pop("modulated"), settings=pack_settings("learning_t", settings)
        )
    await driver.raise_y(dice.random(core.neurons) < 0.5)
    await driver.raise_x(rng, (dice.random(core.sources) < 0.5).astype(np.int64))
    await cycle(driver.dut, closes=0, resting=0, modulated=0)
    assert await driver.traces() == ([0] * core.sources, [0] * core.neurons), resting


async def ticks(driver: Driver, rng: random.Random, count: int) -> tuple[int, int]:
    """Some ticks of a random net; how many spikes there were, and how many weights are others now."""
    core, dice = driver.core, np.random.default_rng(rng.getrandbits(32))
    network = driver.net(dice, extreme=rng.random() < 0.3)
    rules, state = Rules(network, core), random_state(dice, core)
    await driver.load(network, state)
    spikes = 0
    before = state.weight.copy()
    for row in random_stimuli(dice, network, count):
        axons, sources = np.flatnonzero(row), np.concatenate([row.astype(np.int64), state.fired])
        fires = tick(rules, state, axons, True, row[axons].astype(np.int64))
        for source in np.flatnonzero(sources):
            await driver.row(source)
        await driver.raise_y(fires)
        for neuron in np.flatnonzero(fires):
            await driver.column(neuron, core.sources)
        await driver.raise_x(rng, sources)
        await cycle(driver.dut, finish=1)
        seen = await cycle(driver.dut, "random", finish=0)
        assert seen[0] == state.random
        if core.normalisation and rng.random() < 0.3:
            normalise(rules, state)
            await driver.normalise(rng)
        assert (driver.weights == state.weight).all()
        spikes += int(fires.sum())
    assert await driver.traces() == (state.x.tolist(), state.y.tolist())
    for (source, neuron), plastic in np.ndenumerate(network.plastic):
        assert await driver.plastic(source, neuron) == plastic
    return spikes, int((state.weight != before).sum())


@cocotb.test()
async def learns_like_the_golden_model(dut: Any) -> None:
    """Also while the host names a weight, which waits until the core rests."""
    await begin(dut, **IDLE | {"host_weight": 1})
    driver, rng = Driver(dut), random.Random(18)
    nets = 4 + 24 // driver.core.neurons
    spikes, changed = np.sum([await ticks(driver, rng, 8) for _ in range(nets)], axis=0)
    assert spikes > driver.core.neurons and changed > 0


@cocotb.test()
async def learns_by_a_third_factor(dut: Any) -> None:
    await begin(dut, **IDLE)
    driver, rng = Driver(dut), random.Random(20)
    for _ in range(6):
        await presentation(driver, rng)


@cocotb.test()
async def learns_like_it_after_a_reset(dut: Any) -> None:
    await begin(dut, **IDLE)
    driver = Driver(dut)

    async def work(rng: random.Random) -> None:
        await ticks(driver, rng, 3)

    await check_resets(dut, work, idle=IDLE, times=25)


@cocotb.test()
async def passes_on_what_the_host_writes(dut: Any) -> None:
    await begin(dut, **IDLE)
    lanes, bits, rng = int(dut.LANES.value), int(dut.WEIGHT_BITS.value), random.Random(19)
    for _ in range(50):
        value = corner(rng, -(1 << bits - 1), (1 << bits - 1) - 1)
        await cycle(dut, told=1, host_weight=1, host_data=value & 0xFFFF, weight1=rng.getrandbits(lanes * bits))
        assert await cycle(dut, "weight3") == [pack([value] * lanes, bits)]


GOOD = [
    learns_like_the_golden_model.name,
    learns_by_a_third_factor.name,
    learns_like_it_after_a_reset.name,
    passes_on_what_the_host_writes.name,
]


@pytest.mark.parametrize("core", CORES, ids=lambda core: f"{core.axons}x{core.neurons}x{core.lanes}")
def test_learning(core: Core) -> None:
    parameters = {name.upper(): int(getattr(core, name)) for name in NAMES} | {"UNITS": min(core.lanes, 2)}
    check(__file__, "hwf_learning", parameters, tests=GOOD)
