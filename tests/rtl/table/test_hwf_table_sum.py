"""hwf_table_sum: sums of entries and activations under random stalls, its latency and rate, and its assertions."""

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

pytestmark = pytest.mark.slow

ROWS, COLUMNS, X_BITS, ENTRY_BITS, SUM_BITS = 5, 7, 2, 4, 7
DESCENDING = (False, True, False, False, True)


def entries() -> np.ndarray:
    return np.random.default_rng(7).integers(-8, 8, (ROWS, COLUMNS, 1 << X_BITS))


def levels() -> np.ndarray:
    return np.sort(np.random.default_rng(8).integers(-12, 12, (ROWS, 3)), axis=1)


def word(values: list[int], bits: int) -> int:
    return sum((value % (1 << bits)) << (i * bits) for i, value in enumerate(values))


def images(pe: int, simd: int) -> dict[str, str]:
    """As the headers describe them, written down plainly: one loop for each index."""
    folds, count = -(-ROWS // pe), -(-COLUMNS // simd)
    table = entries()
    files = {}
    for s in range(simd):
        lines = []
        for fold in range(folds):
            for beat in range(count):
                for x in range(1 << X_BITS):
                    c = beat * simd + s
                    rows = [min(fold * pe + p, ROWS - 1) for p in range(pe)]
                    lines.append(f"{word([int(table[r, c, x]) if c < COLUMNS else 0 for r in rows], ENTRY_BITS):x}\n")
        files[f"e{s:04d}.hex"] = "".join(lines)
    for lane in range(pe):
        rows = [min(fold * pe + lane, ROWS - 1) for fold in range(folds)]
        middles = [(int(levels()[row, 1]) % (1 << SUM_BITS)) | (int(DESCENDING[row]) << SUM_BITS) for row in rows]
        outer = [int(levels()[row, part]) % (1 << SUM_BITS) for row in rows for part in (0, 2)]
        files[f"t{lane:03d}_0.hex"] = "".join(f"{value:x}\n" for value in middles)
        files[f"t{lane:03d}_1.hex"] = "".join(f"{value:x}\n" for value in outer)
    return files


def parameters(pe: int, simd: int, activation: int) -> dict[str, int | str]:
    return {
        "ROWS": ROWS,
        "COLUMNS": COLUMNS,
        "PE": pe,
        "SIMD": simd,
        "X_BITS": X_BITS,
        "ENTRY_BITS": ENTRY_BITS,
        "SUM_BITS": SUM_BITS,
        "COUNT_BITS": 2 * activation,
        "STEPS": 3 * activation,
        "DESCENDING": activation,
        "Y_BITS": 2 if activation else SUM_BITS,
        "TABLES": "e",
        "THRESHOLDS": "t",
    }


async def check_sums(dut: Any, source: Source, sink: Sink, x: np.ndarray) -> None:
    """The vectors in, and what comes out, compared with numpy."""
    pe, simd, activation = (int(getattr(dut, name).value) for name in ("PE", "SIMD", "COUNT_BITS"))
    sums = sum(entries()[:, c, x[:, c]].T for c in range(COLUMNS))
    reached = (sums[:, :, None] >= levels()).sum(axis=2)
    y = np.where(DESCENDING, 3 - reached, reached) if activation else sums
    y_bits, folds = 2 if activation else SUM_BITS, -(-ROWS // pe)
    filler = (1 << X_BITS) - 1
    await source.send(beat for vector in x for beat in beats([int(v) for v in vector], simd, X_BITS, filler=filler))
    taken = await sink.take(len(x) * folds)
    for vector in range(len(x)):
        lanes = [taken[vector * folds + row // pe] >> (row % pe * y_bits) & ((1 << y_bits) - 1) for row in range(ROWS)]
        assert lanes == [int(v) % (1 << y_bits) for v in y[vector]]


@cocotb.test()
async def looks_up_and_adds(dut: Any) -> None:
    clock = await start(dut)
    source, sink = Source(dut, clock=clock), Sink(dut, clock=clock)
    generator = np.random.default_rng(cocotb.RANDOM_SEED)
    for source.stall, sink.stall in STALLS:
        await check_sums(dut, source, sink, generator.integers(0, 1 << X_BITS, (12, COLUMNS)))


@cocotb.test()
async def looks_up_and_adds_after_a_reset(dut: Any) -> None:
    clock = await start(dut)
    source, sink = Source(dut, clock=clock), Sink(dut, clock=clock)

    async def work(rng: random.Random) -> None:
        sink.words.clear()
        source.stall, sink.stall = rng.choice(STALLS)
        x = np.array([[rng.getrandbits(X_BITS) for _ in range(COLUMNS)] for _ in range(rng.randint(1, 3))])
        await check_sums(dut, source, sink, x)

    await check_resets(dut, work, idle={"s_valid": 0})


@cocotb.test()
async def takes_folds_times_beats_cycles(dut: Any) -> None:
    pe, simd, activation = (int(getattr(dut, name).value) for name in ("PE", "SIMD", "COUNT_BITS"))
    folds, count = -(-ROWS // pe), -(-COLUMNS // simd)
    latency = 2 + -(-(simd - 1).bit_length() // 2) + (count > 1) + activation
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


GOOD = [looks_up_and_adds.name, looks_up_and_adds_after_a_reset.name, takes_folds_times_beats_cycles.name]


@pytest.mark.parametrize(("pe", "simd", "activation"), [(1, 1, 1), (2, 3, 1), (5, 7, 1), (2, 7, 0), (3, 2, 0)])
def test_table_sum(pe: int, simd: int, activation: int) -> None:
    check(__file__, "hwf_table_sum", parameters(pe, simd, activation), tests=GOOD, files=images(pe, simd))


def test_stall_assertion_fires() -> None:
    tests, name = [changes_a_stalled_result.name], "a_stalled_result_is_held"
    check_assertion_fires(__file__, "hwf_table_sum", name, parameters(5, 7, 0), tests=tests, files=images(5, 7))


@pytest.mark.parametrize("illegal", [{"PE": 6}, {"SIMD": 8}, {"X_BITS": 17}, {"Y_BITS": 8}])
def test_illegal_parameters_do_not_build(illegal: dict[str, int]) -> None:
    with pytest.raises(AssertionError, match="hwf_table_sum: "):
        simulate(__file__, "hwf_table_sum", parameters(1, 1, 0) | illegal)
