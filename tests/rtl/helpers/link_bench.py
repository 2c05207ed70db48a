"""hwf_link between a host and an application written in Python: what its tests share."""

import random
from dataclasses import dataclass, field
from typing import Any

import cocotb
from cocotb.task import Task
from cocotb.triggers import ClockCycles, FallingEdge, RisingEdge

from helpers.link import BAD_ADDRESS, READ, STREAM, WRITE, Reply, reply, request
from helpers.streams import Sink, reset, start

GAP = 16  # clock cycles from one byte to the next; a real wire's are at least 80


@dataclass
class Application:
    """Answers requests: WRITE stores, READ gives back, STREAM gives the payload's bytes plus one, as many as asked.

    It stalls at random, reads at most `reads` bytes of a payload, and waits `delay` cycles before it is done.
    """

    dut: Any
    rng: random.Random = field(default_factory=lambda: random.Random(11))
    stall: float = 0.3
    reads: int = 255
    delay: int = 0
    memory: dict[int, int] = field(default_factory=dict)
    seen: list[tuple[int, int, bytes]] = field(default_factory=list)
    _task: Task[None] | None = None

    def begin(self) -> None:
        """Wait for requests; one that was under way is forgotten."""
        for name in ("p_ready", "r_valid", "request_done"):
            getattr(self.dut, name).value = 0
        if self._task is not None:
            self._task.cancel()
        self._task = cocotb.start_soon(self._run())

    async def _run(self) -> None:
        dut = self.dut
        while True:
            await FallingEdge(dut.clk)
            if not int(dut.request_valid.value) or int(dut.rst.value):
                continue
            operation, address = int(dut.request_operation.value), int(dut.request_address.value)
            payload = await self._read(min(int(dut.request_length.value), self.reads))
            self.seen.append((operation, address, payload))
            status, answer = self._answer(operation, address, payload)
            await self._give(answer)
            await ClockCycles(dut.clk, self.delay + 1)
            await FallingEdge(dut.clk)
            dut.request_done.value = 1
            dut.reply_status.value = status
            await FallingEdge(dut.clk)
            dut.request_done.value = 0

    async def _read(self, count: int) -> bytes:
        data = bytearray()
        while len(data) < count:
            ready = self.rng.random() >= self.stall
            self.dut.p_ready.value = ready
            await RisingEdge(self.dut.clk)
            if ready and int(self.dut.p_valid.value):
                data.append(int(self.dut.p_data.value))
            await FallingEdge(self.dut.clk)
        self.dut.p_ready.value = 0
        return bytes(data)

    async def _give(self, answer: bytes) -> None:
        for byte in answer:
            while self.rng.random() < self.stall:
                await FallingEdge(self.dut.clk)
            self.dut.r_valid.value = 1
            self.dut.r_data.value = byte
            while True:
                await RisingEdge(self.dut.clk)
                taken = int(self.dut.r_ready.value)
                await FallingEdge(self.dut.clk)
                if taken:
                    break
            self.dut.r_valid.value = 0

    def _answer(self, operation: int, address: int, payload: bytes) -> tuple[int, bytes]:
        if operation == STREAM:
            return 0, bytes((payload[i % len(payload)] + 1) & 255 if payload else i & 255 for i in range(address))
        if address < 0x100:
            return BAD_ADDRESS, b""
        if operation == WRITE:
            self.memory |= {address + i: byte for i, byte in enumerate(payload)}
            return 0, b""
        assert operation == READ
        return 0, bytes(self.memory.get(address + i, 0) for i in range(payload[0]))


class Host:
    """Sends bytes into the device, and collects its replies one by one."""

    def __init__(self, dut: Any) -> None:
        self.dut = dut
        self.gap = GAP
        self.application = Application(dut)

    async def begin(self, stall: float = 0.0) -> "Host":
        dut = self.dut
        dut.s_data.value = 0
        for name in ("framing_error", "vector_in", "vector_out", "request_done", "r_valid", "p_ready"):
            getattr(dut, name).value = 0
        clock = await start(dut)
        self.sink = Sink(dut, clock=clock, stall=stall)
        self.application.begin()
        await ClockCycles(dut.clk, 70)
        return self

    async def reset(self) -> None:
        await reset(self.dut)
        await ClockCycles(self.dut.clk, 70)
        self.sink.words.clear()

    async def send(self, data: bytes) -> None:
        for byte in data:
            self.dut.s_valid.value = 1
            self.dut.s_data.value = byte
            await RisingEdge(self.dut.clk)
            self.dut.s_valid.value = 0
            await ClockCycles(self.dut.clk, self.gap - 1)

    async def reply(self, limit: int = 30000) -> Reply:
        """The next reply."""
        words = self.sink.words
        for _ in range(limit):
            if words.count(0) >= 2:
                end = words.index(0, 1) + 1
                data = bytes(words[:end])
                del words[:end]
                return reply(data)
            await RisingEdge(self.dut.clk)
        raise AssertionError(f"no reply; so far {bytes(words).hex()}")

    async def silence(self, cycles: int = 3000) -> None:
        """Demand that nothing comes for some cycles."""
        await ClockCycles(self.dut.clk, cycles)
        assert not self.sink.words, bytes(self.sink.words).hex()

    async def ask(self, sequence: int, operation: int, address: int = 0, payload: bytes = b"") -> Reply:
        """One request and its reply, whose sequence number must be the request's."""
        await self.send(request(sequence, operation, address, payload))
        answer = await self.reply()
        assert answer.sequence == sequence & 255
        return answer

    async def register(self, sequence: int, address: int) -> int:
        """A common register."""
        answer = await self.ask(sequence, READ, address, bytes([4]))
        assert answer.status == 0
        assert len(answer.payload) == 4
        return int.from_bytes(answer.payload, "little")
