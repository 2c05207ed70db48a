"""hwf_spiking at its ports: whole ticks of random nets, every register through the host port, against the golden model.

Spikes, events, saturations and the cycles of each tick are those of the header.
"""

import dataclasses
import random
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import cocotb
import numpy as np
import pytest
from cocotb.triggers import ClockCycles, ReadOnly, RisingEdge
from harness import check, check_assertion_fires
from helpers.cycles import begin, cycle, to_signed
from helpers.reset import check_resets
from helpers.settings import learning_fields, pack_settings
from spiking.nets import random_network, random_state, random_stimuli

from hwflow.spiking.backend.bench import places_of
from hwflow.spiking.blocks import Block
from hwflow.spiking.entries import Entries, entries_of, row_lengths
from hwflow.spiking.network import EXTRAS, FEATURES, LARGEST, Core, SpikingNetwork
from hwflow.spiking.reference import Rules, State, normalise, step, to_rest

pytestmark = pytest.mark.slow
WEIGHT, PLASTIC, FIELD, TRACE, TARGET, FIRST = range(6)  # regions of the host port
STATE = {"membrane": 0, "current": 1, "adaptation": 2, "refractory": 3, "y": 4, "fired": 5, "factor": 15}
WITHOUT = {"adaptation": "adaptation", "y": "learning", "factor": "modulation"}  # the feature that each needs
FIXED = {"threshold": 8, "leak": 9, "decay": 10, "bias": 11, "reset": 12, "refractory": 13, "subtract": 14}
IDLE = dict.fromkeys(
    (
        "axon_valid",
        "axon",
        "axon_value",
        "clear_axons",
        "tick",
        "to_rest",
        "normalise",
        "normalise_one",
        "normalise_neuron",
        "settings",
    ),
    0,
) | dict.fromkeys(("host_valid", "host_write", "host_region", "host_row", "host_column", "host_wdata"), 0)
SWITCHES = (*FEATURES, *EXTRAS[:-1], "single_port")  # whether spikes are counted is not the core's
EVERYTHING = Core(8, 12, 4, stochastic=True, modulation=True)
CORES = [
    Core(1, 1, 1, weight_bits=2, state_bits=8, trace_bits=4),
    Core(3, 5, 1, weight_bits=5, single_port=True),
    Core(8, 4, 4, learning=False, synapse_mask=False, normalisation=False, adaptation=False, counters=False),
    Core(8, 12, 4, synapse_mask=False, stochastic=True, modulation=True,
         blocks=(Block(8, 0, 8, True), Block(8, 8, 4, True), Block(4, 0, 12, False))),
    Core(8, 12, 4, stochastic=True, modulation=True, graded=True),
    Core(5, 6, 1, single_port=True, blocks=(Block(4, 2, 3, True), Block(2, 0, 0, False), Block(5, 1, 5, True))),
    Core(8, 12, 4, blocks=(Block(4, 0, 12, True), Block(4, 4, 8, False, -3), Block(12, 0, 12, False, -9))),
    Core(5, 6, 1, single_port=True, modulation=True,
         blocks=(Block(4, 0, 6, True), Block(1, 2, 3, False, -1), Block(3, 1, 5, False, -77), Block(3, 0, 4, True))),
]  # fmt: skip

FIXED_WEIGHTS: dict[str, Any] = {"learning": False, "synapse_mask": False, "normalisation": False}
CORES += [
    Core(1, 1, 1, **FIXED_WEIGHTS, entries=1),
    Core(8, 12, 4, **FIXED_WEIGHTS, graded=True, entries=20),
    Core(5, 6, 1, **FIXED_WEIGHTS, single_port=True, entries=40),
]

MORE_CORES = [
    Core(8, 16, 8, **FIXED_WEIGHTS, weight_bits=4, entries=48),
    EVERYTHING,
    Core(4, 8, 4, synapse_mask=False, single_port=True, counters=False),
    Core(6, 4, 2, state_bits=24, trace_bits=16),
    Core(8, 12, 4, stochastic=True),
    Core(5, 3, 1, single_port=True, state_bits=10, modulation=True),
    Core(5, 3, 1, single_port=True, state_bits=24, graded=True),
    Core(8, 8, 8, learning=False, synapse_mask=False, normalisation=False, graded=True),
]


def parameters(core: Core) -> dict[str, int | str]:
    names = ("axons", "neurons", "lanes", "weight_bits", "state_bits", "trace_bits", *SWITCHES)
    found: dict[str, int | str] = {name.upper(): int(getattr(core, name)) for name in names}
    if core.entries:
        found["ENTRIES"] = core.entries
    if core.blocks:
        found |= {"BLOCKS": len(core.blocks), "PLACES": f"512'h{places_of(core.blocks, core.lanes):x}",
                  "STORED": int(core.kept.sum()) // core.lanes**2,
                  "FAN_IN": int((core.kept | (core.constant != 0)).sum(axis=0).max())}  # fmt: skip
    return found


def blocks_in(dut: Any, lanes: int) -> tuple[Block, ...]:
    """As hwf_blocks has PLACES."""
    places, begin, blocks = int(dut.PLACES.value), 0, []
    for number in range(int(dut.BLOCKS.value)):
        end, first, width, traits = (places >> 64 * number + 16 * k & 0xFFFF for k in range(4))
        level = to_signed(traits >> 8, 8)
        blocks.append(Block((end - begin) * lanes, first * lanes, width * lanes, bool(traits & 1), level))
        begin = end
    return tuple(blocks)


def core_of(dut: Any) -> Core:
    names = [part.name for part in dataclasses.fields(Core) if part.name not in ("blocks", "counting")]
    values = {name: int(getattr(dut, name.upper()).value) for name in names}
    found = {name: bool(value) if name in SWITCHES else value for name, value in values.items()}
    return Core(**found, blocks=blocks_in(dut, values["lanes"]))


def tick_cycles(core: Core, sources: int, fired: int, learns: bool, columns: int | None, entries: int) -> int:
    """As the header has it. entries: of all sources."""
    units, rows = min(core.lanes, 2), core.neurons // core.lanes
    if core.entries:
        return core.neurons // units + 13 + entries + 2 * sources + fired
    words = core.axons // core.lanes + rows
    beats = 2 if core.single_port else 1
    if not learns:
        return core.neurons // units + 13 + sources * (rows + 2) + fired
    if columns is not None:
        rest = sources * (rows + 2) + fired + columns * (beats * words + 2)
        return core.neurons // units + 15 + rest + words
    return core.neurons // units + 14 + sources * (beats * rows + 2) + fired * (beats * words + 2) + words


def rest_cycles(core: Core) -> int:
    return core.neurons // min(core.lanes, 2) + core.sources // core.lanes + 10


def normalise_cycles(core: Core, neurons: int) -> int:
    return neurons * (core.axons // core.lanes * (3 if core.single_port else 2) + 38) + 4


@dataclass(frozen=True)
class Done:
    """What was seen of a tick or a normalisation."""

    cycles: int
    events: int
    saturations: int
    spikes: list[int]


class Driver:
    def __init__(self, dut: Any) -> None:
        self._dut, self.core = dut, core_of(dut)
        self._settings: dict[str, int] = {}
        self._random = random.Random(15)

    async def access(self, region: int, row: int, column: int, value: int | None = None) -> int:
        """Read, or write, through the host port."""
        dut = self._dut
        dut.host_valid.value, dut.host_write.value = 1, value is not None
        dut.host_region.value, dut.host_row.value, dut.host_column.value = region, row, column
        # What is outside a value's width does not matter.
        dut.host_wdata.value = (value or 0) & 0xFFFFFFFF
        for _ in range(50 + self.core.neurons):
            ready, read = await cycle(dut, "host_ready", "host_rdata")
            if ready:
                break
        else:
            raise AssertionError("the host waits for ever")
        dut.host_valid.value = 0
        if self._random.randrange(2):
            await cycle(dut)
        return to_signed(read, 32)

    async def load(self, network: SpikingNetwork, state: State) -> None:
        self._settings = learning_fields(network.learning) | {"weight_shift": network.weight_shift}
        if network.modulation:
            self._settings |= dataclasses.asdict(network.modulation) | {"modulated": 1}
        self.learn(False)
        for number, values in [(n, getattr(state, name)) for name, n in STATE.items()] + [
            (n, getattr(network.neurons, name)) for name, n in FIXED.items()
        ]:
            absent = [STATE[name] for name, feature in WITHOUT.items() if not getattr(self.core, feature)]
            if number in (*absent, STATE["fired"]):
                continue
            for i, value in enumerate(values):
                await self.access(FIELD, number, i, int(value))
        if self.core.entries:
            await self.load_entries(entries_of(state.weight, self.core.lanes))
        for (j, i), value in () if self.core.entries else np.ndenumerate(state.weight):
            absent = not self.core.kept[j, i]  # nothing can be written there
            await self.access(WEIGHT, j, i, -1 if absent else int(value))
            if self.core.synapse_mask:
                await self.access(PLASTIC, j, i, 1 if absent else int(network.plastic[j, i]))
        for j, value in enumerate(state.x if self.core.learning else ()):
            await self.access(TRACE, j, 0, int(value))
        if self.core.stochastic:
            await self.access(FIELD, 6, 0, state.random & 0xFFFFFFFF)
            await self.access(FIELD, 7, 0, state.random >> 32)
        for i, value in enumerate(state.fired):  # who fired is listed anew by nothing else
            await self.access(FIELD, STATE["fired"], i, 1 - int(value))
        for i, value in enumerate(state.fired):
            await self.access(FIELD, STATE["fired"], i, int(value))

    async def load_entries(self, entries: Entries) -> None:
        for source, first in enumerate(entries.first.tolist()):
            await self.access(FIRST, source, 0, first)
        for entry, word in enumerate(entries.words.tolist()):
            await self.access(TARGET, *divmod(entry, LARGEST), word)
        for number, weight in enumerate(entries.weight.reshape(-1).tolist()):
            await self.access(WEIGHT, *divmod(number, LARGEST), weight)

    async def check_entries(self, entries: Entries) -> None:
        for source, first in enumerate(entries.first.tolist()):
            assert await self.access(FIRST, source, 0) == first
        for entry, word in enumerate(entries.words.tolist()):
            assert await self.access(TARGET, *divmod(entry, LARGEST)) == word
        for number, weight in enumerate(entries.weight.reshape(-1).tolist()):
            assert await self.access(WEIGHT, *divmod(number, LARGEST)) == weight

    def learn(self, learns: bool) -> None:
        """Whether the next tick learns."""
        self._dut.settings.value = pack_settings("settings_t", self._settings | {"learn": learns})

    async def check(self, network: SpikingNetwork, state: State) -> None:
        """Every register, and what does not change."""
        for name, number in [*STATE.items(), *FIXED.items()]:
            values = getattr(state, name) if number in STATE.values() else getattr(network.neurons, name)
            got = [await self.access(FIELD, number, i) for i in range(self.core.neurons)]
            assert got == values.astype(int).tolist(), name
        if self.core.entries:
            await self.check_entries(entries_of(state.weight, self.core.lanes))
        for (j, i), value in () if self.core.entries else np.ndenumerate(state.weight):
            assert await self.access(WEIGHT, j, i) == value, (j, i)
            plastic = network.plastic[j, i] if self.core.synapse_mask else self.core.may_change[j, i]
            assert await self.access(PLASTIC, j, i) == plastic, (j, i)
        assert [await self.access(TRACE, j, 0) for j in range(self.core.sources)] == state.x.tolist()
        low, high = [await self.access(FIELD, field, 0) for field in (6, 7)]
        assert (low & 0xFFFFFFFF, high) == (state.random & 0xFFFFFFFF, state.random >> 32)

    async def set_axons(self, axons: list[int], values: Mapping[int, int] = MappingProxyType({})) -> None:
        """In any order, some of them twice, some beyond. values: of some of them; of the others it is 1."""
        dut, rng = self._dut, self._random
        sent = (
            axons
            + rng.choices(axons, k=len(axons) // 2)
            + [rng.randint(self.core.axons, LARGEST - 1)] * rng.randrange(2)
        )
        rng.shuffle(sent)
        for axon in sent:
            dut.axon_valid.value, dut.axon.value, dut.axon_value.value = 1, axon, values.get(axon, 1)
            while not (await cycle(dut, "axon_ready"))[0]:
                pass
            dut.axon_valid.value = 0
            if rng.random() < 0.2:
                await cycle(dut)

    def name(self, neuron: int | None) -> None:
        """Of a normalisation, the neuron alone."""
        self._dut.normalise_one.value, self._dut.normalise_neuron.value = neuron is not None, neuron or 0

    def rests(self, share: float) -> bool:
        """Whether the state is put to rest, by draws of its own."""
        return self._random.random() < share

    async def work(self, what: str) -> Done:
        """A tick, or a normalisation, until it is done."""
        dut, spikes = self._dut, []
        cycles = events = saturations = 0
        await cycle(dut, **{what: 1})
        getattr(dut, what).value = 0
        while True:
            await ReadOnly()
            if not int(dut.busy.value):
                break
            cycles += 1
            events += int(dut.event_valid.value)
            saturations += int(dut.saturations.value)
            if int(dut.spike_valid.value):
                spikes.append(int(dut.spike.value))
            await RisingEdge(dut.clk)
            assert cycles < 100_000
        await RisingEdge(dut.clk)
        return Done(cycles, events, saturations, spikes)


async def ticks(driver: Driver, rng: np.random.Generator, count: int, *, extreme: bool) -> tuple[int, bool]:
    """Some ticks of a random net; how many spikes there were, and whether it learnt."""
    core, fired, learnt = driver.core, 0, False
    network = random_network(rng, core, extreme=extreme)
    rules, state = Rules(network, core), random_state(rng, core)
    await driver.load(network, state)
    if rng.random() < 0.3:
        await driver.check(network, state)
    for row in random_stimuli(rng, network, count):
        axons, learns = np.flatnonzero(row), bool(rng.random() < 0.7)
        await driver.set_axons(axons.tolist(), {j: int(row[j]) for j in axons.tolist()})
        driver.learn(learns)
        sources, clipped = len(axons) + int(state.fired.sum()), state.saturations
        lengths = row_lengths(state.weight, core.lanes)
        walked = int(lengths[axons].sum() + lengths[core.axons :][state.fired].sum())
        done = step(rules, state, axons, learns, row[axons].astype(np.int64))
        spikes = np.flatnonzero(done.fires).tolist()
        cycles = tick_cycles(core, sources, len(spikes), learns and core.learning, done.columns, walked)
        assert await driver.work("tick") == Done(cycles, sources, state.saturations - clipped, spikes)
        if core.normalisation and rng.random() < 0.15:
            only = int(rng.integers(core.neurons)) if rng.random() < 0.5 else None
            normalise(rules, state, only)
            driver.name(only)
            cycles = normalise_cycles(core, core.neurons if only is None else 1)
            assert await driver.work("normalise") == Done(cycles, 0, 0, [])
        learnt |= bool(state.x.any())
        if driver.rests(0.1):
            await driver.set_axons(axons.tolist()[:2])  # which it forgets
            to_rest(state)
            assert await driver.work("to_rest") == Done(rest_cycles(core), 0, 0, [])
        fired += len(spikes)
    if driver.rests(0.3):
        to_rest(state)
        assert await driver.work("to_rest") == Done(rest_cycles(core), 0, 0, [])
    await driver.check(network, state)
    return fired, learnt


@cocotb.test()
async def ticks_like_the_golden_model(dut: Any) -> None:
    driver, rng = Driver(dut), np.random.default_rng(15)
    await begin(dut, **IDLE)
    done = [await ticks(driver, rng, 20, extreme=net == 3) for net in range(6 + 6 // driver.core.neurons)]
    assert sum(fired for fired, _ in done) > 2 * driver.core.neurons
    assert any(learnt for _, learnt in done) or not driver.core.learning


@cocotb.test()
async def ticks_like_it_after_a_reset(dut: Any) -> None:
    """The host writes everything anew, at once or after a while."""
    driver = Driver(dut)
    await begin(dut, **IDLE)

    async def work(rng: random.Random) -> None:
        if rng.random() < 0.5:
            await ClockCycles(dut.clk, rng.randint(1, 30))
        await ticks(driver, np.random.default_rng(rng.getrandbits(32)), 2, extreme=rng.random() < 0.5)

    # Writing all weights anew is what takes long, and is the same each time.
    await check_resets(dut, work, idle=IDLE, times=5 + 30 // (driver.core.sources * driver.core.neurons))


@cocotb.test()
async def forgets_axons(dut: Any) -> None:
    """With `clear_axons`."""
    driver, rng = Driver(dut), np.random.default_rng(16)
    core = driver.core
    await begin(dut, **IDLE)
    network = random_network(rng, core, extreme=False)
    state = random_state(rng, core)
    await driver.load(network, state)
    everyone = list(range(core.axons))
    await driver.set_axons(everyone)
    await cycle(dut, clear_axons=1)
    await cycle(dut, clear_axons=0)
    await driver.set_axons(everyone[:1])
    rules, sources = Rules(network, core), 1 + int(state.fired.sum())
    spikes = np.flatnonzero(step(rules, state, np.array(everyone[:1])).fires)
    done = await driver.work("tick")
    assert (done.events, done.spikes) == (sources, spikes.tolist())


@cocotb.test()
async def refuses_ticks_while_busy(dut: Any) -> None:
    await begin(dut, **IDLE)
    await cycle(dut, tick=1)
    await cycle(dut)


@cocotb.test()
async def reads_what_it_writes(dut: Any) -> None:
    driver = Driver(dut)
    await begin(dut, **IDLE)
    await driver.set_axons([0])
    dut.tick.value = 1
    for _ in range(10):
        await cycle(dut)
        dut.tick.value = 0
        for register in (dut.inner.weights.highs, dut.inner.weights.turns, dut.inner.weights.columns):
            register.value = 0
        dut.inner.changes.value, dut.inner.weights.exists.value = 7, 7


GOOD = [ticks_like_the_golden_model.name, ticks_like_it_after_a_reset.name, forgets_axons.name]


@pytest.mark.parametrize(
    "core",
    [*CORES, *(pytest.param(core, marks=pytest.mark.long) for core in MORE_CORES)],
    ids=lambda core: f"{core.axons}x{core.neurons}x{core.lanes}x{core.entries or len(core.blocks)}{'g' * core.graded}",
)
def test_spiking(core: Core) -> None:
    check(__file__, "hwf_spiking", parameters(core), tests=GOOD)


@pytest.mark.parametrize(
    ("assertion", "case"),
    [
        ("a_core_that_is_told_to_work_rests", refuses_ticks_while_busy.name),
        ("a_weight_is_read_or_written", reads_what_it_writes.name),
    ],
)
def test_assertion_fires(assertion: str, case: str) -> None:
    check_assertion_fires(__file__, "hwf_spiking", assertion, parameters(EVERYTHING), tests=[case])
