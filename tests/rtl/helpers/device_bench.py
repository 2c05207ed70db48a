"""The device of a spiking core behind a link whose requests the test makes."""

import struct
from typing import Any

import cocotb
from cocotb.triggers import ClockCycles, FallingEdge, RisingEdge

from helpers.link import OK, READ, STREAM, WRITE
from helpers.streams import Sink, Source, start

IDLE = dict.fromkeys(
    ("hello", "request_valid", "request_operation", "request_address", "request_length", "p_more", "p_valid"), 0
)


class Bench:
    """The device behind a link whose requests the test makes; `cycles` is what the latest one took."""

    def __init__(self, dut: Any) -> None:
        self.dut = dut
        self.cycles = 0

    async def begin(self) -> "Bench":
        dut = self.dut
        for name in IDLE:
            getattr(dut, name).value = 0
        self.clock = await start(dut, sources=("p",), sinks=("r",))
        self.payload = Source(dut, "p", clock=self.clock)
        self.results = Sink(dut, "r", clock=self.clock)
        await ClockCycles(dut.clk, 3)
        return self

    async def ask(self, operation: int, address: int, payload: bytes = b"") -> tuple[int, bytes]:
        """One request; its status and its reply's payload."""
        dut, begun = self.dut, self.clock.now
        dut.request_valid.value = 1
        dut.request_operation.value = operation
        dut.request_address.value = address
        dut.request_length.value = len(payload)
        dut.p_more.value = bool(payload)

        async def feed() -> None:
            await self.payload.send(payload)
            dut.p_more.value = 0

        feeding = cocotb.start_soon(feed())
        try:
            for _ in range(200_000):
                await FallingEdge(dut.clk)
                if int(dut.request_done.value):
                    break
            else:
                raise AssertionError("the request never ends")
            status = int(dut.reply_status.value)
            await RisingEdge(dut.clk)
        finally:
            feeding.cancel()
        dut.p_valid.value = 0
        dut.request_valid.value = 0
        await RisingEdge(dut.clk)
        self.cycles = self.clock.now - begun
        words, self.results.words = self.results.words, []
        assert len(words) <= 240
        return status, bytes(words)

    async def read(self, address: int, count: int) -> bytes:
        status, data = await self.ask(READ, address, bytes([count]))
        assert status == OK
        return data

    async def write(self, address: int, data: bytes) -> None:
        assert await self.ask(WRITE, address, data) == (OK, b"")

    async def stream(self, position: int, payload: bytes = b"") -> tuple[int, int, list[tuple[int, int]]]:
        """One STREAM request; position, ticks, and the spikes (tick, neuron)."""
        status, data = await self.ask(STREAM, position, payload)
        assert status == OK
        words = struct.unpack(f"<{len(data) // 4}I", data)
        return words[0], words[1], [(word >> 12, word & 4095) for word in words[2:]]

    async def hello(self) -> None:
        self.dut.hello.value = 1
        await RisingEdge(self.dut.clk)
        self.dut.hello.value = 0
        await ClockCycles(self.dut.clk, 3)
