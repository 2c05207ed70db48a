"""hwf_transpose: every matrix leaves transposed, whoever stalls; in as many cycles as it has beats."""

import random
from typing import Any

import cocotb
import pytest
from cocotb.triggers import RisingEdge
from harness import check, check_assertion_fires
from helpers.reset import check_resets
from helpers.streams import Sink, Source, pass_words, start

pytestmark = pytest.mark.slow


async def begin(dut: Any) -> tuple[Source, Sink]:
    clock = await start(dut)
    return Source(dut, clock=clock), Sink(dut, clock=clock)


def matrices(dut: Any, rng: random.Random, count: int) -> tuple[list[int], list[int]]:
    """The beats of random matrices, and those of their transposes."""
    rows, columns, inner, lanes, width = (
        int(getattr(dut, name).value) for name in ("ROWS", "COLUMNS", "INNER", "LANES", "WIDTH")
    )

    def beats(elements: list[int]) -> list[int]:
        return [
            sum(value << width * i for i, value in enumerate(elements[at : at + lanes]))
            for at in range(0, len(elements), lanes)
        ]

    sent: list[int] = []
    out: list[int] = []
    for _ in range(count):
        x = [rng.getrandbits(width) for _ in range(rows * columns * inner)]
        sent += beats(x)
        out += beats(
            [x[(r * columns + c) * inner + i] for c in range(columns) for r in range(rows) for i in range(inner)]
        )
    return sent, out


async def pass_matrices(dut: Any, source: Source, sink: Sink, rng: random.Random, count: int) -> None:
    await pass_words(source, sink, rng, *matrices(dut, rng, count))


@cocotb.test()
async def transposes(dut: Any) -> None:
    source, sink = await begin(dut)
    rng = random.Random(cocotb.RANDOM_SEED)
    for _ in range(8):
        await pass_matrices(dut, source, sink, rng, 6)


@cocotb.test()
async def transposes_after_a_reset(dut: Any) -> None:
    source, sink = await begin(dut)
    await check_resets(dut, lambda rng: pass_matrices(dut, source, sink, rng, 3), idle={"s_valid": 0}, times=30)


@cocotb.test()
async def takes_and_gives_a_beat_a_cycle(dut: Any) -> None:
    source, sink = await begin(dut)
    sent, out = matrices(dut, random.Random(2), 6)
    cocotb.start_soon(source.send(sent))
    assert await sink.take(len(out)) == out
    beats = len(sent) // 6
    assert source.taken == list(range(source.taken[0], source.taken[0] + len(sent)))
    assert sink.given == list(range(source.taken[0] + beats + 1, source.taken[0] + beats + 1 + len(out)))


@cocotb.test()
async def changes_a_stalled_beat(dut: Any) -> None:
    await begin_stalled(dut)
    dut.inner.place.value = int(dut.inner.place.value) ^ 1
    for _ in range(3):
        await RisingEdge(dut.clk)


async def begin_stalled(dut: Any) -> None:
    """A beat waits that nobody takes, of a matrix of different elements."""
    clock = await start(dut)
    source = Source(dut, clock=clock)
    await source.send([0x21, 0x43, 0x65, 0x87, 0xA9, 0xCB, 0xED, 0x0F, 0x1E, 0x2D, 0x3C, 0x4B])
    for _ in range(4):
        await RisingEdge(dut.clk)


@cocotb.test()
async def writes_over_what_is_read(dut: Any) -> None:
    await begin_stalled(dut)
    dut.s_valid.value = 1
    dut.m_ready.value = 1
    dut.inner.write_address.value = dut.inner.read_address.value
    for _ in range(12):
        dut.inner.write_address.value = int(dut.inner.read_address.value)
        await RisingEdge(dut.clk)


GOOD = [transposes.name, transposes_after_a_reset.name, takes_and_gives_a_beat_a_cycle.name]


@pytest.mark.parametrize(
    ("rows", "columns", "inner", "lanes", "width"),
    [(4, 6, 1, 2, 4), (3, 2, 3, 1, 5), (1, 1, 1, 1, 1), (4, 4, 1, 4, 3)],
)
def test_transpose(rows: int, columns: int, inner: int, lanes: int, width: int) -> None:
    parameters: dict[str, int | str] = {
        "ROWS": rows, "COLUMNS": columns, "INNER": inner, "LANES": lanes, "WIDTH": width,
    }  # fmt: skip
    check(__file__, "hwf_transpose", parameters, tests=GOOD)


@pytest.mark.parametrize(
    ("assertion", "misuse"),
    [
        ("a_stalled_beat_is_held", changes_a_stalled_beat.name),
        ("a_word_is_not_read_while_it_is_written", writes_over_what_is_read.name),
    ],
)
def test_assertions_fire(assertion: str, misuse: str) -> None:
    check_assertion_fires(__file__, "hwf_transpose", assertion, tests=[misuse])
