"""The model of a PLL, and the reset of a whole top that waits for its lock."""

from typing import Any

import cocotb
import pytest
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, FallingEdge, RisingEdge, Timer
from harness import BUILDS, check

from hwflow.board import find_board
from hwflow.clock import clocked
from hwflow.shell.top import Application, top_module

pytestmark = pytest.mark.slow
LOCKED_AFTER, RESET = 40, 16  # cycles
GIVEN = ("p_ready", "r_valid", "request_done", "vector_in", "vector_out")
UNREAD = (
    *("hello", "request_operation", "request_address", "request_length"),
    *("p_valid", "p_data", "p_more", "r_ready"),
)


@cocotb.test()
async def the_clock_passes_and_the_lock_comes_late(dut: Any) -> None:
    cocotb.start_soon(Clock(dut.clk_in, 10, unit="ns").start())
    for cycle in range(LOCKED_AFTER + 20):
        await RisingEdge(dut.clk_in)
        await Timer(1, unit="ns")
        assert int(dut.clk_out.value) == 1
        assert int(dut.locked.value) == (cycle + 1 >= LOCKED_AFTER)
        await FallingEdge(dut.clk_in)
        await Timer(1, unit="ns")
        assert int(dut.clk_out.value) == 0


def test_model() -> None:
    check(__file__, "hwf_pll_model", tests=[the_clock_passes_and_the_lock_comes_late.name])


async def _reset_ends(dut: Any) -> int:
    """Cycles until rst falls."""
    for cycle in range(200):
        await FallingEdge(dut.clk)
        if not int(dut.rst.value):
            return cycle
    raise AssertionError("rst stays high")


@cocotb.test()
async def reset_lasts_until_the_lock_and_sixteen_cycles_more(dut: Any) -> None:
    dut.button.value = 0
    dut.uart_rx.value = 1
    cocotb.start_soon(Clock(dut.clk, 10, unit="ns").start())
    # Two registers bring the lock to the clock.
    assert LOCKED_AFTER + RESET <= await _reset_ends(dut) <= LOCKED_AFTER + RESET + 4
    assert int(dut.locked.value) == 1
    await ClockCycles(dut.clk, 50)
    # The lock is lost at a moment of no clock's, and comes again by itself.
    await Timer(3, unit="ns")
    dut.pll.model.waited.value = 0
    await ClockCycles(dut.clk, 5)
    assert int(dut.locked.value) == 0 and int(dut.rst.value) == 1
    assert LOCKED_AFTER + RESET - 6 <= await _reset_ends(dut) <= LOCKED_AFTER + RESET + 4
    dut.button.value = 1
    await ClockCycles(dut.clk, 5)
    assert int(dut.rst.value) == 1
    dut.button.value = 0
    assert RESET <= await _reset_ends(dut) <= RESET + 4


@pytest.mark.parametrize(("name", "clock"), [("ulx3s-85f", 75), ("arty-a7-35t", 125)])
def test_top(name: str, clock: int) -> None:
    constants = dict.fromkeys(GIVEN, "1'b0") | {"r_data": "8'h0", "reply_status": "8'h0"}
    application = Application(1, "00" * 32, 1, 1, {}, (), constants, UNREAD)
    top = BUILDS / "cases" / name / "hwf_top.sv"
    top.parent.mkdir(parents=True, exist_ok=True)
    text = top_module(clocked(find_board(name), clock), 1_000_000, application)
    # Nothing stands behind this shell.
    top.write_text(text.replace("module hwf_top", "// verilator lint_off UNUSEDSIGNAL\nmodule hwf_top"))
    check(__file__, "hwf_top", extra=[top], tests=[reset_lasts_until_the_lock_and_sixteen_cycles_more.name])
