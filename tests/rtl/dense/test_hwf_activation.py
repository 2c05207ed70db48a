"""hwf_activation: the lanes' activations fold by fold, or none, where `en` stops at random."""

import random
from bisect import bisect_right
from typing import Any

import cocotb
import pytest
from cocotb.triggers import ReadOnly, RisingEdge
from dense.test_hwf_threshold import channels, images
from harness import check, simulate
from helpers.reset import check_resets
from helpers.streams import start

pytestmark = pytest.mark.slow

STEPS, DESCENDING, X_BITS = 3, 1, 7


def lane_files(lanes: int, folds: int) -> dict[str, str]:
    """Images of each lane; lane p has the channels that test_hwf_threshold makes of folds + p, its first folds of them."""
    return {
        name.replace("t_", f"t{lane:03d}_"): "".join(text.splitlines(keepends=True)[: folds << int(name[2])])
        for lane in range(lanes)
        for name, text in images(folds + lane, 2, STEPS, DESCENDING, X_BITS).items()
    }


def activated(value: int, lane: int, fold: int, folds: int) -> int:
    levels, down = channels(folds + lane, STEPS, DESCENDING, X_BITS)[fold]
    reached = bisect_right(levels, value)
    return STEPS - reached if down else reached


async def activate(dut: Any, rng: random.Random, beats: int) -> None:
    """Beats with pauses between them, and each as it is to be, COUNT_BITS cycles with `en` later."""
    lanes, folds, count_bits, y_bits = (
        int(getattr(dut, name).value) for name in ("PE", "FOLDS", "COUNT_BITS", "Y_BITS")
    )
    come, moves = rng.choice((0.4, 1)), rng.choice((0.4, 1))
    on_the_way: list[list[int] | None] = [None] * (count_bits + 1)
    values, fold, given = [0] * lanes, 0, 0
    while given < beats:
        comes, en = rng.random() < come, rng.random() < moves
        dut.s_comes.value, dut.en.value = comes, en
        dut.s_data.value = sum((value % (1 << X_BITS)) << (p * X_BITS) for p, value in enumerate(values))
        await ReadOnly()
        assert bool(dut.m_valid.value) == (on_the_way[-1] is not None)
        if on_the_way[-1] is not None:
            word = int(dut.m_data.value)
            told = [word >> (p * y_bits) & ((1 << y_bits) - 1) for p in range(lanes)]
            assert told == on_the_way[-1]
            given += en
        await RisingEdge(dut.clk)
        if not en:
            continue
        values = [rng.randint(-(1 << (X_BITS - 1)), (1 << (X_BITS - 1)) - 2) for _ in range(lanes)]
        results = [activated(value, p, fold, folds) if count_bits else value for p, value in enumerate(values)]
        on_the_way = [[y % (1 << y_bits) for y in results] if comes else None, *on_the_way[:-1]]
        fold = (fold + comes) % folds


@cocotb.test()
async def activates(dut: Any) -> None:
    await start(dut, sources=(), sinks=())
    await check_resets(dut, lambda rng: activate(dut, rng, rng.randint(1, 30)), idle={"s_comes": 0, "en": 0})


@pytest.mark.parametrize(("lanes", "folds", "count_bits"), [(1, 1, 2), (3, 5, 2), (2, 4, 2), (1, 1, 0), (3, 2, 0)])
def test_activation(lanes: int, folds: int, count_bits: int) -> None:
    some = {"COUNT_BITS": 2, "STEPS": STEPS, "DESCENDING": DESCENDING, "Y_BITS": 2} if count_bits else {"Y_BITS": 5}
    parameters = {"PE": lanes, "FOLDS": folds, "X_BITS": X_BITS, "FILE": "t"} | some
    check(__file__, "hwf_activation", parameters, files=lane_files(lanes, folds))


def test_illegal_parameters_do_not_build() -> None:
    with pytest.raises(AssertionError, match="hwf_activation: "):
        simulate(__file__, "hwf_activation", {"X_BITS": 4, "Y_BITS": 5})
