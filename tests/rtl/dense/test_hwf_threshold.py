"""hwf_threshold: the count of thresholds reached, for every fold, with and without descending channels."""

import random
from bisect import bisect_right
from typing import Any

import cocotb
import pytest
from cocotb.clock import Clock
from cocotb.triggers import ReadOnly, RisingEdge
from harness import check

pytestmark = pytest.mark.slow


def channels(folds: int, steps: int, descending: int, x_bits: int) -> list[tuple[list[int], bool]]:
    """Ascending levels and the direction of each fold: known to both sides."""
    generator = random.Random(folds * 1000 + steps)
    low, high = -(1 << (x_bits - 1)), (1 << (x_bits - 1)) - 1
    return [
        (sorted(generator.randint(low, high) for _ in range(steps)), bool(descending and generator.randrange(2)))
        for _ in range(folds)
    ]


def images(folds: int, count_bits: int, steps: int, descending: int, x_bits: int) -> dict[str, str]:
    """The memory image of each stage, as the module's header describes it, written down plainly."""
    files = {}
    for stage in range(count_bits):
        words = []
        for levels, down in channels(folds, steps, descending, x_bits):
            tree = levels + [(1 << (x_bits - 1)) - 1] * ((1 << count_bits) - 1 - steps)
            for path in range(1 << stage):
                middle = ((2 * path + 1) << (count_bits - stage - 1)) - 1
                flag = (int(down) << x_bits) if stage == 0 else 0
                words.append(tree[middle] & ((1 << x_bits) - 1) | flag)
        files[f"t_{stage:x}.hex"] = "".join(f"{word:x}\n" for word in words)
    return files


@cocotb.test()
async def counts_thresholds(dut: Any) -> None:
    names = ("FOLDS", "X_BITS", "COUNT_BITS", "STEPS", "DESCENDING", "BASE", "Y_BITS")
    folds, x_bits, count_bits, steps, descending, base, y_bits = (getattr(dut, n).value.to_signed() for n in names)
    table = channels(folds, steps, descending, x_bits)
    cocotb.start_soon(Clock(dut.clk, 10, unit="ns").start())
    pipeline: list[int | None] = [None] * (count_bits + 1)
    arriving = 0  # x that comes with the next edge
    dut.x.value = 0
    for _ in range(600):
        fold, en = random.randrange(folds), random.random() < 0.7
        dut.next_fold.value, dut.en.value = fold, en
        await ReadOnly()
        if pipeline[-1] is not None:
            assert int(dut.y.value) == pipeline[-1]
        await RisingEdge(dut.clk)
        if not en:
            continue
        # The greatest value stands for "never reached", so x stays below it, as the compiler sees to.
        arriving = random.randint(-(1 << (x_bits - 1)), (1 << (x_bits - 1)) - 2)
        dut.x.value = arriving & ((1 << x_bits) - 1)
        levels, down = table[fold]
        reached = bisect_right(levels, arriving)
        count = steps - reached if down else reached
        pipeline = [(base + count) % (1 << y_bits), *pipeline[:-1]]


@pytest.mark.parametrize(
    ("folds", "x_bits", "count_bits", "steps", "descending", "base", "y_bits"),
    [
        (1, 7, 2, 3, 0, 0, 2),
        (5, 7, 2, 2, 1, -1, 2),
        (3, 7, 4, 15, 1, 0, 4),
        (1, 7, 1, 1, 1, 0, 1),
        (20, 7, 3, 6, 0, -3, 3),
        (2, 20, 12, 4095, 1, -2048, 12),
        (1, 40, 16, 65534, 0, -32767, 16),
    ],
)
def test_threshold(
    folds: int, x_bits: int, count_bits: int, steps: int, descending: int, base: int, y_bits: int
) -> None:
    parameters = {
        "FOLDS": folds,
        "X_BITS": x_bits,
        "COUNT_BITS": count_bits,
        "STEPS": steps,
        "DESCENDING": descending,
        "BASE": base,
        "Y_BITS": y_bits,
        "FILE": "t",
    }
    check(__file__, "hwf_threshold", parameters, files=images(folds, count_bits, steps, descending, x_bits))
