"""hwf_who_fired: who fires is gathered into words, and is what was before once the tick is finished."""

import random
from typing import Any

import cocotb
import pytest
from cocotb.triggers import ClockCycles
from harness import check, check_assertion_fires
from helpers.cycles import begin, cycle, pack, unpack
from helpers.reset import check_resets

pytestmark = pytest.mark.slow
NAMES = ("NEURONS", "LANES", "UNITS")
IDLE = dict.fromkeys(
    ("finish", "forget", "step6", "index6", "fires6", "read_word", "write", "word", "host_lane", "host_bit"), 0
)  # fmt: skip


async def read(dut: Any, neurons: int, lanes: int) -> list[int]:
    """Who fired in the tick before."""
    seen: list[int] = []
    for word in range(neurons // lanes + 1):
        (bits,) = await cycle(dut, "fired_before", read_word=word % (neurons // lanes))
        seen += unpack(bits, lanes, 1) if word else []
    return seen


async def write(dut: Any, lanes: int, neuron: int, bit: int) -> None:
    word, lane = divmod(neuron, lanes)
    await cycle(dut, word=word, read_word=word)
    await cycle(dut, write=1, host_lane=1 << lane, host_bit=bit)
    dut.write.value = 0


async def sweep(dut: Any, rng: random.Random) -> list[int]:
    """A sweep in which random neurons fire; which ones."""
    neurons, lanes, units = (int(getattr(dut, name).value) for name in NAMES)
    parts, fires = lanes // units, [rng.randrange(2) for _ in range(neurons)]
    for step in range(neurons // units):
        word, part = divmod(step, parts)
        if not part:  # other words may be read meanwhile, and these cycles do not count
            dut.step6.value = 0
            await ClockCycles(dut.clk, rng.randrange(3))
        whole, place, bits = await cycle(
            dut, "whole6", "place6", "word6", step6=1, index6=step, read_word=rng.randrange(neurons // lanes),
            fires6=pack(fires[step * units : (step + 1) * units], 1), word=rng.randrange(neurons // lanes),
        )  # fmt: skip
        assert whole == (part == parts - 1)
        assert not whole or (place, bits) == (word, pack(fires[word * lanes : (word + 1) * lanes], 1))
    dut.step6.value = 0
    return fires


@cocotb.test()
async def remembers_a_tick(dut: Any) -> None:
    neurons, lanes, _ = (int(getattr(dut, name).value) for name in NAMES)
    rng = random.Random(17)
    await begin(dut, **IDLE)
    before = [0] * neurons
    for neuron in range(neurons):
        await write(dut, lanes, neuron, 0)
    for _ in range(30):
        for neuron in range(neurons):
            if rng.random() < 0.3:
                before[neuron] = rng.randrange(2)
                await write(dut, lanes, neuron, before[neuron])
        assert await read(dut, neurons, lanes) == before
        forget = dut.forget.value = int(rng.random() < 0.2)
        fires = await sweep(dut, rng)
        assert await read(dut, neurons, lanes) == before  # until the tick is finished
        await cycle(dut, finish=1)
        dut.finish.value = 0
        before = [0] * neurons if forget else fires


@cocotb.test()
async def remembers_a_tick_through_a_reset(dut: Any) -> None:
    neurons, lanes, _ = (int(getattr(dut, name).value) for name in NAMES)
    await begin(dut, **IDLE)
    before = await sweep(dut, random.Random(18))
    await cycle(dut, finish=1)
    dut.finish.value = 0

    async def work(rng: random.Random) -> None:
        assert await read(dut, neurons, lanes) == before
        await sweep(dut, rng)
        assert await read(dut, neurons, lanes) == before

    await check_resets(dut, work, idle=IDLE)


@cocotb.test()
async def writes_in_a_tick(dut: Any) -> None:
    await begin(dut, **IDLE)
    await cycle(dut, write=1, step6=1)
    await cycle(dut)


@pytest.mark.parametrize("sizes", [(1, 1, 1), (5, 1, 1), (6, 2, 2), (12, 4, 2), (8, 8, 2)])
def test_who_fired(sizes: tuple[int, ...]) -> None:
    check(
        __file__,
        "hwf_who_fired",
        dict(zip(NAMES, sizes, strict=True)),
        tests=[remembers_a_tick.name, remembers_a_tick_through_a_reset.name],
    )


def test_assertion_fires() -> None:
    tests = [writes_in_a_tick.name]
    check_assertion_fires(__file__, "hwf_who_fired", "a_host_writes_between_ticks", tests=tests)
