"""hwf_spike_counts: spikes are counted, and counts given and zeroed, whatever was before."""

import random
from typing import Any

import cocotb
import pytest
from cocotb.triggers import ClockCycles, ReadOnly, RisingEdge
from harness import check, check_assertion_fires
from helpers.cycles import begin, cycle
from helpers.reset import check_resets

pytestmark = pytest.mark.slow
IDLE = dict.fromkeys(("spike_valid", "spike", "told", "zero", "give"), 0)


class Counts:
    """The module, and what it must have counted."""

    def __init__(self, dut: Any) -> None:
        self._dut, self.neurons = dut, int(dut.NEURONS.value)
        self.right = [0] * self.neurons

    async def _walk(self, what: str) -> tuple[list[int], int]:
        """The words that are given in a walk, and its cycles."""
        dut, words, cycles = self._dut, [], 0
        await cycle(dut, **{what: 1})
        getattr(dut, what).value = 0
        while True:
            await ReadOnly()
            if int(dut.m_valid.value):
                assert int(dut.walking.value)
                words.append(int(dut.m_data.value))
            if not int(dut.walking.value):
                break
            cycles += 1
            await RisingEdge(dut.clk)
        await RisingEdge(dut.clk)
        return words, cycles

    async def zero(self) -> None:
        assert await self._walk("zero") == ([], self.neurons + 1)
        self.right = [0] * self.neurons

    async def give(self, told: int) -> None:
        self._dut.told.value = told
        counts = [*self.right[told:], *([0] * (max(0, self.neurons - told) % 2))]
        words = [low | high << 16 for low, high in zip(counts[::2], counts[1::2], strict=True)]
        cycles = self.neurons - told + 1 if told < self.neurons else 0
        assert await self._walk("give") == (words, cycles)
        self.right[told:] = [0] * max(0, self.neurons - told)

    async def spikes(self, rng: random.Random, ticks: int) -> None:
        """Of ticks, one each cycle or later."""
        for _ in range(ticks):
            pause, some = rng.choice([0.0, 0.5]), rng.sample(range(self.neurons), rng.randint(0, self.neurons))
            for neuron in sorted(some):
                while rng.random() < pause:
                    await cycle(self._dut, spike_valid=0, spike=rng.randrange(16384))
                await cycle(self._dut, spike_valid=1, spike=neuron)
                self.right[neuron] = min(self.right[neuron] + 1, 65535)
            await cycle(self._dut, spike_valid=0)


@cocotb.test()
async def counts_spikes(dut: Any) -> None:
    """What they are at first is not defined."""
    await begin(dut, **IDLE)
    counts, rng = Counts(dut), random.Random(1)
    await counts.zero()
    for _ in range(40):
        await counts.spikes(rng, rng.randrange(5))
        await counts.give(rng.choice([0, 0, rng.randint(0, counts.neurons), counts.neurons, 8191]))
        if rng.random() < 0.1:
            await counts.zero()


@cocotb.test()
async def counts_them_after_a_reset(dut: Any) -> None:
    await begin(dut, **IDLE)
    counts = Counts(dut)

    async def work(rng: random.Random) -> None:
        await counts.zero()
        await counts.spikes(rng, 3)
        await counts.give(rng.randrange(counts.neurons))

    await check_resets(dut, work, idle=IDLE)


@cocotb.test()
async def a_reset_leaves_what_was_counted(dut: Any) -> None:
    """And gives nothing by itself."""
    await begin(dut, **IDLE)
    counts, rng = Counts(dut), random.Random(2)
    await counts.zero()
    await counts.spikes(rng, 5)
    await cycle(dut, rst=1)
    for _ in range(counts.neurons + 5):
        assert await cycle(dut, "m_valid", "walking", rst=0) == [0, 0]
    await counts.give(0)


@cocotb.test()
async def counts_no_further_than_its_bits(dut: Any) -> None:
    await begin(dut, **IDLE)
    counts = Counts(dut)
    await counts.zero()
    dut.counts.memory[0].value = 65533
    counts.right[0] = 65533
    for _ in range(5):
        await cycle(dut, spike_valid=1, spike=0)
        await cycle(dut, spike_valid=0)
        counts.right[0] = min(counts.right[0] + 1, 65535)
    await counts.give(0)


@cocotb.test()
async def hears_a_spike_while_it_walks(dut: Any) -> None:
    await begin(dut, **IDLE)
    await cycle(dut, zero=1)
    await cycle(dut, zero=0)
    await cycle(dut, spike_valid=1)
    await ClockCycles(dut.clk, 2)


@cocotb.test()
async def hears_a_neuron_twice(dut: Any) -> None:
    await begin(dut, **IDLE)
    for _ in range(4):
        await cycle(dut, spike_valid=1)


GOOD = [case.name for case in (counts_spikes, counts_them_after_a_reset, a_reset_leaves_what_was_counted, counts_no_further_than_its_bits)]  # fmt: skip


@pytest.mark.parametrize("neurons", [1, 2, 7, 32])
def test_spike_counts(neurons: int) -> None:
    check(__file__, "hwf_spike_counts", {"NEURONS": neurons}, tests=GOOD)


@pytest.mark.parametrize(
    ("assertion", "case"),
    [
        ("counts_rest_while_they_are_walked_over", hears_a_spike_while_it_walks.name),
        ("a_neuron_spikes_once_in_two_cycles", hears_a_neuron_twice.name),
    ],
)
def test_assertion_fires(assertion: str, case: str) -> None:
    check_assertion_fires(__file__, "hwf_spike_counts", assertion, {"NEURONS": 8}, tests=[case])
