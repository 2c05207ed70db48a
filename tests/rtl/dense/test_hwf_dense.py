"""hwf_dense: matrix products and activations under random stalls, its latency and rate, and its assertions."""

import random
from typing import Any

import cocotb
import numpy as np
import pytest
from cocotb.triggers import RisingEdge
from harness import check, check_assertion_fires, simulate
from helpers.reset import check_resets
from helpers.streams import STALLS, Sink, Source, start
from helpers.vectors import beats

from hwflow.quantised.signs import signs

pytestmark = pytest.mark.slow

ROWS, COLUMNS, X_BITS, SUM_BITS = 5, 7, 2, 8


def matrix(bipolar: int, seed: int = 0) -> np.ndarray:
    if seed:
        return signs(seed, ROWS, COLUMNS)
    generator = np.random.default_rng(7)
    return generator.choice([-1, 1], (ROWS, COLUMNS)) if bipolar else generator.integers(-2, 2, (ROWS, COLUMNS))


def levels() -> np.ndarray:
    return np.sort(np.random.default_rng(8).integers(-12, 12, (ROWS, 3)), axis=1)


DESCENDING = (False, True, False, False, True)


def word(values: list[int], bits: int) -> int:
    return sum((value % (1 << bits)) << (i * bits) for i, value in enumerate(values))


def images(pe: int, simd: int, bipolar: int) -> dict[str, str]:
    """The images as the headers describe them, written down plainly: one loop for each index."""
    folds, count, w_bits = -(-ROWS // pe), -(-COLUMNS // simd), 1 if bipolar else 2
    weights = matrix(bipolar)

    def stored(row: int, column: int) -> int:
        weight = int(weights[min(row, ROWS - 1), column]) if column < COLUMNS else 0
        return (weight + 1) // 2 if bipolar else weight

    lines = []
    for fold in range(folds):
        for beat in range(count):
            lanes = [stored(fold * pe + p, beat * simd + s) for p in range(pe) for s in range(simd)]
            lines.append(f"{word(lanes, w_bits):x}\n")
    files = {"w.hex": "".join(lines)}
    for lane in range(pe):
        rows = [min(fold * pe + lane, ROWS - 1) for fold in range(folds)]
        middles = [(int(levels()[row, 1]) % (1 << SUM_BITS)) | (int(DESCENDING[row]) << SUM_BITS) for row in rows]
        outer = [int(levels()[row, part]) % (1 << SUM_BITS) for row in rows for part in (0, 2)]
        files[f"t{lane:03d}_0.hex"] = "".join(f"{value:x}\n" for value in middles)
        files[f"t{lane:03d}_1.hex"] = "".join(f"{value:x}\n" for value in outer)
    return files


def parameters(pe: int, simd: int, bipolar: int, activation: int) -> dict[str, int | str]:
    return {
        "ROWS": ROWS,
        "COLUMNS": COLUMNS,
        "PE": pe,
        "SIMD": simd,
        "X_BITS": X_BITS,
        "X_SIGNED": 1,
        "W_BITS": 1 if bipolar else 2,
        "W_BIPOLAR": bipolar,
        "SUM_BITS": SUM_BITS,
        "COUNT_BITS": 2 * activation,
        "STEPS": 3 * activation,
        "DESCENDING": activation,
        "Y_BITS": 2 if activation else SUM_BITS,
        "WEIGHTS": "w.hex",
        "THRESHOLDS": "t",
    }


async def check_products(dut: Any, source: Source, sink: Sink, x: np.ndarray) -> None:
    """The vectors in, and what comes out, compared with numpy."""
    names = ("PE", "SIMD", "W_BIPOLAR", "COUNT_BITS", "SEED")
    pe, simd, bipolar, activation, seed = (int(getattr(dut, name).value) for name in names)
    await source.send(
        beat for vector in x for beat in beats([int(v) % 4 for v in vector], simd, X_BITS, filler=3 * (not bipolar))
    )
    sums = x @ matrix(bipolar, seed).T
    reached = (sums[:, :, None] >= levels()).sum(axis=2)
    y = np.where(DESCENDING, 3 - reached, reached) if activation else sums
    y_bits = 2 if activation else SUM_BITS
    taken = await sink.take(len(x) * -(-ROWS // pe))
    fold_count = -(-ROWS // pe)
    for vector in range(len(x)):
        lanes = [
            taken[vector * fold_count + row // pe] >> (row % pe * y_bits) & ((1 << y_bits) - 1) for row in range(ROWS)
        ]
        assert lanes == [int(v) % (1 << y_bits) for v in y[vector]]


@cocotb.test()
async def multiplies_and_activates(dut: Any) -> None:
    clock = await start(dut)
    source, sink = Source(dut, clock=clock), Sink(dut, clock=clock)
    generator = np.random.default_rng(cocotb.RANDOM_SEED)
    for source.stall, sink.stall in STALLS:
        await check_products(dut, source, sink, generator.integers(-2, 2, (12, COLUMNS)))


@cocotb.test()
async def multiplies_and_activates_after_a_reset(dut: Any) -> None:
    clock = await start(dut)
    source, sink = Source(dut, clock=clock), Sink(dut, clock=clock)

    async def work(rng: random.Random) -> None:
        sink.words.clear()
        source.stall, sink.stall = rng.choice(STALLS)
        x = np.array([[rng.randint(-2, 1) for _ in range(COLUMNS)] for _ in range(rng.randint(1, 3))])
        await check_products(dut, source, sink, x)

    await check_resets(dut, work, idle={"s_valid": 0})


@cocotb.test()
async def takes_folds_times_beats_cycles(dut: Any) -> None:
    pe, simd, activation = (int(getattr(dut, name).value) for name in ("PE", "SIMD", "COUNT_BITS"))
    folds, count = -(-ROWS // pe), -(-COLUMNS // simd)
    latency = 1 + -(-(1 + (simd - 1).bit_length()) // 2) + (count > 1) + activation
    clock = await start(dut)
    source, sink = Source(dut, clock=clock), Sink(dut, clock=clock)
    await source.send([0] * (count * 6))
    await sink.take(folds * 6)
    for vector in range(6):
        completes = source.taken[(vector + 1) * count - 1]
        assert completes == source.taken[count - 1] + vector * folds * count
        given = sink.given[vector * folds : (vector + 1) * folds]
        assert given == [completes + fold * count + latency for fold in range(folds)]


@cocotb.test()
async def changes_a_stalled_result(dut: Any) -> None:
    await start(dut)
    dut.s_valid.value = 1
    dut.s_data.value = 0
    for _ in range(60):
        await RisingEdge(dut.clk)
    dut.inner.activation.complete.value = 0
    for _ in range(3):
        await RisingEdge(dut.clk)


GOOD = [multiplies_and_activates.name, multiplies_and_activates_after_a_reset.name, takes_folds_times_beats_cycles.name]
SHAPES = [(1, 1, 0, 1), (2, 3, 0, 1), (5, 7, 0, 1), (2, 7, 1, 1), (3, 2, 0, 0)]


@pytest.mark.parametrize(("pe", "simd", "bipolar", "activation"), SHAPES)
def test_dense(pe: int, simd: int, bipolar: int, activation: int) -> None:
    files = images(pe, simd, bipolar)
    check(__file__, "hwf_dense", parameters(pe, simd, bipolar, activation), tests=GOOD, files=files)


@pytest.mark.parametrize(("pe", "simd"), [(1, 1), (5, 1), (1, 7)])
def test_weights_of_a_seed(pe: int, simd: int) -> None:
    seeded = parameters(pe, simd, 1, 1) | {"SEED": 0x2545F491}
    files = {name: text for name, text in images(pe, simd, 1).items() if name != "w.hex"}
    check(__file__, "hwf_dense", seeded, tests=GOOD, files=files)


def test_stall_assertion_fires() -> None:
    tests, name = [changes_a_stalled_result.name], "a_stalled_result_is_held"
    files = images(5, 7, 0)
    check_assertion_fires(__file__, "hwf_dense", name, parameters(5, 7, 0, 0), tests=tests, files=files)


@pytest.mark.parametrize("illegal", [{"PE": 6}, {"SIMD": 3, "W_BIPOLAR": 1, "W_BITS": 1}, {"Y_BITS": 9}, {"SEED": 1}])
def test_illegal_parameters_do_not_build(illegal: dict[str, int]) -> None:
    with pytest.raises(AssertionError, match="hwf_dense: "):
        simulate(__file__, "hwf_dense", parameters(1, 1, 0, 0) | illegal)
