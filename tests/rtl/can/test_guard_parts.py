"""The guard's own modules: each assertion is seen to fire. What they do together is in tests/apps/can_ids/test_guard.py."""

from typing import Any

import cocotb
import pytest
from cocotb.triggers import ClockCycles
from harness import check_assertion_fires
from helpers.streams import start

pytestmark = pytest.mark.slow


async def begin(dut: Any, *idle: str) -> None:
    for name in idle:
        getattr(dut, name).value = 0
    await start(dut, sources=(), sinks=())


async def held_for(dut: Any, cycles: int, **values: int) -> None:
    """Inputs for some cycles, and then low."""
    for name, value in values.items():
        getattr(dut, name).value = value
    await ClockCycles(dut.clk, cycles)
    for name in values:
        getattr(dut, name).value = 0


@cocotb.test()
async def counts_twice(dut: Any) -> None:
    await begin(dut, "events", "hold", "address")
    await ClockCycles(dut.clk, 40)
    await held_for(dut, 3, events=1 << 9)
    await ClockCycles(dut.clk, 3)


@cocotb.test()
async def pushes_at_once(dut: Any) -> None:
    await begin(dut, "push", "word", "m_ready")
    await held_for(dut, 3, push=1)
    await ClockCycles(dut.clk, 3)


@cocotb.test()
async def reads_nothing(dut: Any) -> None:
    await begin(dut, "push", "word", "m_ready")
    await held_for(dut, 2, m_ready=1)
    await ClockCycles(dut.clk, 3)


@cocotb.test()
async def goes_on_without_a_verdict(dut: Any) -> None:
    await begin(dut, "payload_end", "frame_open", "accepted", "failed", "class_valid", "strike_mask", "log_mask")
    await held_for(dut, 1, payload_end=1)
    await ClockCycles(dut.clk, 3)
    await held_for(dut, 1, payload_end=1)
    await ClockCycles(dut.clk, 3)


@cocotb.test()
async def drops_a_request(dut: Any) -> None:
    await begin(dut, "request_valid", "p_valid", "r_ready", "table_ready", "counts_held", "log_more")
    await held_for(dut, 3, request_valid=1, request_operation=3, request_address=0x100, request_length=2)
    await ClockCycles(dut.clk, 3)


@pytest.mark.parametrize(
    ("module", "misuse", "assertion"),
    [
        ("hwf_can_counters", "counts_twice", "an_event_is_counted_before_it_comes_again"),
        ("hwf_can_log", "pushes_at_once", "an_entry_is_stored_before_the_next"),
        ("hwf_can_log", "reads_nothing", "a_word_is_read_where_there_is_one"),
        ("hwf_can_verdict", "goes_on_without_a_verdict", "a_frame_has_its_verdict_before_the_next"),
        ("hwf_can_host", "drops_a_request", "a_request_stays_until_it_is_done"),
    ],
)
def test_assertion(module: str, misuse: str, assertion: str) -> None:
    parameters = {"ENTRIES": 2} if module == "hwf_can_log" else {}
    check_assertion_fires(__file__, module, assertion, parameters, tests=[misuse])
