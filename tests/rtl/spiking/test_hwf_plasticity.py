"""hwf_plasticity: weights that learn, that are scaled and that are written, against the golden model."""

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cocotb
import numpy as np
import pytest
from harness import check
from helpers.cycles import begin, corner, cycle, to_signed

from hwflow.spiking.arithmetic import change
from hwflow.spiking.draws import drawn_change

pytestmark = pytest.mark.slow
LATENCY = 2
Case = tuple[int, int, int, int, int]  # weight, trace, plastic, whether it is of a row or column, draw


@dataclass(frozen=True)
class Rule:
    """What stays for a while."""

    scales: int
    rectangular: int
    gain: int
    weight_min: int
    weight_max: int
    written: int = 0
    stochastic: int = 0

    def changed(self, case: Case) -> int:
        weight, trace, plastic, beat, draw = case
        weight *= beat
        if self.written:
            return self.weight_min
        if self.scales:
            plastic = plastic and weight > 0
            wanted = weight * self.gain + 2048 >> 12
        elif self.stochastic:
            wanted = weight + int(drawn_change(self.gain, np.int64(trace), bool(self.rectangular), np.int64(draw)))
        else:
            wanted = weight + int(change(self.gain, np.int64(trace), bool(self.rectangular)))
        return min(max(wanted, self.weight_min), self.weight_max) if plastic else weight


def rules(bits: int, trace_bits: int, stochastic: int) -> Iterator[tuple[Rule, list[Case]]]:
    rng, low, high, most = random.Random(3), -(1 << bits - 1), (1 << bits - 1) - 1, (1 << trace_bits) - 1
    if bits == 2:
        everything = [(w, t, 1, 1, 0) for w, t in itertools.product(range(low, high + 1), range(most + 1))]
        gains = [g * s for g in (0, 1, 7, 8, 9, 15, 16, 17, 127, 128, 129, 255, 256, 32767) for s in (1, -1)]
        for gain, rectangular in itertools.product([*gains, -32768], range(2)):
            yield Rule(0, rectangular, gain, low, high), everything
    if bits == 8:
        weights = [(w, 0, 1, 1, 0) for w in range(low, high + 1)]
        for factor in (0, 1, 2047, 2048, 2049, 4095, 4096, 4097, 8191, 65535):
            yield Rule(1, 0, factor, low, high), weights
    for _ in range(300):
        scales, written = rng.randrange(2), rng.random() < 0.1
        gain = corner(rng, 0, 65535) if scales else corner(rng, -32768, 32767) >> rng.choice([0, 0, 4, 8, 10])
        bounds = sorted(corner(rng, low, high) for _ in range(2))
        cases = [
            (
                corner(rng, low, high),
                corner(rng, 0, most),
                rng.random() < 0.8,
                rng.random() < 0.9,
                corner(rng, 0, 65535),
            )
            for _ in range(14)
        ]
        yield Rule(scales, rng.randrange(2), gain, *bounds, written, stochastic and rng.randrange(2)), cases


@cocotb.test()
async def changes_weights(dut: Any) -> None:
    bits, trace_bits = int(dut.WEIGHT_BITS.value), int(dut.TRACE_BITS.value)
    await begin(dut, trace1=0, weight1=0, beat1=0, plastic2=0, draw2=0)
    for rule, cases in rules(bits, trace_bits, int(dut.STOCHASTIC.value)):
        for name in ("scales", "rectangular", "gain", "weight_min", "weight_max", "written", "stochastic"):
            getattr(dut, name).value = getattr(rule, name)
        second, third, before = [], [], (0, 0)
        for weight, trace, plastic, beat, draw in [*cases, *[(0,) * 5] * LATENCY]:
            weight2, weight3 = await cycle(
                dut, "weight2", "weight3", weight1=weight, trace1=trace, beat1=beat, plastic2=before[0], draw2=before[1]
            )
            before = plastic, draw
            second.append(to_signed(weight2, bits))
            third.append(to_signed(weight3, bits))
        assert second[1:-1] == [weight * beat for weight, _, _, beat, _ in cases]
        assert third[LATENCY:] == [rule.changed(case) for case in cases], (rule, cases)


@pytest.mark.parametrize(
    ("bits", "trace_bits", "stochastic"), [(2, 4, 1), (5, 10, 0), (8, 8, 0), (8, 8, 1), (8, 16, 1)]
)
def test_plasticity(bits: int, trace_bits: int, stochastic: int) -> None:
    parameters = {"WEIGHT_BITS": bits, "TRACE_BITS": trace_bits, "STOCHASTIC": stochastic}
    check(__file__, "hwf_plasticity", parameters)
