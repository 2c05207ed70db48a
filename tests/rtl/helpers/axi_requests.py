"""Requests as words of an AXI4-Stream (docs/how-to/zynq.md), and the replies of the memory in tests/rtl/axi/hwf_requests_bench.sv."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cocotb
from cocotb.triggers import ClockCycles, FallingEdge, with_timeout

from helpers.axi import SHORT, VECTORS_IN, VECTORS_OUT, Device, Result
from helpers.streams import STALLS

BENCH = Path(__file__).parents[1] / "axi/hwf_requests_bench.sv"
IDLE = (0, 0, 30, 120)  # of 256 cycles, those in which the application stands still

READ, WRITE, STREAM = 2, 3, 4
OK, BAD_OPERATION, BAD_ADDRESS, BAD_LENGTH, NOWHERE, TOO_MANY = 0, 1, 2, 3, 0xA1, 0xA2
MOST = 240  # bytes of a payload
DONE_WITH_THE_LAST_BYTE = 1 << 31  # of a STREAM's address
COMMON = 0x100  # addresses below are the link's own registers


def padded(data: bytes) -> bytes:
    return data.ljust(-(-len(data) // 4) * 4, b"\0")


@dataclass(frozen=True)
class Request:
    """The payload may be longer than 240 bytes, up to 255; `length` then is its length, as it always is."""

    operation: int
    address: int
    payload: bytes = b""

    def words(self, rng: random.Random) -> tuple[bytes, list[int]]:
        """Its bytes, and TKEEP of each; what is ignored is random, and left out at random."""
        head = bytes([self.operation, len(self.payload)])
        counts = len(self.payload)
        rest = rng.randbytes(-counts % 4)
        data = head + rng.randbytes(2) + self.address.to_bytes(4, "little") + self.payload + rest
        loose = rng.choice((0, 1))
        keep = [1, 1, loose, loose, *[1] * (4 + counts), *[rng.choice((0, 1)) for _ in rest]]
        return data, keep


@dataclass(frozen=True)
class Reply:
    status: int
    payload: bytes = b""
    short: bool = False

    def words(self) -> bytes:
        return bytes([self.status, len(self.payload), 0, 0]) + padded(self.payload)


def packet_of(replies: Sequence[Reply]) -> Result:
    """The packet in which they come."""
    user = [beat for reply in replies for beat in [0] * (len(reply.words()) // 4 - 1) + [int(reply.short)]]
    return Result(b"".join(reply.words() for reply in replies), tuple(user))


class Memory:
    """What the bench's application does. carried: how many requests it was handed."""

    def __init__(self) -> None:
        self.bytes = bytearray(256)
        self.carried = 0

    def reply(self, request: Request) -> Reply:
        """To a request that came whole."""
        if len(request.payload) > MOST:
            return Reply(BAD_LENGTH)
        if request.operation not in (READ, WRITE, STREAM):
            return Reply(BAD_OPERATION)
        if request.operation == READ and request.address < COMMON:
            return Reply(BAD_ADDRESS)
        self.carried += 1
        place = request.address % 256
        if request.operation == READ:
            count = request.payload[0] if request.payload else 0
            found = bytes(self.bytes[(place + i) % 256] for i in range(min(count, MOST)))
            return Reply(TOO_MANY if count > MOST else OK, found)
        if request.operation == WRITE:
            if request.address >> 31:
                return Reply(NOWHERE)
            for i, value in enumerate(request.payload):
                self.bytes[(place + i) % 256] = value
            return Reply(OK)
        return Reply(request.address >> 8 & 0xFF, bytes((value + place) % 256 for value in request.payload))


def random_request(rng: random.Random) -> Request:
    """Right ones mostly, of every length; one in six is refused."""
    operation = rng.choice((READ, WRITE, STREAM))
    address = rng.getrandbits(32) | COMMON
    count = rng.choice((0, 1, 2, 3, 4, 5, rng.randrange(MOST), rng.randrange(20), MOST))
    if rng.random() < 1 / 6:
        operation = rng.choice((0, 1, 5, 255, rng.randrange(256), READ, WRITE, STREAM))
        address = rng.choice((rng.randrange(COMMON), rng.getrandbits(32)))
        count = rng.choice((count, MOST + 1, 255))
    elif operation == READ:
        return Request(READ, address, bytes([rng.choice((count, rng.randrange(256)))]))
    elif operation == WRITE and rng.random() < 0.8:
        address &= ~(1 << 31)
    return Request(operation, address, rng.randbytes(count))


class Bench:
    """The device, its application's model, and packets to it."""

    def __init__(self, dut: Any, device: Device, rng: random.Random) -> None:
        self.dut, self.device, self.rng = dut, device, rng
        self.memory = Memory()

    @classmethod
    async def start(cls, dut: Any, *, watch: bool = True) -> "Bench":
        """watch: also the application's ports, which takes time."""
        dut.idle.value = 0
        bench = cls(dut, await Device.start(dut), random.Random(cocotb.RANDOM_SEED))
        if watch:
            cocotb.start_soon(watch_the_application(dut))
        await bench.fill()
        return bench

    def stall(self) -> None:
        """At both ends, and in the application, at random from now on."""
        self.device.stall(*self.rng.choice(STALLS), self.rng.getrandbits(32))
        self.dut.idle.value = self.rng.choice(IDLE)

    async def send(self, requests: list[Request]) -> None:
        """In one packet."""
        await self.send_words([request.words(self.rng) for request in requests])

    async def send_words(self, words: list[tuple[bytes, list[int]]]) -> None:
        """Bytes and TKEEP of each request, in one packet."""
        await self.device.send(b"".join(data for data, _ in words), [bit for _, keep in words for bit in keep])

    async def take(self) -> Result:
        return await with_timeout(self.device.take(), 2, "ms")

    async def exchange(self, requests: list[Request]) -> None:
        """Send them in one packet, and demand the replies."""
        await self.send(requests)
        assert await self.take() == packet_of([self.memory.reply(request) for request in requests]), requests

    async def fill(self) -> None:
        """All of the memory, of which it is not known what a request that was broken off has left there."""
        data = self.rng.randbytes(256)
        await self.exchange([Request(WRITE, 0, data[:MOST]), Request(WRITE, MOST, data[MOST:])])

    async def counts(self) -> list[int]:
        return [await self.device.read(at) for at in (VECTORS_IN, VECTORS_OUT, SHORT)]

    async def idle(self) -> bool:
        """Whether nothing more comes."""
        await ClockCycles(self.dut.aclk, 50)
        return self.device.sink.empty() and self.device.sink.idle()


async def watch_the_application(dut: Any) -> None:
    """Demand the rules of hwf_link at the application's ports."""
    shell = dut.shell
    asked = [getattr(shell, f"request_{name}") for name in ("operation", "address", "length")]
    held: list[int] | None = None
    offered: int | None = None
    while True:
        await FallingEdge(dut.aclk)
        if int(shell.rst.value) or not int(dut.aresetn.value):
            held = offered = None
            continue
        assert not int(shell.hello.value)
        valid = int(shell.request_valid.value)
        here = [int(signal.value) for signal in asked] if valid else None
        assert held is None or here == held, f"the request {held} became {here}"
        data = int(shell.p_data.value) if valid and int(shell.p_valid.value) else None
        assert data is None or int(shell.p_more.value)
        assert offered is None or data == offered, f"the byte {offered} of a payload became {data}"
        done = int(shell.request_done.value)
        held = None if done else here
        offered = None if done or int(shell.p_ready.value) else data


async def last_words(dut: Any, times: list[int]) -> None:
    """The cycles of the last word of each packet in, and of each one out."""
    cycle = 0
    while True:
        await ClockCycles(dut.aclk, 1, rising=False)
        cycle += 1
        for prefix in ("s_axis", "m_axis"):
            if all(int(getattr(dut, f"{prefix}_{name}").value) for name in ("tvalid", "tready", "tlast")):
                times.append(cycle)
