"""What hwf_pack, hwf_unpack and hwf_resize have in common: the same vectors, in beats of another width."""

import random
from typing import Any

from cocotb.triggers import RisingEdge

from helpers.reset import check_resets
from helpers.streams import STALLS, Sink, Source, start
from helpers.vectors import beats


def shape_of(dut: Any) -> tuple[int, int, int, int]:
    """Bits of an element; elements of a beat in and out; elements of a vector."""
    element, per_in, per_out, count = (int(getattr(dut, name).value) for name in ("ELEMENT", "IN", "OUT", "COUNT"))
    return element, per_in, per_out, count


async def check_contents_after_resets(dut: Any) -> None:
    """Vectors come out as they went in, after a reset in the midst of others."""
    element, per_in, per_out, count = shape_of(dut)
    clock = await start(dut)
    source, sink = Source(dut, clock=clock), Sink(dut, clock=clock)

    async def work(rng: random.Random) -> None:
        sink.words.clear()
        source.stall, sink.stall = rng.choice(STALLS)
        vectors = [[rng.getrandbits(element) for _ in range(count)] for _ in range(4)]
        ones = (1 << element) - 1
        await source.send(beat for v in vectors for beat in beats(v, per_in, element, filler=ones))
        expected = [beat for v in vectors for beat in beats(v, per_out, element)]
        assert await sink.take(len(expected)) == expected

    await check_resets(dut, work, idle={"s_valid": 0})


async def check_contents(dut: Any) -> None:
    """Random vectors come out as they went in, whatever fills up the last beat, under random stalls."""
    element, per_in, per_out, count = shape_of(dut)
    clock = await start(dut)
    source, sink = Source(dut, clock=clock), Sink(dut, clock=clock)
    for source.stall, sink.stall in STALLS:
        vectors = [[random.getrandbits(element) for _ in range(count)] for _ in range(20)]
        ones = (1 << element) - 1
        await source.send(beat for v in vectors for beat in beats(v, per_in, element, filler=ones))
        expected = [beat for v in vectors for beat in beats(v, per_out, element)]
        assert await sink.take(len(expected)) == expected


async def turn_a_bit(dut: Any, register: Any) -> None:
    """Fill the module with zeros, then turn a bit of the register over behind its back."""
    await start(dut)
    dut.s_valid.value = 1
    dut.s_data.value = 0
    for _ in range(10):
        await RisingEdge(dut.clk)
    register.value = int(register.value) ^ 1
    for _ in range(3):
        await RisingEdge(dut.clk)
