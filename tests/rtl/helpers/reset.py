"""The case every module with a reset has in common: reset after a random part of the work, then everything right.

A reset at power-up tests nothing: registers are zero already.
"""

import random
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import cocotb
from cocotb.triggers import ReadWrite, RisingEdge

from helpers.streams import Cycles, reset

Work = Callable[[random.Random], Coroutine[Any, Any, None]]


async def check_resets(dut: Any, work: Work, *, idle: Mapping[str, int], times: int = 50, pin: str = "rst") -> None:
    """Demand a whole `work` after a reset that breaks another one off at a random moment: `times` times.

    `work(rng)` is called when the module was just reset; it stalls and chooses by `rng`, and checks all that comes out. It
    is cancelled where it stands, and then cancels what it runs beside itself. The inputs stay as it left them through the
    reset, in which `pin` is high for 1 to 40 cycles; `idle` is what they are when it falls. The clock runs already.
    """
    rng = random.Random(f"{cocotb.RANDOM_SEED} resets")
    clock = Cycles(dut)
    told = "at first"
    for _ in range(times + 1):
        cycles, seed = await _reset(dut, rng, idle, pin), rng.getrandbits(32)
        begin = clock.now
        try:
            await work(random.Random(seed))
        except AssertionError as error:
            error.add_note(f"after a reset of {cycles} cycles, {told}")
            raise
        await RisingEdge(dut.clk)  # wherever in a cycle the work ended
        moment = rng.randint(0, clock.now - begin)
        told = f"{moment} cycles into the work of seed {seed}"
        await _reset(dut, rng, idle, pin)
        broken_off = cocotb.start_soon(work(random.Random(seed)))
        for _ in range(moment):
            await RisingEdge(dut.clk)
        await ReadWrite()  # so that it sets its inputs for the cycle in which the reset comes
        broken_off.cancel()


async def _reset(dut: Any, rng: random.Random, idle: Mapping[str, int], pin: str) -> int:
    cycles = rng.choice((1, 1, 2, rng.randint(3, 40)))
    await reset(dut, cycles, idle, pin)
    return cycles
