"""hwf_chain_carry4: the sum that its header gives, as it is simulated; `test_primitives.py` compares what is built."""

import random
from typing import Any

import cocotb
import pytest
from cocotb.triggers import Timer
from harness import check

pytestmark = pytest.mark.slow


@cocotb.test()
async def adds_three(dut: Any) -> None:
    width, *turns = (int(getattr(dut, name).value) for name in ("WIDTH", "TURN_A", "TURN_B", "TURN_C"))
    most = (1 << width) - 1
    for _ in range(500):
        terms = [random.choice([0, most, random.getrandbits(width)]) for _ in range(3)]
        dut.a.value, dut.b.value, dut.c.value = terms
        await Timer(1, unit="ns")
        assert int(dut.s.value) == sum(term ^ turn for term, turn in zip(terms, turns, strict=True)) & most


@pytest.mark.parametrize(
    ("width", "turns"), [(1, (0, 1, 0)), (2, (0, 0, 3)), (5, (0, 0b10110, 0)), (12, (0xF, 0xF0, 0xF00))]
)
def test_chain(width: int, turns: tuple[int, ...]) -> None:
    masks = {f"TURN_{name}": f"{width}'d{turn}" for name, turn in zip("ABC", turns, strict=True)}
    check(__file__, "hwf_chain_carry4", {"WIDTH": width} | masks)
