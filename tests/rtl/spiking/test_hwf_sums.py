"""hwf_sums: rows as close as they may come, and sums that are fetched once and then are zero."""

import random
from typing import Any

import cocotb
import numpy as np
import pytest
from harness import check, check_assertion_fires
from helpers.cycles import begin, corner, cycle, pack, unpack
from helpers.reset import check_resets

pytestmark = pytest.mark.slow
NAMES = ("WORDS", "LANES", "UNITS", "WEIGHT_BITS", "SUM_BITS")
IDLE = {"word": 0, "row": 0, "sweep": 0, "clear": 0, "part": 0, "weight2": 0}
LATENCY = 2


async def clear(dut: Any, words: int) -> None:
    for word in range(words):
        await cycle(dut, word=word, clear=1, weight2=0)
    dut.clear.value = 0
    await cycle(dut)
    await cycle(dut)


@cocotb.test()
async def adds_rows(dut: Any) -> None:
    words, lanes, units, bits, sum_bits = (int(getattr(dut, name).value) for name in NAMES)
    rng, low, high = random.Random(11), -(1 << bits - 1), (1 << bits - 1) - 1
    most = min(1 << sum_bits - bits, 300)  # rows that a sum has room for
    await begin(dut, **IDLE)
    await clear(dut, words)
    for turn in range(20):
        extreme = (low, high)[turn] if turn < 2 else None
        sums = await rows(dut, rng, rng.randint(1, most) if extreme is None else most, extreme)
        if turn % 5 == 4:
            await clear(dut, words)
            sums[:] = 0
        assert (await swept(dut, words, lanes, units, sum_bits, rng) == sums.reshape(-1)).all()
        assert not any(await swept(dut, words, lanes, units, sum_bits, rng))


@cocotb.test()
async def adds_rows_after_a_reset(dut: Any) -> None:
    """Once all words are cleared, which begins in the first cycle."""
    words, lanes, units, bits, sum_bits = (int(getattr(dut, name).value) for name in NAMES)
    await begin(dut, **IDLE)

    async def work(rng: random.Random) -> None:
        await clear(dut, words)
        sums = await rows(dut, rng, rng.randint(1, min(1 << sum_bits - bits, 10)), None)
        assert (await swept(dut, words, lanes, units, sum_bits, rng) == sums.reshape(-1)).all()

    await check_resets(dut, work, idle=IDLE)


async def rows(dut: Any, rng: random.Random, count: int, extreme: int | None) -> Any:
    """Rows of weights that are all `extreme`, or random ones; their sums [words, lanes]."""
    words, lanes, _, bits, _ = (int(getattr(dut, name).value) for name in NAMES)
    low, high = -(1 << bits - 1), (1 << bits - 1) - 1
    sums = np.zeros((words, lanes), dtype=np.int64)
    under_way: list[tuple[int, list[int]] | None] = [None] * LATENCY
    for _ in range(count):
        for word in range(words):
            while any(other and other[0] == word for other in under_way) or rng.random() < 0.1:
                await row(dut, under_way, None, rng.randrange(words), bits)
            weights = [corner(rng, low, high) if extreme is None else extreme for _ in range(lanes)]
            sums[word] += weights
            await row(dut, under_way, (word, weights), word, bits)
    for _ in range(LATENCY):
        await row(dut, under_way, None, 0, bits)
    return sums


async def row(dut: Any, under_way: list[Any], named: tuple[int, list[int]] | None, word: int, bits: int) -> None:
    """Name a word of a row, or none; the weights of the one that was named 2 cycles before come now."""
    arrives = under_way.pop(0)
    under_way.append(named)
    await cycle(dut, row=named is not None, word=word, weight2=pack(arrives[1], bits) if arrives else 0)


async def swept(dut: Any, words: int, lanes: int, units: int, bits: int, rng: random.Random) -> list[int]:
    """All sums, in order, a part in each cycle or later."""
    parts, named, sums = lanes // units, [], []
    steps = [(word, part) for word in range(words) for part in range(parts)]
    pause = rng.choice([0.0, 0.4])
    dut.row.value = 0
    dut.weight2.value = 0
    while steps or any(named[-LATENCY:]):
        sweep = bool(steps) and rng.random() >= pause
        word, part = steps.pop(0) if sweep else (rng.randrange(words), 0)
        (seen,) = await cycle(dut, "sum2", sweep=sweep, word=word, part=part)
        named.append(sweep)
        if len(named) > LATENCY and named[-1 - LATENCY]:
            sums += unpack(seen, units, bits, signed=True)
    dut.sweep.value = 0
    await cycle(dut)
    return sums


@cocotb.test()
async def comes_back_too_early(dut: Any) -> None:
    await begin(dut, **IDLE)
    await cycle(dut, row=1, word=1)
    await cycle(dut, row=0, word=0)
    await cycle(dut, row=1, word=1)
    await cycle(dut)


@cocotb.test()
async def adds_while_it_clears(dut: Any) -> None:
    await begin(dut, **IDLE)
    await cycle(dut, sweep=1)
    for _ in range(3):
        await cycle(dut, sweep=0, weight2=1)


@pytest.mark.parametrize(
    ("words", "lanes", "units", "bits", "sum_bits"),
    [(1, 1, 1, 2, 3), (5, 1, 1, 8, 12), (3, 2, 2, 8, 16), (4, 4, 2, 5, 9), (1, 8, 2, 8, 10)],
)
def test_sums(words: int, lanes: int, units: int, bits: int, sum_bits: int) -> None:
    parameters = dict(zip(NAMES, (words, lanes, units, bits, sum_bits), strict=True))
    check(__file__, "hwf_sums", parameters, tests=[adds_rows.name, adds_rows_after_a_reset.name])


@pytest.mark.parametrize(
    ("assertion", "case"),
    [
        ("a_word_rests_until_its_sums_are_written", comes_back_too_early.name),
        ("a_sum_is_cleared_to_zero", adds_while_it_clears.name),
    ],
)
def test_assertion_fires(assertion: str, case: str) -> None:
    check_assertion_fires(__file__, "hwf_sums", assertion, tests=[case])
