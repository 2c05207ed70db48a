"""hwf_spike_log: spikes come out as they went in, with room said in time."""

import random
from typing import Any

import cocotb
import pytest
from cocotb.triggers import ClockCycles, ReadOnly, RisingEdge
from harness import check, check_assertion_fires
from helpers.reset import check_resets
from helpers.streams import STALLS, Sink, start

from hwflow.spiking.host.exchange import TICK_WRAP
from hwflow.spiking.network import LARGEST

pytestmark = pytest.mark.slow
IDLE = ("s_valid", "neuron", "tick", "counts_valid", "counts")


async def begin(dut: Any, rules: bool = True) -> Sink:
    for name in IDLE:
        getattr(dut, name).value = 0
    clock = await start(dut, sources=())
    return Sink(dut, "m", clock=clock, rules=rules)


async def push(dut: Any, tick: int, neuron: int) -> int:
    dut.s_valid.value = 1
    dut.tick.value = tick
    dut.neuron.value = neuron
    await RisingEdge(dut.clk)
    dut.s_valid.value = 0
    return neuron + LARGEST * tick


async def ticks(dut: Any, rng: random.Random, count: int, pause: float) -> list[int]:
    """Spikes of some ticks, each as soon as there is room for it; the words that they come out as."""
    words = []
    for tick in (rng.randrange(TICK_WRAP) for _ in range(count)):
        while True:
            await ReadOnly()
            if int(dut.room.value):
                break
            await RisingEdge(dut.clk)
        await RisingEdge(dut.clk)
        for neuron in range(int(dut.NEURONS.value)):
            if rng.random() < 0.2:  # nothing but where counts can be given
                word = rng.getrandbits(32)
                words += [word] * int(dut.COUNTING.value)
                dut.counts_valid.value, dut.counts.value = 1, word
                await RisingEdge(dut.clk)
                dut.counts_valid.value = 0
            elif rng.random() < 0.7:
                await ClockCycles(dut.clk, int(rng.random() < pause) + 1)
                words.append(await push(dut, tick, neuron))
    return words


@cocotb.test()
async def keeps_spikes(dut: Any) -> None:
    rng, sink = random.Random(5), await begin(dut)
    for pause, sink.stall in STALLS:
        expected = await ticks(dut, rng, 20, pause)
        assert await sink.take(len(expected)) == expected
        await ClockCycles(dut.clk, 5)
        assert not sink.words


@cocotb.test()
async def keeps_spikes_after_a_reset(dut: Any) -> None:
    sink = await begin(dut)

    async def work(rng: random.Random) -> None:
        sink.words.clear()
        pause, sink.stall = rng.choice(STALLS)
        expected = await ticks(dut, rng, 4, pause)
        assert await sink.take(len(expected)) == expected
        await ClockCycles(dut.clk, 5)
        assert not sink.words

    await check_resets(dut, work, idle=dict.fromkeys(IDLE, 0))


@cocotb.test()
async def fills_to_the_last_word(dut: Any) -> None:
    neurons, words, sink = int(dut.NEURONS.value), int(dut.WORDS.value), await begin(dut)
    sink.stall = 1.0
    expected = []
    while True:
        await ReadOnly()
        room = int(dut.room.value)
        await RisingEdge(dut.clk)
        if not room:
            break
        expected += [await push(dut, len(expected), neuron) for neuron in range(neurons)]
    assert len(expected) + neurons > words
    assert len(expected) >= 58
    sink.stall = 0.3
    assert await sink.take(len(expected)) == expected


@cocotb.test()
async def fills_it_beyond(dut: Any) -> None:
    sink = await begin(dut)
    sink.stall = 1.0
    for tick in range(int(dut.WORDS.value) + 5):
        await push(dut, tick, 0)


@cocotb.test()
async def loses_its_place(dut: Any) -> None:
    for name in IDLE:
        getattr(dut, name).value = 0
    await start(dut, sources=())
    for tick in range(5):
        await push(dut, tick, 0)
    dut.inner.read_address.value = int(dut.inner.write_address.value) + 1
    await ClockCycles(dut.clk, 3)
    dut.m_ready.value = 1
    await push(dut, 5, 0)
    await ClockCycles(dut.clk, 2)


@cocotb.test()
async def loses_a_spike_that_waits(dut: Any) -> None:
    sink = await begin(dut, rules=False)
    sink.stall = 1.0
    await push(dut, 5, 1)
    await ClockCycles(dut.clk, 5)
    dut.inner.m_valid.value = 0
    await ClockCycles(dut.clk, 3)


@cocotb.test()
async def logs_a_neuron_that_is_none(dut: Any) -> None:
    await begin(dut)
    await push(dut, 5, int(dut.NEURONS.value))
    await ClockCycles(dut.clk, 3)


GOOD = [keeps_spikes.name, keeps_spikes_after_a_reset.name, fills_to_the_last_word.name]


@pytest.mark.parametrize(("neurons", "words", "counting"), [(6, 64, 0), (6, 64, 1), (100, 256, 0)])
def test_spike_log(neurons: int, words: int, counting: int) -> None:
    check(__file__, "hwf_spike_log", {"NEURONS": neurons, "WORDS": words, "COUNTING": counting}, tests=GOOD)


@pytest.mark.parametrize(
    ("assertion", "case"),
    [
        ("the_log_never_overflows", fills_it_beyond.name),
        ("a_spike_is_not_fetched_while_it_is_stored", loses_its_place.name),
        ("a_spike_is_held_until_it_is_taken", loses_a_spike_that_waits.name),
        ("a_logged_neuron_exists", logs_a_neuron_that_is_none.name),
    ],
)
def test_assertion_fires(assertion: str, case: str) -> None:
    check_assertion_fires(__file__, "hwf_spike_log", assertion, {"NEURONS": 6, "WORDS": 64}, tests=[case])
