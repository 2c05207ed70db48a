"""hwf_told: the host is told of spikes, or of how many there were, in order, of neurons from one on."""

import random
from typing import Any

import cocotb
import pytest
from cocotb.triggers import ClockCycles, ReadOnly, RisingEdge
from harness import check
from helpers.cycles import cycle
from helpers.reset import check_resets
from helpers.streams import STALLS, Sink, start

pytestmark = pytest.mark.slow
IDLE = dict.fromkeys(("forget", "spike_valid", "spike", "tick", "told", "counting", "zero", "give"), 0)


async def begin(dut: Any, *, rules: bool = True) -> Sink:
    for name, value in IDLE.items():
        getattr(dut, name).value = value
    return Sink(dut, "m", clock=await start(dut, sources=()), rules=rules)


async def ticks(dut: Any, rng: random.Random, count: int) -> list[int]:
    """Some ticks, orders and settings of a host between them; the words that it must be told."""
    neurons, can_count = int(dut.NEURONS.value), int(dut.COUNTING.value)
    words: list[int] = []
    told = counting = 0
    counts = [0] * neurons

    async def wait(*, room: bool) -> None:
        while True:
            await ReadOnly()
            waits = int(dut.busy.value) or (room and not int(dut.room.value))
            await RisingEdge(dut.clk)
            if not waits:
                return

    for number in range(count):
        if number == 0 or rng.random() < 0.2:  # as setting 30 is written
            told, counting = rng.choice([0, rng.randint(0, neurons), 8191]), rng.randrange(2)
            await cycle(dut, told=told, counting=counting, zero=1)
            await cycle(dut, zero=0)
            await wait(room=False)
            counts = [0] * neurons
        tick = rng.getrandbits(18)
        await wait(room=True)
        for neuron in sorted(rng.sample(range(neurons), rng.randint(0, neurons))):
            await cycle(dut, spike_valid=1, spike=neuron, tick=tick)
            if neuron >= told and counting and can_count:
                counts[neuron] += 1
            elif neuron >= told:
                words.append(neuron + 16384 * tick)
        await cycle(dut, spike_valid=0, spike=rng.randrange(16384))
        if rng.random() < 0.3:
            await wait(room=True)
            await cycle(dut, give=1)
            await cycle(dut, give=0)
            await wait(room=False)
            given = [*counts[told:], 0] if can_count else []
            words += [low | high << 16 for low, high in zip(given[::2], given[1::2], strict=False)]
            counts[told:] = [0] * max(0, neurons - told)
    return words


@cocotb.test()
async def tells_of_spikes(dut: Any) -> None:
    sink, rng = await begin(dut), random.Random(3)
    for _, sink.stall in STALLS:
        words = await ticks(dut, rng, 40)
        assert await sink.take(len(words)) == words
        await ClockCycles(dut.clk, 5)
        assert not sink.words


@cocotb.test()
async def forgets_what_was_logged(dut: Any) -> None:
    """And not what was counted."""
    sink = await begin(dut, rules=False)
    sink.stall = 1.0
    await cycle(dut, zero=1)
    await cycle(dut, zero=0)
    await ClockCycles(dut.clk, int(dut.NEURONS.value) + 2)
    await cycle(dut, spike_valid=1, counting=1)
    await cycle(dut, counting=0)
    await cycle(dut, spike_valid=0)
    await ClockCycles(dut.clk, 3)
    await cycle(dut, forget=1)
    sink.stall = 0.0
    await cycle(dut, forget=0, give=1)
    await cycle(dut, give=0)
    await ClockCycles(dut.clk, int(dut.NEURONS.value) + 5)
    assert sink.words == ([1] + [0] * ((int(dut.NEURONS.value) - 1) // 2) if int(dut.COUNTING.value) else [])


@cocotb.test()
async def tells_of_them_after_a_reset(dut: Any) -> None:
    sink = await begin(dut)

    async def work(rng: random.Random) -> None:
        sink.words.clear()
        _, sink.stall = rng.choice(STALLS)
        words = await ticks(dut, rng, 8)
        assert await sink.take(len(words)) == words

    await check_resets(dut, work, idle=IDLE, times=30)


@pytest.mark.parametrize(("neurons", "words", "counting"), [(1, 64, 1), (7, 128, 1), (7, 128, 0), (40, 128, 1)])
def test_told(neurons: int, words: int, counting: int) -> None:
    check(__file__, "hwf_told", {"NEURONS": neurons, "WORDS": words, "COUNTING": counting})
