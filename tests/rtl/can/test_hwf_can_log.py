"""hwf_can_log: entries come out whole and in order, those without room are told as dropped; resets."""

import random
from typing import Any

import cocotb
import pytest
from cocotb.triggers import ReadOnly, RisingEdge
from harness import check
from helpers.reset import check_resets
from helpers.streams import start

pytestmark = pytest.mark.slow
ENTRIES = 2
WORDS = 16
IDLE = {"push": 0, "m_ready": 0}


async def log(dut: Any, rng: random.Random) -> None:
    """Entries that are pushed at any pace, and a reader that is now faster, now slower."""
    held: list[list[int]] = []  # stored, and those being read
    entry: list[int] = []
    stored = read = pause = 0
    storing = False
    often, slow = rng.choice((0.02, 0.2)), rng.choice((0.1, 0.9))
    for _ in range(rng.randint(1, 500)):
        push = not storing and rng.random() < often
        ready = bool(held) and pause == 0 and rng.random() > slow
        dut.push.value, dut.m_ready.value = push, ready
        if storing:
            dut.word.value = entry[stored]
        await ReadOnly()
        assert (int(dut.storing.value), int(dut.more.value)) == (storing, bool(held))
        assert int(dut.dropped.value) == (push and len(held) == ENTRIES)
        if storing:
            assert int(dut.at.value) == stored
        if ready:
            assert int(dut.m_data.value) == held[0][read]
        pause = max(0, pause - 1)
        if storing:
            stored += 1
            if stored == WORDS:
                storing = False
                pause = 0 if held else 1  # the first word needs a cycle behind the rise of `more`
                held.append(entry)
        elif push and len(held) < ENTRIES:
            storing, stored, entry = True, 0, [rng.getrandbits(16) for _ in range(WORDS)]
        if ready:
            pause, read = 1, read + 1
            if read == WORDS:
                held.pop(0)
                read = 0
        await RisingEdge(dut.clk)


@cocotb.test()
async def keeps_entries(dut: Any) -> None:
    for name in (*IDLE, "word"):
        getattr(dut, name).value = 0
    await start(dut, sources=(), sinks=())
    await check_resets(dut, lambda rng: log(dut, rng), idle=IDLE, times=24)


def test_keeps_entries() -> None:
    check(__file__, "hwf_can_log", {"ENTRIES": ENTRIES})
