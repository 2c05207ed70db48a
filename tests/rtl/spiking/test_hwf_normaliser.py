"""hwf_normaliser: the factor of any column, the emptiest and the fullest among them, against docs/neuron.md."""

import random
from collections.abc import Iterator
from typing import Any

import cocotb
import pytest
from harness import check
from helpers.cycles import begin, corner, cycle, pack

pytestmark = pytest.mark.slow
Word = tuple[list[int], list[int]]  # weights, and which of them are plastic


def columns(axons: int, lanes: int, bits: int) -> Iterator[list[Word]]:
    """Words of a column's axons."""
    rng, low, high, count = random.Random(4), -(1 << bits - 1), (1 << bits - 1) - 1, axons // lanes
    yield [([high] * lanes, [1] * lanes)] * count
    yield [([low] * lanes, [1] * lanes)] * count
    yield [([high] * lanes, [0] * lanes)] * count
    yield [([1] + [low] * (lanes - 1), [1] * lanes)] + [([0] * lanes, [1] * lanes)] * (count - 1)
    for _ in range(30 if axons > 1000 else 150):
        density = rng.random()
        yield [
            ([corner(rng, low, high) for _ in range(lanes)], [int(rng.random() < density) for _ in range(lanes)])
            for _ in range(rng.randint(1, min(count, 50)))
        ]


@cocotb.test()
async def divides(dut: Any) -> None:
    axons, lanes, bits = (int(getattr(dut, name).value) for name in ("AXONS", "LANES", "WEIGHT_BITS"))
    rng = random.Random(5)
    await begin(dut, restart=0, add=0, divide=0, plastic=0, weight=0, target=0)
    for column in columns(axons, lanes, bits):
        target = corner(rng, 0, (1 << 20) - 1) >> rng.choice([0, 0, 4, 10])
        await cycle(dut, restart=1, target=target, add=rng.randrange(2))
        dut.restart.value = 0
        for weights, plastic in column:
            while rng.random() < 0.2:  # what is not added does not count
                await cycle(dut, add=0, weight=rng.getrandbits(lanes * bits), plastic=rng.getrandbits(lanes))
            await cycle(dut, add=1, weight=pack(weights, bits), plastic=pack(plastic, 1))
        await cycle(dut, add=0)
        for _ in range(32):
            await cycle(dut, divide=1)
        total = sum(w for word in column for w, p in zip(*word, strict=True) if p and w > 0)
        wanted = min(4096 * target // total, 65535) if total else 65535
        for _ in range(3):  # it stays
            assert await cycle(dut, "factor", divide=0) == [wanted], (target, total)


@pytest.mark.parametrize(("axons", "lanes", "bits"), [(1, 1, 2), (16, 2, 8), (12, 4, 5), (4096, 8, 8)])
def test_normaliser(axons: int, lanes: int, bits: int) -> None:
    check(__file__, "hwf_normaliser", {"AXONS": axons, "LANES": lanes, "WEIGHT_BITS": bits})
