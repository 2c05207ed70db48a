"""hwf_can_counters: every event is counted once, whatever is read meanwhile; a reset clears all counts and what waits."""

import random
from collections import Counter
from typing import Any

import cocotb
import pytest
from cocotb.triggers import RisingEdge
from harness import check
from helpers.reset import check_resets
from helpers.streams import start

pytestmark = pytest.mark.slow

COUNTS = 32
APART = 100  # cycles between two events of a kind, at least
IDLE = {"events": 0, "hold": 0}


async def counted(dut: Any, rng: random.Random) -> None:
    """Random events, reads among them, and at the end every count."""
    told: Counter[int] = Counter()
    last = dict.fromkeys(range(COUNTS), -APART)
    for cycle in range(rng.randint(1, 400)):
        come = [kind for kind in last if cycle - last[kind] >= APART and rng.random() < 0.05]
        dut.events.value = sum(1 << kind for kind in come)
        told.update(come)
        last |= dict.fromkeys(come, cycle)
        await RisingEdge(dut.clk)
    dut.events.value = 0
    for _ in range(APART + COUNTS):  # it clears at first, and then raises one in two cycles
        await RisingEdge(dut.clk)
    assert await read(dut, rng) == [told[kind] for kind in range(COUNTS)]


async def read(dut: Any, rng: random.Random) -> list[int]:
    """All counts, in a random order."""
    dut.hold.value = 1
    while not dut.held.value:
        await RisingEdge(dut.clk)
    found = [0] * COUNTS
    for kind in rng.sample(range(COUNTS), COUNTS):
        dut.address.value = kind
        for _ in range(3):
            await RisingEdge(dut.clk)
        found[kind] = int(dut.count.value)
    dut.hold.value = 0
    return found


@cocotb.test()
async def counts_and_resets(dut: Any) -> None:
    for name, value in (IDLE | {"address": 0}).items():
        getattr(dut, name).value = value
    await start(dut, sources=(), sinks=())
    await check_resets(dut, lambda rng: counted(dut, rng), idle=IDLE, times=16)


def test_can_counters() -> None:
    check(__file__, "hwf_can_counters")
