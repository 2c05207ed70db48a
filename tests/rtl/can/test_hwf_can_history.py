"""hwf_can_history: how many frames lie in the window, against a list of their times; resets, and its assertions."""

import random
from typing import Any

import cocotb
import pytest
from cocotb.triggers import ClockCycles, ReadOnly, RisingEdge
from harness import check, check_assertion_fires
from helpers.reset import check_resets
from helpers.streams import reset, start

pytestmark = pytest.mark.slow
WINDOW = 10_000
BUS, UNKNOWN = (12, 18, 24, 30, 36), (1, 3, 6, 12)
IDLE = {"start": 0, "commit": 0, "known": 0}


async def begin(dut: Any) -> None:
    for name in (*IDLE, "now"):
        getattr(dut, name).value = 0
    await start(dut, sources=(), sinks=())


async def pulse(dut: Any, name: str) -> None:
    getattr(dut, name).value = 1
    await RisingEdge(dut.clk)
    getattr(dut, name).value = 0


@cocotb.test()
async def counts_frames(dut: Any) -> None:
    await begin(dut)

    async def work(rng: random.Random) -> None:
        every: list[int] = []
        strangers: list[int] = []
        now, pause = rng.choice((0, 65_530, (1 << 32) - 3000, (1 << 40) + 5)), rng.choice((100, 250, 400, 2000))
        for _ in range(80):
            now += rng.randint(1, 2 * pause)
            if len(every) > 36 and rng.random() < 0.3:
                now = max(now, every[-rng.choice((11, 17, 23, 29, 35))] + WINDOW + rng.randint(-1, 1))
            known = rng.random() < 0.5
            dut.now.value, dut.known.value = now, known
            await pulse(dut, "start")
            for _ in range(29):
                await ReadOnly()
                assert not int(dut.done.value)
                await RisingEdge(dut.clk)
            await ReadOnly()
            assert int(dut.done.value)
            of_bus = 1 + sum(now - time < WINDOW for time in every)
            unknown = (not known) + sum(now - time < WINDOW for time in strangers)
            assert int(dut.bus.value) == sum((of_bus >= level) << bit for bit, level in enumerate(BUS))
            assert int(dut.unknown.value) == sum((unknown >= level) << bit for bit, level in enumerate(UNKNOWN))
            await RisingEdge(dut.clk)
            if rng.random() < 0.9:
                await pulse(dut, "commit")
                await ClockCycles(dut.clk, 3 if known else 6)  # the next start is a cycle later
                every.append(now)
                strangers += [] if known else [now]

    await check_resets(dut, work, idle=IDLE, times=4)


@cocotb.test()
async def forgets_what_a_reset_finds_half_stored(dut: Any) -> None:
    await begin(dut)
    dut.now.value = 100
    for moment in range(1, 9):
        for known in (0, 1, 1):
            dut.known.value = known
            await pulse(dut, "start")
            await ClockCycles(dut.clk, 30)
            if known:
                assert (int(dut.bus.value), int(dut.unknown.value)) == (0, 0), moment
            else:
                await pulse(dut, "commit")
                await ClockCycles(dut.clk, moment)
                await reset(dut, cycles=1)
                await ClockCycles(dut.clk, 8)


@cocotb.test()
async def starts_too_early(dut: Any) -> None:
    await begin(dut)
    dut.inner.done.value = 1
    await pulse(dut, "commit")
    await pulse(dut, "start")
    await ClockCycles(dut.clk, 3)


@cocotb.test()
async def stores_too_early(dut: Any) -> None:
    await begin(dut)
    await pulse(dut, "start")
    await ClockCycles(dut.clk, 3)
    await pulse(dut, "commit")
    await ClockCycles(dut.clk, 3)


def test_counts() -> None:
    check(__file__, "hwf_can_history", tests=["counts_frames", "forgets_what_a_reset_finds_half_stored"])


@pytest.mark.parametrize(
    ("misuse", "assertion"),
    [
        ("starts_too_early", "a_frame_is_not_looked_up_while_one_is_stored"),
        ("stores_too_early", "a_frame_is_stored_when_all_is_looked_up"),
    ],
)
def test_assertion(misuse: str, assertion: str) -> None:
    check_assertion_fires(__file__, "hwf_can_history", assertion, tests=[misuse])
