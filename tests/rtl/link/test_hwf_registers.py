"""hwf_registers by itself: counts through their carries, the latency's snapshot, and the assertions.

What the link says of them is tested in test_hwf_link.py.
"""

import random
from typing import Any

import cocotb
import pytest
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, FallingEdge, RisingEdge
from harness import check, check_assertion_fires
from helpers.reset import check_resets
from helpers.streams import reset

pytestmark = pytest.mark.slow
IDLE = dict.fromkeys(("events", "first_byte", "vector_in", "vector_out", "hold", "address"), 0)


async def begin(dut: Any) -> None:
    cocotb.start_soon(Clock(dut.clk, 10, unit="ns").start())
    for name, value in IDLE.items():
        getattr(dut, name).value = value
    await reset(dut)
    await ClockCycles(dut.clk, 70)


async def pulse(dut: Any, name: str, value: int = 1) -> None:
    await FallingEdge(dut.clk)
    getattr(dut, name).value = value
    await FallingEdge(dut.clk)
    getattr(dut, name).value = 0


async def read(dut: Any, address: int, count: int = 4) -> int:
    """A number in the memory, read as the link reads it."""
    await FallingEdge(dut.clk)
    dut.hold.value = 1
    while not int(dut.held.value):
        await FallingEdge(dut.clk)
    value = 0
    for i in range(count + 1):
        dut.address.value = address + i
        await FallingEdge(dut.clk)
        if i > 0:
            value |= int(dut.data.value) << 8 * (i - 1)
    dut.hold.value = 0
    await FallingEdge(dut.clk)
    return value


@cocotb.test()
async def counts_through_every_carry(dut: Any) -> None:
    await begin(dut)
    rng = random.Random(16)
    counts = [0] * 7
    for _ in range(400):
        events = rng.getrandbits(6)
        await pulse(dut, "events", events)
        counts = [count + (events >> i & 1 if i < 6 else 0) for i, count in enumerate(counts)]
        for _ in range(rng.randrange(3)):
            await pulse(dut, "vector_out")
            counts[6] += 1
        await ClockCycles(dut.clk, 64)
    assert [await read(dut, 4 * i) for i in range(7)] == counts
    for byte in range(3):  # each carry, by writing what comes before it into the memory
        dut.memory[byte].value = 255
    await pulse(dut, "events", 1)
    await ClockCycles(dut.clk, 20)
    assert await read(dut, 0) == 1 << 24


@cocotb.test()
async def snapshots_are_of_one_moment(dut: Any) -> None:
    await begin(dut)
    await ClockCycles(dut.clk, 200)
    before = int(dut.cycles.value)
    await pulse(dut, "first_byte")
    await ClockCycles(dut.clk, 10)
    assert 0 <= await read(dut, 0x2A) - before <= 3
    rng = random.Random(17)
    for _ in range(200):
        gap = rng.choice([1, 2, rng.randrange(1, 700)])
        await pulse(dut, "vector_in")
        for _ in range(gap - 1):
            await FallingEdge(dut.clk)
        dut.vector_out.value = 1
        reading = cocotb.start_soon(read(dut, 0x1C))
        await FallingEdge(dut.clk)
        dut.vector_out.value = 0
        assert await reading == gap
        now = int(dut.cycles.value)
        assert 0 < now - await read(dut, 0x20) + 20 < 40


@cocotb.test()
async def counts_from_zero_after_a_reset(dut: Any) -> None:
    await begin(dut)

    async def work(rng: random.Random) -> None:
        counts = [0] * 7
        if rng.random() < 0.5:
            assert await read(dut, 0x1C) == 0
        for _ in range(rng.randrange(1, 4)):
            events, vectors = rng.getrandbits(6), rng.randrange(3)
            await pulse(dut, "events", events)
            await pulse(dut, "vector_in")
            for _ in range(vectors):
                await pulse(dut, "vector_out")
            counts = [n + (events >> i & 1) for i, n in enumerate(counts[:6])] + [counts[6] + vectors]
            await ClockCycles(dut.clk, 128)  # until the counts are cleared, and these are in
        assert [await read(dut, 4 * i) for i in range(7)] == counts

    await check_resets(dut, work, idle=IDLE)


@cocotb.test()
async def numbers_the_session_after_a_reset(dut: Any) -> None:
    """The first byte may come as early as it likes, also while the counts are cleared."""
    await begin(dut)

    async def work(rng: random.Random) -> None:
        await ClockCycles(dut.clk, rng.choice([rng.randint(1, 60), rng.randint(60, 75)]))
        await pulse(dut, "first_byte")
        first = int(dut.cycles.value)
        await ClockCycles(dut.clk, 20)
        assert await read(dut, 0x2A) in (first, first - 1)

    await check_resets(dut, work, idle=IDLE, times=300)


@cocotb.test()
async def repeats_an_event_at_once(dut: Any) -> None:
    await begin(dut)
    dut.events.value = 1
    await ClockCycles(dut.clk, 3)


@cocotb.test()
async def floods_with_vectors(dut: Any) -> None:
    await begin(dut)
    dut.hold.value = 1
    dut.vector_out.value = 1
    for _ in range(300):
        await RisingEdge(dut.clk)


GOOD = [
    counts_through_every_carry.name,
    snapshots_are_of_one_moment.name,
    counts_from_zero_after_a_reset.name,
    numbers_the_session_after_a_reset.name,
]


def test_registers() -> None:
    check(__file__, "hwf_registers", tests=GOOD)


@pytest.mark.parametrize(
    ("misuse", "assertion"),
    [
        (repeats_an_event_at_once.name, "an_event_is_counted_before_it_comes_again"),
        (floods_with_vectors.name, "vectors_are_counted_before_there_are_too_many"),
    ],
)
def test_assertions_fire(misuse: str, assertion: str) -> None:
    check_assertion_fires(__file__, "hwf_registers", assertion, tests=[misuse])
