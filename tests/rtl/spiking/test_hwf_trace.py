"""hwf_trace: every trace of 4 bits with every step, and wider ones at their corners, against docs/neuron.md."""

import itertools
import random
from collections.abc import Iterator, Sequence
from typing import Any

import cocotb
import numpy as np
import pytest
from harness import check
from helpers.cycles import begin, corner, cycle

from hwflow.spiking.arithmetic import fade

pytestmark = pytest.mark.slow
LATENCY = 2
Rule = tuple[int, int, int, int]  # rectangular, nearest, decay, step
DECAYS = (0, 1, 2, 4095, 4096, 4097, 32767, 32768, 32769, 61440, 65534, 65535)


def raised(q: int, spike: int, rule: Rule, bits: int) -> int:
    rectangular, nearest, decay, step = rule
    if spike and (rectangular or nearest):
        return step
    if rectangular:
        return max(q - 1, 0)
    return min(int(fade(np.int64(q), 65536 - decay)) + spike * step, (1 << bits) - 1)


def rules(bits: int, values: Sequence[int]) -> Iterator[tuple[Rule, list[tuple[int, int]]]]:
    """Rules, and traces and spikes, of some values, under each."""
    rng = random.Random(2)
    most = (1 << bits) - 1
    if bits == 4:
        everything = list(itertools.product(range(16), values))
        for rectangular, nearest, decay, step in itertools.product(range(2), range(2), DECAYS, (0, 1, 7, 8, 15)):
            yield (rectangular, nearest, decay, step), everything
    for _ in range(300):
        rule = (rng.randrange(2), rng.randrange(2), corner(rng, 0, 65535), corner(rng, 0, most))
        yield rule, [(corner(rng, 0, most), rng.choice(values)) for _ in range(16)]


@cocotb.test()
async def raises(dut: Any) -> None:
    bits = int(dut.BITS.value)
    await begin(dut, q1=0, spike1=0)
    values = [0, 1, 2, 3, 16, 17, 128, 255] if int(dut.GRADED.value) else [0, 1]
    for rule, cases in rules(bits, values):
        for name, value in zip(("rectangular", "nearest", "decay", "step"), rule, strict=True):
            getattr(dut, name).value = value
        got = []
        for q, spike in [*cases, *[(0, 0)] * LATENCY]:
            got += await cycle(dut, "raised3", q1=q, spike1=spike)
        assert got[LATENCY:] == [raised(q, spike, rule, bits) for q, spike in cases], rule


@pytest.mark.parametrize("graded", [0, 1])
@pytest.mark.parametrize("bits", [4, 8, 16])
def test_trace(bits: int, graded: int) -> None:
    check(__file__, "hwf_trace", {"BITS": bits, "GRADED": graded})
