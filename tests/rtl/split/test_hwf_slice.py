"""hwf_slice: of each vector the part passes and nothing else, whoever stalls."""

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


def vectors(dut: Any, rng: random.Random, count: int) -> tuple[list[int], list[int]]:
    """The beats of so many vectors, and those that pass."""
    names = ("WIDTH", "S_LANES", "M_LANES", "OFFSET", "BEATS", "FIRST", "COUNT")
    width, lanes, passing, offset, beats, first, number = (int(getattr(dut, name).value) for name in names)
    sent = [rng.getrandbits(width * lanes) for _ in range(count * beats)]
    out = [word >> offset * width & (1 << passing * width) - 1
           for i, word in enumerate(sent) if first <= i % beats < first + number]  # fmt: skip
    return sent, out


async def pass_vectors(dut: Any, source: Source, sink: Sink, rng: random.Random, count: int) -> None:
    await pass_words(source, sink, rng, *vectors(dut, rng, count))


@cocotb.test()
async def passes_the_part(dut: Any) -> None:
    source, sink = await begin(dut)
    rng = random.Random(cocotb.RANDOM_SEED)
    for _ in range(12):
        await pass_vectors(dut, source, sink, rng, 10)


@cocotb.test()
async def passes_it_after_a_reset(dut: Any) -> None:
    source, sink = await begin(dut)
    await check_resets(dut, lambda rng: pass_vectors(dut, source, sink, rng, 4), idle={"s_valid": 0}, times=30)


@cocotb.test()
async def takes_a_beat_a_cycle_and_passes_it_at_once(dut: Any) -> None:
    source, sink = await begin(dut)
    sent, out = vectors(dut, random.Random(2), 5)
    task = cocotb.start_soon(source.send(sent))
    assert await sink.take(len(out)) == out
    await task
    assert source.taken == list(range(source.taken[0], source.taken[0] + len(sent)))
    beats, first, count = (int(getattr(dut, name).value) for name in ("BEATS", "FIRST", "COUNT"))
    assert sink.given == [cycle for i, cycle in enumerate(source.taken) if first <= i % beats < first + count]


@cocotb.test()
async def drops_while_nobody_takes(dut: Any) -> None:
    """What does not pass waits for nobody."""
    source = Source(dut, clock=await start(dut))
    await source.send([1] * int(dut.FIRST.value), limit=2)


@cocotb.test()
async def changes_a_stalled_beat(dut: Any) -> None:
    source = Source(dut, clock=await start(dut))
    await source.send([0] * int(dut.FIRST.value))
    dut.s_valid.value = 1
    for word in (0, 0, 1, 1, 1):
        dut.s_data.value = word
        await RisingEdge(dut.clk)


GOOD = [passes_the_part.name, passes_it_after_a_reset.name, takes_a_beat_a_cycle_and_passes_it_at_once.name,
        drops_while_nobody_takes.name]  # fmt: skip


@pytest.mark.parametrize(
    ("lanes", "passing", "offset", "beats", "first", "count"),
    [(1, 1, 0, 4, 1, 2), (3, 3, 0, 5, 4, 1), (7, 3, 2, 1, 0, 1), (2, 2, 0, 2, 0, 2)],
)
def test_slice(lanes: int, passing: int, offset: int, beats: int, first: int, count: int) -> None:
    parameters: dict[str, int | str] = {
        "WIDTH": 3, "S_LANES": lanes, "M_LANES": passing, "OFFSET": offset, "BEATS": beats, "FIRST": first, "COUNT": count,
    }  # fmt: skip
    check(__file__, "hwf_slice", parameters, tests=GOOD)


def test_assertion_fires() -> None:
    check_assertion_fires(__file__, "hwf_slice", "a_stalled_beat_is_held", tests=[changes_a_stalled_beat.name])
