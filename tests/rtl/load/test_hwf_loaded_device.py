"""hwf_loaded_device: what it answers before and after its memories are written, under stalls, HELLO and resets."""

import random
from typing import Any

import cocotb
import pytest
from cocotb.triggers import ClockCycles, ReadOnly, RisingEdge
from harness import check
from helpers.link import OK, STREAM
from helpers.requests import carry_out
from helpers.reset import check_resets
from helpers.streams import STALLS, Sink, Source, start

pytestmark = pytest.mark.slow
READ, WRITE = 2, 3
BAD_ADDRESS, BAD_LENGTH, NOT_LOADED = 2, 3, 7
MEMORIES, DIGEST = 0x80000000, 0x81FFFFF0
ADDRESSES = 37
IDLE = dict.fromkeys(
    (
        "hello",
        "request_valid",
        "request_operation",
        "request_address",
        "request_length",
        "p_more",
        "p_valid",
        "m_valid",
    ),
    0,
)
PARAMETERS = {"S_BITS": 8, "S_COUNT": 8, "M_BITS": 8, "M_COUNT": 8, "LIMIT_BITS": 8, "ADDRESSES": ADDRESSES}


class Bench:
    """The device between a link, whose requests the test makes, and a net that echoes, with memories as a dictionary."""

    def __init__(self, dut: Any) -> None:
        self.dut = dut
        self.memory: dict[int, int] = {}

    async def begin(self) -> "Bench":
        dut = self.dut
        for name, value in IDLE.items():
            getattr(dut, name).value = value
        dut.stored.value = 0
        clock = await start(dut, sources=("p", "m"), sinks=("r", "s"))
        self.payload = Source(dut, "p", clock=clock)
        self.results = Sink(dut, "r", clock=clock)
        self.into = Sink(dut, "s", clock=clock, rules=False, rst="net_rst")
        self.net = Source(dut, "m", clock=clock)
        cocotb.start_soon(self._remember())
        await ClockCycles(dut.clk, 3)
        return self

    async def _remember(self) -> None:
        """The net's memories: what they are asked they tell two cycles later, and they are asked only while it is in reset."""
        late = 0
        while True:
            await ReadOnly()
            load, net_rst = int(self.dut.load.value), int(self.dut.net_rst.value)
            access, write, at = load >> 41, load >> 40 & 1, load >> 16 & 0xFFFFFF
            told = 0
            if access and at < ADDRESSES:
                assert net_rst
                if write:
                    self.memory[at] = load & 0xFFFF
                else:
                    told = self.memory.get(at, 0)
            await RisingEdge(self.dut.clk)
            self.dut.stored.value = late
            late = told

    async def request(self, operation: int, address: int, payload: bytes = b"") -> tuple[int, bytes]:
        """A request; its status and its reply's payload."""
        self.dut.request_length.value = len(payload)
        return await carry_out(self.dut, self.payload, self.results, operation, address, payload)

    async def hello(self) -> None:
        """Which resets the net."""
        self.dut.hello.value = 1
        resets = 0
        for _ in range(2):
            await RisingEdge(self.dut.clk)
            self.dut.hello.value = 0
            await ReadOnly()
            resets += int(self.dut.net_rst.value)
            await RisingEdge(self.dut.clk)
        assert resets

    async def echo(self) -> None:
        """A vector through the net."""
        sending = cocotb.start_soon(self.net.send([77]))
        self.into.words.clear()
        try:
            assert await self.request(STREAM, 1, b"\x21") == (OK, b"\x4d")
            assert await self.into.take(1) == [0x21]
        finally:
            sending.cancel()


async def load_and_run(bench: Bench, rng: random.Random) -> None:
    """From a new beginning: refused until all is written, and right from then on."""
    dut = bench.dut
    bench.results.words.clear()
    bench.payload.stall, bench.results.stall = rng.choice(STALLS)
    bench.into.stall, bench.net.stall = rng.choice(STALLS)
    assert await bench.request(STREAM, 1, b"\x21") == (NOT_LOADED, b"")
    assert await bench.request(READ, DIGEST, b"\x10") == (NOT_LOADED, b"")
    content = rng.randbytes(2 * ADDRESSES)
    cut = 2 * rng.randrange(1, ADDRESSES)
    for first, part in ((0, content[:cut]), (cut, content[cut:])):
        assert await bench.request(WRITE, MEMORIES + first, part) == (OK, b"")
        assert await bench.request(STREAM, 1, b"\x21") == (NOT_LOADED, b"")
    found = [bench.memory[at] for at in range(ADDRESSES)]
    assert b"".join(value.to_bytes(2, "little") for value in found) == content
    digest = rng.randbytes(16)
    assert await bench.request(WRITE, DIGEST, digest) == (OK, b"")
    assert await bench.request(READ, DIGEST, b"\x10") == (OK, digest)
    await bench.echo()
    await bench.hello()
    await bench.echo()
    first = 2 * rng.randrange(ADDRESSES - 3)
    assert await bench.request(READ, MEMORIES + first, b"\x06") == (OK, content[first : first + 6])
    await bench.echo()
    assert int(dut.net_rst.value) == 0


@cocotb.test()
async def is_loaded_after_a_reset(dut: Any) -> None:
    bench = await Bench(dut).begin()
    await check_resets(dut, lambda rng: load_and_run(bench, rng), idle=IDLE, times=30)


@cocotb.test()
async def anything_written_later_unloads_it(dut: Any) -> None:
    bench = await Bench(dut).begin()
    for operation, address, payload, status in (
        (WRITE, MEMORIES, b"\1\2", NOT_LOADED),
        (WRITE, MEMORIES + 2 * ADDRESSES - 2, b"\1\2", NOT_LOADED),
        (READ, MEMORIES, b"\2", OK),
        (WRITE, MEMORIES + 2 * ADDRESSES, b"\1\2", OK),  # which is refused
        (WRITE, 0x100, b"\1\2", OK),
    ):
        assert (await bench.request(WRITE, DIGEST, bytes(range(16))))[0] == OK
        await bench.request(operation, address, payload)
        assert (await bench.request(READ, DIGEST, b"\x10"))[0] == status


@cocotb.test()
async def refuses_what_is_no_memory(dut: Any) -> None:
    bench = await Bench(dut).begin()
    assert (await bench.request(WRITE, DIGEST, bytes(16)))[0] == OK
    end = MEMORIES + 2 * ADDRESSES
    for operation, address, payload, status in (
        (READ, 0x100, b"\2", BAD_ADDRESS),
        (READ, end, b"\2", BAD_ADDRESS),
        (WRITE, end - 2, bytes(4), BAD_ADDRESS),
        (WRITE, 0x40000000, bytes(2), BAD_ADDRESS),
        (READ, MEMORIES, b"\3", BAD_LENGTH),
        (READ, MEMORIES, b"\0", BAD_LENGTH),
        (READ, MEMORIES, b"", BAD_LENGTH),
        (READ, MEMORIES, b"\2\2", BAD_LENGTH),
        (WRITE, MEMORIES + 1, bytes(2), BAD_LENGTH),
        (WRITE, MEMORIES, b"", BAD_LENGTH),
        (WRITE, DIGEST, bytes(14), BAD_LENGTH),
        (READ, DIGEST, b"\x08", BAD_LENGTH),
        (WRITE, DIGEST + 2, bytes(14), BAD_ADDRESS),
    ):
        assert await bench.request(operation, address, payload) == (status, b""), (operation, hex(address), payload)
    await bench.echo()


def test_loaded_device() -> None:
    check(__file__, "hwf_loaded_device", PARAMETERS)
