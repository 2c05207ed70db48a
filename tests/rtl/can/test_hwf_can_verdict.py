"""hwf_can_verdict: frames that are judged before or after their ends, which of them are struck and logged, and resets."""

import random
from typing import Any

import cocotb
import pytest
from cocotb.triggers import ReadOnly, RisingEdge
from harness import check
from helpers.reset import check_resets
from helpers.streams import start

pytestmark = pytest.mark.slow
PULSES = ("payload_end", "accepted", "failed", "class_valid")
IDLE = dict.fromkeys((*PULSES, "frame_open"), 0)
OUTPUTS = ("judged", "strike", "push")


async def cycle(dut: Any, **inputs: int) -> dict[str, int]:
    """One cycle with these pulses; the outputs in it."""
    for name in PULSES:
        getattr(dut, name).value = inputs.get(name, 0)
    await ReadOnly()
    seen = {name: int(getattr(dut, name).value) for name in OUTPUTS}
    await RisingEdge(dut.clk)
    return seen


async def frames(dut: Any, rng: random.Random) -> None:
    """Frames from a reset on: what is told of each, and its entry's number."""
    strike_mask, log_mask = rng.getrandbits(16), rng.choice((0xFFFF, rng.getrandbits(16)))
    dut.strike_mask.value, dut.log_mask.value = strike_mask, log_mask
    pushed = 0
    for _ in range(rng.randint(1, 6)):
        while rng.random() < 0.5:  # a class or an end of no frame with a payload is none to it
            seen = await cycle(dut, class_valid=rng.randint(0, 1), accepted=rng.randint(0, 1))
            assert not any(seen.values())
        dut.frame_open.value = 1
        assert not any((await cycle(dut, payload_end=1)).values())
        judged_at, ended_at = rng.randint(1, 40), rng.randint(1, 40)
        accepted, kind, verdict = rng.randint(0, 1), rng.randint(1, 3), rng.randrange(16)
        dut.failure.value, dut.class_in.value = kind, verdict
        struck = judged_at <= ended_at and bool(strike_mask >> verdict & 1)
        for now in range(1, max(judged_at, ended_at) + 3):
            dut.frame_open.value = int(now <= ended_at)
            ends = {"accepted" if accepted else "failed": 1} if now == ended_at else {}
            seen = await cycle(dut, class_valid=int(now == judged_at), **ends)
            last = now == max(judged_at, ended_at) + 2
            logged = log_mask >> verdict & 1
            assert seen == {
                "judged": int(now == judged_at),
                "strike": int(struck and now == judged_at),
                "push": int(last and logged),
            }
            if last and logged:
                told = {
                    name: int(getattr(dut, name).value) for name in ("valid", "struck", "kind", "verdict", "latency")
                }
                assert told == {"valid": accepted, "struck": struck, "kind": 0 if accepted else kind,
                                "verdict": verdict, "latency": judged_at}  # fmt: skip
        pushed += logged
        await cycle(dut)
        assert int(dut.number.value) == pushed


@cocotb.test()
async def judges_frames(dut: Any) -> None:
    for name in (*IDLE, "failure", "class_in", "strike_mask", "log_mask"):
        getattr(dut, name).value = 0
    await start(dut, sources=(), sinks=())
    await check_resets(dut, lambda rng: frames(dut, rng), idle=IDLE, times=60)


def test_judges_frames() -> None:
    check(__file__, "hwf_can_verdict")
