"""hwf_population: rows of weights into sums, sweeps over the neurons, and lists of who fired, against the golden model."""

import itertools
import random
from typing import Any

import cocotb
import numpy as np
import pytest
from harness import check
from helpers.cycles import begin, cycle, pack, to_signed
from helpers.reset import check_resets
from helpers.settings import learning_fields, pack_settings
from spiking.nets import random_network, random_state, random_stimuli

from hwflow.spiking.map import STATE, Field
from hwflow.spiking.network import Core, SpikingNetwork
from hwflow.spiking.reference import Rules, State, tick, to_rest

pytestmark = pytest.mark.slow
IDLE = dict.fromkeys(
    ("settings", "row", "sweep", "clear", "scan", "raise", "index", "high", "arrives2", "begin_list", "rewind",
     "take_fired", "finish", "near_shift", "closes", "resting", "write_field", "host_field", "host_lane", "host_data"), 0)  # fmt: skip
FIXED = ("threshold", "leak", "decay", "bias", "reset", "refractory", "subtract")  # from Field.THRESHOLD on
ELSEWHERE = (Field.Y, Field.FACTOR)  # what other modules keep of the neurons
NAMES = ("axons", "neurons", "lanes", "weight_bits", "state_bits", "adaptation", "counters", "modulation", "graded")
CORES = [
    Core(1, 1, 1, weight_bits=2, state_bits=8, adaptation=False),
    Core(3, 5, 1, weight_bits=5, counters=False),
    Core(6, 4, 2, state_bits=24),
    Core(8, 24, 4, modulation=True),
    Core(16, 8, 8, adaptation=False),
    Core(8, 12, 4, modulation=True, graded=True),
    Core(2, 3, 1, weight_bits=4, state_bits=24, graded=True),
]


class Driver:
    """The population as hwf_sequence drives it."""

    def __init__(self, dut: Any) -> None:
        self._dut = dut
        values = {name: int(getattr(dut, name.upper()).value) for name in NAMES}
        features = ("adaptation", "counters", "modulation", "graded")
        self.core = Core(**{name: bool(value) if name in features else value for name, value in values.items()})
        self._units, self._rows = min(self.core.lanes, 2), self.core.neurons // self.core.lanes
        self.saturations = 0

    async def _cycle(self, **inputs: int) -> list[int]:
        """One cycle; the sums that were clipped in it are counted."""
        seen = await cycle(self._dut, "saturations", "sweep5", "step5", "fires6", **inputs)
        self.saturations += seen[0]
        return seen

    async def _walk(self, what: str, count: int, rest: int = 0) -> list[list[int]]:
        """Name `count` words or steps; what was seen in these cycles and `rest` after them."""
        seen = [await self._cycle(**{what: 1, "index": index}) for index in range(count)]
        await cycle(self._dut, **{what: 0, "index": 0}) if rest == 0 else None
        return seen + [await self._cycle(**{what: 0, "index": 0}) for _ in range(rest)]

    async def clear(self) -> None:
        """Clear the sums, and begin a list in the last cycle of it."""
        for index in range(self._rows):
            await self._cycle(clear=1, index=index, begin_list=index == self._rows - 1)
        for name in ("clear", "index", "begin_list"):
            getattr(self._dut, name).value = 0

    async def _name(self, neuron: int, field: int) -> None:
        """Name a field of a neuron for 6 cycles."""
        for _ in range(6):
            step, lane = neuron // self._units, neuron % self.core.lanes
            await self._cycle(index=step, host_field=field, host_lane=lane)

    async def write(self, neuron: int, field: int, value: int) -> None:
        await self._name(neuron, field)
        await self._cycle(write_field=1, host_data=value & 0xFFFFFF)
        await self._cycle(write_field=0)

    async def read(self, neuron: int, field: int) -> int:
        await self._name(neuron, field)
        if field != Field.FIRED:
            return to_signed((await cycle(self._dut, "field"))[0], 32)
        word = (await cycle(self._dut, "fired_before"))[0]
        return word >> neuron % self.core.lanes & 1

    async def load(self, network: SpikingNetwork, state: State) -> None:
        fields = learning_fields(network.learning) | {"weight_shift": network.weight_shift}
        own = ("weight_shift", "adaptation_decay", "adaptation_step")
        self._dut.settings.value = pack_settings("neurons_t", {name: fields[name] for name in own})
        values = {number: getattr(state, name) for number, name in STATE.items() if number not in ELSEWHERE}
        values |= {Field.THRESHOLD + n: getattr(network.neurons, name) for n, name in enumerate(FIXED)}
        for number, column in values.items():
            for neuron, value in enumerate(column):
                await self.write(neuron, number, int(value))

    async def check(self, state: State) -> None:
        for number, name in STATE.items():
            if number not in ELSEWHERE:
                got = [await self.read(neuron, number) for neuron in range(self.core.neurons)]
                assert got == getattr(state, name).astype(int).tolist(), name

    async def row(self, weights: Any) -> None:
        """A source's weights times its value, word by word; arrives2 comes two cycles after its word was named."""
        bits = self.core.weight_bits + 8 * self.core.graded
        words = [pack(word, bits) for word in weights.reshape(-1, self.core.lanes).tolist()]
        for index in range(len(words) + 2):
            now = index < len(words)
            await self._cycle(row=now, index=index if now else 0, arrives2=words[index - 2] if index > 1 else 0)
        await self._cycle(arrives2=0)

    async def listed(self, rng: random.Random) -> list[int]:
        """Those on the list, from its head, taken at once or later."""
        neurons = []
        for _ in range(3):
            await self._cycle()
        while True:
            waiting, neuron = await cycle(self._dut, "fired_waiting", "next_fired", take_fired=0)
            if not waiting:
                return neurons
            neurons.append(neuron)
            for _ in range(rng.choice((0, 0, 3))):
                assert await cycle(self._dut, "fired_waiting", "next_fired") == [1, neuron]
            await self._cycle(take_fired=1)

    async def fire(self) -> list[int]:
        """A sweep; the neurons that fire, by what a rule of learning would hear of it."""
        await self._cycle(begin_list=1)
        self._dut.begin_list.value = 0
        seen = await self._walk("sweep", self.core.neurons // self._units, 8)
        fires = []
        for (_, sweep5, step5, _), (_, _, _, fires6) in itertools.pairwise(seen):
            if sweep5:
                fires += [step5 * self._units + k for k in range(self._units) if fires6 >> k & 1]
        return fires

    async def rest(self) -> None:
        """A sweep that puts them to rest; nothing counts in it."""
        self._dut.closes.value = self._dut.resting.value = 1
        before = self.saturations
        await self.fire()
        assert self.saturations == before
        await cycle(self._dut, finish=1)
        await cycle(self._dut, finish=0, closes=0, resting=0)

    async def fired_before(self, rng: random.Random) -> list[int]:
        """Those of the tick before: by a scan, or word by word as the traces are raised by them."""
        if rng.randrange(2):
            await self._cycle(begin_list=1)
            self._dut.begin_list.value = 0
            return await self.scanned(rng)
        return await self.read_words()

    async def scanned(self, rng: random.Random) -> list[int]:
        await self._walk("scan", self._rows, 1)
        return await self.listed(rng)

    async def read_words(self) -> list[int]:
        neurons = []
        for high in range(self._rows):
            await self._cycle(high=high, **{"raise": 1})
            word = (await cycle(self._dut, "fired_before", **{"raise": 0}))[0]
            neurons += [high * self.core.lanes + lane for lane in range(self.core.lanes) if word >> lane & 1]
        return neurons


async def ticks(driver: Driver, rng: random.Random, count: int) -> int:
    """Some ticks of a random net; how many spikes there were. The sums are clear."""
    core, dice = driver.core, np.random.default_rng(rng.getrandbits(32))
    network = random_network(dice, core, extreme=rng.random() < 0.3)
    rules, state = Rules(network, core), random_state(dice, core)
    await driver.load(network, state)
    driver.saturations, fired = state.saturations, 0
    for row in random_stimuli(dice, network, count):
        spikes, values = row > 0, np.concatenate([row, state.fired]).astype(np.int64)
        assert await driver.fired_before(rng) == np.flatnonzero(state.fired).tolist()
        sources = np.flatnonzero(np.concatenate([spikes, state.fired]))
        closes = network.modulation is not None and bool(spikes[network.modulation.closing])
        driver._dut.closes.value = closes
        for source in rng.sample(sources.tolist(), len(sources)):
            if not network.modulators[source]:
                await driver.row(values[source] * state.weight[source])
        axons = np.flatnonzero(spikes)
        expected = np.flatnonzero(tick(rules, state, axons, False, row[axons].astype(np.int64))).tolist()
        assert await driver.fire() == expected
        assert driver.saturations == state.saturations * core.counters
        assert await driver.listed(rng) == expected
        await cycle(driver._dut, rewind=1)
        driver._dut.rewind.value = 0
        assert await driver.listed(rng) == expected  # hwf_sequence begins another list if the tick closes
        await cycle(driver._dut, finish=1)
        driver._dut.finish.value = 0
        fired += len(expected)
        if rng.random() < 0.2:
            await driver.rest()
            to_rest(state)
    await driver.check(state)
    return fired


@cocotb.test()
async def fires_like_the_golden_model(dut: Any) -> None:
    await begin(dut, **IDLE)
    driver, rng = Driver(dut), random.Random(17)
    await driver.clear()
    neurons = driver.core.neurons
    assert sum([await ticks(driver, rng, 12) for _ in range(6 + 24 // neurons)]) > 2 * neurons


@cocotb.test()
async def fires_like_it_after_a_reset(dut: Any) -> None:
    await begin(dut, **IDLE)
    driver = Driver(dut)

    async def work(rng: random.Random) -> None:
        await driver.clear()
        await ticks(driver, rng, 2)

    await check_resets(dut, work, idle=IDLE, times=20)


@cocotb.test()
async def lists_none_of_a_sweep_that_a_reset_broke_off(dut: Any) -> None:
    """Those who fired in the tick before are still so, and can be listed as soon as the sums are cleared."""
    await begin(dut, **IDLE)
    driver, neurons = Driver(dut), range(int(dut.NEURONS.value))
    await driver.clear()
    for neuron in neurons:  # all of them fire, always
        for field in (
            *(number for number in STATE if number not in ELSEWHERE),
            *range(Field.THRESHOLD, Field.SUBTRACT + 1),
        ):
            await driver.write(neuron, field, driver.core.state.min if field == Field.THRESHOLD else 0)

    async def work(rng: random.Random) -> None:
        driver.saturations = 0
        await driver.clear()
        listed = await driver.scanned(rng)
        assert listed == await driver.read_words()
        assert await driver.fire() == list(neurons)
        assert driver.saturations == 0

    await check_resets(dut, work, idle=IDLE, times=100)


GOOD = [
    fires_like_the_golden_model.name,
    fires_like_it_after_a_reset.name,
    lists_none_of_a_sweep_that_a_reset_broke_off.name,
]


@pytest.mark.parametrize("core", CORES, ids=lambda core: f"{core.axons}x{core.neurons}x{core.lanes}")
def test_population(core: Core) -> None:
    parameters = {name.upper(): int(getattr(core, name)) for name in NAMES} | {"UNITS": min(core.lanes, 2)}
    check(__file__, "hwf_population", parameters, tests=GOOD)
