"""hwf_every: every COUNT-th beat is marked, whatever the gaps."""

import random
from typing import Any

import cocotb
import pytest
from cocotb.clock import Clock
from cocotb.triggers import ReadOnly, RisingEdge
from harness import check
from helpers.reset import check_resets

pytestmark = pytest.mark.slow


@cocotb.test()
async def marks_every_last_beat(dut: Any) -> None:
    count = int(dut.COUNT.value)
    cocotb.start_soon(Clock(dut.clk, 10, unit="ns").start())

    async def work(rng: random.Random) -> None:
        beats = 0
        for _ in range(50):
            now = rng.random() < 0.6
            dut.beat.value = now
            beats += now
            await ReadOnly()
            assert bool(dut.last.value) == (now and beats % count == 0)
            await RisingEdge(dut.clk)

    await check_resets(dut, work, idle={"beat": 0})


@pytest.mark.parametrize("count", [1, 2, 7])
def test_every(count: int) -> None:
    check(__file__, "hwf_every", {"COUNT": count})
