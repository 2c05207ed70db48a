"""The device of a spiking core behind a link whose requests the test makes."""

import struct
from typing import Any

from cocotb.triggers import ClockCycles, RisingEdge

from helpers.link import OK, READ, STREAM, WRITE
from helpers.requests import carry_out
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
        await self.tell(0)
        await self.write(0x100 + 4 * 30, bytes(4))
        return self

    async def tell(self, told: int) -> None:
        """Of which neurons on there are spikes in the log; undefined until it is written."""
        await self.write(0x100 + 4 * 29, struct.pack("<I", told))

    async def ask(self, operation: int, address: int, payload: bytes = b"") -> tuple[int, bytes]:
        """One request; its status and its reply's payload."""
        begun = self.clock.now
        self.dut.request_length.value = len(payload)
        status, words = await carry_out(self.dut, self.payload, self.results, operation, address, payload, 200_000)
        self.cycles = self.clock.now - begun
        assert len(words) <= 240
        return status, words

    async def read(self, address: int, count: int) -> bytes:
        status, data = await self.ask(READ, address, bytes([count]))
        assert status == OK
        return data

    async def write(self, address: int, data: bytes) -> None:
        assert await self.ask(WRITE, address, data) == (OK, b"")

    async def stream(self, position: int, payload: bytes = b"") -> tuple[int, int, list[tuple[int, int]]]:
        """One STREAM request; position, ticks, and the spikes (tick, neuron)."""
        position, ticks, words = await self.words(position, payload)
        return position, ticks, [(word >> 14, word & 0x3FFF) for word in words]

    async def words(self, position: int, payload: bytes = b"") -> tuple[int, int, list[int]]:
        """One STREAM request; position, ticks, and the words of the log."""
        status, data = await self.ask(STREAM, position, payload)
        assert status == OK
        words = struct.unpack(f"<{len(data) // 4}I", data)
        return words[0], words[1], list(words[2:])

    async def hello(self) -> None:
        self.dut.hello.value = 1
        await RisingEdge(self.dut.clk)
        self.dut.hello.value = 0
        await ClockCycles(self.dut.clk, 3)
