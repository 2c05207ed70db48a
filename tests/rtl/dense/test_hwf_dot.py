"""hwf_dot: sums of products of every kind of weight, and the latency its header gives."""

import math
import random
from typing import Any

import cocotb
import pytest
from cocotb.clock import Clock
from cocotb.triggers import ReadOnly, RisingEdge
from harness import check, simulate

pytestmark = pytest.mark.slow


def signed(word: int, bits: int) -> int:
    return word - (1 << bits) if word >> (bits - 1) else word


@cocotb.test()
async def sums_products(dut: Any) -> None:
    names = ("SIMD", "X_BITS", "X_SIGNED", "W_BITS", "W_BIPOLAR", "W_TERNARY", "LEVELS")
    simd, x_bits, x_signed, w_bits, bipolar, ternary, levels = (int(getattr(dut, name).value) for name in names)
    stages = math.ceil((1 + (simd - 1).bit_length()) / levels)
    cocotb.start_soon(Clock(dut.clk, 10, unit="ns").start())
    pipeline: list[int | None] = [None] * stages
    for cycle in range(400):
        corner = cycle % 4 == 0
        xs = [random.choice([0, (1 << x_bits) - 1, 1 << (x_bits - 1)]) if corner else random.getrandbits(x_bits)
              for _ in range(simd)]  # fmt: skip
        ws = [random.getrandbits(w_bits) for _ in range(simd)]
        if ternary:
            ws = [word if word != 1 << (w_bits - 1) else 0 for word in ws]
        en = random.random() < 0.7
        dut.x.value = sum(word << (i * x_bits) for i, word in enumerate(xs))
        dut.w.value = sum(word << (i * w_bits) for i, word in enumerate(ws))
        dut.en.value = en
        await ReadOnly()
        if pipeline[-1] is not None:
            assert signed(int(dut.y.value), len(dut.y)) == pipeline[-1]
        await RisingEdge(dut.clk)
        x_values = [signed(word, x_bits) if x_signed else word for word in xs]
        w_values = [2 * word - 1 if bipolar else signed(word, w_bits) for word in ws]
        if en:
            pipeline = [sum(x * w for x, w in zip(x_values, w_values, strict=True)), *pipeline[:-1]]


@pytest.mark.parametrize(
    ("simd", "x_bits", "x_signed", "w_bits", "bipolar", "ternary", "levels"),
    [
        (1, 1, 0, 1, 1, 0, 2),
        (7, 2, 1, 2, 0, 1, 2),
        (6, 3, 0, 2, 0, 0, 1),
        (5, 8, 1, 8, 0, 0, 3),
        (9, 1, 1, 1, 0, 0, 2),
        (16, 4, 0, 2, 0, 1, 2),
        (3, 4, 0, 5, 0, 0, 2),
        (5, 16, 1, 16, 0, 0, 2),
        (4, 16, 0, 24, 0, 0, 3),
        (1, 32, 1, 31, 0, 0, 2),
    ],
)
def test_dot(simd: int, x_bits: int, x_signed: int, w_bits: int, bipolar: int, ternary: int, levels: int) -> None:
    parameters = {"SIMD": simd, "X_BITS": x_bits, "X_SIGNED": x_signed, "W_BITS": w_bits, "W_BIPOLAR": bipolar}
    check(__file__, "hwf_dot", parameters | {"W_TERNARY": ternary, "LEVELS": levels})


@pytest.mark.parametrize("illegal", [{"W_BIPOLAR": 1, "W_BITS": 2}, {"W_TERNARY": 1, "W_BITS": 3}])
def test_illegal_parameters_do_not_build(illegal: dict[str, int]) -> None:
    with pytest.raises(AssertionError, match="hwf_dot: "):
        simulate(__file__, "hwf_dot", illegal)
