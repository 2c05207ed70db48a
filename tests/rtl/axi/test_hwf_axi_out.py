"""hwf_axi_out: its assertion; what it does with results shows in test_hwf_axi_device.py."""

from typing import Any

import cocotb
import pytest
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles
from harness import check_assertion_fires

pytestmark = pytest.mark.slow


@cocotb.test()
async def ends_a_packet_in_mid_result(dut: Any) -> None:
    cocotb.start_soon(Clock(dut.clk, 10, unit="ns").start())
    for name in ("clear", "s_data", "mark_last", "mark_short"):
        getattr(dut, name).value = 0
    dut.rst.value = 1
    await ClockCycles(dut.clk, 3)
    dut.rst.value = 0
    dut.s_valid.value = dut.mark_valid.value = dut.m_ready.value = 1
    await ClockCycles(dut.clk, 2)
    dut.inner.stage.m_data.value = 1 << 32
    await ClockCycles(dut.clk, 2)


def test_assertion_fires() -> None:
    fires = "a_packet_ends_with_a_result"
    parameters = {"BEATS": 8}
    check_assertion_fires(__file__, "hwf_axi_out", fires, parameters, tests=[ends_a_packet_in_mid_result.name])
