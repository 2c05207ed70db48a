"""hwf_first_largest: the first greatest score of each vector, its latency and rate, under random stalls."""

import random
from typing import Any

import cocotb
import pytest
from cocotb.triggers import RisingEdge
from harness import check, check_assertion_fires
from helpers.reset import check_resets
from helpers.streams import STALLS, Sink, Source, start

pytestmark = pytest.mark.slow

X_BITS = 4
SCORE_BITS = 10


def constants(rows: int) -> tuple[list[int], list[int]]:
    """Gains and offsets of the channels: known to both sides."""
    generator = random.Random(rows)
    return [generator.randint(-4, 3) for _ in range(rows)], [generator.randint(-16, 15) for _ in range(rows)]


def side_by_side(values: list[int], bits: int) -> int:
    return sum((value % (1 << bits)) << (i * bits) for i, value in enumerate(values))


def random_vectors(dut: Any, count: int, rng: random.Random) -> tuple[list[int], list[int]]:
    """Vectors and their classes."""
    rows, x_signed = int(dut.ROWS.value), int(dut.X_SIGNED.value)
    sent, classes = [], []
    for _ in range(count):
        vector = [rng.getrandbits(X_BITS) for _ in range(rows)]
        sent.append(side_by_side(vector, X_BITS))
        values = [x - (1 << X_BITS) if x_signed and x >> (X_BITS - 1) else x for x in vector]
        scores = [gain * x + offset for x, gain, offset in zip(values, *constants(rows), strict=True)]
        classes.append(scores.index(max(scores)))
    return sent, classes


@cocotb.test()
async def finds_the_first_greatest(dut: Any) -> None:
    clock = await start(dut)
    source, sink = Source(dut, clock=clock), Sink(dut, clock=clock)
    rng = random.Random(cocotb.RANDOM_SEED)
    for source.stall, sink.stall in STALLS:
        sent, classes = random_vectors(dut, 100, rng)
        await source.send(sent)
        assert await sink.take(len(classes)) == classes


@cocotb.test()
async def finds_it_after_a_reset(dut: Any) -> None:
    clock = await start(dut)
    source, sink = Source(dut, clock=clock), Sink(dut, clock=clock)

    async def work(rng: random.Random) -> None:
        sink.words.clear()
        source.stall, sink.stall = rng.choice(STALLS)
        sent, classes = random_vectors(dut, 6, rng)
        await source.send(sent)
        assert await sink.take(len(classes)) == classes

    await check_resets(dut, work, idle={"s_valid": 0})


@cocotb.test()
async def answers_in_the_next_cycle(dut: Any) -> None:
    clock = await start(dut)
    source, sink = Source(dut, clock=clock), Sink(dut, clock=clock)
    await source.send([0] * 6)
    await sink.take(6)
    assert source.taken == list(range(source.taken[0], source.taken[0] + 6))
    assert sink.given == [taken + 1 for taken in source.taken]


@cocotb.test()
async def changes_a_stalled_class(dut: Any) -> None:
    await start(dut)
    dut.s_valid.value = 1
    dut.s_data.value = 0
    for _ in range(4):
        await RisingEdge(dut.clk)
    dut.inner.m_data.value = int(dut.inner.m_data.value) ^ 1
    for _ in range(3):
        await RisingEdge(dut.clk)


GOOD = [finds_the_first_greatest.name, finds_it_after_a_reset.name, answers_in_the_next_cycle.name]


@pytest.mark.parametrize(("rows", "x_signed"), [(5, 1), (10, 0), (1, 1)])
def test_first_largest(rows: int, x_signed: int) -> None:
    gains, offsets = constants(rows)
    wide = rows * SCORE_BITS
    parameters: dict[str, int | str] = {
        "ROWS": rows,
        "X_BITS": X_BITS,
        "X_SIGNED": x_signed,
        "SCORE_BITS": SCORE_BITS,
        "GAINS": f"{wide}'h{side_by_side(gains, SCORE_BITS):x}",
        "OFFSETS": f"{wide}'h{side_by_side(offsets, SCORE_BITS):x}",
    }
    check(__file__, "hwf_first_largest", parameters, tests=GOOD)


def test_assertion_fires() -> None:
    tests = [changes_a_stalled_class.name]
    check_assertion_fires(__file__, "hwf_first_largest", "a_stalled_class_is_held", tests=tests)
