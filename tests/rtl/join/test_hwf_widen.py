"""hwf_widen: the same integers in more bits, or in fewer where they fit."""

import random
from typing import Any

import cocotb
import pytest
from cocotb.triggers import Timer
from harness import check

pytestmark = pytest.mark.slow


@cocotb.test()
async def keeps_the_integers(dut: Any) -> None:
    lanes, bits_in, bits_out, signed = (int(getattr(dut, n).value) for n in ("LANES", "IN", "OUT", "SIGNED"))
    kept = min(bits_in, bits_out)
    low = -(1 << kept - 1) if signed else 0
    for _ in range(300):
        values = [random.randint(low, low + (1 << kept) - 1) for _ in range(lanes)]
        dut.s_valid.value, dut.m_ready.value = valid, ready = random.getrandbits(1), random.getrandbits(1)
        dut.s_data.value = sum((value % (1 << bits_in)) << i * bits_in for i, value in enumerate(values))
        await Timer(1, unit="ns")
        assert int(dut.m_data.value) == sum((v % (1 << bits_out)) << i * bits_out for i, v in enumerate(values))
        assert (int(dut.m_valid.value), int(dut.s_ready.value)) == (valid, ready)


@pytest.mark.parametrize(
    ("lanes", "bits_in", "bits_out", "signed"), [(1, 4, 7, 0), (3, 4, 5, 1), (2, 6, 3, 1), (2, 6, 3, 0), (4, 1, 9, 1)]
)
def test_widen(lanes: int, bits_in: int, bits_out: int, signed: int) -> None:
    check(__file__, "hwf_widen", {"LANES": lanes, "IN": bits_in, "OUT": bits_out, "SIGNED": signed})
