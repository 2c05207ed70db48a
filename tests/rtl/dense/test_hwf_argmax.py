"""hwf_argmax: the first greatest score of each vector, its latency and rate, under random stalls."""

import random
from typing import Any

import cocotb
import pytest
from cocotb.triggers import RisingEdge
from harness import check, check_assertion_fires
from helpers.reset import check_resets
from helpers.streams import STALLS, Sink, Source, start
from helpers.vectors import beats

pytestmark = pytest.mark.slow

X_BITS = 4
GAIN_BITS = 3
OFFSET_BITS = 5


def constants(rows: int) -> list[tuple[int, int]]:
    """Gain and offset of each channel: known to both sides."""
    generator = random.Random(rows)
    return [(generator.randint(-4, 3), generator.randint(-16, 15)) for _ in range(rows)]


def image(rows: int, pe: int, own: bool) -> str:
    lanes = []
    for gain, offset in constants(rows):
        word = gain % (1 << GAIN_BITS) if own else 0
        lanes.append(word | (offset % (1 << OFFSET_BITS)) << (GAIN_BITS if own else 0))
    bits = OFFSET_BITS + (GAIN_BITS if own else 0)
    return "".join(f"{word:x}\n" for word in beats(lanes, pe, bits))


def random_vectors(dut: Any, count: int, rng: random.Random) -> tuple[list[int], list[int]]:
    """Vectors' beats and their classes."""
    names = ("ROWS", "PE", "X_SIGNED", "SHIFT", "GAIN_BITS", "OFFSET_BITS")
    rows, pe, x_signed, shift, gain_bits, offset_bits = (int(getattr(dut, n).value) for n in names)
    sent, classes = [], []
    for _ in range(count):
        vector = [rng.getrandbits(X_BITS) for _ in range(rows)]
        sent += beats(vector, pe, X_BITS, filler=(1 << X_BITS) - 1)
        values = [x - (1 << X_BITS) if x_signed and x >> (X_BITS - 1) else x for x in vector]
        scores = [
            x * (gain if gain_bits else 1 << shift) + (offset if offset_bits else 0)
            for x, (gain, offset) in zip(values, constants(rows), strict=True)
        ]
        classes.append(scores.index(max(scores)))
    return sent, classes


@cocotb.test()
async def finds_the_first_greatest(dut: Any) -> None:
    clock = await start(dut)
    source, sink = Source(dut, clock=clock), Sink(dut, clock=clock)
    rng = random.Random(cocotb.RANDOM_SEED)
    for source.stall, sink.stall in STALLS:
        sent, classes = random_vectors(dut, 40, rng)
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
async def answers_when_its_header_says(dut: Any) -> None:
    rows, pe = int(dut.ROWS.value), int(dut.PE.value)
    clock = await start(dut)
    source, sink = Source(dut, clock=clock), Sink(dut, clock=clock)
    count = -(-rows // pe)
    await source.send([0] * (count * 6))
    await sink.take(6)
    assert source.taken == list(range(source.taken[0], source.taken[0] + count * 6))
    lasts = source.taken[count - 1 :: count]
    assert sink.given == [last + 2 + (pe - 1).bit_length() for last in lasts]


@cocotb.test()
async def changes_a_stalled_class(dut: Any) -> None:
    await start(dut)
    dut.s_valid.value = 1
    dut.s_data.value = 0
    for _ in range(12):
        await RisingEdge(dut.clk)
    dut.inner.m_data.value = int(dut.inner.m_data.value) ^ 1
    for _ in range(3):
        await RisingEdge(dut.clk)


GOOD = [finds_the_first_greatest.name, finds_it_after_a_reset.name, answers_when_its_header_says.name]


@pytest.mark.parametrize(
    ("rows", "pe", "x_signed", "shift", "own", "offset"),
    [(5, 5, 1, 0, 0, 0), (5, 2, 1, 2, 0, 1), (10, 4, 0, 0, 1, 1), (1, 1, 1, 0, 0, 0), (7, 1, 0, 1, 0, 1)],
)
def test_argmax(rows: int, pe: int, x_signed: int, shift: int, own: int, offset: int) -> None:
    parameters = {
        "ROWS": rows,
        "PE": pe,
        "X_BITS": X_BITS,
        "X_SIGNED": x_signed,
        "SHIFT": shift,
        "GAIN_BITS": GAIN_BITS * own,
        "OFFSET_BITS": OFFSET_BITS * offset,
        "SCORE_BITS": 12,
        "CONSTANTS": "c.hex",
    }
    check(__file__, "hwf_argmax", parameters, tests=GOOD, files={"c.hex": image(rows, pe, bool(own))})


def test_assertion_fires() -> None:
    tests = [changes_a_stalled_class.name]
    check_assertion_fires(__file__, "hwf_argmax", "a_stalled_class_is_held", tests=tests)
