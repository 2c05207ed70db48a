"""hwf_frame_rx: good frames byte for byte, every kind of bad one counted and dropped, so many buffers and no more."""

import random
from collections import Counter
from typing import Any

import cocotb
import pytest
from cobs import cobs
from cocotb.triggers import ClockCycles, FallingEdge, RisingEdge
from harness import check, check_assertion_fires
from helpers.link import frame
from helpers.reset import check_resets
from helpers.streams import Sink, start

pytestmark = pytest.mark.slow
EVENTS = ("good", "bad_crc", "bad_length", "overrun")


class Bench:
    """The receiver with its bytes sent back to back, or with gaps, and its events counted."""

    def __init__(self, dut: Any) -> None:
        self.dut = dut
        self.events: Counter[str] = Counter()
        self.gap = 0.0

    async def begin(self) -> "Bench":
        self.dut.release_frame.value = 0
        self.clock = await start(self.dut)
        self.sink = Sink(self.dut, clock=self.clock, rules=False)  # a release takes back what is offered
        cocotb.start_soon(self._count())
        return self

    async def _count(self) -> None:
        while True:
            await FallingEdge(self.dut.clk)
            for name in EVENTS:
                self.events[name] += int(getattr(self.dut, name).value)

    async def send(self, data: bytes) -> None:
        for byte in data:
            while random.random() < self.gap:
                await RisingEdge(self.dut.clk)
            self.dut.s_valid.value = 1
            self.dut.s_data.value = byte
            await RisingEdge(self.dut.clk)
            self.dut.s_valid.value = 0
        await ClockCycles(self.dut.clk, 4)

    async def release(self) -> None:
        self.dut.release_frame.value = 1
        await RisingEdge(self.dut.clk)
        self.dut.release_frame.value = 0
        await RisingEdge(self.dut.clk)

    async def read_and_release(self, sent: bytes) -> None:
        """Demand that the oldest frame is this one."""
        self.sink.stall = random.choice([0.0, 0.5])
        assert bytes(await self.sink.take(len(sent))) == sent
        self.sink.stall = 1.0
        await ClockCycles(self.dut.clk, 2)
        await self.release()
        self.sink.words.clear()

    def happened(self) -> dict[str, int]:
        """The events since the last call, those that did not happen left out."""
        seen = {name: count for name, count in self.events.items() if count}
        self.events.clear()
        return seen


def body(length: int, rng: random.Random, zeros: float = 0.2) -> bytes:
    """Header and payload of `length` payload bytes."""
    data = bytes(0 if rng.random() < zeros else rng.randrange(256) for _ in range(6 + length))
    return data[:6] + bytes([length]) + data[6:]


@cocotb.test()
async def gives_good_frames_byte_for_byte(dut: Any) -> None:
    bench = await Bench(dut).begin()
    rng = random.Random(4)
    for length in (0, 1, 240, *(rng.randrange(241) for _ in range(12))):
        bench.gap, bench.sink.stall = rng.choice([0.0, 0.5]), rng.choice([0.0, 0.5])
        sent = body(length, rng, zeros=rng.choice([0.0, 0.2, 0.9]))
        await bench.send(frame(sent))
        begin = bench.clock.now
        assert bytes(await bench.sink.take(len(sent))) == sent
        assert bench.sink.stall or bench.clock.now - begin <= len(sent)  # a byte a cycle
        assert bench.happened() == {"good": 1}
        bench.sink.stall = 1.0
        await ClockCycles(dut.clk, 3)
        await bench.release()
        bench.sink.words.clear()


@cocotb.test()
async def drops_and_counts_bad_frames(dut: Any) -> None:
    bench = await Bench(dut).begin()
    bench.sink.stall = 1.0
    rng = random.Random(5)
    good = frame(body(20, rng))
    crc = bytearray(body(20, rng) + b"abcd")
    too_long = body(240, rng) + bytes(range(1, 12))
    # As counted with 8 bits a sound frame, which says its length again at the seventh byte.
    longer = body(20, rng) + 2 * (bytes([20] * 100) + b"\0") + bytes([20] * 54)
    cases: list[tuple[str, bytes]] = [
        ("bad_crc", b"\0" + cobs.encode(bytes(crc)) + b"\0"),
        ("bad_length", good[:9] + b"\0"),
        ("bad_length", b"\0\x05ab\0"),
        ("bad_length", b"\0\x01\0"),
        ("bad_length", b"\0" + cobs.encode(too_long) + b"\0"),
        ("bad_length", frame(longer)),
        ("bad_length", frame(body(20, rng) + b"x")),
        ("bad_length", frame(body(20, rng)[:-1])),
        ("bad_length", b"\0" + cobs.encode(b"123456" + bytes([241]) + bytes(245)) + b"\0"),
        ("bad_length", b"\0" + bytes(rng.randrange(1, 256) for _ in range(600)) + b"\0"),
    ]
    for expected, data in cases:
        await bench.send(data)
        assert bench.happened() == {expected: 1}, data.hex()
    await bench.send(b"\0\0\0")
    assert bench.happened() == {}
    for position in range(1, len(good) - 1):
        for wrong in (good[position] ^ 1 << rng.randrange(8), 0):
            await bench.send(good[:position] + bytes([wrong]) + good[position + 1 :])
        happened = bench.happened()
        assert "good" not in happened, position
        assert sum(happened.values()) in (2, 3, 4), position
    await bench.send(good)
    assert bench.happened() == {"good": 1}


@cocotb.test()
async def keeps_as_many_frames_as_it_has_buffers(dut: Any) -> None:
    bench = await Bench(dut).begin()
    rng = random.Random(6)
    buffers = 1 << len(dut.filling)
    for turn in range(3):  # the buffers in turn, from another one each time
        bench.sink.stall = 1.0
        bodies = [body(9 + i, rng) for i in range(buffers + 2)]
        for sent in bodies[:-1]:
            await bench.send(frame(sent))
        assert bench.happened() == {"good": buffers, "overrun": 1}
        freed = 1 + turn % buffers
        for sent in bodies[:freed]:
            await bench.read_and_release(sent)
        await bench.send(frame(bodies[-1]))
        assert bench.happened() == {"good": 1}
        for sent in [*bodies[freed:buffers], bodies[-1]]:
            await bench.read_and_release(sent)


@cocotb.test()
async def begins_anew_after_a_reset(dut: Any) -> None:
    """As between two frames, with every buffer free: the first frame may lack its opening zero, and nothing is left over."""
    bench = await Bench(dut).begin()
    buffers = 1 << len(dut.filling)

    async def work(rng: random.Random) -> None:
        bench.sink.stall = 1.0
        bench.sink.words.clear()
        bench.events.clear()
        bench.gap = rng.choice([0.0, 0.5])
        bodies = [body(rng.randrange(12), rng) for _ in range(buffers + 1)]
        bad_crc = bytearray(body(5, rng) + b"abcd")
        too_long = b"\0" + bytes(rng.randrange(1, 256) for _ in range(500)) + b"\0"
        frames = [frame(sent) for sent in bodies] + [b"\0" + cobs.encode(bytes(bad_crc)) + b"\0", too_long]
        rng.shuffle(frames)
        await bench.send(b"".join([frames[0][rng.randrange(2) :], *frames[1:]]))
        assert bench.happened() == {"good": buffers, "overrun": 1, "bad_crc": 1, "bad_length": 1}
        for sent in [sent for one in frames for sent in bodies if frame(sent) == one][:buffers]:
            bench.sink.stall = 0.3
            assert bytes(await bench.sink.take(len(sent))) == sent
            bench.sink.stall = 1.0
            await ClockCycles(dut.clk, 2)
            await bench.release()
            bench.sink.words.clear()

    await check_resets(dut, work, idle={"s_valid": 0, "release_frame": 0}, times=50)


@cocotb.test()
async def gives_no_verdict_on_a_frame_before_the_reset(dut: Any) -> None:
    """Short frames, so that many a reset comes in the very cycle of a verdict."""
    bench = await Bench(dut).begin()
    bench.sink.stall = 1.0
    buffers = 1 << len(dut.filling)

    async def work(rng: random.Random) -> None:
        bench.events.clear()
        good = frame(body(0, rng, zeros=0.0))
        bad_crc = b"\0" + cobs.encode(body(0, rng) + b"abcd") + b"\0"
        data, events = rng.choice(
            [
                (good, {"good": 1}),
                (bad_crc, {"bad_crc": 1}),
                (b"\0\x05ab\0", {"bad_length": 1}),
                ((buffers + 1) * good, {"good": buffers, "overrun": 1}),
                ((buffers + 1) * good, {"good": buffers, "overrun": 1}),
            ]
        )
        await bench.send(data)
        assert bench.happened() == events

    await check_resets(dut, work, idle={"s_valid": 0, "release_frame": 0}, times=1400 // buffers)


@cocotb.test()
async def releases_nothing(dut: Any) -> None:
    bench = await Bench(dut).begin()
    await bench.release()


@cocotb.test()
async def counts_more_frames_than_fit(dut: Any) -> None:
    await Bench(dut).begin()
    await FallingEdge(dut.clk)
    dut.inner.waiting.value = (1 << len(dut.inner.filling)) + 1
    await ClockCycles(dut.clk, 3)


@cocotb.test()
async def changes_a_byte(dut: Any) -> None:
    bench = await Bench(dut).begin()
    bench.sink.stall = 1.0
    await bench.send(frame(body(3, random.Random(7))))
    await FallingEdge(dut.clk)
    dut.inner.m_data.value = int(dut.inner.m_data.value) ^ 1
    await ClockCycles(dut.clk, 3)


@cocotb.test()
async def reads_where_it_writes(dut: Any) -> None:
    bench = await Bench(dut).begin()
    await bench.send(frame(body(3, random.Random(8)))[:-1])
    await FallingEdge(dut.clk)
    dut.inner.waiting.value = 1
    dut.inner.read_address.value = int(dut.inner.length.value)
    dut.inner.left.value = 5
    dut.s_valid.value = 1
    dut.s_data.value = 5
    await ClockCycles(dut.clk, 3)


GOOD = [
    gives_good_frames_byte_for_byte.name,
    drops_and_counts_bad_frames.name,
    keeps_as_many_frames_as_it_has_buffers.name,
    begins_anew_after_a_reset.name,
    gives_no_verdict_on_a_frame_before_the_reset.name,
]


@pytest.mark.parametrize("frames", [2, 8])
def test_frame_rx(frames: int) -> None:
    check(__file__, "hwf_frame_rx", {"FRAMES": frames}, tests=GOOD)


@pytest.mark.parametrize(
    ("misuse", "assertion"),
    [
        (releases_nothing.name, "only_a_waiting_frame_is_released"),
        (counts_more_frames_than_fit.name, "no_more_frames_wait_than_there_are_buffers"),
        (changes_a_byte.name, "a_byte_is_held_until_it_is_read"),
        (reads_where_it_writes.name, "a_byte_is_not_read_while_it_is_written"),
    ],
)
def test_assertions_fire(misuse: str, assertion: str) -> None:
    check_assertion_fires(__file__, "hwf_frame_rx", assertion, tests=[misuse])
