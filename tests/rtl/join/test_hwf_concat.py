"""hwf_concat: the branches' vectors one behind another, or side by side, whoever stalls."""

import random
from typing import Any

import cocotb
import pytest
from cocotb.triggers import RisingEdge
from harness import check, check_assertion_fires
from helpers.bundle import Bundle
from helpers.reset import check_resets
from helpers.streams import STALLS, Sink, Source, start

pytestmark = pytest.mark.slow

Work = tuple[list[list[int]], list[int]]


async def begin(dut: Any) -> tuple[Bundle, list[Source], Sink]:
    concat = Bundle(dut, s=int(dut.BRANCHES.value))
    clock = await start(concat, sources=concat.names("s"))
    sources = [Source(concat, name, clock=clock, seed=i) for i, name in enumerate(concat.names("s"))]
    return concat, sources, Sink(dut, clock=clock)


def vectors(dut: Any, rng: random.Random, count: int) -> Work:
    """The beats of each branch, and what comes of them."""
    branches, width, whole = (int(getattr(dut, name).value) for name in ("BRANCHES", "WIDTH", "WHOLE"))
    beats = [int(dut.BEATS.value) >> 32 * b & 0xFFFFFFFF for b in range(branches)]
    sent: list[list[int]] = [[] for _ in range(branches)]
    out: list[int] = []
    for _ in range(count):
        parts = [[rng.getrandbits(width) for _ in range(number)] for number in beats]
        for own, part in zip(sent, parts, strict=True):
            own += part
        out += [sum(p[0] << width * b for b, p in enumerate(parts))] if whole else [w for part in parts for w in part]
    return sent, out


async def pass_vectors(dut: Any, sources: list[Source], sink: Sink, rng: random.Random, count: int) -> None:
    sink.words.clear()
    sink.stall = rng.choice(STALLS)[1]
    sent, out = vectors(dut, rng, count)
    tasks = []
    for source, words in zip(sources, sent, strict=True):
        source.stall = rng.choice(STALLS)[0]
        tasks.append(cocotb.start_soon(source.send(words)))
    try:
        assert await sink.take(len(out)) == out
        for task in tasks:
            await task
    finally:
        for task in tasks:
            task.cancel()


@cocotb.test()
async def puts_vectors_one_behind_another(dut: Any) -> None:
    _, sources, sink = await begin(dut)
    rng = random.Random(cocotb.RANDOM_SEED)
    for _ in range(12):
        await pass_vectors(dut, sources, sink, rng, 20)


@cocotb.test()
async def puts_them_after_a_reset(dut: Any) -> None:
    concat, sources, sink = await begin(dut)
    idle = {f"{name}_valid": 0 for name in concat.names("s")}
    await check_resets(concat, lambda rng: pass_vectors(dut, sources, sink, rng, 5), idle=idle)


@cocotb.test()
async def passes_a_beat_a_cycle_at_once(dut: Any) -> None:
    _, sources, sink = await begin(dut)
    sent, out = vectors(dut, random.Random(2), 10)
    for source, words in zip(sources, sent, strict=True):
        cocotb.start_soon(source.send(words))
    await sink.take(len(out))
    assert sink.given == list(range(sink.given[0], sink.given[0] + len(out)))
    assert set(sink.given) == {cycle for source in sources for cycle in source.taken}


@cocotb.test()
async def changes_a_stalled_beat(dut: Any) -> None:
    await start(Bundle(dut, s=2), sources=["s0", "s1"])
    dut.s_valid.value = 3
    dut.s_data.value = 0
    for _ in range(2):
        await RisingEdge(dut.clk)
    dut.s_data.value = 1
    for _ in range(3):
        await RisingEdge(dut.clk)


GOOD = [puts_vectors_one_behind_another.name, puts_them_after_a_reset.name, passes_a_beat_a_cycle_at_once.name]


@pytest.mark.parametrize(
    ("beats", "width", "whole"), [((2, 1), 3, 0), ((1, 4, 3), 8, 0), ((5,), 2, 0), ((1, 1, 1), 4, 1)]
)
def test_concat(beats: tuple[int, ...], width: int, whole: int) -> None:
    value = sum(number << 32 * b for b, number in enumerate(beats))
    parameters: dict[str, int | str] = {
        "BRANCHES": len(beats),
        "WIDTH": width,
        "BEATS": f"{32 * len(beats)}'h{value:x}",
        "WHOLE": whole,
    }
    check(__file__, "hwf_concat", parameters, tests=GOOD)


def test_assertion_fires() -> None:
    check_assertion_fires(__file__, "hwf_concat", "a_stalled_beat_is_held", tests=[changes_a_stalled_beat.name])
