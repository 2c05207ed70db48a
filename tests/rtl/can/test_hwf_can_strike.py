"""hwf_can_strike: six dominant bits from the next bit on and none else, whatever comes meanwhile; a reset ends it at once."""

import random
from typing import Any

import cocotb
import pytest
from cocotb.triggers import ReadOnly, RisingEdge
from harness import check
from helpers.reset import check_resets
from helpers.streams import start

pytestmark = pytest.mark.slow
IDLE = {"bit_start": 0, "strike": 0}
FLAG = 6  # bits


async def strikes(dut: Any, rng: random.Random) -> None:
    """Bits of random lengths, and strikes at any moment of them; the level in every cycle."""
    wanted, left, often = False, 0, rng.choice((0.02, 0.1, 0.5))
    for _ in range(rng.randint(1, 400)):
        begins, strike = rng.random() < 0.3, rng.random() < often
        dut.bit_start.value, dut.strike.value = begins, strike
        await ReadOnly()
        assert int(dut.can_tx.value) == (left == 0)
        asked = wanted
        if strike and not left:
            wanted = True
        if begins:
            left = FLAG if asked else max(0, left - 1)
            wanted = wanted and not asked
        await RisingEdge(dut.clk)


@cocotb.test()
async def drives_six_bits(dut: Any) -> None:
    for name, value in IDLE.items():
        getattr(dut, name).value = value
    await start(dut, sources=(), sinks=())
    await check_resets(dut, lambda rng: strikes(dut, rng), idle=IDLE, times=30)


def test_drives_six_bits() -> None:
    check(__file__, "hwf_can_strike")
