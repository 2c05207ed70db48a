"""Modules of a fixed latency: inputs and outputs a clock cycle at a time, and vectors of small integers in one port."""

import random
from collections.abc import Sequence
from typing import Any

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ReadOnly, RisingEdge


async def begin(dut: Any, **inputs: int) -> None:
    """Start the clock with these inputs; where there is a reset, give it."""
    cocotb.start_soon(Clock(dut.clk, 10, unit="ns").start())
    for name, value in inputs.items():
        getattr(dut, name).value = value
    if hasattr(dut, "rst"):
        dut.rst.value = 1
        await RisingEdge(dut.clk)
        await RisingEdge(dut.clk)
        dut.rst.value = 0
    else:
        await RisingEdge(dut.clk)


async def cycle(dut: Any, *see: str, **inputs: int) -> list[int]:
    """A clock cycle with these inputs, the others as before; what the ports `see` are in it."""
    for name, value in inputs.items():
        getattr(dut, name).value = value
    if not see:
        await RisingEdge(dut.clk)
        return []
    await ReadOnly()
    seen = [int(getattr(dut, name).value) for name in see]
    await RisingEdge(dut.clk)
    return seen


def pack(values: Sequence[int], bits: int) -> int:
    """Element 0 lowest."""
    return sum((int(value) & (1 << bits) - 1) << bits * i for i, value in enumerate(values))


def unpack(word: int, count: int, bits: int, *, signed: bool = False) -> list[int]:
    """The elements of `pack`."""
    values = [word >> bits * i & (1 << bits) - 1 for i in range(count)]
    return [value - (value >> bits - 1 << bits) for value in values] if signed else values


def to_signed(value: int, bits: int) -> int:
    """The number that the lowest bits are in two's complement."""
    return unpack(value, 1, bits, signed=True)[0]


def corner(rng: random.Random, low: int, high: int) -> int:
    """A number of low … high, more often one near an end or zero than chance has it."""
    if rng.random() < 0.4:
        near = [low, low + 1, high - 1, high, -1, 0, 1, (low + high) // 2, (low + high) // 2 + 1]
        return min(max(rng.choice(near), low), high)
    return rng.randint(low, high)
