"""hwf_stimuli: ticks in every form, cut and stalled at random, against the bytes' own meaning."""

import random
from typing import Any

import cocotb
import pytest
from cocotb.triggers import ClockCycles, ReadOnly, RisingEdge
from harness import check, check_assertion_fires
from helpers.reset import check_resets
from helpers.streams import STALLS, Source, start

pytestmark = pytest.mark.slow
SIZES = [13, 256, 700]


Axons = list[tuple[int, int]]  # numbers, and the values of their spikes
Tick = Axons | int  # or the flags of an order


def stimuli(rng: random.Random, axons: int, count: int, graded: bool) -> tuple[bytes, list[Tick]]:
    """Bytes of ticks and orders, and the axons that each of them sets, or its flags, in order."""
    wide = axons > 256
    data, ticks = bytearray(), list[Tick]()
    for _ in range(count):
        form = rng.choice(
            ["list", "list", "none", "run", "no run", "bits", "order", *(["values", "values"] if graded else [])]
        )
        if form == "list":
            numbers = [
                rng.randrange(1 << (16 if wide else 8))
                for _ in range(rng.choice([1, 2, 5, rng.randrange(252), *([253] if not graded else [])]))
            ]
            data += bytes([len(numbers)]) + b"".join(n.to_bytes(1 + wide, "little") for n in numbers)
            ticks.append([(n, 1) for n in numbers if n < 16384])
        elif form == "order":
            ticks.append(rng.randrange(8))
            data += bytes([252, ticks[-1] | rng.choice([0, 0, rng.randrange(32) << 3])])  # other bits mean nothing
        elif form == "none":
            data.append(0)
            ticks.append([])
        elif form == "bits":
            bits = rng.getrandbits(-(-axons // 8) * 8) & rng.getrandbits(-(-axons // 8) * 8)
            data += b"\xff" + bits.to_bytes(-(-axons // 8), "little")
            ticks.append([(j, 1) for j in range(bits.bit_length()) if bits >> j & 1])
        elif form == "values":
            values = bytes(
                rng.choice([0, 1, 255, rng.randrange(256)])
                for _ in range(
                    rng.choice([0, 1, axons, axons + 3, rng.randrange(axons + 1), 17000 if axons > 256 else 5])
                )
            )
            data += b"\xfd" + len(values).to_bytes(2, "little") + values
            ticks.append([(j, value) for j, value in enumerate(values[: 1 << (axons - 1).bit_length()]) if value])
        else:
            run = rng.choice([1, 2, 255, 256, 257]) if form == "run" else 0
            data += b"\xfe" + run.to_bytes(2, "little")
            ticks += [[]] * run
    return bytes(data), ticks


class Core:
    """Takes axons and ticks, while it runs; not ready at random."""

    def __init__(self, dut: Any, seed: int) -> None:
        self._dut = dut
        self._rng = random.Random(seed)
        self.stall = 0.5
        self.ticks: list[Tick] = []

    async def run(self) -> None:
        dut, numbers = self._dut, list[tuple[int, int]]()
        while True:
            ready = self._rng.random() >= self.stall
            dut.axon_ready.value = ready
            dut.start.value = 0
            await ReadOnly()
            if int(dut.axon_valid.value) and ready:
                numbers.append((int(dut.axon.value), int(dut.axon_value.value)))
            waiting, order = int(dut.waiting.value), int(dut.flags.value) if int(dut.ordered.value) else None
            await RisingEdge(dut.clk)
            if waiting and self._rng.random() >= self.stall:
                dut.start.value = 1
                dut.axon_ready.value = 0
                await RisingEdge(dut.clk)
                if order is not None:
                    assert not numbers
                    self.ticks.append(order)
                    continue
                self.ticks.append(numbers)
                numbers = []


@cocotb.test()
async def reads_ticks(dut: Any) -> None:
    axons, rng = int(dut.AXONS.value), random.Random(7)
    dut.start.value = 0
    dut.axon_ready.value = 0
    clock = await start(dut, sinks=())
    source = Source(dut, "s", clock=clock)
    for stalls in STALLS:
        await read_ticks(dut, source, axons, rng, 12, stalls)


async def read_ticks(
    dut: Any, source: Source, axons: int, rng: random.Random, count: int, stalls: tuple[float, float]
) -> None:
    core = Core(dut, rng.getrandbits(32))
    source.stall, core.stall = stalls
    data, ticks = stimuli(rng, axons, count, bool(dut.GRADED.value))
    taking = cocotb.start_soon(core.run())
    try:
        await source.send(data)
        while int(dut.waiting.value) or len(core.ticks) < len(ticks):
            await RisingEdge(dut.clk)
        await ClockCycles(dut.clk, 3)
    finally:
        taking.cancel()
    assert core.ticks == ticks


@cocotb.test()
async def forgets_a_half_tick(dut: Any) -> None:
    axons = int(dut.AXONS.value)
    dut.start.value = 0
    dut.axon_ready.value = 0
    clock = await start(dut, sinks=())
    source = Source(dut, "s", clock=clock)

    async def work(rng: random.Random) -> None:
        await read_ticks(dut, source, axons, rng, 3, rng.choice(STALLS))

    # Ticks of many axons take long, and what a reset meets in them is the same.
    await check_resets(dut, work, idle={"s_valid": 0, "start": 0}, times=10 + 500 // axons)


@cocotb.test()
async def starts_what_does_not_wait(dut: Any) -> None:
    dut.start.value = 0
    dut.axon_ready.value = 0
    await start(dut, sinks=())
    dut.start.value = 1
    await ClockCycles(dut.clk, 3)


@cocotb.test()
async def changes_a_byte_that_waits(dut: Any) -> None:
    dut.start.value = 0
    dut.axon_ready.value = 0
    await start(dut, sinks=())
    dut.s_valid.value = 1
    for byte in (5, 3, 4, 4):
        dut.s_data.value = byte
        await RisingEdge(dut.clk)


@cocotb.test()
async def loses_the_count(dut: Any) -> None:
    dut.start.value = 0
    dut.axon_ready.value = 1
    clock = await start(dut, sinks=())
    await Source(dut, "s", clock=clock).send([0])
    await RisingEdge(dut.clk)
    dut.inner.place.value = 0xFFFF
    await ClockCycles(dut.clk, 3)


@cocotb.test()
async def keeps_up_with_values(dut: Any) -> None:
    """A byte a cycle, if the core takes axons as fast."""
    dut.start.value = 0
    dut.axon_ready.value = 1
    source = Source(dut, "s", clock=await start(dut, sinks=()))
    await source.send(b"\xfd\x40\0" + bytes(range(64)))
    assert source.taken[-1] - source.taken[0] == 66


GOOD = [reads_ticks.name, forgets_a_half_tick.name]


@pytest.mark.parametrize("graded", [0, 1])
@pytest.mark.parametrize("axons", SIZES)
def test_stimuli(axons: int, graded: int) -> None:
    tests = [*GOOD, *([keeps_up_with_values.name] if graded else [])]
    check(__file__, "hwf_stimuli", {"AXONS": axons, "GRADED": graded}, tests=tests)


@pytest.mark.parametrize(
    ("assertion", "case"),
    [
        ("only_a_waiting_tick_is_started", starts_what_does_not_wait.name),
        ("an_axon_waits_for_the_core", changes_a_byte_that_waits.name),
        ("something_is_left_while_it_waits", loses_the_count.name),
    ],
)
def test_assertion_fires(assertion: str, case: str) -> None:
    check_assertion_fires(__file__, "hwf_stimuli", assertion, {"AXONS": 8}, tests=[case])
