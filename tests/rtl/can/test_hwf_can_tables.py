"""hwf_can_tables: what is written is read, by whoever works on a frame and by the host, who waits for the other."""

import random
from typing import Any

import cocotb
import pytest
from cocotb.triggers import ReadOnly, RisingEdge
from harness import check
from helpers.cycles import begin

pytestmark = pytest.mark.slow
WORDS = 2 * 64


@cocotb.test()
async def keeps_words(dut: Any) -> None:
    names = ("used", "write", "address", "write_data", "host_valid", "host_write", "host_address", "host_data")
    await begin(dut, **dict.fromkeys(names, 0))
    rng = random.Random(cocotb.RANDOM_SEED)
    memory: dict[int, int] = {}
    asked: int | None = None
    waited = 0
    for _ in range(4000):
        if not waited:  # the host holds its request until it is taken
            dut.host_valid.value, dut.host_write.value = rng.randint(0, 1), rng.randint(0, 1)
            dut.host_address.value, dut.host_data.value = rng.randrange(WORDS), rng.getrandbits(16)
        dut.used.value, dut.write.value = rng.randint(0, 1), rng.randint(0, 1)
        dut.address.value, dut.write_data.value = rng.randrange(WORDS), rng.getrandbits(16)
        await ReadOnly()
        if asked is not None and asked in memory:
            assert int(dut.read_data.value) == memory[asked]
        used, host = int(dut.used.value), int(dut.host_valid.value)
        assert int(dut.host_ready.value) == (not used)
        side = "" if used else "host_"
        place, data = (
            int(getattr(dut, f"{side}address").value),
            int(getattr(dut, side + ("data" if side else "write_data")).value),
        )
        writes = int(getattr(dut, f"{side}write").value) and (used or host)
        asked = None if writes else place
        if writes:
            memory[place] = data
        waited = host and used
        await RisingEdge(dut.clk)
    assert len(memory) == WORDS


def test_keeps_words() -> None:
    check(__file__, "hwf_can_tables", {"IDENTIFIERS": 2, "SINGLE_PORT": 1})
