"""A request as hwf_link makes it, to the application behind it."""

from collections.abc import Sequence
from typing import Any

import cocotb
from cocotb.triggers import FallingEdge, RisingEdge

from helpers.streams import Sink, Source


async def carry_out(
    dut: Any, payload: Source, results: Sink, operation: int, address: int, data: Sequence[int], limit: int = 20_000
) -> tuple[int, bytes]:
    """One request with `data` as its payload; its status and its reply's payload.

    A device that looks at `request_length` has it set by the caller. Raises AssertionError after `limit` cycles.
    """
    dut.request_valid.value = 1
    dut.request_operation.value = operation
    dut.request_address.value = address
    told = hasattr(dut, "p_more")
    if told:
        dut.p_more.value = bool(data)

    async def feed() -> None:
        await payload.send(data)
        if told:
            dut.p_more.value = 0

    feeding = cocotb.start_soon(feed())
    try:
        for _ in range(limit):
            await FallingEdge(dut.clk)
            if int(dut.request_done.value):
                break
        else:
            raise AssertionError("the request never ends")
        status = int(dut.reply_status.value)
        await RisingEdge(dut.clk)
    finally:
        feeding.cancel()
    dut.p_valid.value = 0
    dut.request_valid.value = 0
    await RisingEdge(dut.clk)
    words, results.words = results.words, []
    return status, bytes(words)
