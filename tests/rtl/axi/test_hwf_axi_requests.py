"""hwf_axi_requests within hwf_axi_shell: requests that came short, wrong and long ones, its cycles; and its assertions."""

from typing import Any

import cocotb
import pytest
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles
from harness import check, check_assertion_fires
from helpers.axi import SHORT
from helpers.axi_requests import (
    BAD_LENGTH,
    BENCH,
    COMMON,
    DONE_WITH_THE_LAST_BYTE,
    MOST,
    READ,
    STREAM,
    WRITE,
    Bench,
    Reply,
    Request,
    last_words,
    packet_of,
    random_request,
)

pytestmark = pytest.mark.slow


@cocotb.test()
async def carries_out_no_request_that_came_short(dut: Any) -> None:
    """The packet ends early, or a byte that counts is left out; the ones before it in the packet are carried out."""
    bench = await Bench.start(dut)
    rng = bench.rng
    for number in range(150):
        bench.stall()
        before = [random_request(rng) for _ in range(rng.choice((0, 0, 2)))]
        request = Request(rng.choice((WRITE, STREAM)), rng.getrandbits(31) | COMMON, rng.randbytes(rng.randrange(12)))
        after = [random_request(rng) for _ in range(rng.choice((0, 2)))]
        data, keep = request.words(rng)
        if rng.random() < 0.5:
            end = rng.randrange(1, 8 + len(request.payload))  # bytes; the last word's may be left out by TKEEP
            data, keep, after = data[:end], keep[:end], []
        else:
            keep[rng.choice((0, *range(4, 8 + len(request.payload))))] = 0
        words = [*(each.words(rng) for each in before), (data, keep), *(each.words(rng) for each in after)]
        await bench.send_words(words)
        replies = [bench.memory.reply(each) for each in before]
        replies += [Reply(BAD_LENGTH, short=True), *(bench.memory.reply(each) for each in after)]
        assert await bench.take() == packet_of(replies), (number, request, keep)
        assert await bench.device.read(SHORT) == number + 1
    assert int(dut.carried.value) == bench.memory.carried
    await bench.exchange([Request(READ, at, bytes([16])) for at in range(COMMON, 2 * COMMON, 16)])
    assert await bench.idle()


@cocotb.test()
async def a_length_that_is_left_out_is_zero(dut: Any) -> None:
    """So what follows the address is a request again."""
    bench = await Bench.start(dut)
    head = bytes([WRITE, 77, 0, 0]) + (0x100).to_bytes(4, "little")
    data, keep = Request(STREAM, 0x4201, b"abc").words(bench.rng)
    await bench.device.send(head + data, [1, 0, 1, 1, 1, 1, 1, 1, *keep])
    assert await bench.take() == packet_of([Reply(BAD_LENGTH, short=True), Reply(0x42, b"bcd")])


@cocotb.test()
async def a_packet_without_a_byte_is_a_short_request(dut: Any) -> None:
    bench = await Bench.start(dut)
    await bench.device.send(bytes(4), [0] * 4)
    assert await bench.take() == packet_of([Reply(BAD_LENGTH, short=True)])
    await bench.exchange([Request(STREAM, 0x100, b"z")])


@cocotb.test()
async def drops_payloads_that_are_too_long(dut: Any) -> None:
    """Of every length, whether the packet goes on or not."""
    bench = await Bench.start(dut)
    for length in range(MOST - 3, 256):
        bench.stall()
        request = Request(bench.rng.choice((WRITE, STREAM)), 0x1100, bench.rng.randbytes(length))
        await bench.exchange([request])
        await bench.exchange([request, Request(READ, 0x1100, b"\5")])
    assert int(dut.carried.value) == bench.memory.carried


@cocotb.test()
async def answers_every_operation_and_the_addresses_of_the_link(dut: Any) -> None:
    bench = await Bench.start(dut)
    await bench.exchange([Request(operation, 0x1200, b"\1") for operation in range(256)])
    addresses = [0, 0x20, 0xFF, 0x100, 0x1FF, *(1 << bit for bit in range(8, 32)), 0xFFFF_FF00]
    await bench.exchange([Request(READ, address, b"\4") for address in addresses])
    await bench.exchange([Request(WRITE, address, b"hwf!") for address in addresses if address < 1 << 31])
    await bench.exchange([Request(STREAM, address, b"hwf!") for address in addresses])
    assert int(dut.carried.value) == bench.memory.carried


@cocotb.test()
async def takes_as_many_cycles_as_it_says(dut: Any) -> None:
    """6, and one a word of the payloads, beside the application's: of STREAM, n and 3 more, or 1 if it ends with the last byte."""
    bench = await Bench.start(dut)
    for count, address, application in ((0, 0, 3), (1, 0, 4), (240, 0, 243), (240, DONE_WITH_THE_LAST_BYTE, 241)):
        times: list[int] = []
        watch = cocotb.start_soon(last_words(dut, times))
        requests = [[Request(STREAM, COMMON | address, bytes(count))] for _ in range(2)]
        for request in requests:
            await bench.send(request)
        for request in requests:
            assert await bench.take() == packet_of([bench.memory.reply(each) for each in request])
        watch.cancel()
        words = -(-count // 4)
        assert times[3] - times[1] == 6 + 2 * words + application, (count, times)


async def hand_on(dut: Any) -> None:
    """A WRITE without a payload, up to the application."""
    cocotb.start_soon(Clock(dut.clk, 10, unit="ns").start())
    for name in (
        "clear",
        "s_valid",
        "s_data",
        "s_keep",
        "s_last",
        "m_ready",
        "p_ready",
        "r_valid",
        "r_data",
        "request_done",
    ):
        getattr(dut, name).value = 0
    dut.reply_status.value = 0
    dut.rst.value = 1
    await ClockCycles(dut.clk, 3)
    dut.rst.value = 0
    dut.s_valid.value = 1
    dut.s_data.value = WRITE
    dut.s_keep.value = 15
    await ClockCycles(dut.clk, 1)
    dut.s_last.value = 1
    await ClockCycles(dut.clk, 1)
    dut.s_valid.value = 0
    while not int(dut.request_valid.value):
        await ClockCycles(dut.clk, 1)


@cocotb.test()
async def a_beat_appears_meanwhile(dut: Any) -> None:
    await hand_on(dut)
    dut.inner.m_valid.value = 1
    await ClockCycles(dut.clk, 2)


@cocotb.test()
async def a_byte_is_taken_back(dut: Any) -> None:
    await hand_on(dut)
    dut.r_valid.value = 1
    await ClockCycles(dut.clk, 245)
    dut.r_valid.value = 0
    await ClockCycles(dut.clk, 2)


@cocotb.test()
async def a_request_is_done_that_was_not_made(dut: Any) -> None:
    await hand_on(dut)
    dut.request_done.value = 1
    await ClockCycles(dut.clk, 3)


GOOD = [
    carries_out_no_request_that_came_short.name,
    a_length_that_is_left_out_is_zero.name,
    a_packet_without_a_byte_is_a_short_request.name,
    drops_payloads_that_are_too_long.name,
    answers_every_operation_and_the_addresses_of_the_link.name,
    takes_as_many_cycles_as_it_says.name,
]


@pytest.mark.parametrize(
    ("assertion", "misuse"),
    [
        ("a_beat_stands_only_while_no_request_is_under_way", a_beat_appears_meanwhile),
        ("a_reply_byte_is_offered_until_it_is_taken", a_byte_is_taken_back),
        ("only_a_request_under_way_is_done", a_request_is_done_that_was_not_made),
    ],
    ids=["stands", "offered", "done"],
)
def test_assertion_fires(assertion: str, misuse: Any) -> None:
    check_assertion_fires(__file__, "hwf_axi_requests", assertion, tests=[misuse.name])


def test_axi_requests() -> None:
    check(__file__, "hwf_requests_bench", tests=GOOD, extra=[BENCH])
