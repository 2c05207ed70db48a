"""hwf_accumulate: sums over passes, where `en` stops at random, and its assertion."""

import random
from collections import deque
from typing import Any

import cocotb
import pytest
from cocotb.triggers import ReadOnly, RisingEdge
from harness import check, check_assertion_fires, simulate
from helpers.reset import check_resets
from helpers.streams import start

pytestmark = pytest.mark.slow


def signed(word: int, bits: int) -> int:
    return word - (1 << bits) if word >> (bits - 1) else word


async def add_up(dut: Any, rng: random.Random, passes: int) -> None:
    """Passes of BEATS beats with pauses between them; `completes` and the sums at the cycle that the header gives."""
    names = ("PE", "X_BITS", "SUM_BITS", "BEATS", "STAGES")
    lanes, bits, sum_bits, beats, stages = (int(getattr(dut, name).value) for name in names)
    come, moves = rng.choice((0.4, 1)), rng.choice((0.4, 1))
    on_the_way: deque[tuple[list[int], list[int] | None] | None] = deque([None] * (stages + 1))
    sums, beat, ended, result = [0] * lanes, 0, 0, None
    while ended < passes:
        taken, en = rng.random() < come, rng.random() < moves
        addends, closed = on_the_way[-1] or ([rng.getrandbits(bits) for _ in range(lanes)], None)
        dut.s_taken.value, dut.en.value = taken, en
        dut.s_last.value = beat == beats - 1 if taken else rng.getrandbits(1)
        dut.s_data.value = sum(word << (p * bits) for p, word in enumerate(addends))
        await ReadOnly()
        # With a register behind the addends the sums follow them, else they are there with them.
        next_one = on_the_way[-1] if beats > 1 else on_the_way[-2]
        assert bool(dut.completes.value) == (next_one is not None and next_one[1] is not None)
        result = closed if beats == 1 else result
        if result is not None:
            word = int(dut.m_data.value)
            assert [signed(word >> (p * sum_bits) & ((1 << sum_bits) - 1), sum_bits) for p in range(lanes)] == result
            ended += en
        await RisingEdge(dut.clk)
        if not en:
            continue
        result = closed
        on_the_way.pop()
        if taken:
            words = [rng.getrandbits(bits) for _ in range(lanes)]
            sums = [total + signed(word, bits) for total, word in zip(sums, words, strict=True)]
            last = beat == beats - 1
            on_the_way.appendleft((words, sums if last else None))
            beat, sums = (0, [0] * lanes) if last else (beat + 1, sums)
        else:
            on_the_way.appendleft(None)


@cocotb.test()
async def adds_up_passes(dut: Any) -> None:
    await start(dut, sources=(), sinks=())
    await check_resets(dut, lambda rng: add_up(dut, rng, rng.randint(1, 12)), idle={"s_taken": 0, "en": 0})


@cocotb.test()
async def adds_up_more_than_fits(dut: Any) -> None:
    await start(dut, sources=(), sinks=())
    dut.s_taken.value, dut.s_last.value, dut.en.value = 1, 0, 1
    dut.s_data.value = 0b0111
    for _ in range(12):
        await RisingEdge(dut.clk)


@pytest.mark.parametrize(("lanes", "beats", "stages"), [(1, 1, 1), (3, 1, 2), (2, 4, 1), (3, 5, 3)])
def test_accumulate(lanes: int, beats: int, stages: int) -> None:
    parameters = {"PE": lanes, "X_BITS": 4, "SUM_BITS": 7, "BEATS": beats, "STAGES": stages}
    check(__file__, "hwf_accumulate", parameters, tests=[adds_up_passes.name])


def test_sum_assertion_fires() -> None:
    tests, name = [adds_up_more_than_fits.name], "the_sum_fits_its_accumulator"
    narrow = {"PE": 1, "X_BITS": 4, "SUM_BITS": 5, "BEATS": 20, "STAGES": 1}
    check_assertion_fires(__file__, "hwf_accumulate", name, narrow, tests=tests)


def test_illegal_parameters_do_not_build() -> None:
    with pytest.raises(AssertionError, match="hwf_accumulate: "):
        simulate(__file__, "hwf_accumulate", {"STAGES": 0})
