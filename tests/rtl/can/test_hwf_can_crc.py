"""hwf_can_crc: bits with gaps between them, against the division of polynomials."""

import random
from typing import Any

import cocotb
import pytest
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge
from harness import check
from helpers.can_framing import crc15, number

pytestmark = pytest.mark.slow


@cocotb.test()
async def divides(dut: Any) -> None:
    cocotb.start_soon(Clock(dut.clk, 10, unit="ns").start())
    rng = random.Random(cocotb.RANDOM_SEED)
    for length in (0, 1, 14, 15, 16, 19, 83, 118):
        bits = [rng.getrandbits(1) for _ in range(length)]
        await FallingEdge(dut.clk)
        dut.restart.value = 1
        dut.valid.value = rng.getrandbits(1)
        dut.data.value = rng.getrandbits(1)
        await FallingEdge(dut.clk)
        dut.restart.value = 0
        for bit in bits:
            dut.valid.value = 0
            dut.data.value = rng.getrandbits(1)
            for _ in range(rng.choice((0, 0, 3))):
                await FallingEdge(dut.clk)
            dut.valid.value = 1
            dut.data.value = bit
            await FallingEdge(dut.clk)
        assert int(dut.crc.value) == crc15(bits)
        for bit in number(crc15(bits), 15):
            dut.data.value = bit
            dut.valid.value = 1
            await FallingEdge(dut.clk)
        assert int(dut.crc.value) == 0
        dut.valid.value = 0


def test_can_crc() -> None:
    check(__file__, "hwf_can_crc")
