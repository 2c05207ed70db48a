"""hwf_fired: the neurons of a list of words, in order, as often as it is wound back, and without a gap."""

import random
from typing import Any

import cocotb
import pytest
from cocotb.triggers import ClockCycles
from harness import check, check_assertion_fires
from helpers.cycles import begin, cycle
from helpers.reset import check_resets

pytestmark = pytest.mark.slow
IDLE = {"begin_list": 0, "push": 0, "push_place": 0, "push_bits": 0, "rewind": 0, "take": 0}
WAIT = 3  # cycles after the last push, or a rewind


async def drained(dut: Any, pause: float, rng: random.Random, most: int) -> list[int]:
    """What is taken until none waits; the next one is there in the next cycle."""
    neurons: list[int] = []
    while len(neurons) < most:
        take = rng.random() >= pause
        waiting, neuron = await cycle(dut, "waiting", "neuron", take=0)
        if not waiting:
            break
        if take:
            neurons.append(neuron)
            await cycle(dut, take=1)
    dut.take.value = 0
    return neurons


async def run(dut: Any, count: int) -> list[int]:
    """`count` neurons, one in each cycle."""
    dut.take.value = 1 if count else 0
    neurons = [(await cycle(dut, "waiting", "neuron")) for _ in range(count)]
    assert all(waiting for waiting, _ in neurons)
    assert await cycle(dut, "waiting", take=0) == [0]
    return [neuron for _, neuron in neurons]


async def listed(dut: Any, rng: random.Random, density: float, *, gaps: bool) -> list[int]:
    """A list of random neurons is made; it can be read now."""
    neurons, lanes = int(dut.NEURONS.value), int(dut.LANES.value)
    fired = [int(rng.random() < density) for _ in range(neurons)]
    await cycle(dut, begin_list=1)
    dut.begin_list.value = 0
    for word in range(neurons // lanes):
        bits = sum(bit << k for k, bit in enumerate(fired[word * lanes : (word + 1) * lanes]))
        await cycle(dut, push=1, push_place=word, push_bits=bits)
        dut.push.value = 0
        dut.push_bits.value = rng.getrandbits(lanes)
        if gaps and rng.randrange(2):
            await ClockCycles(dut.clk, rng.randint(1, 3))
    await ClockCycles(dut.clk, WAIT - 1)
    return [neuron for neuron, bit in enumerate(fired) if bit]


@cocotb.test()
async def lists_neurons(dut: Any) -> None:
    neurons, rng = int(dut.NEURONS.value), random.Random(9)
    await begin(dut, **IDLE)
    for turn in range(60):
        expected = await listed(dut, rng, [0.0, 1.0, 0.5, 0.1][turn % 4], gaps=turn % 2 == 1)
        if turn % 3:
            some = rng.randrange(neurons + 1)
            assert await drained(dut, 0.3, rng, some) == expected[:some]
        else:
            assert await run(dut, len(expected)) == expected
        for pause in (0.0, 0.5):
            await cycle(dut, rewind=1)
            dut.rewind.value = 0
            await ClockCycles(dut.clk, WAIT - 1)
            assert await drained(dut, pause, rng, neurons + 1) == expected
        await cycle(dut, rewind=1)
        dut.rewind.value = 0
        await ClockCycles(dut.clk, WAIT - 1)
        assert await run(dut, len(expected)) == expected


@cocotb.test()
async def lists_neurons_after_a_reset(dut: Any) -> None:
    await begin(dut, **IDLE)

    async def work(rng: random.Random) -> None:
        try:
            expected = await listed(dut, rng, rng.random(), gaps=rng.random() < 0.5)
        finally:
            dut.push.value = 0  # no word comes twice, not in a reset either
        assert await drained(dut, 0.3, rng, len(expected) + 1) == expected

    await check_resets(dut, work, idle=IDLE)


@cocotb.test()
async def takes_none(dut: Any) -> None:
    await begin(dut, **IDLE)
    await cycle(dut, take=1)
    await cycle(dut)


@cocotb.test()
async def lists_too_many(dut: Any) -> None:
    await begin(dut, **IDLE)
    for _ in range(6):
        await cycle(dut, push=1, push_bits=1)


GOOD = [lists_neurons.name, lists_neurons_after_a_reset.name]


@pytest.mark.parametrize(("neurons", "lanes"), [(1, 1), (5, 1), (12, 4), (32, 2), (8, 8)])
def test_fired(neurons: int, lanes: int) -> None:
    check(__file__, "hwf_fired", {"NEURONS": neurons, "LANES": lanes}, tests=GOOD)


@pytest.mark.parametrize(
    ("assertion", "case"),
    [
        ("a_neuron_is_taken_only_if_one_waits", takes_none.name),
        ("a_word_is_listed_once", lists_too_many.name),
    ],
)
def test_assertion_fires(assertion: str, case: str) -> None:
    check_assertion_fires(__file__, "hwf_fired", assertion, {"NEURONS": 8, "LANES": 2}, tests=[case])
