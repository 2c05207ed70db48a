"""hwf_can_times: gap, age and patience of times at all thresholds, in the cycle that the header says; starts in mid-work."""

import random
from typing import Any

import cocotb
import pytest
from can_features_trial import random_habit
from cocotb.triggers import ClockCycles, ReadOnly, RisingEdge
from harness import check
from helpers.can_block import break_off, run, serve
from helpers.cycles import begin

from hwflow.apps.can_ids.profile import Profile
from hwflow.apps.can_ids.profile_image import SHARES, profile_image

pytestmark = pytest.mark.slow
GAP, GAP_SHARE, AGE_SHARE = (500, 1200, 3000, 8000), (4, 16, 32, 48, 96), (16, 32, 48, 60, 68, 96, 192)
TIMES = 2  # the first word of last and trusted time
CYCLES, PATIENCE = 36, 21


def levels(value: float, of: tuple[int, ...]) -> int:
    return sum((value >= level) << bit for bit, level in enumerate(of))


def near(rng: random.Random, period: int) -> int:
    """Microseconds that lie at one of the thresholds, or anywhere."""
    share = rng.choice((*SHARES, 64, 128, 640, 63 * 64, 64 * 64, 65 * 64, 200 * 64))
    at = rng.choice((rng.choice(GAP), -(-share * period // 64), rng.randint(0, 1 << rng.randint(1, 45))))
    return min(max(0, at + rng.randint(-1, 1)), 1 << 45)


async def one(dut: Any, rng: random.Random) -> None:
    habit = random_habit(rng)
    gap = near(rng, habit.period)
    age = rng.choice((gap, max(gap, near(rng, habit.period))))
    now = rng.randint(age, (1 << 47) - 1)
    seen, trusted = rng.choice(((0, 0), (1, 0), (1, 1), (1, 1), (1, 1)))
    block = profile_image(Profile({1: habit})).words[0].tolist()
    for at, (there, ago) in enumerate(((seen, gap), (trusted, age))):
        stamp = (now - ago) | there << 47
        block[TIMES + 3 * at : TIMES + 3 * at + 3] = [stamp >> shift & 0xFFFF for shift in (0, 16, 32)]
    dut.now.value = now
    serving = cocotb.start_soon(serve(dut, block))
    try:
        await run(dut, CYCLES)
        await ReadOnly()
        found = [int(getattr(dut, name).value) for name in ("seen", "dlc", "gap", "gap_share", "age_share")]
        never = float("inf")
        gap_seen, age_seen = gap if seen else never, age if trusted else never
        shares = [64 * value // habit.period if value != never else never for value in (gap_seen, age_seen)]
        assert found == [
            seen,
            habit.dlc,
            levels(gap_seen, GAP),
            levels(shares[0], GAP_SHARE),
            levels(shares[1], AGE_SHARE),
        ]
        await ClockCycles(dut.clk, PATIENCE)
        await ReadOnly()
        assert min(int(dut.patience.value), 64) == (min(age // habit.period, 64) if trusted else 64)
        await RisingEdge(dut.clk)
    finally:
        serving.cancel()


@cocotb.test()
async def tells_times(dut: Any) -> None:
    await begin(dut, start=0, now=0, word=0)
    rng = random.Random(cocotb.RANDOM_SEED)
    for _ in range(400):
        if rng.random() < 0.5:  # one that is broken off by the next start
            await break_off(dut, one(dut, rng), rng.randint(1, 45))
        await one(dut, rng)


def test_tells_times() -> None:
    check(__file__, "hwf_can_times")
