"""hwf_frame_tx: what it sends, decoded by the cobs package and zlib; its assertions."""

import random
from typing import Any

import cocotb
import pytest
from cocotb.triggers import ClockCycles, RisingEdge
from harness import check, check_assertion_fires
from helpers.link import decode
from helpers.reset import check_resets
from helpers.streams import Sink, start

pytestmark = pytest.mark.slow


async def begin(dut: Any, *, rules: bool = True) -> Sink:
    dut.start.value = 0
    dut.write.value = 0
    clock = await start(dut, sources=())
    return Sink(dut, clock=clock, rules=rules)


async def put(dut: Any, slot: int, header: bytes, payload: bytes, *, short: bool = False) -> None:
    """Write a reply into its place."""
    places = [(0xF0 if short else 0) + i for i in range(len(payload))]
    places += [(0xF1 if short else 0xF9) + i for i in range(7)]
    for place, byte in zip(places, payload + header, strict=True):
        dut.write.value = 1
        dut.write_address.value = slot << 8 | place
        dut.write_data.value = byte
        await RisingEdge(dut.clk)
    dut.write.value = 0


async def send(dut: Any, slot: int, *, short: bool = False) -> None:
    dut.start.value = 1
    dut.slot.value = slot
    dut.short_place.value = short
    await RisingEdge(dut.clk)
    dut.start.value = 0
    await RisingEdge(dut.clk)


async def sent(dut: Any, sink: Sink) -> bytes:
    """Wait until the transmitter is idle; the bytes it gave, decoded."""
    for _ in range(20000):
        await RisingEdge(dut.clk)
        if not int(dut.busy.value):
            break
    await RisingEdge(dut.clk)
    return decode(bytes(await sink.take(len(sink.words))))


@cocotb.test()
async def sends_what_was_written(dut: Any) -> None:
    sink = await begin(dut)
    rng = random.Random(9)
    kept: dict[int, bytes] = {}
    for length in (0, 240, 1, *(rng.randrange(241) for _ in range(12))):
        slot = rng.randrange(2 ** len(dut.slot))
        zeros = rng.choice([0.0, 0.1, 1.0])
        payload = bytes(0 if rng.random() < zeros else rng.randrange(256) for _ in range(length))
        header = rng.randbytes(6) + bytes([length])
        sink.stall = rng.choice([0.0, 0.5, 0.95])
        await put(dut, slot, header, payload)
        kept[slot] = header + payload
        await send(dut, slot)
        assert await sent(dut, sink) == header + payload
        error = rng.randbytes(6) + bytes([1])
        await put(dut, slot, error, b"e", short=True)
        await send(dut, slot, short=True)
        assert await sent(dut, sink) == error + b"e"
        for which, what in kept.items():
            await send(dut, which)
            assert await sent(dut, sink) == what


@cocotb.test()
async def sends_after_a_reset(dut: Any) -> None:
    sink = await begin(dut)

    async def work(rng: random.Random) -> None:
        sink.words.clear()
        slot, payload = rng.randrange(2 ** len(dut.slot)), rng.randbytes(rng.randrange(20))
        header = rng.randbytes(6) + bytes([len(payload)])
        sink.stall = rng.choice([0.0, 0.5])
        await put(dut, slot, header, payload)
        assert not sink.words
        await send(dut, slot)
        assert await sent(dut, sink) == header + payload

    await check_resets(dut, work, idle={"start": 0, "write": 0})


@cocotb.test()
async def starts_twice(dut: Any) -> None:
    await begin(dut)
    await put(dut, 0, bytes(7), b"")
    await send(dut, 0)
    await send(dut, 0)


@cocotb.test()
async def writes_where_it_sends(dut: Any) -> None:
    await begin(dut)
    await put(dut, 0, bytes(7), b"")
    await send(dut, 0)
    await put(dut, 0, bytes(7), b"")


@cocotb.test()
async def changes_a_byte(dut: Any) -> None:
    sink = await begin(dut, rules=False)
    await put(dut, 0, bytes([1, 2, 3, 4, 5, 6, 0]), b"")
    sink.stall = 1.0
    await send(dut, 0)
    dut.inner.state.value = 5
    await ClockCycles(dut.clk, 3)
    dut.inner.count.value = int(dut.inner.count.value) ^ 1
    await ClockCycles(dut.clk, 3)


@pytest.mark.parametrize("replies", [2, 8])
def test_frame_tx(replies: int) -> None:
    check(__file__, "hwf_frame_tx", {"REPLIES": replies}, tests=[sends_what_was_written.name, sends_after_a_reset.name])


@pytest.mark.parametrize(
    ("misuse", "assertion"),
    [
        (starts_twice.name, "a_reply_starts_only_when_none_is_sent"),
        (writes_where_it_sends.name, "the_slot_that_is_sent_is_not_written"),
        (changes_a_byte.name, "a_byte_is_held_until_it_is_taken"),
    ],
)
def test_assertions_fire(misuse: str, assertion: str) -> None:
    check_assertion_fires(__file__, "hwf_frame_tx", assertion, tests=[misuse])
