"""hwf_can_timing: the sample after an edge at each place in a bit, by the rules of synchronisation, to the cycle."""

import random
from typing import Any

import cocotb
import pytest
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, FallingEdge, ReadOnly, RisingEdge
from harness import check, check_assertion_fires
from helpers.can_bench import CLOCK_PS, Timing
from helpers.reset import check_resets
from helpers.streams import reset

pytestmark = pytest.mark.slow

LATENCY = 3  # cycles from the pin to the quantum that sees it


class Samples:
    """The cycles in which `bit_sample` and `bit_start` are high; `now` is counted at the end of each. A reset keeps both low."""

    def __init__(self, dut: Any) -> None:
        self.dut = dut
        self.now = 0
        self.samples: list[int] = []
        self.starts: list[int] = []
        cocotb.start_soon(self._run())

    async def _run(self) -> None:
        held = False
        while True:
            await RisingEdge(self.dut.clk)
            await ReadOnly()
            self.now += 1
            assert not held or not (int(self.dut.bit_sample.value) or int(self.dut.bit_start.value))
            held = bool(int(self.dut.rst.value))
            if int(self.dut.bit_sample.value):
                self.samples.append(self.now)
            if int(self.dut.bit_start.value):
                self.starts.append(self.now)

    async def until(self, cycle: int) -> None:
        """Return at the clock edge of that number."""
        while self.now + 1 < cycle:
            await RisingEdge(self.dut.clk)

    async def following(self, count: int) -> list[int]:
        """The next samples."""
        have = len(self.samples)
        while len(self.samples) < have + count:
            await RisingEdge(self.dut.clk)
        return self.samples[have : have + count]


async def begin(dut: Any, timing: Timing) -> Samples:
    cocotb.start_soon(Clock(dut.clk, CLOCK_PS, unit="ps").start())
    dut.can_rx.value = 1
    dut.hard.value = 0
    timing.apply(dut)
    await reset(dut)
    return Samples(dut)


def next_sample(timing: Timing, place: int, hard: bool) -> int:
    """Quanta from one sample to the next, where an edge comes in quantum `place` behind the first."""
    whole = 1 + timing.seg1 + timing.seg2
    first = timing.seg2 + 1  # the next bit's first quantum
    if hard:
        return place + timing.seg1
    if place <= timing.seg2:
        return whole - min(first - place, timing.sjw)
    return whole + min(place - first, timing.sjw)


@cocotb.test()
async def a_sample_follows_each_edge_by_the_rules(dut: Any) -> None:
    for timing in (Timing(1, 6, 3, 3), Timing(1, 9, 4, 2), Timing(1, 5, 2, 1)):
        whole = 1 + timing.seg1 + timing.seg2
        seen = await begin(dut, timing)
        for hard in (False, True):
            dut.hard.value = int(hard)
            for place in range(1, whole + 1):
                *_, sample = await seen.following(3)
                base = sample + whole
                await seen.until(base + place - LATENCY)
                dut.can_rx.value = 0
                await seen.until(base + 1)
                # No other edge comes before the line is recessive again: the samples are a whole bit apart.
                first, second, third = await seen.following(3)
                assert first - base == next_sample(timing, place, hard), (timing, place, hard)
                assert second - first == third - second == whole
                assert {second, third} <= {start + 1 + timing.seg1 for start in seen.starts}
                dut.can_rx.value = 1
        assert [(start - timing.seg2) in seen.samples for start in seen.starts].count(False) <= 2 * len(
            seen.starts
        ) // 3


@cocotb.test()
async def synchronises_once_a_bit_and_behind_a_recessive_one_alone(dut: Any) -> None:
    timing = Timing(1, 9, 4, 4)
    whole = 14
    seen = await begin(dut, timing)
    *_, sample = await seen.following(2)
    base = sample + whole
    await seen.until(base + 7 - LATENCY)  # two quanta late; then a pulse and a second edge, which counts for nothing
    dut.can_rx.value = 0
    await seen.until(base + 9 - LATENCY)
    dut.can_rx.value = 1
    await seen.until(base + 11 - LATENCY)
    dut.can_rx.value = 0
    first, second = await seen.following(2)
    assert first - base == whole + 2
    # A falling edge behind a dominant sample, and a rising one, are none.
    await seen.until(second + 1)
    dut.can_rx.value = 1
    await seen.until(second + 3)
    dut.can_rx.value = 0
    third, fourth = await seen.following(2)
    assert (third - second, fourth - third) == (whole, whole)
    assert not int(dut.bit_level.value)


@cocotb.test()
async def keeps_time_at_every_setting_and_after_resets(dut: Any) -> None:
    seen = await begin(dut, Timing())

    async def work(rng: random.Random) -> None:
        begun = seen.now
        assert await seen.following(1) == [begun + 2]  # the first quantum is sampled at once
        timing = Timing(rng.randint(1, 4), rng.randint(4, 20), rng.randint(2, 9), rng.randint(1, 2))
        whole = timing.bit_ps // CLOCK_PS
        timing.apply(dut)
        dut.can_rx.value = 1
        dut.hard.value = 0
        first, second, third = (await seen.following(5))[2:]
        assert second - first == third - second == whole
        assert int(dut.bit_level.value)
        # A hard edge: the sample comes 1 + seg1 quanta behind it, less what of its quantum had passed.
        dut.hard.value = 1
        await ClockCycles(dut.clk, rng.randint(1, whole))
        edge = seen.now + LATENCY
        dut.can_rx.value = 0
        first, second = await seen.following(2)
        if first < edge + timing.prescaler:  # a sample was due right then, before the edge was seen
            first = second
        late = first - edge - timing.sample_ps // CLOCK_PS
        assert -timing.prescaler < late <= 0, late
        assert not int(dut.bit_level.value)

    await check_resets(dut, work, idle={}, times=40)


@cocotb.test()
async def sees_no_edge_in_the_first_quantum_after_a_reset(dut: Any) -> None:
    seen = await begin(dut, Timing())
    for fall in range(4):
        dut.can_rx.value = 1
        await seen.following(3)
        for cycle in range(4):
            await RisingEdge(dut.clk)
            if cycle == fall:
                dut.can_rx.value = 0
            dut.rst.value = int(cycle == 2)
        begun = seen.now
        assert await seen.following(1) == [begun + 2], fall


@cocotb.test()
async def starts_and_samples_at_once(dut: Any) -> None:
    await begin(dut, Timing())
    await FallingEdge(dut.clk)
    dut.inner.bit_start.value = 1
    dut.inner.bit_sample.value = 1
    await ClockCycles(dut.clk, 3)


GOOD = [
    t.name
    for t in (
        a_sample_follows_each_edge_by_the_rules,
        synchronises_once_a_bit_and_behind_a_recessive_one_alone,
        keeps_time_at_every_setting_and_after_resets,
        sees_no_edge_in_the_first_quantum_after_a_reset,
    )
]


def test_can_timing() -> None:
    check(__file__, "hwf_can_timing", tests=GOOD)


def test_assertion_fires() -> None:
    check_assertion_fires(__file__, "hwf_can_timing", "a_bit_is_sampled_once", tests=[starts_and_samples_at_once.name])
