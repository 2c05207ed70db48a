"""hwf_fade: every q of 5 bits with every decay, and wider ones at their corners, against the golden model."""

import random
from pathlib import Path
from typing import Any

import cocotb
import numpy as np
import pytest
from cocotb.triggers import ReadOnly, RisingEdge
from harness import check, check_assertion_fires
from helpers.cycles import begin, corner, cycle, to_signed, unpack

from hwflow.spiking.arithmetic import fade

pytestmark = pytest.mark.slow
EVERY = Path(__file__).parent / "bench" / "hwf_every_fade.sv"
DECAYS = 1 << 16


@cocotb.test()
async def fades_everything(dut: Any) -> None:
    await begin(dut, d=0)
    seen = []
    for decay in range(DECAYS + 1):
        dut.d.value = decay % DECAYS
        await ReadOnly()
        seen.append(unpack(int(dut.y.value), 32, 5, signed=True))
        await RisingEdge(dut.clk)
    wanted = fade(np.arange(-16, 16)[None, :], DECAYS - np.arange(DECAYS)[:, None])
    assert np.array_equal(seen[1:], wanted)


@cocotb.test()
async def fades_corners(dut: Any) -> None:
    bits, rng = int(dut.BITS.value), random.Random(1)
    await begin(dut, q=0, d=0)
    wanted = 0
    for _ in range(5000):
        q, d = corner(rng, -(1 << bits - 1), (1 << bits - 1) - 1), corner(rng, 0, DECAYS - 1)
        (y,) = await cycle(dut, "y", q=q, d=d)
        assert to_signed(y, bits) == wanted
        wanted = int(fade(np.int64(q), DECAYS - d))


@cocotb.test()
async def takes_away_too_much(dut: Any) -> None:
    await begin(dut, q=5, d=0)
    dut.inner.product.value = 1 << 20
    await RisingEdge(dut.clk)
    await RisingEdge(dut.clk)


def test_every_decay() -> None:
    check(__file__, "hwf_every_fade", {"BITS": 5}, tests=[fades_everything.name], extra=[EVERY])


@pytest.mark.parametrize("bits", [8, 16, 24])
def test_fade(bits: int) -> None:
    check(__file__, "hwf_fade", {"BITS": bits}, tests=[fades_corners.name])


def test_assertion_fires() -> None:
    tests = [takes_away_too_much.name]
    check_assertion_fires(__file__, "hwf_fade", "a_decay_never_turns_the_sign", {"BITS": 8}, tests=tests)
