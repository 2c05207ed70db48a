"""What the tests of the guard's parts share: words that are asked for, a start and its end, and work that the next start breaks off."""

from collections.abc import Coroutine, Sequence
from typing import Any

import cocotb
from cocotb.triggers import ClockCycles, ReadOnly, RisingEdge


async def run(dut: Any, cycles: int) -> None:
    """Start; `done` is to be high in that cycle from it, and in none before."""
    dut.start.value = 1
    await RisingEdge(dut.clk)
    dut.start.value = 0
    for cycle in range(1, cycles + 1):
        await ReadOnly()
        assert int(dut.done.value) == (cycle == cycles), cycle
        await RisingEdge(dut.clk)


async def break_off(dut: Any, work: Coroutine[Any, Any, None], cycles: int) -> None:
    """Leave work alone after so many cycles."""
    task = cocotb.start_soon(work)
    await ClockCycles(dut.clk, cycles)
    task.cancel()


async def serve(dut: Any, words: Sequence[int], payload: Sequence[int] = ()) -> None:
    """Give `word`, and `byte_data` where there is a payload, as they were asked for in the cycle before; never ends."""
    while True:
        await ReadOnly()
        offset, place = int(dut.offset.value), int(dut.place.value) if payload else 0
        await RisingEdge(dut.clk)
        dut.word.value = int(words[offset])
        if payload:
            dut.byte_data.value = payload[place]
