"""hwf_arriving: each row times the value of its source, axons and neurons in any order."""

import random
from typing import Any

import cocotb
import pytest
from harness import check, check_assertion_fires
from helpers.cycles import begin, corner, cycle, pack, unpack
from helpers.reset import check_resets

pytestmark = pytest.mark.slow
NAMES = ("LANES", "WEIGHT_BITS", "GRADED")
IDLE = dict.fromkeys(("take_axon", "take_fired", "next_value", "beat", "weight1", "weight2"), 0)


async def rows(dut: Any, rng: random.Random, count: int) -> None:
    """Sources with rows of some words each, as hwf_sequence has them: 2 cycles from a row's last word to the next source."""
    lanes, bits, graded = (int(getattr(dut, name).value) for name in NAMES)
    half, value = 1 << bits - 1, 1
    before: list[int] | None = None  # the weights of the beat of the cycle before, of which weight1 is now
    wanted: list[int] | None = None  # what arrives in this cycle
    for _ in range(count):
        axon = rng.random() < 0.7
        given = corner(rng, 1, 255)
        words = [[corner(rng, -half, half - 1) for _ in range(lanes)] for _ in range(rng.randint(1, 4))]
        for word in [None, *words, None, None]:
            first = word is None and before is None and wanted is None
            named = {"take_axon": first and axon, "take_fired": first and not axon}
            other = rng.getrandbits(lanes * bits)
            # Between the beats weight1 is anything, and weight2, which is weight1 or zero, zero.
            weight1 = pack(before, bits) if before else other
            weight2 = pack([w & (1 << bits) - 1 for w in wanted], bits) if wanted and not graded else 0
            (seen,) = await cycle(
                dut, "arrives2", beat=word is not None, weight1=weight1, weight2=weight2, next_value=given, **named
            )
            assert unpack(seen, lanes, bits + 8 * graded, signed=True) == (wanted or [0] * lanes)
            if first:
                value = given if axon and graded else 1
            wanted, before = [w * value for w in before] if before else None, word
        assert before is None and wanted is None


@cocotb.test()
async def multiplies_rows(dut: Any) -> None:
    await begin(dut, **IDLE)
    await cycle(dut)
    await rows(dut, random.Random(23), 150)


@cocotb.test()
async def multiplies_them_after_a_reset(dut: Any) -> None:
    await begin(dut, **IDLE)

    async def work(rng: random.Random) -> None:
        await cycle(dut)
        await cycle(dut)
        await rows(dut, rng, 5)

    await check_resets(dut, work, idle=IDLE)


@cocotb.test()
async def takes_an_axon_without_a_value(dut: Any) -> None:
    await begin(dut, **IDLE)
    await cycle(dut, take_axon=1)
    await cycle(dut)


@pytest.mark.parametrize("sizes", [(1, 2, 0), (4, 8, 0), (1, 2, 1), (2, 5, 1), (8, 8, 1)])
def test_arriving(sizes: tuple[int, ...]) -> None:
    tests = [multiplies_rows.name, multiplies_them_after_a_reset.name]
    check(__file__, "hwf_arriving", dict(zip(NAMES, sizes, strict=True)), tests=tests)


def test_assertion_fires() -> None:
    tests = [takes_an_axon_without_a_value.name]
    check_assertion_fires(__file__, "hwf_arriving", "an_axon_that_is_taken_has_a_value", {"GRADED": 1}, tests=tests)
