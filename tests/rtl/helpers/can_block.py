"""An identifier's block of the guard's table, for the modules that ask for its words."""

from collections.abc import Sequence
from typing import Any

from cocotb.triggers import ReadOnly, RisingEdge


async def serve(dut: Any, words: Sequence[int], payload: Sequence[int] = ()) -> None:
    """Give `word`, and `byte_data` where there is a payload, as they were asked for in the cycle before; never ends."""
    while True:
        await ReadOnly()
        offset, place = int(dut.offset.value), int(dut.place.value) if payload else 0
        await RisingEdge(dut.clk)
        dut.word.value = int(words[offset])
        if payload:
            dut.byte_data.value = payload[place]
