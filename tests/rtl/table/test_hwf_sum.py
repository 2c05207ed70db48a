"""hwf_sum: sums of terms, and the latency its header gives."""

import math
import random
from typing import Any

import cocotb
import pytest
from cocotb.clock import Clock
from cocotb.triggers import ReadOnly, RisingEdge
from harness import check

pytestmark = pytest.mark.slow


def signed(word: int, bits: int) -> int:
    return word - (1 << bits) if word >> (bits - 1) else word


@cocotb.test()
async def adds_terms(dut: Any) -> None:
    terms, bits, levels = (int(getattr(dut, name).value) for name in ("TERMS", "X_BITS", "LEVELS"))
    stages = math.ceil((terms - 1).bit_length() / levels)
    cocotb.start_soon(Clock(dut.clk, 10, unit="ns").start())
    pipeline: list[int | None] = [None] * stages
    for cycle in range(300):
        corner = cycle % 4 == 0
        words = [random.choice([0, (1 << bits) - 1, 1 << (bits - 1)]) if corner else random.getrandbits(bits)
                 for _ in range(terms)]  # fmt: skip
        total = sum(signed(word, bits) for word in words)
        en = random.random() < 0.7
        dut.x.value = sum(word << (i * bits) for i, word in enumerate(words))
        dut.en.value = en
        await ReadOnly()
        expected = pipeline[-1] if stages else total
        if expected is not None:
            assert signed(int(dut.y.value), len(dut.y)) == expected
        await RisingEdge(dut.clk)
        if en and stages:
            pipeline = [total, *pipeline[:-1]]


@pytest.mark.parametrize(
    ("terms", "x_bits", "levels"), [(1, 3, 2), (2, 1, 2), (7, 4, 2), (16, 6, 2), (5, 8, 1), (9, 2, 3)]
)
def test_sum(terms: int, x_bits: int, levels: int) -> None:
    check(__file__, "hwf_sum", {"TERMS": terms, "X_BITS": x_bits, "LEVELS": levels})
