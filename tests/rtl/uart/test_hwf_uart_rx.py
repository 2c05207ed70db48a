"""hwf_uart_rx: bytes at the right and the wrong speed, missing stop bits, disturbances."""

import random
from typing import Any

import cocotb
import pytest
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, FallingEdge, ReadOnly, RisingEdge, Timer
from harness import check, check_assertion_fires
from helpers.reset import check_resets
from helpers.serial import CLOCK_NS, bit_ps, drive, idle
from helpers.streams import reset

pytestmark = pytest.mark.slow


class Listener:
    """Collects the bytes that come out and counts framing errors."""

    def __init__(self, dut: Any) -> None:
        self.dut = dut
        self.data = bytearray()
        self.framing = 0
        cocotb.start_soon(self._run())

    async def _run(self) -> None:
        while True:
            await RisingEdge(self.dut.clk)
            await ReadOnly()
            if int(self.dut.m_valid.value):
                self.data.append(int(self.dut.m_data.value))
            self.framing += int(self.dut.framing_error.value)


async def begin(dut: Any) -> Listener:
    cocotb.start_soon(Clock(dut.clk, CLOCK_NS, unit="ns").start())
    dut.rx.value = 1
    await reset(dut)
    await ClockCycles(dut.clk, 5)
    return Listener(dut)


@cocotb.test()
async def hears_every_byte_at_a_wrong_speed(dut: Any) -> None:
    listener = await begin(dut)
    rng = random.Random(1)
    for error in (0.0, 0.02, -0.02):
        bit = bit_ps(int(dut.SIXTEENTHS.value), error)
        data = rng.randbytes(60) + bytes([0, 255, 0, 85, 170])
        for byte in data:
            await drive(dut.rx, [byte], bit)
            if rng.random() < 0.3:
                await idle(bit, 3, rng)
        await Timer(bit, unit="ps")
        assert bytes(listener.data) == data
        listener.data.clear()
    assert listener.framing == 0


@cocotb.test()
async def hears_every_byte_after_a_reset(dut: Any) -> None:
    listener = await begin(dut)
    bit = bit_ps(int(dut.SIXTEENTHS.value))

    async def work(rng: random.Random) -> None:
        listener.data.clear()
        listener.framing = 0
        data = rng.randbytes(rng.choice([1, 1, 2]))
        broken = rng.randrange(len(data) + 1)  # the byte that lacks its stop bit, if there is one
        for place, byte in enumerate(data):
            await Timer(bit, unit="ps")
            await idle(bit, 3, rng)
            await drive(dut.rx, [byte], bit, stop=place != broken)
        await Timer(2 * bit, unit="ps")
        assert bytes(listener.data) == data[:broken] + data[broken + 1 :]
        assert listener.framing == (broken < len(data))

    # So often that a reset comes in the very cycle of a verdict.
    await check_resets(dut, work, idle={"rx": 1}, times=20_000 // int(dut.SIXTEENTHS.value))


@cocotb.test()
async def drops_a_byte_without_a_stop_bit(dut: Any) -> None:
    listener = await begin(dut)
    bit = bit_ps(int(dut.SIXTEENTHS.value))
    await drive(dut.rx, b"a", bit)
    await drive(dut.rx, b"b", bit, stop=0, stop_bits=30)  # a break: one error, however long
    await Timer(bit, unit="ps")
    await drive(dut.rx, b"c", bit)
    await Timer(bit, unit="ps")
    assert bytes(listener.data) == b"ac"
    assert listener.framing == 1


@cocotb.test()
async def passes_over_a_disturbance(dut: Any) -> None:
    listener = await begin(dut)
    bit = bit_ps(int(dut.SIXTEENTHS.value))
    dut.rx.value = 0
    await Timer(bit // 4, unit="ps")
    dut.rx.value = 1
    await Timer(2 * bit, unit="ps")
    await drive(dut.rx, b"ok", bit)
    await Timer(bit, unit="ps")
    assert bytes(listener.data) == b"ok"
    assert listener.framing == 0


@cocotb.test()
async def gives_both_verdicts(dut: Any) -> None:
    await begin(dut)
    await FallingEdge(dut.clk)
    dut.inner.m_valid.value = 1
    dut.inner.framing_error.value = 1
    await ClockCycles(dut.clk, 3)


GOOD = [
    t.name
    for t in (
        hears_every_byte_at_a_wrong_speed,
        hears_every_byte_after_a_reset,
        drops_a_byte_without_a_stop_bit,
        passes_over_a_disturbance,
    )
]


@pytest.mark.parametrize("sixteenths", [64, 133, 400])
def test_uart_rx(sixteenths: int) -> None:
    check(__file__, "hwf_uart_rx", {"SIXTEENTHS": sixteenths}, tests=GOOD)


def test_assertion_fires() -> None:
    check_assertion_fires(__file__, "hwf_uart_rx", "a_byte_is_good_or_bad_not_both", tests=[gives_both_verdicts.name])
