"""hwf_traces: the traces of all sources and neurons, tick after tick, and as the host writes them."""

import random
from dataclasses import dataclass
from typing import Any

import cocotb
import numpy as np
import pytest
from harness import check, check_assertion_fires
from helpers.cycles import begin, corner, cycle, pack, unpack
from helpers.reset import check_resets

from hwflow.spiking.arithmetic import fade

pytestmark = pytest.mark.slow
NAMES = ("AXONS", "NEURONS", "LANES", "UNITS", "TRACE_BITS", "GRADED")
SETTINGS = ("rectangular", "nearest", "pre_decay", "post_decay", "pre_step", "post_step")
IDLE = {"index": 0, "word": 0, "raise": 0, "spike1": 0, "raise5": 0, "step5": 0, "fires6": 0, "ends": 0, "told": 0, "write_x": 0,
        "write_y": 0, "host_lane": 0, "host_data": 0} | dict.fromkeys(SETTINGS, 0)  # fmt: skip
WRITTEN = 3  # cycles after a word was named


@dataclass(frozen=True)
class Sizes:
    axons: int
    neurons: int
    lanes: int
    units: int
    bits: int
    graded: int

    @staticmethod
    def of(dut: Any) -> "Sizes":
        return Sizes(*(int(getattr(dut, name).value) for name in NAMES))


def raised(trace: Any, spikes: Any, rule: dict[str, int], side: str, bits: int) -> Any:
    step = rule[f"{side}_step"]
    faded = np.maximum(trace - 1, 0) if rule["rectangular"] else fade(trace, 65536 - rule[f"{side}_decay"])
    if rule["rectangular"] or rule["nearest"]:
        return np.where(spikes > 0, step, faded)
    return np.minimum(faded + step * spikes, (1 << bits) - 1)


async def read(dut: Any, sizes: Sizes) -> tuple[Any, Any]:
    """All traces of sources, and of neurons."""
    x: list[int] = []
    y: list[int] = []
    words, rows = (sizes.axons + sizes.neurons) // sizes.lanes, sizes.neurons // sizes.lanes
    for index in range(words + 1):
        seen = await cycle(dut, "x1", "y1", index=index % words, word=index % rows)
        if index:
            x += unpack(seen[0], sizes.lanes, sizes.bits)
        if 0 < index <= rows:
            y += unpack(seen[1], sizes.lanes, sizes.bits)
    return np.array(x), np.array(y)


async def write(dut: Any, sizes: Sizes, port: str, place: int, value: int) -> None:
    word, lane = divmod(place, sizes.lanes)
    for _ in range(4):
        await cycle(dut, told=1, index=word, word=word % (sizes.neurons // sizes.lanes), host_data=value)
    await cycle(dut, host_lane=1 << lane, **{port: 1})
    await cycle(dut, **{port: 0})


async def raise_x(dut: Any, sizes: Sizes, spikes: Any) -> None:
    words = spikes.reshape(-1, sizes.lanes)
    for index in range(len(words) + WRITTEN + 1):
        now = index < len(words)
        spike1 = pack(words[index - 1], 8 if sizes.graded else 1) if 0 < index <= len(words) else 0
        await cycle(dut, spike1=spike1, index=index if now else 0, **{"raise": now})


async def raise_y(dut: Any, sizes: Sizes, fires: Any) -> list[int]:
    """Gives the traces as they were."""
    steps, before = fires.reshape(-1, sizes.units), []
    for step in range(len(steps) + WRITTEN + 1):
        now = step < len(steps)
        fires6 = pack(steps[step - 1], 1) if 0 < step <= len(steps) else 0
        (y6,) = await cycle(dut, "y6", fires6=fires6, raise5=now, step5=step if now else 0)
        before += unpack(y6, sizes.units, sizes.bits) if 0 < step <= len(steps) else []
    return before


async def follow(dut: Any, rng: random.Random, ticks: int) -> None:
    """The host writes all traces; then ticks, between which it writes some."""
    sizes = Sizes.of(dut)
    most = (1 << sizes.bits) - 1
    x, y = np.zeros(sizes.axons + sizes.neurons, np.int64), np.zeros(sizes.neurons, np.int64)
    for turn in range(ticks):
        if turn % 5 == 0:  # as the host writes them
            rule = {name: rng.randrange(2) for name in SETTINGS[:2]}
            rule |= {name: corner(rng, 0, 65535) for name in SETTINGS[2:4]}
            rule |= {name: corner(rng, 0, most) for name in SETTINGS[4:]}
            for name, value in rule.items():
                getattr(dut, name).value = value
            for traces, port in ((x, "write_x"), (y, "write_y")):
                for place in rng.sample(range(len(traces)), len(traces)):
                    if not turn or rng.random() < 0.5:
                        traces[place] = corner(rng, 0, most)
                        await write(dut, sizes, port, place, int(traces[place]))
            await cycle(dut, told=0)
        spikes, fires = (np.array([int(rng.random() < 0.4) for _ in part]) for part in (x, y))
        if sizes.graded:
            spikes *= np.array([corner(rng, 1, 255) for _ in x])
        ends = dut.ends.value = int(rng.random() < 0.2)
        assert await raise_y(dut, sizes, fires) == y.tolist()
        x, y = raised(x, spikes, rule, "pre", sizes.bits), raised(y, fires, rule, "post", sizes.bits)
        if ends:
            x, y = np.zeros_like(x), np.zeros_like(y)
        await raise_x(dut, sizes, spikes)
        dut.ends.value = 0
        got_x, got_y = await read(dut, sizes)
        assert (got_x == x).all() and (got_y == y).all(), (turn, rule)


@cocotb.test()
async def follows_ticks(dut: Any) -> None:
    await begin(dut, **IDLE)
    await follow(dut, random.Random(13), 30)


@cocotb.test()
async def follows_ticks_after_a_reset(dut: Any) -> None:
    await begin(dut, **IDLE)

    async def work(rng: random.Random) -> None:
        await follow(dut, rng, 2)

    await check_resets(dut, work, idle=IDLE)


@cocotb.test()
async def writes_while_it_raises(dut: Any) -> None:
    await begin(dut, **IDLE)
    await cycle(dut, **{"raise": 1})
    await cycle(dut, write_x=1)
    await cycle(dut)


@pytest.mark.parametrize(
    "sizes",
    [
        (1, 1, 1, 1, 4, 0),
        (6, 4, 2, 2, 8, 0),
        (4, 12, 4, 2, 16, 0),
        (16, 8, 8, 2, 8, 0),
        (3, 2, 1, 1, 8, 1),
        (4, 12, 4, 2, 16, 1),
        (16, 8, 8, 2, 5, 1),
    ],
)
def test_traces(sizes: tuple[int, ...]) -> None:
    check(
        __file__,
        "hwf_traces",
        dict(zip(NAMES, sizes, strict=True)),
        tests=[follows_ticks.name, follows_ticks_after_a_reset.name],
    )


def test_assertion_fires() -> None:
    assertion, tests = "a_host_writes_no_trace_while_one_is_raised", [writes_while_it_raises.name]
    check_assertion_fires(__file__, "hwf_traces", assertion, tests=tests)
