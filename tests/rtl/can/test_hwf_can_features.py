"""hwf_can_features: the bits of features.py, of frames that end in all ways, resets in mid-work, and its assertions."""

import random
from typing import Any

import cocotb
import numpy as np
import pytest
from can_features_trial import FAILED_AT_END, build_features, play, random_log, random_profile, some_endings, wrong_bits
from cocotb.triggers import ClockCycles, ReadOnly, RisingEdge
from harness import check, check_assertion_fires
from helpers.reset import check_resets
from helpers.streams import reset, start

from hwflow.apps.can_ids.features import features
from hwflow.apps.can_ids.frame import CanLog
from hwflow.apps.can_ids.profile import Profile
from hwflow.apps.can_ids.profile_image import profile_image

pytestmark = pytest.mark.slow
PULSES = ("started", "id_valid", "byte_valid", "payload_end", "accepted", "failed", "host_valid", "host_write")
IDLE = dict.fromkeys((*PULSES, "enable", "m_ready", "now"), 0)
BIT = 2  # cycles: bits of the receiver are longer, and random ones are in `test_random_frames`
SMALL = {"IDENTIFIERS": 4}


async def load(dut: Any, profile: Profile) -> None:
    """Write the profile and enable it."""
    words = profile_image(profile, 4).words.reshape(-1).tolist()
    dut.enable.value = 0
    dut.host_valid.value = dut.host_write.value = 1
    for address, word in enumerate(words):
        dut.host_address.value, dut.host_data.value = address, word
        await RisingEdge(dut.clk)
    dut.host_valid.value = dut.host_write.value = 0
    dut.count.value = len(profile.habits)
    dut.enable.value = 1
    await RisingEdge(dut.clk)


async def pulse(dut: Any, *names: str) -> None:
    for name in names:
        getattr(dut, name).value = 1
    await RisingEdge(dut.clk)
    for name in names:
        getattr(dut, name).value = 0


async def frame(dut: Any, log: CanLog, row: int, ending: str = "accepted") -> int:
    """One frame, to its end; the word that it gave."""
    dut.now.value = round(float(log.time[row]) * 1e6)
    await pulse(dut, "started")
    await ClockCycles(dut.clk, 11 * BIT)
    dut.extended.value, dut.identifier.value = int(log.extended[row]), int(log.identifier[row])
    await pulse(dut, "id_valid")
    await ClockCycles(dut.clk, 7 * BIT)
    dlc = dut.dlc.value = int(log.dlc[row])
    for index in range(dlc):
        await ClockCycles(dut.clk, 8 * BIT)
        dut.byte_index.value, dut.byte_data.value = index, int(log.payload[row][index])
        await pulse(dut, "byte_valid", *["payload_end"] * (index == dlc - 1))
    if not dlc:
        await pulse(dut, "payload_end")
    for _ in range(200):
        await ReadOnly()
        if int(dut.m_valid.value):
            break
        await RisingEdge(dut.clk)
    word = int(dut.m_data.value)
    await RisingEdge(dut.clk)
    await pulse(dut, "m_ready")
    await pulse(dut, ending)
    await ClockCycles(dut.clk, 18)
    return word


async def begin(dut: Any) -> None:
    for name, value in IDLE.items():
        getattr(dut, name).value = value
    await start(dut, sources=())


def as_word(bits: np.ndarray[Any, Any]) -> int:
    return int.from_bytes(np.packbits(bits, bitorder="little").tobytes(), "little")


@cocotb.test()
async def gives_features_after_a_reset(dut: Any) -> None:
    await begin(dut)

    async def work(rng: random.Random) -> None:
        profile = random_profile(rng, 3)
        log = random_log(rng, profile, 6)
        # Time goes on through a reset.
        log.time[:] += float(int(dut.now.value) + 1) / 1e6
        await load(dut, profile)
        expected = features(log, profile)
        for row in range(len(log)):
            assert await frame(dut, log, row) == as_word(expected[row]), row

    await check_resets(dut, work, idle={name: IDLE[name] for name in IDLE if name != "now"}, times=8)


@cocotb.test()
async def forgets_a_frame_that_fails(dut: Any) -> None:
    await begin(dut)
    rng = random.Random(3)
    profile = random_profile(rng, 3)
    log = random_log(rng, profile, 12)
    await load(dut, profile)
    kept: list[int] = []
    for row in range(len(log)):
        failed = row % 3 == 1
        expected = features(log.take(np.array([*kept, row])), profile)[-1]
        assert await frame(dut, log, row, "failed" if failed else "accepted") == as_word(expected)
        kept += [] if failed else [row]


async def broken(dut: Any) -> tuple[CanLog, Profile]:
    await begin(dut)
    rng = random.Random(1)
    profile = random_profile(rng, 3)
    await load(dut, profile)
    return random_log(rng, profile, 3), profile


@cocotb.test()
async def forgets_a_word_that_waits(dut: Any) -> None:
    log, _ = await broken(dut)
    playing = cocotb.start_soon(frame(dut, log, 0))
    while not int(dut.m_valid.value):
        await RisingEdge(dut.clk)
    playing.cancel()
    await reset(dut, cycles=1)
    await ReadOnly()
    assert not int(dut.m_valid.value)


@cocotb.test()
async def begins_too_early(dut: Any) -> None:
    await broken(dut)
    await pulse(dut, "started")
    await pulse(dut, "id_valid")
    await pulse(dut, "started")
    await ClockCycles(dut.clk, 3)


@cocotb.test()
async def leaves_a_word(dut: Any) -> None:
    log, _ = await broken(dut)
    inner = dut.inner
    await frame(dut, log, 0)
    inner.m_valid.value = 1
    inner.phase.value = 4
    await ClockCycles(dut.clk, 3)


@cocotb.test()
async def changes_a_word(dut: Any) -> None:
    await broken(dut)
    dut.inner.m_valid.value = 1
    await RisingEdge(dut.clk)
    dut.inner.payload.value = 5
    await ClockCycles(dut.clk, 3)


@cocotb.test()
async def turns_time_back(dut: Any) -> None:
    await broken(dut)
    dut.now.value = 10
    await ClockCycles(dut.clk, 2)
    dut.now.value = 9
    await ClockCycles(dut.clk, 3)


def test_resets_and_failures() -> None:
    check(
        __file__,
        "hwf_can_features",
        SMALL,
        tests=["gives_features_after_a_reset", "forgets_a_frame_that_fails", "forgets_a_word_that_waits"],
    )


@pytest.mark.parametrize(
    ("misuse", "assertion"),
    [
        ("begins_too_early", "a_frame_begins_when_the_last_is_done"),
        ("leaves_a_word", "a_word_is_taken_before_the_next"),
        ("changes_a_word", "a_stalled_word_is_held"),
        ("turns_time_back", "time_does_not_run_backwards"),
    ],
)
def test_assertion(misuse: str, assertion: str) -> None:
    check_assertion_fires(__file__, "hwf_can_features", assertion, SMALL, tests=[misuse])


@pytest.mark.parametrize("seed", [1, 2])
def test_random_frames(seed: int) -> None:
    """A share of `benchmarks/can_features.py`: both lengths of identifiers, frames that end in all ways, random pace."""
    rng = random.Random(seed)
    profile = random_profile(rng, rng.choice((1, 2, 255, 256)))
    log = random_log(rng, profile, 800)
    endings = some_endings(np.random.default_rng(seed), len(log))
    given = play(build_features(), log, profile, endings, seed)
    assert wrong_bits(given, log, profile, endings) == {}
    assert (endings == FAILED_AT_END).any()
    assert given.cycles.max() <= 51, "as the module's header says"
