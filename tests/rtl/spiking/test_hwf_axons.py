"""hwf_axons: a set of axons and the list of it, whatever comes twice or lies beyond."""

import random
from typing import Any

import cocotb
import numpy as np
import pytest
from cocotb.triggers import ClockCycles
from harness import check, check_assertion_fires
from helpers.cycles import begin, cycle
from helpers.reset import check_resets
from helpers.streams import STALLS, Source, start

pytestmark = pytest.mark.slow
IDLE = {"clear": 0, "restart": 0, "take": 0, "wipe": 0, "place": 0, "s_valid": 0, "s_data": 0}


async def words(dut: Any, axons: int, lanes: int, wipe: bool) -> int:
    """All bits, read word after word; each is cleared once it was read, if so wanted."""
    bits = 0
    for place in range(axons // lanes + 1):
        (word,) = await cycle(dut, "bits", place=place % (axons // lanes), wipe=wipe and place < axons // lanes)
        bits |= word << lanes * (place - 1) if place else 0
    dut.wipe.value = 0
    await ClockCycles(dut.clk, 2)
    return bits


async def taken(dut: Any, count: int, rng: random.Random) -> list[int]:
    """The list, an axon every 2 cycles or later."""
    axons = []
    while True:
        waiting, axon = await cycle(dut, "waiting", "axon", take=0)
        if not waiting:
            break
        axons.append(axon)
        await cycle(dut, take=1)
        dut.take.value = 0
        await ClockCycles(dut.clk, 1 + rng.randrange(3))
    assert len(axons) == count
    return axons


@cocotb.test()
async def keeps_axons(dut: Any) -> None:
    axons, lanes, rng = int(dut.AXONS.value), int(dut.LANES.value), random.Random(8)
    for name, value in IDLE.items():
        getattr(dut, name).value = value
    clock = await start(dut, sinks=())
    await ClockCycles(dut.clk, axons // lanes + 1)
    source = Source(dut, "s", clock=clock)
    for turn in range(24):
        source.stall = STALLS[turn % len(STALLS)][0]
        numbers = [rng.randrange(axons) for _ in range(rng.choice([0, 1, axons // 2, 2 * axons]))]
        if turn in (3, 4):
            numbers = rng.sample(range(axons), axons)
        beyond = [rng.randrange(axons, 4096) for _ in range(rng.randrange(4) if axons < 4096 else 0)]
        sent = [*numbers, *beyond]
        rng.shuffle(sent)
        source.taken.clear()
        await source.send(sent)
        if not source.stall and sent:  # 2 cycles each, 1 if it is dropped
            assert np.diff(source.taken).tolist() == [2 if axon < axons else 1 for axon in sent[1:]]
        await ClockCycles(dut.clk, 2)
        expected = list(dict.fromkeys(axon for axon in sent if axon < axons))
        bits = sum(1 << axon for axon in expected)
        assert await words(dut, axons, lanes, wipe=False) == bits
        assert await taken(dut, len(expected), rng) == expected
        if turn % 3:
            assert await words(dut, axons, lanes, wipe=True) == bits
            await cycle(dut, restart=1)
            dut.restart.value = 0
        else:
            await source.send(numbers[:1])
            await cycle(dut, clear=1)
            dut.clear.value = 0
            await ClockCycles(dut.clk, axons // lanes + 1)
        assert await cycle(dut, "waiting") == [0]
        assert await words(dut, axons, lanes, wipe=False) == 0


@cocotb.test()
async def is_empty_after_a_reset(dut: Any) -> None:
    axons, lanes = int(dut.AXONS.value), int(dut.LANES.value)
    clock = await start(dut, sinks=())
    source = Source(dut, "s", clock=clock)

    async def work(rng: random.Random) -> None:
        for _ in range(2):
            source.stall = rng.choice(STALLS)[0]
            numbers = [rng.randrange(axons) for _ in range(rng.randint(1, 2 * axons))]
            await source.send(numbers)  # the first ones wait until it is cleared
            await ClockCycles(dut.clk, 2)
            expected = list(dict.fromkeys(numbers))
            assert await words(dut, axons, lanes, wipe=False) == sum(1 << axon for axon in expected)
            assert await taken(dut, len(expected), rng) == expected
            assert await words(dut, axons, lanes, wipe=True)
            await cycle(dut, restart=1)
            dut.restart.value = 0

    await check_resets(dut, work, idle=IDLE)


@cocotb.test()
async def takes_none(dut: Any) -> None:
    await begin(dut, **IDLE)
    await cycle(dut, take=1)
    await cycle(dut)


@cocotb.test()
async def sets_one_while_it_wipes(dut: Any) -> None:
    await begin(dut, **IDLE)
    await ClockCycles(dut.clk, int(dut.AXONS.value))
    dut.s_valid.value = 1
    for _ in range(4):
        await cycle(dut, wipe=1)


GOOD = [keeps_axons.name, is_empty_after_a_reset.name]


@pytest.mark.parametrize(("axons", "lanes"), [(1, 1), (3, 1), (12, 4), (64, 2), (8, 8)])
def test_axons(axons: int, lanes: int) -> None:
    check(__file__, "hwf_axons", {"AXONS": axons, "LANES": lanes}, tests=GOOD)


@pytest.mark.parametrize(
    ("assertion", "case"),
    [
        ("a_axon_is_taken_only_if_one_waits", takes_none.name),
        ("an_axon_is_set_only_between_ticks", sets_one_while_it_wipes.name),
    ],
)
def test_assertion_fires(assertion: str, case: str) -> None:
    check_assertion_fires(__file__, "hwf_axons", assertion, {"AXONS": 8, "LANES": 2}, tests=[case])
