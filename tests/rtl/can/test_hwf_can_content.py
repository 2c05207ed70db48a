"""hwf_can_content: what a payload says against two others and the habits, in bytes that come at any pace; starts in mid-work."""

import random
from typing import Any

import cocotb
import pytest
from can_features_trial import changes, random_habit
from cocotb.triggers import ClockCycles, ReadOnly, RisingEdge
from harness import check
from helpers.can_block import break_off, serve
from helpers.cycles import begin

from hwflow.apps.can_ids.profile import Habit, Profile
from hwflow.apps.can_ids.profile_image import profile_image

pytestmark = pytest.mark.slow
LAST, TRUSTED = 32, 36  # words of a block


def halves(word: int) -> list[int]:
    return [word >> shift & 0xFFFF for shift in (48, 32, 16, 0)]


def expected(habit: Habit, word: int, last: int, trusted: int, state: dict[str, int]) -> dict[str, int]:
    """The outputs, by the module's header."""
    seen = state["seen"]
    changed, moved = (word ^ last, word ^ trusted) if seen else (0, 0)
    bytes_of = zip(word.to_bytes(8, "big"), trusted.to_bytes(8, "big"), habit.reach, strict=True)
    jump = sum(min(a - b & 255, b - a & 255) > reach for a, b, reach in bytes_of) if seen else 0
    slow, calm = (moved & habit.slow).bit_count(), (changed & habit.slow).bit_count()

    def moves(difference: int) -> bool:
        return not habit.fast or difference & habit.fast != 0

    of_trusted = slow <= 2 + state["patience"] and 2 * jump <= state["patience"] and moves(moved)
    return {
        "changed": changed.bit_count(),
        "slow": slow,
        "strange": ((word ^ habit.value) & habit.still).bit_count(),
        "jump": jump,
        "likely": int(
            not seen
            or (state["late_age"] and of_trusted and not moved & habit.still)
            or (state["late_gap"] and calm <= 2 and moves(changed))
        ),
    }


async def one(dut: Any, rng: random.Random) -> None:
    """One frame, of bytes that come at their own pace."""
    habit = random_habit(rng)
    last = rng.getrandbits(64)
    trusted = last ^ changes(rng, habit) if rng.random() < 0.7 else rng.getrandbits(64)
    word = rng.choice((last, trusted)) ^ changes(rng, habit)
    if rng.random() < 0.5:
        word = word & ~habit.still | habit.value
    block = profile_image(Profile({1: habit})).words[0].tolist()
    block[LAST : LAST + 4], block[TRUSTED : TRUSTED + 4] = halves(last), halves(trusted)
    state = {"seen": int(rng.random() < 0.9), "late_gap": rng.randint(0, 1), "late_age": rng.randint(0, 1)}
    state["patience"] = rng.choice((0, 1, 2, 3, 6, 63, rng.randint(64, 127)))
    for name, value in state.items():
        getattr(dut, name).value = value
    serving = cocotb.start_soon(serve(dut, block, list(word.to_bytes(8, "big"))))
    wait = rng.choice((0.0, 0.0, 0.5, 0.9))
    try:
        dut.start.value = 1
        await RisingEdge(dut.clk)
        dut.start.value = 0
        busy = 0
        while True:
            dut.available.value = rng.random() >= wait
            await ReadOnly()
            busy += int(dut.available.value)
            if int(dut.done.value):
                break
            await RisingEdge(dut.clk)
        assert busy >= 40, "a word a cycle, of five for each byte"
        found = {name: int(getattr(dut, name).value) for name in ("changed", "slow", "strange", "jump", "likely")}
        stuck = (~(word ^ trusted) & habit.fast).bit_count() if state["seen"] else 0
        assert found == expected(habit, word, last, trusted, state)
        assert (int(dut.stuck.value) >= 1, int(dut.stuck.value) >= 2) == (stuck >= 1, stuck >= 2)
        await ClockCycles(dut.clk, rng.randint(1, 5))
        assert int(dut.done.value) and int(dut.slow.value) == found["slow"]
    finally:
        serving.cancel()


@cocotb.test()
async def judges_payloads(dut: Any) -> None:
    inputs = ("start", "seen", "late_gap", "late_age", "patience", "available", "byte_data", "word")
    await begin(dut, **dict.fromkeys(inputs, 0))
    rng = random.Random(cocotb.RANDOM_SEED)
    for _ in range(300):
        if rng.random() < 0.5:  # one that is broken off by the next start
            await break_off(dut, one(dut, rng), rng.randint(1, 45))
            await ReadOnly()
            await RisingEdge(dut.clk)
        await one(dut, rng)


def test_judges_payloads() -> None:
    check(__file__, "hwf_can_content")
