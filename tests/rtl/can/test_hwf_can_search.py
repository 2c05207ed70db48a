"""hwf_can_search: every key of tables of every length, and keys beside them, in the cycles that the header says; starts in mid-work."""

import random
from typing import Any

import cocotb
import pytest
from cocotb.triggers import ReadOnly, RisingEdge
from harness import check
from helpers.can_block import break_off, run
from helpers.cycles import begin

pytestmark = pytest.mark.slow
PLACE = 3
CYCLES = 3 * (PLACE + 1) + 1


async def serve(dut: Any, keys: list[int]) -> None:
    """Give the half of a key that was asked for in the cycle before; never ends."""
    while True:
        await ReadOnly()
        entry, high = int(dut.entry.value), int(dut.high.value)
        await RisingEdge(dut.clk)
        key = keys[entry] if entry < len(keys) else 0x3FFFFFFF  # what is behind the table, as any
        dut.word.value = key >> 16 if high else key & 0xFFFF


async def look_up(dut: Any, keys: list[int], key: int) -> None:
    dut.key.value, dut.count.value = key, len(keys)
    serving = cocotb.start_soon(serve(dut, keys))
    try:
        await run(dut, CYCLES)
        for _ in range(2):
            await ReadOnly()
            assert int(dut.found.value) == (key in keys), (keys, key)
            assert key not in keys or int(dut.index.value) == keys.index(key)
            await RisingEdge(dut.clk)
    finally:
        serving.cancel()


def table(rng: random.Random) -> list[int]:
    """Ascending keys, of which some share a half."""
    halves = [0, 1, 0x3FFF, rng.getrandbits(14), rng.getrandbits(14)]
    keys = {rng.choice(halves) << 16 | rng.choice((0, 0xFFFF, *halves)) for _ in range(40)}
    return sorted(rng.sample(sorted(keys), rng.randint(0, 1 << PLACE)))


@cocotb.test()
async def finds_keys(dut: Any) -> None:
    await begin(dut, start=0, key=0, count=0, word=0)
    rng = random.Random(cocotb.RANDOM_SEED)
    for _ in range(60):
        keys = table(rng)
        beside = {key + step for key in keys for step in (-(1 << 16), -1, 0, 1, 1 << 16)} | {0, (1 << 30) - 1}
        for key in rng.sample(sorted(key for key in beside if 0 <= key < 1 << 30), 2):
            if rng.random() < 0.4:  # one that is broken off by the next start
                await break_off(dut, look_up(dut, keys, rng.getrandbits(30)), rng.randint(1, CYCLES + 1))
            await look_up(dut, keys, key)


def test_finds_keys() -> None:
    check(__file__, "hwf_can_search", {"IDENTIFIERS": 1 << PLACE})
