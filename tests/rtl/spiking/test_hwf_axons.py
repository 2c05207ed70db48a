"""hwf_axons: a set of axons and the list of it, whatever comes twice or lies beyond."""

import random
from collections.abc import Callable
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
IDLE = {"clear": 0, "restart": 0, "take": 0, "wipe": 0, "place": 0, "s_valid": 0, "s_data": 0, "s_value": 1}
VALUE = 8  # bits, if it is graded


class Valued:
    """A source whose words are an axon and its value."""

    def __init__(self, dut: Any, clock: Any) -> None:
        self._dut, self.source = dut, Source(dut, "s", clock=clock)

    async def send(self, axons: list[int], value: Callable[[int], int]) -> None:
        """Each with its value, which is there as long as the axon is."""
        data, dut = self._dut.s_data, self._dut

        async def follow() -> None:
            while True:
                dut.s_value.value = value(int(data.value))
                await data.value_change

        following = cocotb.start_soon(follow())
        await self.source.send(axons)
        following.cancel()


def values_of(rng: random.Random, dut: Any) -> Callable[[int], int]:
    """A value for each axon: of 8 bits, if it is graded."""
    values = [rng.choice([1, 255, rng.randint(1, 255)]) for _ in range(16384)]
    return lambda axon: values[axon] if int(dut.GRADED.value) else 1


async def words(dut: Any, axons: int, lanes: int, wipe: bool) -> int:
    """All bits, or values, read word after word; each is cleared once it was read, if so wanted."""
    bits = 0
    width = lanes * (VALUE if int(dut.GRADED.value) else 1)
    for place in range(axons // lanes + 1):
        (word,) = await cycle(dut, "bits", place=place % (axons // lanes), wipe=wipe and place < axons // lanes)
        bits |= word << width * (place - 1) if place else 0
    dut.wipe.value = 0
    await ClockCycles(dut.clk, 2)
    return bits


async def taken(dut: Any, count: int, rng: random.Random) -> list[tuple[int, int]]:
    """The list, an axon and its value every 2 cycles or later."""
    axons = []
    while True:
        waiting, axon, value = await cycle(dut, "waiting", "axon", "value", take=0)
        if not waiting:
            break
        axons.append((axon, value))
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
    valued = Valued(dut, clock)
    source = valued.source
    width = VALUE if int(dut.GRADED.value) else 1
    for turn in range(24):
        value = values_of(rng, dut)
        source.stall = STALLS[turn % len(STALLS)][0]
        numbers = [rng.randrange(axons) for _ in range(rng.choice([0, 1, axons // 2, 2 * axons]))]
        if turn in (3, 4):
            numbers = rng.sample(range(axons), axons)
        beyond = [rng.randrange(axons, 16384) for _ in range(rng.randrange(4))]
        sent = [*numbers, *beyond]
        rng.shuffle(sent)
        source.taken.clear()
        await valued.send(sent, value)
        if not source.stall and sent:  # 2 cycles each, 1 if it is dropped
            assert np.diff(source.taken).tolist() == [2 if axon < axons else 1 for axon in sent[1:]]
        await ClockCycles(dut.clk, 2)
        expected = list(dict.fromkeys(axon for axon in sent if axon < axons))
        bits = sum(value(axon) << width * axon for axon in expected)
        assert await words(dut, axons, lanes, wipe=False) == bits
        assert await taken(dut, len(expected), rng) == [(axon, value(axon)) for axon in expected]
        if turn % 3:
            assert await words(dut, axons, lanes, wipe=True) == bits
            await cycle(dut, restart=1)
            dut.restart.value = 0
        else:
            await valued.send(numbers[:1], value)
            await cycle(dut, clear=1)
            dut.clear.value = 0
            await ClockCycles(dut.clk, axons // lanes + 1)
        assert await cycle(dut, "waiting") == [0]
        assert await words(dut, axons, lanes, wipe=False) == 0


@cocotb.test()
async def is_empty_after_a_reset(dut: Any) -> None:
    axons, lanes = int(dut.AXONS.value), int(dut.LANES.value)
    clock = await start(dut, sinks=())
    valued = Valued(dut, clock)
    width = VALUE if int(dut.GRADED.value) else 1

    async def work(rng: random.Random) -> None:
        for _ in range(2):
            value = values_of(rng, dut)
            valued.source.stall = rng.choice(STALLS)[0]
            numbers = [rng.randrange(axons) for _ in range(rng.randint(1, 2 * axons))]
            await valued.send(numbers, value)  # the first ones wait until it is cleared
            await ClockCycles(dut.clk, 2)
            expected = list(dict.fromkeys(numbers))
            bits = sum(value(axon) << width * axon for axon in expected)
            assert await words(dut, axons, lanes, wipe=False) == bits
            assert await taken(dut, len(expected), rng) == [(axon, value(axon)) for axon in expected]
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


@cocotb.test()
async def sets_one_without_a_value(dut: Any) -> None:
    await begin(dut, **IDLE | {"s_value": 0})
    await ClockCycles(dut.clk, int(dut.AXONS.value))
    dut.s_valid.value = 1
    for _ in range(4):
        await cycle(dut)


GOOD = [keeps_axons.name, is_empty_after_a_reset.name]


@pytest.mark.parametrize(
    ("axons", "lanes", "graded"),
    [(1, 1, 0), (3, 1, 0), (12, 4, 0), (64, 2, 0), (8, 8, 0), (3, 1, 1), (12, 4, 1)],
)
def test_axons(axons: int, lanes: int, graded: int) -> None:
    check(__file__, "hwf_axons", {"AXONS": axons, "LANES": lanes, "GRADED": graded}, tests=GOOD)


@pytest.mark.parametrize(
    ("assertion", "case"),
    [
        ("a_axon_is_taken_only_if_one_waits", takes_none.name),
        ("an_axon_is_set_only_between_ticks", sets_one_while_it_wipes.name),
        ("an_axon_that_is_set_has_a_value", sets_one_without_a_value.name),
    ],
)
def test_assertion_fires(assertion: str, case: str) -> None:
    check_assertion_fires(__file__, "hwf_axons", assertion, {"AXONS": 8, "LANES": 2}, tests=[case])
