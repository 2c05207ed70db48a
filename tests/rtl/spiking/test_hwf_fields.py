"""hwf_fields: what the host writes and what steps write, each field in its width, at the stage that reads it."""

import random
from typing import Any

import cocotb
import pytest
from harness import check, check_assertion_fires
from helpers.cycles import begin, corner, cycle, to_signed

pytestmark = pytest.mark.slow
NUMBERS = {"v": 0, "c": 1, "h": 2, "left": 3, "threshold": 8, "leak": 9, "decay": 10, "bias": 11, "reset": 12,
           "refractory": 13, "subtract": 14}  # fmt: skip
SIGNED = ("v", "c", "threshold", "bias", "reset")
EARLY, LATE = ("v", "c", "leak", "decay"), ("threshold", "bias", "reset", "refractory", "left", "subtract", "h")
STEPPED = ("v", "c", "left", "h")
IDLE = {"step6": 0, "held6": 0, "host_write": 0, "host_field": 0, "host_data": 0, "place0": 0, "place2": 0, "place6": 0,
        "v6": 0, "c6": 0, "left6": 0, "h6": 0, "resting": 0}  # fmt: skip


def widths(dut: Any) -> dict[str, int]:
    state = int(dut.STATE_BITS.value)
    adapted = state - 1 if int(dut.ADAPTATION.value) else 0
    return {"v": state, "c": state, "h": adapted, "left": 8, "threshold": state, "leak": 16, "decay": 16, "bias": state,
            "reset": state, "refractory": 8, "subtract": 1}  # fmt: skip


async def write(dut: Any, place: int, field: int, value: int) -> None:
    """As the host does, which names the place everywhere."""
    await cycle(dut, place0=place, place2=place, place6=place, host_write=1, host_field=field, host_data=value)
    dut.host_write.value = 0


@cocotb.test()
async def keeps_fields(dut: Any) -> None:
    count, bits, rng = int(dut.WORDS.value), widths(dut), random.Random(10)
    await begin(dut, **IDLE)
    kept = [dict.fromkeys(NUMBERS, 0) for _ in range(count)]
    for place in range(count):
        for name, number in NUMBERS.items():
            value = corner(rng, 0, (1 << 24) - 1)
            await write(dut, place, number, value)
            kept[place][name] = value & (1 << bits[name]) - 1
    for place in range(count):
        for number in range(16):
            for _ in range(4):
                await cycle(dut, place0=place, place2=place, place6=place, host_field=number)
            wanted = 0
            for name in (name for name, n in NUMBERS.items() if n == number):
                wanted = to_signed(kept[place][name], bits[name]) if name in SIGNED else kept[place][name]
            assert await cycle(dut, "host_read") == [wanted & 0xFFFFFFFF], number
    early = late = None
    for _ in range(2000):  # a step's results, and what is read meanwhile; what is being written is not defined
        place0, place2, place6 = (rng.randrange(count) for _ in range(3))
        step, held, resting = (rng.randrange(2) for _ in range(3))
        results = {name: corner(rng, 0, (1 << max(bits[name], 1)) - 1) for name in STEPPED}
        if not bits["h"]:
            results["h"] = 0
        seen = await cycle(
            dut, *(f"{name}1" for name in EARLY), *(f"{name}3" for name in LATE),
            place0=place0, place2=place2, place6=place6, step6=step, held6=held, resting=resting,
            **{f"{name}6": value for name, value in results.items()},
        )  # fmt: skip
        for fields, values, before in ((EARLY, seen[:4], early), (LATE, seen[4:], late)):
            assert before is None or values == [before[name] for name in fields]
        early = None if step and place0 == place6 else dict(kept[place0])
        late = None if step and place2 == place6 else dict(kept[place2])
        if step:
            stays = {"v": held, "h": resting}
            kept[place6] |= {name: value for name, value in results.items() if not stays.get(name)}


@cocotb.test()
async def writes_in_a_step(dut: Any) -> None:
    await begin(dut, **IDLE)
    await cycle(dut, step6=1, host_write=1)
    await cycle(dut)


@cocotb.test()
async def writes_beyond(dut: Any) -> None:
    await begin(dut, **IDLE)
    await write(dut, 5, 0, 0)
    await cycle(dut)


@pytest.mark.parametrize(("words", "bits", "adapts"), [(1, 8, 1), (5, 24, 1), (4, 16, 0)])
def test_fields(words: int, bits: int, adapts: int) -> None:
    parameters = {"WORDS": words, "STATE_BITS": bits, "ADAPTATION": adapts}
    check(__file__, "hwf_fields", parameters, tests=[keeps_fields.name])


@pytest.mark.parametrize(
    ("assertion", "case"),
    [
        ("a_host_waits_for_the_steps", writes_in_a_step.name),
        ("a_field_is_written_inside", writes_beyond.name),
    ],
)
def test_assertion_fires(assertion: str, case: str) -> None:
    check_assertion_fires(__file__, "hwf_fields", assertion, {"WORDS": 5}, tests=[case])
