"""hwf_crc32 against zlib."""

import random
import zlib
from typing import Any

import cocotb
import pytest
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge
from harness import check

pytestmark = pytest.mark.slow


@cocotb.test()
async def agrees_with_zlib(dut: Any) -> None:
    cocotb.start_soon(Clock(dut.clk, 10, unit="ns").start())
    rng = random.Random(3)
    for _ in range(20):
        data = rng.randbytes(rng.randrange(1, 60))
        checksum = zlib.crc32(data)
        dut.restart.value = 1
        dut.valid.value = 0
        await FallingEdge(dut.clk)
        dut.restart.value = 0
        so_far = b""
        for byte in data + checksum.to_bytes(4, "little"):
            while rng.random() < 0.3:
                dut.valid.value = 0
                await FallingEdge(dut.clk)
            dut.valid.value = 1
            dut.data.value = byte
            await FallingEdge(dut.clk)
            so_far += bytes([byte])
            assert int(dut.crc.value) == zlib.crc32(so_far)
        assert int(dut.crc.value) == 0x2144DF1C


def test_crc32() -> None:
    check(__file__, "hwf_crc32")
