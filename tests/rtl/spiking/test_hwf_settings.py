"""hwf_settings: every setting keeps its width, and counters count."""

import random
from typing import Any

import cocotb
import pytest
from cocotb.triggers import ClockCycles, ReadOnly, RisingEdge
from harness import check, check_assertion_fires
from helpers.streams import start

pytestmark = pytest.mark.slow
WEIGHT_BITS, STATE_BITS, TRACE_BITS = 5, 12, 6
# Name of the port, bits, signed, features of which one is enough; by number.
SETTINGS: list[tuple[str, int, bool, tuple[str, ...]]] = [
    ("tick", 32, False, ()),
    ("learn", 1, False, ("LEARNING",)),
    ("weight_shift", 4, False, ()),
    ("rule", 4, False, ("LEARNING", "NORMALISATION")),
    ("potentiation", 16, True, ("LEARNING",)),
    ("depression", 16, True, ("LEARNING",)),
    ("pre_decay", 16, False, ("LEARNING",)),
    ("post_decay", 16, False, ("LEARNING",)),
    ("pre_step", TRACE_BITS, False, ("LEARNING",)),
    ("post_step", TRACE_BITS, False, ("LEARNING",)),
    ("weight_min", WEIGHT_BITS, True, ("LEARNING", "NORMALISATION")),
    ("weight_max", WEIGHT_BITS, True, ("LEARNING", "NORMALISATION")),
    ("adaptation_decay", 16, False, ("ADAPTATION",)),
    ("adaptation_step", STATE_BITS - 1, False, ("ADAPTATION",)),
    ("target", 20, False, ("NORMALISATION",)),
    ("normalise", 0, False, ("NORMALISATION",)),
    ("spikes", 32, False, ("COUNTERS",)),
    ("events", 32, False, ("COUNTERS",)),
    ("saturations", 32, False, ("COUNTERS",)),
    ("busy_cycles", 32, False, ("COUNTERS",)),
]


def kept(dut: Any, number: int, value: int) -> int:
    """What a setting is after `value` was written, sign-extended to 32 bits."""
    _, bits, signed, features = SETTINGS[number]
    if not bits or (features and not any(int(getattr(dut, feature).value) for feature in features)):
        return 0
    low = value & (1 << bits) - 1
    return (low - (1 << bits) if signed and low >> bits - 1 else low) & 0xFFFFFFFF


async def begin(dut: Any) -> None:
    for name in ("write", "index", "written", "tick_ends", "tick_runs", "spike", "source_spike", "saturated"):
        getattr(dut, name).value = 0
    await start(dut, sources=(), sinks=())
    await RisingEdge(dut.clk)


async def write(dut: Any, number: int, value: int) -> int:
    """Write a setting; whether a normalisation was asked for."""
    dut.write.value = 1
    dut.index.value = number
    dut.written.value = value
    await ReadOnly()
    asked = int(dut.normalise.value)
    await RisingEdge(dut.clk)
    dut.write.value = 0
    return asked


async def read(dut: Any, number: int) -> int:
    dut.index.value = number
    await ReadOnly()
    value = int(dut.read.value)
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
            name, bits, _, _ = SETTINGS[number]
            if number < 15:
                assert int(getattr(dut, name).value) == kept(dut, number, value) & (1 << bits) - 1
    assert [await read(dut, number) for number in range(20, 32)] == [0] * 12


@cocotb.test()
async def counts(dut: Any) -> None:
    await begin(dut)
    rng = random.Random(10)
    wanted = {"tick_ends": 0, "spike": 0, "source_spike": 0, "saturated": 0, "tick_runs": 0}
    for _ in range(300):
        for name in wanted:
            value = rng.randrange(200 if name == "saturated" else 2)
            getattr(dut, name).value = value
            wanted[name] += value
        await RisingEdge(dut.clk)
    for name in wanted:
        getattr(dut, name).value = 0
    counted = list(wanted.values())
    if not int(dut.COUNTERS.value):
        counted[1:] = [0] * 4
    await RisingEdge(dut.clk)
    assert [await read(dut, number) for number in (0, 16, 17, 18, 19)] == counted


@cocotb.test()
async def writes_during_a_tick(dut: Any) -> None:
    await begin(dut)
    dut.tick_runs.value = 1
    await write(dut, 2, 3)
    await ClockCycles(dut.clk, 2)


WIDTHS = {"WEIGHT_BITS": WEIGHT_BITS, "STATE_BITS": STATE_BITS, "TRACE_BITS": TRACE_BITS}
FEATURES = ("LEARNING", "ADAPTATION", "NORMALISATION", "COUNTERS")


@pytest.mark.parametrize("without", [(), ("LEARNING", "ADAPTATION"), FEATURES], ids=["all", "some", "none"])
def test_settings(without: tuple[str, ...]) -> None:
    features = {name: int(name not in without) for name in FEATURES}
    check(__file__, "hwf_settings", WIDTHS | features, tests=[keeps_settings.name, counts.name])


def test_assertion_fires() -> None:
    name = "nothing_is_written_during_a_tick"
    check_assertion_fires(__file__, "hwf_settings", name, WIDTHS, tests=[writes_during_a_tick.name])
