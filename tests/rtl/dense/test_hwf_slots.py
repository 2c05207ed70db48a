"""hwf_slots: the passes over a vector, under stalls of the stream and of `en`."""

import random
from typing import Any

import cocotb
import pytest
from cocotb.triggers import ReadOnly, RisingEdge
from harness import check
from helpers.reset import check_resets
from helpers.streams import start

pytestmark = pytest.mark.slow


async def pass_vectors(dut: Any, rng: random.Random, vectors: int) -> None:
    """Vectors in, and each slot as the header has it: its number, what it is the last of, and a cycle later its beat."""
    folds, beats, width = (int(getattr(dut, name).value) for name in ("FOLDS", "BEATS", "WIDTH"))
    offered, moves = rng.choice((0.3, 0.8, 1)), rng.choice((0.3, 0.8, 1))
    expected: int | None = None  # x, where a slot was taken in the last cycle with `en`
    for _ in range(vectors):
        vector = [rng.getrandbits(width) for _ in range(beats)]
        slot = 0
        while slot < folds * beats:
            first, beat = slot < beats, slot % beats
            valid, en = rng.random() < offered, rng.random() < moves
            dut.s_valid.value, dut.en.value = valid, en
            dut.s_data.value = vector[beat] if first and valid else rng.getrandbits(width)
            await ReadOnly()
            taken = en and (valid or not first)
            assert (bool(dut.taken.value), bool(dut.s_ready.value)) == (taken, en and first)
            assert (int(dut.slot.value), bool(dut.last_beat.value)) == (slot, beat == beats - 1)
            assert bool(dut.last_slot.value) == (slot == folds * beats - 1)
            assert expected is None or int(dut.x.value) == expected
            await RisingEdge(dut.clk)
            expected = vector[beat] if taken else None if en else expected
            slot += taken


@cocotb.test()
async def takes_every_slot(dut: Any) -> None:
    await start(dut, sinks=())
    await check_resets(dut, lambda rng: pass_vectors(dut, rng, rng.randint(1, 6)), idle={"s_valid": 0, "en": 0})


@pytest.mark.parametrize(("folds", "beats"), [(1, 1), (1, 5), (4, 1), (3, 4)])
def test_slots(folds: int, beats: int) -> None:
    check(__file__, "hwf_slots", {"FOLDS": folds, "BEATS": beats, "WIDTH": 6})
