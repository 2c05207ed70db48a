"""hwf_rom: contents, latency and the enable, for a constant, a shallow and a deep memory."""

import random
from typing import Any

import cocotb
import pytest
from cocotb.clock import Clock
from cocotb.triggers import ReadOnly, RisingEdge
from harness import check, check_assertion_fires

pytestmark = pytest.mark.slow

WIDTH = 11


def contents(depth: int) -> list[int]:
    """The words of the image: known to both sides."""
    generator = random.Random(depth)
    return [generator.getrandbits(WIDTH) for _ in range(depth)]


@cocotb.test()
async def reads_the_word_one_enabled_cycle_later(dut: Any) -> None:
    depth = int(dut.DEPTH.value)
    words = contents(depth)
    cocotb.start_soon(Clock(dut.clk, 10, unit="ns").start())
    dut.en.value = 1
    dut.address.value = 0
    await RisingEdge(dut.clk)
    expected = words[0]
    for _ in range(200):
        address, en = random.randrange(depth), random.randrange(2)
        dut.address.value, dut.en.value = address, en
        await ReadOnly()
        assert int(dut.data.value) == expected
        await RisingEdge(dut.clk)
        expected = words[address] if en else expected


@cocotb.test()
async def reads_beyond_the_memory(dut: Any) -> None:
    cocotb.start_soon(Clock(dut.clk, 10, unit="ns").start())
    dut.en.value = 1
    dut.address.value = int(dut.DEPTH.value)
    for _ in range(3):
        await RisingEdge(dut.clk)


@pytest.mark.parametrize("depth", [1, 11, 40])
def test_rom(depth: int) -> None:
    image = "".join(f"{word:x}\n" for word in contents(depth))
    parameters = {"WIDTH": WIDTH, "DEPTH": depth, "FILE": "image.hex"}
    tests = [reads_the_word_one_enabled_cycle_later.name]
    check(__file__, "hwf_rom", parameters, tests=tests, files={"image.hex": image})


def test_assertion_fires() -> None:
    image = "".join(f"{word:x}\n" for word in contents(11))
    parameters = {"WIDTH": WIDTH, "DEPTH": 11, "FILE": "image.hex"}
    tests = [reads_beyond_the_memory.name]
    name = "address_lies_in_the_memory"
    check_assertion_fires(__file__, "hwf_rom", name, parameters, tests=tests, files={"image.hex": image})
