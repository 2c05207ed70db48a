"""hwf_modulation: rows of modulators, sweeps, and the list of whose weights change with their gains, against the golden model's."""

import random
from typing import Any

import cocotb
import numpy as np
import pytest
from cocotb.triggers import ClockCycles
from harness import check
from helpers.cycles import begin, corner, cycle, pack, to_signed
from helpers.reset import check_resets
from helpers.settings import pack_settings

from hwflow.spiking.factor import gains
from hwflow.spiking.learning import Modulation

pytestmark = pytest.mark.slow
NAMES = ("AXONS", "NEURONS", "LANES", "UNITS", "WEIGHT_BITS", "STATE_BITS", "TRACE_BITS", "GRADED")
IDLE = dict.fromkeys(("settings", "modulated", "take_axon", "next_axon", "from_axon", "visited", "finish", "resting", "row", "sweep", "clear", "index", "arrives2", "near6", "y6", "begin_list",
                      "take_changing", "write_factor", "host_lane", "host_data"), 0)  # fmt: skip


class Driver:
    """The module as hwf_sequence drives it."""

    def __init__(self, dut: Any) -> None:
        self._dut = dut
        sizes = [int(getattr(dut, name).value) for name in NAMES]
        self.axons, self.neurons, self.lanes, self.units, weight_bits, self.state_bits, self.trace_bits, graded = sizes
        self.arriving = weight_bits + 8 * graded  # bits

    async def clear(self) -> None:
        for index in range(self.neurons // self.lanes):
            await cycle(self._dut, clear=1, index=index)
        await cycle(self._dut, clear=0, index=0, begin_list=1)
        await cycle(self._dut, begin_list=0)

    async def _name(self, neuron: int) -> None:
        for _ in range(6):
            await cycle(self._dut, index=neuron // self.units, host_lane=neuron % self.lanes)

    async def write(self, neuron: int, value: int) -> None:
        await self._name(neuron)
        await cycle(self._dut, write_factor=1, host_data=value & (1 << self.state_bits) - 1)
        await cycle(self._dut, write_factor=0)

    async def read(self, neuron: int) -> int:
        await self._name(neuron)
        return to_signed((await cycle(self._dut, "factor"))[0], 32)

    async def row(self, source: int, weights: Any) -> bool:
        """Whether the source brings a factor, as the module has it."""
        from_axon = source < self.axons
        await cycle(self._dut, from_axon=from_axon, visited=source - self.axons * (not from_axon))
        (brings,) = await cycle(self._dut, "brings")
        words = [pack(word, self.arriving) for word in weights.reshape(-1, self.lanes).tolist()]
        for index in range(len(words) + 2):
            now = index < len(words)
            await cycle(self._dut, row=now, index=index if now else 0, arrives2=words[index - 2] if index > 1 else 0)
        await cycle(self._dut, arrives2=0)
        return bool(brings)

    async def take(self, axon: int) -> None:
        await cycle(self._dut, take_axon=1, next_axon=axon)
        await cycle(self._dut, take_axon=0)

    async def sweep(self, near: Any, y: Any) -> None:
        await cycle(self._dut, begin_list=1)
        self._dut.begin_list.value = 0
        steps, units = self.neurons // self.units, self.units
        for at in range(steps + 10):
            part = slice((at - 6) * units, (at - 5) * units) if 6 <= at < steps + 6 else slice(0, units)
            await cycle(
                self._dut, sweep=at < steps, index=at if at < steps else 0, near6=pack(near[part], 1),
                y6=pack(y[part], self.trace_bits),
            )  # fmt: skip

    async def changes(self) -> list[tuple[int, int]]:
        """Neurons and their gains, from the head of the list."""
        found = []
        while True:
            await cycle(self._dut)
            waiting, neuron = await cycle(self._dut, "changing_waiting", "changing", take_changing=0)
            if not waiting:
                return found
            await cycle(self._dut, take_changing=1)
            (gain,) = await cycle(self._dut, "column_gain", take_changing=0)
            found.append((neuron, to_signed(gain, 17)))


async def ticks(driver: Driver, rng: random.Random, count: int) -> int:
    """Some ticks; how many neurons changed. What was brought is clear."""
    dut, neurons = driver._dut, driver.neurons
    low, high = -(1 << driver.state_bits - 1), (1 << driver.state_bits - 1) - 1
    factor, changed = np.array([corner(rng, low, high) for _ in range(neurons)]), 0
    for neuron in rng.sample(range(neurons), neurons):
        await driver.write(neuron, int(factor[neuron]))
    least, most = sorted(rng.randrange(1 << driver.trace_bits) for _ in range(2))
    axons, modulated = driver.axons, rng.random() < 0.8
    firsts = rng.randint(0, axons), rng.randint(0, neurons), rng.randrange(axons), rng.randint(0, neurons)
    third = Modulation(*firsts, rng.randrange(65536), rng.randrange(9), 0, least, most)
    dut.modulated.value = modulated
    dut.settings.value = pack_settings("modulation_t", vars(third))
    for _ in range(count):
        taken = rng.sample(range(axons), rng.randint(0, min(axons, 3)))
        for axon in taken:
            await driver.take(axon)
        closes = modulated and third.closing in taken
        assert await cycle(dut, "closes") == [closes]
        e, half = np.zeros(neurons, np.int64), 1 << driver.arriving - 1
        for _ in range(rng.randrange(4)):
            weights = np.array([corner(rng, -half, half - 1) for _ in range(neurons)])
            source = rng.randrange(axons + neurons)
            own = source >= third.modulating_axons if source < axons else source - axons >= third.modulating_neurons
            assert await driver.row(source, weights) == (own and modulated)
            e += weights * (own and modulated)
        near, y = (np.array([rng.randrange(top) for _ in range(neurons)]) for top in (2, 1 << driver.trace_bits))
        factor = np.clip(factor + e, low, high)
        wanted = gains(third, factor, y, near.astype(bool))
        await driver.sweep(near, y)
        assert await driver.changes() == [(int(i), int(wanted[i])) for i in np.flatnonzero(wanted)]
        await cycle(dut, finish=1)
        assert await cycle(dut, "closes", finish=0) == [0]
        changed += int(np.count_nonzero(wanted))
        rests = rng.random() < 0.2
        if rests:
            dut.resting.value = 1
            await driver.sweep(near, y)
            await cycle(dut, finish=1)
            await cycle(dut, finish=0, resting=0)
        if closes or rests:
            factor = np.zeros_like(factor)
    assert [await driver.read(neuron) for neuron in range(neurons)] == factor.tolist()
    return changed


@cocotb.test()
async def lists_whose_weights_change(dut: Any) -> None:
    await begin(dut, **IDLE)
    driver, rng = Driver(dut), random.Random(22)
    await driver.clear()
    assert sum([await ticks(driver, rng, 8) for _ in range(8)]) > driver.neurons


@cocotb.test()
async def lists_them_after_a_reset(dut: Any) -> None:
    await begin(dut, **IDLE)
    driver = Driver(dut)

    async def work(rng: random.Random) -> None:
        await driver.clear()
        await ticks(driver, rng, 2)

    await check_resets(dut, work, idle=IDLE, times=30)


@cocotb.test()
async def a_sweep_that_a_reset_ends_lists_nobody(dut: Any) -> None:
    await begin(dut, **IDLE)
    driver = Driver(dut)
    await driver.clear()
    dut.modulated.value = 1
    dut.settings.value = pack_settings("modulation_t", vars(Modulation(0, 0, 0, 0, 0, 65535)))
    for neuron in range(driver.neurons):
        await driver.write(neuron, 1)
    for ends in (0, 1):  # without a reset it lists them all
        await cycle(dut, begin_list=1)
        for at in range(driver.neurons // driver.units):
            await cycle(dut, begin_list=0, sweep=1, index=at)
        await cycle(dut, sweep=0, index=0, rst=ends)
        await cycle(dut, rst=0, begin_list=ends)
        dut.begin_list.value = 0
        await ClockCycles(dut.clk, 10)
        assert len(await driver.changes()) == (0 if ends else driver.neurons)


@pytest.mark.parametrize(
    "sizes",
    [
        (1, 1, 1, 1, 2, 8, 4, 0),
        (2, 6, 2, 2, 8, 16, 8, 0),
        (8, 24, 4, 2, 5, 24, 16, 0),
        (8, 8, 8, 2, 8, 12, 6, 0),
        (4, 8, 4, 2, 8, 16, 8, 1),
    ],
)
def test_modulation(sizes: tuple[int, ...]) -> None:
    check(__file__, "hwf_modulation", dict(zip(NAMES, sizes, strict=True)))
