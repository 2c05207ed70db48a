"""A UART in Python: drives and reads a pin with any bit time, so that a wrong baud rate can be tried."""

import random
from collections.abc import Iterable
from typing import Any

import cocotb
from cocotb.triggers import FallingEdge, Timer

CLOCK_NS = 10


def bit_ps(sixteenths: int, error: float = 0.0) -> int:
    """Length of a bit in picoseconds at the tests' clock, made longer by the fraction `error`."""
    return round(sixteenths * CLOCK_NS * 1000 / 16 * (1 + error))


async def drive(pin: Any, data: Iterable[int], bit: int, *, stop: int = 1, stop_bits: float = 1.0) -> None:
    """Send bytes with bits of `bit` picoseconds; `stop` 0 leaves out the stop bit's level."""
    for byte in data:
        for level in [0, *(byte >> i & 1 for i in range(8))]:
            pin.value = level
            await Timer(bit, unit="ps")
        pin.value = stop
        await Timer(max(1, round(bit * stop_bits)), unit="ps")
        pin.value = 1


async def idle(bit: int, bits: float, rng: random.Random) -> None:
    """Wait up to `bits` bit times, so that the next byte begins at any phase of the clock."""
    await Timer(max(1, round(bit * bits * rng.random())), unit="ps")


class Reader:
    """Reads bytes from a pin into `data`, sampling in the middle of each bit; counts missing stop bits in `framing`."""

    def __init__(self, pin: Any, bit: int) -> None:
        self._pin = pin
        self._bit = bit
        self.data = bytearray()
        self.framing = 0
        self._task = cocotb.start_soon(self._run())

    def stop(self) -> None:
        """Read no more."""
        self._task.cancel()

    async def _run(self) -> None:
        while True:
            await FallingEdge(self._pin)
            await Timer(self._bit * 3 // 2, unit="ps")
            byte = 0
            for i in range(8):
                byte |= int(self._pin.value) << i
                await Timer(self._bit, unit="ps")
            if int(self._pin.value):
                self.data.append(byte)
            else:
                self.framing += 1
