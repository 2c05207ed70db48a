"""hwf_can_clock: the microseconds of every clock cycle, exact, at a rate that no whole number of cycles makes."""

from math import gcd
from typing import Any

import cocotb
import pytest
from cocotb.clock import Clock
from cocotb.triggers import ReadOnly, RisingEdge
from harness import check

pytestmark = pytest.mark.slow
CLOCK_HZ = 2_350_000


@cocotb.test()
async def tells_microseconds(dut: Any) -> None:
    cocotb.start_soon(Clock(dut.clk, 10, unit="ns").start())
    for cycle in range(1, 5 * CLOCK_HZ // gcd(CLOCK_HZ, 1_000_000)):  # the clock begins with an edge
        await ReadOnly()
        assert int(dut.now.value) == cycle * 1_000_000 // CLOCK_HZ, cycle
        await RisingEdge(dut.clk)


def test_tells_microseconds() -> None:
    check(__file__, "hwf_can_clock", {"CLOCK_HZ": CLOCK_HZ})
