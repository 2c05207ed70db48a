"""hwf_chain_ccu2c: the sum that its header gives, as it is simulated; `test_primitives.py` compares what is built."""

import random
from typing import Any

import cocotb
import pytest
from cocotb.triggers import Timer
from harness import check

pytestmark = pytest.mark.slow


@cocotb.test()
async def adds_a_majority(dut: Any) -> None:
    width, turn_a, turn_b = (int(getattr(dut, name).value) for name in ("WIDTH", "TURN_A", "TURN_B"))
    most = (1 << width) - 1
    for _ in range(500):
        a, b, c, d = (random.choice([0, most, random.getrandbits(width)]) for _ in range(4))
        dut.a.value, dut.b.value, dut.c.value, dut.d.value = a, b, c, d
        await Timer(1, unit="ns")
        turned = b ^ turn_b
        majority = turned & c | turned & d | c & d
        assert int(dut.s.value) == ((a ^ turn_a) + majority) & most


@pytest.mark.parametrize(("width", "turn_a", "turn_b"), [(1, 0, 1), (2, 2, 1), (5, 0b10110, 0b01101), (12, 0, 0xF0F)])
def test_chain(width: int, turn_a: int, turn_b: int) -> None:
    masks = {"TURN_A": f"{width}'d{turn_a}", "TURN_B": f"{width}'d{turn_b}"}
    check(__file__, "hwf_chain_ccu2c", {"WIDTH": width} | masks)
