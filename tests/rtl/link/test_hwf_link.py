"""hwf_link: docs/link.md, sentence by sentence, bytes in and bytes out."""

import random
from typing import Any

import cocotb
import pytest
from cobs import cobs
from cocotb.triggers import ClockCycles, FallingEdge, RisingEdge
from harness import check, check_assertion_fires
from helpers.link import (
    BAD_ADDRESS,
    BAD_LENGTH,
    BAD_OPERATION,
    BAD_SEQUENCE,
    HELLO,
    NO_SESSION,
    OK,
    READ,
    STREAM,
    WRITE,
    request,
)
from helpers.link_bench import Host
from helpers.reset import check_resets

pytestmark = pytest.mark.slow
IDENTITY = bytes(range(3, 67))
PARAMETERS: dict[str, int | str] = {"IDENTITY": f"512'h{IDENTITY[::-1].hex()}"}
GOOD, CRC, LENGTH, FRAMING, OVERRUNS, DUPLICATES, VECTORS, LATENCY, CYCLES = range(0, 36, 4)


@cocotb.test()
async def hello_gives_the_identity_and_opens_the_session(dut: Any) -> None:
    host = await Host(dut).begin(stall=0.5)
    early = await host.ask(5, READ, 0, b"\x04")
    assert (early.status, early.payload) == (NO_SESSION, b"")
    first = await host.ask(250, HELLO)
    assert (first.status, first.payload) == (OK, IDENTITY)
    assert early.session == first.session != 0
    assert (await host.ask(250, HELLO)).payload == IDENTITY
    assert (await host.ask(251, READ, GOOD, b"\x04")).payload == (4).to_bytes(4, "little")
    assert (await host.ask(252, HELLO, 0, b"x")).status == BAD_LENGTH
    assert (await host.ask(252, READ, DUPLICATES, b"\x04")).payload == bytes(4)


@cocotb.test()
async def a_request_is_carried_out_in_its_turn_only(dut: Any) -> None:
    host = await Host(dut).begin()
    await host.ask(9, HELLO)
    for wrong in (11, 200, 8, 7):
        answer = await host.ask(wrong, WRITE, 0x100, b"no")
        assert (answer.status, answer.payload) == (BAD_SEQUENCE, bytes([10]))
    assert not host.application.seen
    assert (await host.ask(9, WRITE, 0x100, b"no")).payload == IDENTITY  # HELLO's own number: its reply again
    assert (await host.ask(10, 5)).status == BAD_OPERATION
    assert (await host.ask(11, 0)).status == BAD_OPERATION
    assert (await host.ask(12, WRITE, 0x80, b"abc")).status == BAD_ADDRESS
    assert (await host.ask(13, WRITE, 0x12345678, b"abc")).status == OK
    assert host.application.seen == [(WRITE, 0x80, b"abc"), (WRITE, 0x12345678, b"abc")]
    host.application.reads = 2
    assert (await host.ask(14, WRITE, 0x200, bytes(range(240)))).status == OK  # what is not read is dropped
    assert host.application.seen[-1] == (WRITE, 0x200, b"\0\1")
    host.application.reads = 255
    assert (await host.ask(15, READ, 0x12345677, bytes([5]))).payload == b"\0abc\0"


@cocotb.test()
async def payloads_of_every_length_pass(dut: Any) -> None:
    host = await Host(dut).begin(stall=0.2)
    rng = random.Random(12)
    await host.ask(0, HELLO)
    lengths = [
        (0, 0),
        (240, 240),
        (1, 1),
        (0, 240),
        (240, 0),
        *((rng.randrange(241), rng.randrange(241)) for _ in range(5)),
    ]
    for sequence, (length, wanted) in enumerate(lengths, 1):
        payload = bytes(rng.choice([0, rng.randrange(256)]) for _ in range(length))
        host.application.stall = rng.choice([0.0, 0.5])
        answer = await host.ask(sequence, STREAM, wanted, payload)
        assert host.application.seen[-1] == (STREAM, wanted, payload)
        assert answer.payload == host.application._answer(STREAM, wanted, payload)[1]


@cocotb.test()
async def the_latest_replies_are_kept(dut: Any) -> None:
    """As many as the window: each of them comes again, one older does not."""
    window = 1 << len(dut.slot)
    host = await Host(dut).begin()
    rng = random.Random(14)
    await host.ask(254, HELLO)
    assert (await host.ask(253, STREAM)).status == BAD_SEQUENCE  # before HELLO there is none
    answers = {}
    for sequence in range(255, 256 + 3 * window):
        answers[sequence] = await host.ask(sequence, STREAM, 5 + sequence % 7, bytes([sequence & 255, 0, 7]))
        kept = [number for number in answers if number > sequence - window]
        for again in rng.choices(kept, k=3):
            assert await host.ask(again, STREAM, 1, b"another payload") == answers[again]
        assert (await host.ask(rng.choice([99, sequence + 2]), WRITE)).status == BAD_SEQUENCE  # and does no harm
        if sequence - window > 254:
            assert (await host.ask(sequence - window, STREAM)).status == BAD_SEQUENCE
    assert len(host.application.seen) == len(answers)
    last = max(answers)
    assert await host.register(last + 1, DUPLICATES) == 3 * len(answers)
    for again in range(last + 2 - window, last + 1):
        assert await host.ask(again, STREAM) == answers[again]


@cocotb.test()
async def registers_count_and_reads_may_span(dut: Any) -> None:
    host = await Host(dut).begin()
    await host.ask(0, HELLO)
    for _ in range(300):
        dut.framing_error.value = 1
        await RisingEdge(dut.clk)
        dut.framing_error.value = 0
        await ClockCycles(dut.clk, 63)
    assert await host.register(1, FRAMING) == 300
    for _ in range(200):  # a burst of vectors, one a cycle
        dut.vector_out.value = 1
        await RisingEdge(dut.clk)
    dut.vector_out.value = 0
    await ClockCycles(dut.clk, 50)
    dut.vector_in.value = 1
    await RisingEdge(dut.clk)
    dut.vector_in.value = 0
    await ClockCycles(dut.clk, 0x1233)
    dut.vector_out.value = 1
    await RisingEdge(dut.clk)
    dut.vector_out.value = 0
    await host.send(b"\0\2\0")
    before = await host.register(2, CYCLES)
    whole = await host.ask(3, READ, 0, bytes([36]))
    values = [int.from_bytes(whole.payload[i : i + 4], "little") for i in range(0, 36, 4)]
    assert values[:8] == [4, 0, 1, 300, 0, 0, 201, 0x1234]
    assert 0 < values[8] - before < 5000
    assert (await host.ask(4, READ, 13, bytes([3]))).payload == whole.payload[13:16]
    assert (await host.ask(5, READ, 35, bytes([1]))).status == OK
    for sequence, (address, count) in enumerate([(35, 2), (36, 1), (0, 37), (255, 255), (240, 30)], 6):
        answer = await host.ask(sequence, READ, address, bytes([count]))
        assert (answer.status, answer.payload) == (BAD_ADDRESS, b"")
    assert (await host.ask(11, READ, 36, bytes([0]))).payload == b""
    assert (await host.ask(12, READ, 0, b"")).status == BAD_LENGTH
    assert (await host.ask(13, READ, 0, b"ab")).status == BAD_LENGTH
    assert await host.register(14, GOOD) == 15


@cocotb.test()
async def what_is_damaged_is_dropped_and_the_next_frame_is_answered(dut: Any) -> None:
    host = await Host(dut).begin()
    host.gap = 40
    rng = random.Random(13)
    await host.ask(0, HELLO)
    counted = [0, 0]
    for sequence in range(1, 9):
        good = request(sequence, WRITE, 0x100, rng.randbytes(9))
        at = rng.randrange(2, len(good) - 2)
        damaged = [
            good[:at] + bytes([good[at] ^ 1 << rng.randrange(8)]) + good[at + 1 :],
            good[:at] + good[at + 1 :],
            good[:at] + bytes([rng.randrange(1, 256)]) + good[at:],
            good[:at],
            bytes(rng.randrange(256) for _ in range(30)),
        ][sequence % 5]
        for piece in (damaged + b"\0").split(b"\0"):
            if piece:
                counted[_verdict(piece)] += 1
        await host.send(damaged + b"\0")
        await host.silence(1000)
        await host.send(good)
        answer = await host.reply()
        assert (answer.sequence, answer.status) == (sequence, OK)
    assert [await host.register(9, CRC), await host.register(10, LENGTH)] == counted
    assert len(host.application.seen) == 8


def _verdict(piece: bytes) -> int:
    """0 if the checksum is what is wrong with this encoded body, 1 if its length or its coding is."""
    try:
        body = cobs.decode(piece)
    except cobs.DecodeError:
        return 1
    return 0 if 11 <= len(body) <= 251 and body[6] + 11 == len(body) else 1


@cocotb.test()
async def a_window_of_requests_may_be_under_way_and_one_more_may_be_lost(dut: Any) -> None:
    window = 1 << len(dut.slot)
    host = await Host(dut).begin(stall=0.9)
    host.gap = 10
    await host.ask(0, HELLO)
    await host.send(b"".join(request(s, STREAM, 10, bytes([s] * 10)) for s in range(1, window + 1)))
    last = 6 * window
    for sequence in range(1, last + 1):
        answer = await host.reply()
        assert (answer.sequence, answer.payload) == (sequence, bytes([sequence + 1] * 10))
        if sequence + window <= last:
            await host.send(request(sequence + window, STREAM, 10, bytes([sequence + window] * 10)))
    host.application.delay = 2000 * window  # one under way, the others waiting, two lost
    await host.send(b"".join(request(last + 1 + i, STREAM, 1, bytes([i])) for i in range(window + 2)))
    assert [(await host.reply()).sequence for _ in range(window)] == list(range(last + 1, last + 1 + window))
    await host.silence()
    host.application.delay = 0
    assert await host.register(last + window + 1, OVERRUNS) == 2
    assert len(host.application.seen) == last + window


@cocotb.test()
async def a_reply_that_is_being_sent_is_not_written_over(dut: Any) -> None:
    """A HELLO comes meanwhile whose reply is kept in the same slot."""
    window = 1 << len(dut.slot)
    host = await Host(dut).begin(stall=0.0)
    await host.ask(0, HELLO)
    host.sink.stall = 0.98
    payload = bytes(range(200))
    await host.send(request(1, STREAM, 200, payload))
    while not int(dut.busy.value):
        await FallingEdge(dut.clk)
    await host.send(request(1 + window, HELLO))
    first, second = await host.reply(), await host.reply()
    assert (first.sequence, first.payload) == (1, bytes(value + 1 for value in payload))
    assert (second.sequence, second.payload) == (1 + window, IDENTITY)


@cocotb.test()
async def a_lost_request_holds_up_those_behind_it(dut: Any) -> None:
    """They are refused with the number that is missing, and done when they come again behind it."""
    window = 1 << len(dut.slot)
    host = await Host(dut).begin(stall=0.5)
    await host.ask(0, HELLO)
    frames = [request(s, WRITE, 0x100 + s, bytes([s])) for s in range(1, window + 1)]
    await host.send(b"".join(frames[1:]))
    for sequence in range(2, window + 1):
        answer = await host.reply()
        assert (answer.sequence, answer.status, answer.payload) == (sequence, BAD_SEQUENCE, b"\1")
    assert not host.application.seen
    await host.send(b"".join(frames))
    answers = [await host.reply() for _ in frames]
    assert [(answer.sequence, answer.status) for answer in answers] == [(s, OK) for s in range(1, window + 1)]
    assert [address for _, address, _ in host.application.seen] == list(range(0x101, 0x101 + window))


@cocotb.test()
async def a_reset_in_mid_frame_ends_the_session(dut: Any) -> None:
    host = await Host(dut).begin()
    session = (await host.ask(0, HELLO)).session
    assert (await host.ask(1, STREAM, 3, b"a")).session == session
    good = request(2, STREAM, 3, b"b")
    await host.send(good[:9])
    await host.reset()
    await host.send(good[9:])
    await host.silence()
    answer = await host.ask(2, STREAM, 3, b"b")
    assert answer.status == NO_SESSION
    assert answer.session != session
    again = await host.ask(0, HELLO)
    assert (again.status, again.payload, again.session) == (OK, IDENTITY, answer.session)
    assert await host.register(1, GOOD) == 3
    assert await host.register(2, LENGTH) == 1
    host.sink.stall = 1.0  # and in the middle of a reply, with requests that wait
    await host.send(b"".join(request(s, STREAM, 3, b"b") for s in (3, 4)))
    await ClockCycles(dut.clk, 200)
    await host.reset()
    host.sink.stall = 0.0
    await host.silence()
    assert (await host.ask(7, HELLO)).payload == IDENTITY


@cocotb.test()
async def a_session_begins_anew_after_a_reset(dut: Any) -> None:
    host = await Host(dut).begin()
    application, sessions = host.application, set()

    async def work(rng: random.Random) -> None:
        host.sink.words.clear()
        host.sink.stall, application.stall = rng.choice([0.0, 0.5]), rng.choice([0.0, 0.5])
        application.begin()
        application.seen.clear()
        number = rng.randrange(256)
        early = await host.ask(number, STREAM, 3, b"not carried out")
        assert (early.status, early.session in sessions) == (NO_SESSION, False)
        sessions.add(early.session)
        hello = await host.ask(number, HELLO)
        assert (hello.payload, hello.session) == (IDENTITY, early.session)
        for sequence in range(number + 1, number + rng.randint(2, 4)):
            payload = rng.randbytes(rng.randrange(1, 20))
            answer = await host.ask(sequence, STREAM, 5, payload)
            assert (answer.status, answer.session) == (OK, early.session)
            assert answer.payload == application._answer(STREAM, 5, payload)[1]
            assert application.seen.pop() == (STREAM, 5, payload)
            assert await host.ask(sequence, STREAM, 5, payload) == answer
            assert not application.seen
        assert [await host.register(sequence + 1, GOOD), await host.register(sequence + 2, LENGTH)] == [
            2 + 2 * (sequence - number) + 1,
            0,
        ]

    await check_resets(dut, work, idle={"s_valid": 0, "request_done": 0, "r_valid": 0, "p_ready": 0}, times=25)


@cocotb.test()
async def a_header_begins_anew_after_a_reset(dut: Any) -> None:
    """Short replies to quick bytes, so that many a reset comes while a header is read or written."""
    host = await Host(dut).begin()
    host.gap = 2

    async def work(rng: random.Random) -> None:
        host.sink.words.clear()
        sequence = rng.randrange(256)
        assert (await host.ask(sequence, STREAM, 1)).status == NO_SESSION

    await check_resets(dut, work, idle={"s_valid": 0}, times=100)


@cocotb.test()
async def is_done_with_nothing(dut: Any) -> None:
    await Host(dut).begin()
    dut.request_done.value = 1
    await ClockCycles(dut.clk, 3)


@cocotb.test()
async def takes_back_a_reply_byte(dut: Any) -> None:
    host = await Host(dut).begin()
    host.application.delay = 1000
    await FallingEdge(dut.clk)
    dut.inner.state.value = 5
    dut.inner.reply_length.value = 240
    dut.r_valid.value = 1
    await ClockCycles(dut.clk, 2)
    dut.r_valid.value = 0
    await ClockCycles(dut.clk, 2)


GOOD_TESTS = [
    hello_gives_the_identity_and_opens_the_session.name,
    a_request_is_carried_out_in_its_turn_only.name,
    payloads_of_every_length_pass.name,
    the_latest_replies_are_kept.name,
    registers_count_and_reads_may_span.name,
    what_is_damaged_is_dropped_and_the_next_frame_is_answered.name,
    a_window_of_requests_may_be_under_way_and_one_more_may_be_lost.name,
    a_reply_that_is_being_sent_is_not_written_over.name,
    a_lost_request_holds_up_those_behind_it.name,
    a_reset_in_mid_frame_ends_the_session.name,
    a_session_begins_anew_after_a_reset.name,
    a_header_begins_anew_after_a_reset.name,
]


@pytest.mark.parametrize("window", [2, 8])
def test_link(window: int) -> None:
    check(__file__, "hwf_link", PARAMETERS | {"WINDOW": window}, tests=GOOD_TESTS)


@pytest.mark.parametrize(
    ("misuse", "assertion"),
    [
        (is_done_with_nothing.name, "only_a_request_under_way_is_done"),
        (takes_back_a_reply_byte.name, "a_reply_byte_is_offered_until_it_is_taken"),
    ],
)
def test_assertions_fire(misuse: str, assertion: str) -> None:
    check_assertion_fires(__file__, "hwf_link", assertion, tests=[misuse])
