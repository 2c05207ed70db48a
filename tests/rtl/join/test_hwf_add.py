"""hwf_add: sums of branches and their activations, its latency and rate, under random stalls."""

import math
import random
from dataclasses import dataclass
from typing import Any

import cocotb
import pytest
from cocotb.triggers import RisingEdge
from harness import check, check_assertion_fires
from helpers.bundle import Bundle
from helpers.reset import check_resets
from helpers.streams import STALLS, Sink, Source, start
from helpers.vectors import beats

pytestmark = pytest.mark.slow

X_BITS, GAIN_BITS, SUM_BITS = 4, 3, 9


@dataclass(frozen=True)
class Shape:
    branches: int
    product: int
    rows: int
    pe: int
    gain_bits: int
    gain_words: int
    count_bits: int
    steps: int
    base: int
    y_bits: int

    @property
    def folds(self) -> int:
        return -(-self.rows // self.pe)

    @property
    def latency(self) -> int:
        return 1 + (self.gain_bits > 0) + (self.branches > 1) + self.count_bits


def shape_of(dut: Any) -> Shape:
    names = ("BRANCHES", "PRODUCT", "ROWS", "PE", "GAIN_BITS", "GAIN_WORDS", "COUNT_BITS", "STEPS", "BASE", "Y_BITS")
    return Shape(*(getattr(dut, name).value.to_signed() for name in names))


def gains(shape: Shape) -> list[list[int]]:
    """For each fold's lane the gain of each branch, over the lanes of all folds: known to both sides."""
    if not shape.gain_bits:
        return [[1] * shape.branches] * shape.folds * shape.pe
    rng = random.Random(shape.rows)
    words = [[[rng.randint(-4, 3) for _ in range(shape.branches)] for _ in range(shape.pe)] for _ in range(shape.folds)]
    return [lane for fold in range(shape.folds) for lane in words[fold if shape.gain_words > 1 else 0]]


def levels(shape: Shape) -> list[list[int]]:
    rng = random.Random(shape.steps)
    return [sorted(rng.randint(-30, 30) for _ in range(shape.steps)) for _ in range(shape.folds * shape.pe)]


def images(shape: Shape) -> dict[str, str]:
    """The memory images, as the headers describe them, written down plainly."""
    files = {}
    if shape.gain_bits:
        lanes = gains(shape)
        words = [lanes[fold * shape.pe : (fold + 1) * shape.pe] for fold in range(shape.gain_words)]
        files["g.hex"] = "".join(
            f"{beats([gain % 8 for lane in word for gain in lane], shape.pe * shape.branches, GAIN_BITS)[0]:x}\n"
            for word in words
        )
    for lane in range(shape.pe if shape.count_bits else 0):
        for stage in range(shape.count_bits):
            words_of_stage = []
            for own in levels(shape)[lane :: shape.pe]:
                tree = own + [(1 << SUM_BITS - 1) - 1] * ((1 << shape.count_bits) - 1 - shape.steps)
                for path in range(1 << stage):
                    middle = ((2 * path + 1) << (shape.count_bits - stage - 1)) - 1
                    words_of_stage.append(tree[middle] % (1 << SUM_BITS))
            files[f"t_{lane:03d}_{stage}.hex"] = "".join(f"{word:x}\n" for word in words_of_stage)
    return files


def vectors(shape: Shape, rng: random.Random, count: int) -> tuple[list[list[int]], list[int]]:
    """The beats of each branch, and the results of all elements."""
    low, high = -(1 << X_BITS - 1), (1 << X_BITS - 1) - 1
    sent: list[list[int]] = [[] for _ in range(shape.branches)]
    results = []
    for _ in range(count):
        x = [[rng.randint(low, high) for _ in range(shape.rows)] for _ in range(shape.branches)]
        for own, vector in zip(sent, x, strict=True):
            own += beats([value % (1 << X_BITS) for value in vector], shape.pe, X_BITS)
        for c in range(shape.rows):
            total = sum(gain * own[c] for gain, own in zip(gains(shape)[c], x, strict=True))
            if shape.product:
                total = math.prod(own[c] for own in x)
            if shape.count_bits:
                total = shape.base + sum(total >= level for level in levels(shape)[c])
            results.append(total % (1 << shape.y_bits))
    return sent, results


def elements(shape: Shape, words: list[int]) -> list[int]:
    """The elements in output beats, without those beyond the vector."""
    lanes = [[word >> p * shape.y_bits & (1 << shape.y_bits) - 1 for p in range(shape.pe)] for word in words]
    found = []
    for start_of in range(0, len(lanes), shape.folds):
        found += [value for beat in lanes[start_of : start_of + shape.folds] for value in beat][: shape.rows]
    return found


async def begin(dut: Any) -> tuple[Bundle, list[Source], Sink]:
    add = Bundle(dut, s=int(dut.BRANCHES.value))
    clock = await start(add, sources=add.names("s"))
    sources = [Source(add, name, clock=clock, seed=i) for i, name in enumerate(add.names("s"))]
    return add, sources, Sink(dut, clock=clock)


async def pass_vectors(dut: Any, sources: list[Source], sink: Sink, rng: random.Random, count: int) -> None:
    shape = shape_of(dut)
    sink.words.clear()
    sink.stall = rng.choice(STALLS)[1]
    sent, results = vectors(shape, rng, count)
    tasks = []
    for source, words in zip(sources, sent, strict=True):
        source.stall = rng.choice(STALLS)[0]
        tasks.append(cocotb.start_soon(source.send(words)))
    try:
        assert elements(shape, await sink.take(shape.folds * count)) == results
        for task in tasks:
            await task
    finally:
        for task in tasks:
            task.cancel()


@cocotb.test()
async def adds_branches(dut: Any) -> None:
    _, sources, sink = await begin(dut)
    rng = random.Random(cocotb.RANDOM_SEED)
    for _ in range(12):
        await pass_vectors(dut, sources, sink, rng, 12)


@cocotb.test()
async def adds_them_after_a_reset(dut: Any) -> None:
    add, sources, sink = await begin(dut)
    idle = {f"{name}_valid": 0 for name in add.names("s")}
    await check_resets(add, lambda rng: pass_vectors(dut, sources, sink, rng, 4), idle=idle)


@cocotb.test()
async def answers_when_its_header_says(dut: Any) -> None:
    shape = shape_of(dut)
    _, sources, sink = await begin(dut)
    sent, _ = vectors(shape, random.Random(1), 8)
    for source, words in zip(sources, sent, strict=True):
        cocotb.start_soon(source.send(words))
    await sink.take(8 * shape.folds)
    taken = sources[0].taken
    assert taken == list(range(taken[0], taken[0] + 8 * shape.folds))
    assert all(source.taken == taken for source in sources)
    assert sink.given == [cycle + shape.latency for cycle in taken]


@cocotb.test()
async def changes_a_stalled_sum(dut: Any) -> None:
    await start(Bundle(dut, s=2), sources=["s0", "s1"])
    dut.s_valid.value = 3
    dut.s_data.value = 0
    for _ in range(8):
        await RisingEdge(dut.clk)
    dut.inner.lane[0].sum.value = 1
    for _ in range(3):
        await RisingEdge(dut.clk)


GOOD = [adds_branches.name, adds_them_after_a_reset.name, answers_when_its_header_says.name]


@pytest.mark.parametrize(
    "shape",
    [
        Shape(2, 0, 6, 2, 0, 1, 0, 0, 0, SUM_BITS),
        Shape(3, 0, 5, 2, GAIN_BITS, 3, 0, 0, 0, SUM_BITS),
        Shape(2, 0, 7, 3, GAIN_BITS, 1, 2, 3, -1, 3),
        Shape(1, 0, 5, 2, 0, 1, 3, 6, 0, 3),
        Shape(1, 0, 1, 1, GAIN_BITS, 1, 1, 1, 0, 1),
        Shape(4, 0, 4, 4, 0, 1, 2, 2, 0, 2),
        Shape(2, 1, 5, 2, 0, 1, 2, 3, 0, 2),
        Shape(2, 1, 3, 3, 0, 1, 0, 0, 0, SUM_BITS),
    ],
    ids=str,
)
def test_add(shape: Shape) -> None:
    parameters: dict[str, int | str] = {
        "BRANCHES": shape.branches,
        "PRODUCT": shape.product,
        "ROWS": shape.rows,
        "PE": shape.pe,
        "X_BITS": X_BITS,
        "GAIN_BITS": shape.gain_bits,
        "GAIN_WORDS": shape.gain_words,
        "SUM_BITS": SUM_BITS,
        "COUNT_BITS": shape.count_bits,
        "STEPS": shape.steps,
        "BASE": shape.base,
        "Y_BITS": shape.y_bits,
        "GAINS": "g.hex",
        "THRESHOLDS": "t_",
    }
    check(__file__, "hwf_add", parameters, tests=GOOD, files=images(shape))


def test_assertion_fires() -> None:
    check_assertion_fires(__file__, "hwf_add", "a_stalled_sum_is_held", tests=[changes_a_stalled_sum.name])
