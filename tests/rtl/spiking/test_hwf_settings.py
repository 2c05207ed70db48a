"""hwf_settings: every setting keeps its width, and counters count, whatever comes at once."""

import random
from typing import Any

import cocotb
import pytest
from cocotb.triggers import ClockCycles, ReadOnly, RisingEdge
from harness import check, check_assertion_fires
from helpers.reset import check_resets
from helpers.settings import fields, unpack_settings
from helpers.streams import start

pytestmark = pytest.mark.slow
WEIGHT_BITS, STATE_BITS, TRACE_BITS, LANES = 5, 12, 6, 4
COUNTED = ("tick_ends", "spike", "source_spike", "saturated", "tick_runs")
IDLE = dict.fromkeys(("write", "store", "index", "place", "written", *COUNTED), 0)
RULE = ("rectangular", "nearest", "plastic_axons", "plastic_neurons", "stochastic", "modulated")  # the bits of `rule`
# Name of the port, or of its field, bits, signed, features of which one is enough; by number.
SETTINGS: list[tuple[str, int, bool, tuple[str, ...]]] = [
    ("tick", 32, False, ()),
    ("learn", 1, False, ("LEARNING",)),
    ("weight_shift", 4, False, ()),
    ("rule", 4, False, ("LEARNING",)),
    ("potentiation", 16, True, ("LEARNING",)),
    ("depression", 16, True, ("LEARNING",)),
    ("pre_decay", 16, False, ("LEARNING",)),
    ("post_decay", 16, False, ("LEARNING",)),
    ("pre_step", TRACE_BITS, False, ("LEARNING",)),
    ("post_step", TRACE_BITS, False, ("LEARNING",)),
    ("weight_min", WEIGHT_BITS, True, ("LEARNING",)),
    ("weight_max", WEIGHT_BITS, True, ("LEARNING",)),
    ("adaptation_decay", 16, False, ("ADAPTATION",)),
    ("adaptation_step", STATE_BITS - 1, False, ("ADAPTATION",)),
    ("target", 20, False, ("NORMALISATION",)),
    ("normalise", 0, False, ("NORMALISATION",)),
    ("spikes", 32, False, ("COUNTERS",)),
    ("events", 32, False, ("COUNTERS",)),
    ("saturations", 32, False, ("COUNTERS",)),
    ("busy_cycles", 32, False, ("COUNTERS",)),
    *((name, 14, False, ("MODULATION",)) for name in ("modulating_axons", "modulating_neurons", "closing", "gated")),
    ("rate", 16, False, ("MODULATION",)),
    ("free_rate", 16, False, ("MODULATION",)),
    ("near_shift", 4, False, ("MODULATION",)),
    ("least", TRACE_BITS, False, ("MODULATION",)),
    ("most", TRACE_BITS, False, ("MODULATION",)),
    ("told", 14, False, ()),
    ("counting", 1, False, ("COUNTING",)),
]


def kept(dut: Any, number: int, value: int) -> int:
    """What a setting is after `value` was written, sign-extended to 32 bits."""
    _, bits, signed, features = SETTINGS[number]
    if not bits or (features and not any(int(getattr(dut, feature).value) for feature in features)):
        return 0
    low = value & (1 << bits) - 1
    if number == 3:
        low = value & (15 | int(dut.STOCHASTIC.value) << 4 | int(dut.MODULATION.value) << 5)
    return (low - (1 << bits) if signed and low >> bits - 1 else low) & 0xFFFFFFFF


def ports(dut: Any, values: list[int]) -> dict[str, int]:
    """What the core gets when these were written: sign-extended to the width of the port."""
    given = {SETTINGS[n][0]: kept(dut, n, values[n]) for n in (*range(1, 15), *range(20, 29))}
    given |= {name: given["rule"] >> bit & 1 for bit, name in enumerate(RULE)}
    del given["rule"]
    return {name: value & (1 << fields("settings_t")[name]) - 1 for name, value in given.items()}


async def begin(dut: Any) -> None:
    for name in IDLE:
        getattr(dut, name).value = 0
    await start(dut, sources=(), sinks=())
    await calm(dut)


async def calm(dut: Any, limit: int = 80) -> None:
    """Wait until nothing is left to count."""
    for _ in range(limit):
        await RisingEdge(dut.clk)
        await ReadOnly()
        if int(dut.quiet.value):
            await RisingEdge(dut.clk)
            return
    raise AssertionError(f"it still counts after {limit} cycles")


async def write(dut: Any, number: int, value: int) -> int:
    """Write a setting; whether a normalisation was asked for."""
    asked = 0
    dut.store.value = 1
    dut.index.value = number
    for place in range(4):
        dut.write.value = place == 0
        dut.place.value = place
        dut.written.value = value >> 8 * place
        await ReadOnly()
        asked += int(dut.normalise.value)
        assert int(dut.recount.value) == (number == 30 and place == 0 and int(dut.COUNTING.value))
        await RisingEdge(dut.clk)
    dut.store.value = 0
    return asked


async def read(dut: Any, number: int) -> int:
    """A setting; the tick from its port."""
    if number == 0:
        await ReadOnly()
        tick = int(dut.tick.value)
        await RisingEdge(dut.clk)
        return tick
    value = 0
    for place in range(4):
        dut.index.value = number
        dut.place.value = place
        await RisingEdge(dut.clk)
        await ReadOnly()
        value |= int(dut.read.value) << 8 * place
        await RisingEdge(dut.clk)
    return value


@cocotb.test()
async def keeps_settings(dut: Any) -> None:
    await begin(dut)
    rng = random.Random(9)
    for _ in range(10):
        values = [rng.getrandbits(32) for _ in SETTINGS]
        for number, value in enumerate(values):
            asked = await write(dut, number, value)
            assert asked == (number == 15 and value & 1 and int(dut.NORMALISATION.value))
        for number, value in enumerate(values):
            assert await read(dut, number) == kept(dut, number, value), SETTINGS[number]
        assert int(dut.tick.value) == values[0]
        assert unpack_settings("settings_t", int(dut.settings.value)) == ports(dut, values)
        assert int(dut.told.value) == kept(dut, 29, values[29])
        assert int(dut.counting.value) == kept(dut, 30, values[30])


@cocotb.test()
async def counts(dut: Any) -> None:
    """Long bursts of everything at once, so that carries run through, and counts that wrap."""
    await begin(dut)
    rng = random.Random(10)
    assert [await read(dut, number) for number in (0, 16, 17, 18, 19)] == [0] * 5
    first = [0, 250, 2**32 - 900, 65500, 0xFFFFFF]
    for number, value in zip((0, 16, 17, 18, 19), first, strict=True):
        await write(dut, number, value)
    wanted = dict(zip(COUNTED, first, strict=True))
    for _ in range(10):
        await burst(dut, rng, rng.randrange(600), wanted)


async def burst(dut: Any, rng: random.Random, cycles: int, wanted: dict[str, int]) -> None:
    """So many cycles in which much is counted; `wanted` is what the counters are, before and after."""
    always = rng.random() < 0.5
    for _ in range(cycles):
        for name in wanted:
            most = 2 * LANES if name == "saturated" else 1
            value = most if always else rng.randrange(most + 1)
            getattr(dut, name).value = value
            wanted[name] = (wanted[name] + value) % 2**32
        await RisingEdge(dut.clk)
    for name in wanted:
        getattr(dut, name).value = 0
    await calm(dut)
    counted = list(wanted.values())
    if not int(dut.COUNTERS.value):
        counted[1:] = [0] * 4
    assert [await read(dut, number) for number in (0, 16, 17, 18, 19)] == counted


@cocotb.test()
async def counts_from_zero_after_a_reset(dut: Any) -> None:
    await begin(dut)

    async def work(rng: random.Random) -> None:
        await calm(dut)
        assert [await read(dut, number) for number in (0, 16, 17, 18, 19)] == [0] * 5
        await burst(dut, rng, rng.randrange(60), dict.fromkeys(COUNTED, 0))

    await check_resets(dut, work, idle=IDLE)


@cocotb.test()
async def writes_too_early(dut: Any) -> None:
    await begin(dut)
    dut.tick_runs.value = 1
    await ClockCycles(dut.clk, 3)
    await write(dut, 2, 3)


@cocotb.test()
async def counts_too_much(dut: Any) -> None:
    await begin(dut)
    dut.saturated.value = 255
    await ClockCycles(dut.clk, 100)


@cocotb.test()
async def stops_counting(dut: Any) -> None:
    await begin(dut)
    dut.spike.value = 1
    for _ in range(100):
        dut.inner.counts.state.value = 2
        await RisingEdge(dut.clk)


WIDTHS = {"WEIGHT_BITS": WEIGHT_BITS, "STATE_BITS": STATE_BITS, "TRACE_BITS": TRACE_BITS, "LANES": LANES}
FEATURES = ("LEARNING", "ADAPTATION", "NORMALISATION", "COUNTERS", "STOCHASTIC", "MODULATION", "COUNTING")


@pytest.mark.parametrize(
    "without",
    [
        (),
        ("LEARNING", "ADAPTATION", "NORMALISATION", "STOCHASTIC", "MODULATION"),
        ("STOCHASTIC", "COUNTING"),
        ("MODULATION",),
        FEATURES,
    ],
    ids=["all", "some", "most", "drawing", "none"],
)
def test_settings(without: tuple[str, ...]) -> None:
    features = {name: int(name not in without) for name in FEATURES}
    check(
        __file__,
        "hwf_settings",
        WIDTHS | features,
        tests=[keeps_settings.name, counts.name, counts_from_zero_after_a_reset.name],
    )


@pytest.mark.parametrize(
    ("assertion", "case"),
    [
        ("nothing_is_written_while_it_counts", writes_too_early.name),
        ("no_more_sums_saturate_than_there_are", counts_too_much.name),
        ("counts_are_added_before_there_are_too_many", stops_counting.name),
    ],
)
def test_assertion_fires(assertion: str, case: str) -> None:
    check_assertion_fires(__file__, "hwf_settings", assertion, WIDTHS, tests=[case])
