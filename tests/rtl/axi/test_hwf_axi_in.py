"""hwf_axi_in: its assertion; what it does with vectors shows in test_hwf_axi_device.py."""

from typing import Any

import cocotb
import pytest
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles
from harness import check_assertion_fires

pytestmark = pytest.mark.slow


@cocotb.test()
async def loses_its_place_while_it_fills(dut: Any) -> None:
    cocotb.start_soon(Clock(dut.clk, 10, unit="ns").start())
    for name in ("s_data", "s_keep", "m_ready"):
        getattr(dut, name).value = 0
    dut.rst.value = 1
    await ClockCycles(dut.clk, 3)
    dut.rst.value = 0
    for name in ("s_valid", "s_last", "m_ready", "mark_ready"):
        getattr(dut, name).value = 1
    await ClockCycles(dut.clk, 1)
    dut.m_ready.value = 0
    await ClockCycles(dut.clk, 1)
    dut.inner.counted.place.value = 0
    await ClockCycles(dut.clk, 2)


def test_assertion_fires() -> None:
    fires = "beats_are_made_only_in_the_midst_of_a_vector"
    check_assertion_fires(__file__, "hwf_axi_in", fires, tests=[loses_its_place_while_it_fills.name])
