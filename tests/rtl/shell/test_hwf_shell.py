"""hwf_shell with hwf_stream_device and a net that echoes, driven through its UART pins."""

import random
from pathlib import Path
from typing import Any

import cocotb
import pytest
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, RisingEdge, Timer
from harness import check
from helpers.link import (
    BAD_ADDRESS,
    BAD_LENGTH,
    HELLO,
    NO_SESSION,
    OK,
    READ,
    STALLED,
    STREAM,
    WRITE,
    Reply,
    reply,
    request,
)
from helpers.reset import check_resets
from helpers.serial import CLOCK_NS, Reader, bit_ps, drive

pytestmark = pytest.mark.slow
SIXTEENTHS = 133  # 100 MHz / 12 MBaud
LATENCY = 8


class Host:
    """Talks to the device's pins."""

    def __init__(self, dut: Any, error: float = 0.0) -> None:
        self.dut = dut
        self.bit = bit_ps(SIXTEENTHS, error)

    async def begin(self) -> "Host":
        cocotb.start_soon(Clock(self.dut.clk, CLOCK_NS, unit="ns").start())
        self.dut.button.value = 0
        self.dut.uart_rx.value = 1
        await ClockCycles(self.dut.clk, 100)
        self.reader = Reader(self.dut.uart_tx, bit_ps(SIXTEENTHS))
        return self

    async def ask(self, sequence: int, operation: int, address: int = 0, payload: bytes = b"") -> Reply:
        await drive(self.dut.uart_rx, request(sequence, operation, address, payload), self.bit)
        return await self.reply()

    async def reply(self) -> Reply:
        data = self.reader.data
        for _ in range(4000):
            if data.count(0) >= 2:
                end = data.index(0, 1) + 1
                one = bytes(data[:end])
                del data[:end]
                return reply(one)
            await Timer(10 * self.bit, unit="ps")
        raise AssertionError(f"no reply; so far {data.hex()}")


def vectors(count: int, rng: random.Random) -> bytes:
    """Vectors of 13 bits, each at a byte."""
    return b"".join(rng.getrandbits(13).to_bytes(2, "little") for _ in range(count))


@cocotb.test()
async def echoes_vectors_at_any_tolerable_speed(dut: Any) -> None:
    rng = random.Random(14)
    host = await Host(dut).begin()
    for error in (0.0, 0.02, -0.02):
        host.bit = bit_ps(SIXTEENTHS, error)
        hello = await host.ask(0, HELLO)
        assert hello.payload[:8] == bytes([*b"HWF1", 1, 2, 8, 14])
        assert hello.payload[8:24] == (0x123).to_bytes(16, "big")
        assert hello.payload[24:36] == b"".join(n.to_bytes(4, "little") for n in (2, 2, 100_000_000))
        assert hello.payload[36:52] == (0x4567 << 112).to_bytes(16, "big")
        assert hello.payload[52:] == b"".join(n.to_bytes(4, "little") for n in (13, 26)) + bytes([1, 0, 2, 1])
        for sequence, count in enumerate((1, 120, 3), 1):
            data = vectors(count, rng)
            assert await host.ask(sequence, STREAM, 2 * count, data) == Reply(sequence, OK, hello.session, data)
    assert (await host.ask(4, READ, 0x18, b"\4")).payload == (3 * 124).to_bytes(4, "little")
    assert (await host.ask(5, READ, 0x0C, b"\4")).payload == bytes(4)


@cocotb.test()
async def vectors_may_span_requests_and_two_may_be_under_way(dut: Any) -> None:
    rng = random.Random(15)
    host = await Host(dut).begin()
    await host.ask(0, HELLO)
    data = vectors(50, rng)
    assert (await host.ask(1, STREAM, 0, data[:1])).payload == b""
    assert (await host.ask(2, STREAM, 1, data[1:2])).payload == data[:1]
    assert (await host.ask(3, STREAM, 1, data[2:5])).payload == data[1:2]
    assert (await host.ask(4, STREAM, 2, b"")).payload == data[2:4]
    await drive(dut.uart_rx, request(5, STREAM, 46, data[5:51]) + request(6, STREAM, 50, data[51:]), host.bit)
    assert (await host.reply()).payload + (await host.reply()).payload == data[4:]


@cocotb.test()
async def latency_is_measured(dut: Any) -> None:
    host = await Host(dut).begin()
    await host.ask(0, HELLO)
    await host.ask(1, STREAM, 2, b"\x55\x15")
    arrivals = {}

    async def watch(signal: Any, name: str) -> None:
        cycle = 0
        while True:
            await RisingEdge(dut.clk)
            cycle += 1
            if int(signal.value):
                arrivals[name] = cycle

    cocotb.start_soon(watch(dut.vector_in, "in"))
    cocotb.start_soon(watch(dut.vector_out, "out"))
    await host.ask(2, STREAM, 4, b"\x55\x15\xaa\x0a")
    measured = int.from_bytes((await host.ask(3, READ, 0x1C, b"\4")).payload, "little")
    assert measured == arrivals["out"] - arrivals["in"] > 0


@cocotb.test()
async def a_stalled_stream_is_reported_and_hello_begins_anew(dut: Any) -> None:
    host = await Host(dut).begin()
    await host.ask(0, HELLO)
    answer = await host.ask(1, STREAM, 5, b"\1\2\3")
    assert (answer.status, answer.payload) == (STALLED, b"\1\2")
    assert (await host.ask(2, STREAM, 241, b"")).status == BAD_LENGTH
    assert (await host.ask(3, STREAM, 0x10000001, b"")).status == BAD_LENGTH
    assert (await host.ask(4, WRITE, 0x100, b"abc")).status == BAD_ADDRESS
    assert (await host.ask(5, READ, 0x100, b"\1")).status == BAD_ADDRESS
    assert (await host.ask(6, STREAM, 0, bytes(100))).status == STALLED  # more than the net holds
    await host.ask(0, HELLO)
    assert (await host.ask(1, STREAM, 2, b"\7\x08")).payload == b"\7\x08"


@cocotb.test()
async def the_button_resets(dut: Any) -> None:
    host = await Host(dut).begin()
    first = await host.ask(0, HELLO)
    await drive(dut.uart_rx, request(1, STREAM, 2, b"\1\2")[:9], host.bit)
    dut.button.value = 1
    await Timer(777, unit="ps")
    await ClockCycles(dut.clk, 5)
    assert int(dut.rst.value) == 1
    dut.button.value = 0
    await ClockCycles(dut.clk, 30)
    assert int(dut.rst.value) == 0
    answer = await host.ask(1, STREAM, 2, b"\1\2")
    assert answer.status == NO_SESSION
    assert answer.session != first.session
    assert (await host.ask(0, HELLO)).session == answer.session


@cocotb.test()
async def everything_is_right_after_the_button(dut: Any) -> None:
    host = await Host(dut).begin()

    async def work(rng: random.Random) -> None:
        host.reader.stop()
        await ClockCycles(dut.clk, 3)
        assert int(dut.rst.value) == 1
        while int(dut.rst.value):
            await RisingEdge(dut.clk)
        host.reader = Reader(dut.uart_tx, host.bit)
        sequence, data = rng.randrange(256), vectors(2, rng)
        early = await host.ask(sequence, STREAM, 2, data)
        assert early.status == NO_SESSION
        assert (await host.ask(sequence, HELLO)).session == early.session
        await host.ask(sequence + 1, STREAM, rng.randrange(3), data[: rng.randrange(2, 4)])
        await host.ask(sequence + 2, HELLO)  # the net is reset, in the midst of a vector
        assert await host.ask(sequence + 3, STREAM, 4, data) == Reply(sequence + 3 & 255, OK, early.session, data)
        # Six good frames, and none with a wrong checksum, of a wrong length, or with a byte without a stop bit.
        assert (await host.ask(sequence + 4, READ, 0, b"\x10")).payload == bytes([6, *[0] * 15])

    await check_resets(dut, work, idle={"uart_rx": 1}, times=15, pin="button")


def test_shell() -> None:
    check(__file__, "hwf_echo_bench", extra=[Path(__file__).with_name("hwf_echo_bench.sv")])
