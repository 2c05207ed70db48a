"""hwf_uart_tx: what an independent reader hears, and the rate over many bytes."""

import random
from typing import Any

import cocotb
import pytest
from cocotb.triggers import ClockCycles, FallingEdge, Timer
from cocotb.utils import get_sim_time
from harness import check, check_assertion_fires
from helpers.reset import check_resets
from helpers.serial import Reader, bit_ps
from helpers.streams import Source, start

pytestmark = pytest.mark.slow


@cocotb.test()
async def is_idle_from_power_up(dut: Any) -> None:
    """Before the first edge of the clock, and so before all other tests."""
    assert get_sim_time() == 0
    await Timer(1, unit="ps")
    assert dut.tx.value == 1


@cocotb.test()
async def is_heard_whatever_the_gaps(dut: Any) -> None:
    clock = await start(dut, sinks=())
    bit = bit_ps(int(dut.SIXTEENTHS.value))
    reader = Reader(dut.tx, bit)
    source = Source(dut, clock=clock)
    data = random.Random(2).randbytes(100)
    for source.stall in (0.0, 0.95):
        await source.send(data)
        await Timer(12 * bit, unit="ps")
        assert bytes(reader.data) == data
        assert reader.framing == 0
        reader.data.clear()


@cocotb.test()
async def is_heard_after_a_reset(dut: Any) -> None:
    clock = await start(dut, sinks=())
    bit = bit_ps(int(dut.SIXTEENTHS.value))
    source = Source(dut, clock=clock)

    async def work(rng: random.Random) -> None:
        reader = Reader(dut.tx, bit)
        try:
            source.stall, data = rng.choice([0.0, 0.95]), rng.randbytes(3)
            await source.send(data)
            await Timer(12 * bit, unit="ps")
            assert (bytes(reader.data), reader.framing) == (data, 0)
        finally:
            reader.stop()

    await check_resets(dut, work, idle={"s_valid": 0})


@cocotb.test()
async def takes_ten_bits_a_byte(dut: Any) -> None:
    clock = await start(dut, sinks=())
    source = Source(dut, clock=clock)
    await source.send(range(65))
    sixteenths = int(dut.SIXTEENTHS.value)
    expected = 64 * 10 * sixteenths // 16
    assert source.taken[64] - source.taken[0] in (expected, expected + 1)


@cocotb.test()
async def pulls_the_idle_line_down(dut: Any) -> None:
    await start(dut, sinks=())
    await FallingEdge(dut.clk)
    dut.inner.low.value = 1
    await ClockCycles(dut.clk, 3)


GOOD = [
    is_idle_from_power_up.name,
    is_heard_whatever_the_gaps.name,
    is_heard_after_a_reset.name,
    takes_ten_bits_a_byte.name,
]


@pytest.mark.parametrize("sixteenths", [64, 133, 400])
def test_uart_tx(sixteenths: int) -> None:
    check(__file__, "hwf_uart_tx", {"SIXTEENTHS": sixteenths}, tests=GOOD)


def test_assertion_fires() -> None:
    check_assertion_fires(__file__, "hwf_uart_tx", "an_idle_line_is_high", tests=[pulls_the_idle_line_down.name])
