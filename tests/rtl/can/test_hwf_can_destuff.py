"""hwf_can_destuff: what was stuffed comes out as it was, and a sixth equal bit is an error, wherever it comes."""

import random
from typing import Any

import cocotb
import pytest
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, Timer
from harness import check
from helpers.can_framing import stuff

pytestmark = pytest.mark.slow


async def destuff(dut: Any, bits: list[int], rng: random.Random) -> tuple[list[int], int | None]:
    """The bits that are taken behind the first, and where the error is."""
    out: list[int] = []
    for place, bit in enumerate(bits):
        dut.bit_sample.value = 0
        dut.bit_level.value = rng.getrandbits(1)
        dut.restart.value = 0
        for _ in range(rng.choice((1, 1, 4))):
            await FallingEdge(dut.clk)
        dut.bit_sample.value = 1
        dut.bit_level.value = bit
        dut.restart.value = int(place == 0)
        await Timer(1, unit="ns")
        if place > 0 and int(dut.taken.value):
            out.append(bit)
        if place > 0 and int(dut.error.value):
            assert not int(dut.taken.value)
            return out, place
        await FallingEdge(dut.clk)
    return out, None


@cocotb.test()
async def takes_out_what_was_put_in(dut: Any) -> None:
    cocotb.start_soon(Clock(dut.clk, 10, unit="ns").start())
    rng = random.Random(cocotb.RANDOM_SEED)
    for odds in (1, 3, 8):
        plain = [0]
        while len(plain) < 100:
            plain += [plain[-1] ^ int(rng.randrange(odds) == 0)]
        bits = stuff(plain)
        assert await destuff(dut, bits, rng) == (plain[1:], None)
        row = next((i for i in range(5, len(bits)) if len(set(bits[i - 5 : i])) == 1), None)
        if row is not None:
            bits[row] ^= 1
            taken, error = await destuff(dut, bits, rng)
            assert error == row
            assert taken == plain[1:row]


def test_can_destuff() -> None:
    check(__file__, "hwf_can_destuff")
