"""hwf_signs: the weights of every slot, with pauses, for shapes narrow and wide, after resets at any moment."""

import random
from typing import Any

import cocotb
import pytest
from cocotb.triggers import ReadOnly, RisingEdge
from harness import check, simulate
from helpers.reset import check_resets
from helpers.streams import start

pytestmark = pytest.mark.slow

SEED, FOLDS = 0x2545F491, 3


def bits(count: int) -> list[int]:
    """The sequence, as the header has it."""
    found = [SEED >> n & 1 for n in range(31)]
    while len(found) < count:
        found.append(found[-31] ^ found[-28])
    return found


async def check_slots(dut: Any, rng: random.Random, cycles: int) -> None:
    """Slots of vectors one behind another, some of them late, some looked at before they are done."""
    pe, simd, beats = (int(getattr(dut, name).value) for name in ("PE", "SIMD", "BEATS"))
    wanted = bits(FOLDS * pe + beats * simd)
    pause = rng.choice([0.0, 0.3])
    slot, read = 0, None
    for _ in range(cycles):
        fold, beat = divmod(slot, beats)
        en = rng.random() >= pause
        done = en and rng.random() >= pause
        dut.en.value, dut.next.value = int(en), int(done)
        dut.last_beat.value = int(beat == beats - 1)
        dut.last_slot.value = int(slot == FOLDS * beats - 1)
        await ReadOnly()
        if read is not None:
            data, (row, column) = int(dut.data.value), read
            found = [[data >> (p * simd + i) & 1 for i in range(simd)] for p in range(pe)]
            assert found == [wanted[row + p + column : row + p + column + simd] for p in range(pe)]
        await RisingEdge(dut.clk)
        read = (fold * pe, beat * simd) if en else read
        slot = (slot + done) % (FOLDS * beats)


@cocotb.test()
async def gives_the_weights_of_every_slot_after_any_reset(dut: Any) -> None:
    await start(dut, sources=(), sinks=())
    await check_resets(dut, lambda rng: check_slots(dut, rng, rng.randint(1, 80)), idle={"next": 0, "en": 0}, times=30)


@pytest.mark.parametrize(("pe", "simd", "beats"), [(1, 1, 5), (4, 40, 3), (3, 7, 1)])
def test_signs(pe: int, simd: int, beats: int) -> None:
    check(__file__, "hwf_signs", {"PE": pe, "SIMD": simd, "BEATS": beats, "SEED": SEED})


def test_illegal_parameters_do_not_build() -> None:
    with pytest.raises(AssertionError, match="hwf_signs: "):
        simulate(__file__, "hwf_signs", {"SEED": 0})
