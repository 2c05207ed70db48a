"""hwf_factor: sweeps over the factors of a unit, their gains and who changes, against the golden model's."""

import random
from typing import Any

import cocotb
import numpy as np
import pytest
from harness import check, check_assertion_fires
from helpers.cycles import begin, corner, cycle, to_signed

from hwflow.spiking.factor import gains
from hwflow.spiking.learning import Modulation

pytestmark = pytest.mark.slow
NAMES = ("WORDS", "UNITS", "UNIT", "STATE_BITS", "SUM_BITS", "TRACE_BITS")
SETTINGS = ("gated", "rate", "free_rate", "least", "most")
IDLE = dict.fromkeys((*SETTINGS, "closes", "place1", "place2", "place3", "place5", "step3", "step5", "e2", "near6", "y6",
                      "gain_place", "host_write", "host_data"), 0)  # fmt: skip


async def sweep(dut: Any, rng: random.Random, e: Any, near: Any, y: Any) -> list[int]:
    """A step of each neuron, in each cycle or later; which of them change."""
    named: list[int | None] = []
    changes: list[int] = []
    place = 0
    while len(changes) < len(e):
        goes = place < len(e) and rng.random() < 0.7
        named.append(place if goes else None)
        place += goes
        stage = [named[-1 - k] if len(named) > k else None for k in range(8)]
        at = [0 if one is None else one for one in stage]
        (seen,) = await cycle(
            dut, "changes7", place1=at[1], place2=at[2], place3=at[3], place5=at[5], step3=stage[3] is not None,
            step5=stage[5] is not None, e2=int(e[at[2]]) & (1 << int(dut.SUM_BITS.value)) - 1, near6=int(near[at[6]]),
            y6=int(y[at[6]]),
        )  # fmt: skip
        if stage[7] is not None:
            changes.append(seen)
    return changes


@cocotb.test()
async def follows_the_golden_model(dut: Any) -> None:
    words, units, unit, state_bits, sum_bits, trace_bits = (int(getattr(dut, name).value) for name in NAMES)
    rng, low, high = random.Random(21), -(1 << state_bits - 1), (1 << state_bits - 1) - 1
    await begin(dut, **IDLE)
    factor = np.array([corner(rng, low, high) for _ in range(words)])
    for place, value in enumerate(factor):
        await cycle(dut, place1=place, place3=place, host_write=1, host_data=int(value) & (1 << state_bits) - 1)
    dut.host_write.value = 0
    own, seen = unit + units * np.arange(words), set()
    for _ in range(40):
        bounds = sorted(corner(rng, 0, (1 << trace_bits) - 1) for _ in range(2))
        rates = [corner(rng, 0, 65535) if rng.random() < 0.5 else rng.randrange(4) for _ in range(2)]
        third = Modulation(0, 0, 0, rng.randint(0, units * words), *rates, least=bounds[0], most=bounds[1])
        for name in SETTINGS:
            getattr(dut, name).value = getattr(third, name)
        closes = dut.closes.value = int(rng.random() < 0.3)
        e = np.array(
            [corner(rng, -(1 << sum_bits - 1), (1 << sum_bits - 1) - 1) // rng.choice((1, 50)) for _ in factor]
        )
        near, y = (np.array([rng.randrange(top) for _ in factor]) for top in (2, 1 << trace_bits))
        changes = await sweep(dut, rng, e, near, y)
        whole = np.zeros((3, units * words), np.int64)
        whole[:, own] = np.clip(factor + e, low, high), y, near
        gated = gains(third, whole[0], whole[1], whole[2].astype(bool))[own]
        free = gains(third, whole[0], np.full(units * words, third.most), np.ones(units * words, bool))[own]
        assert changes == (gated != 0).tolist()
        seen |= {(bool(changed), bool(gain)) for changed, gain in zip(changes, free, strict=True)}
        for place, gain in enumerate(free.tolist()):
            await cycle(dut, gain_place=place)
            assert to_signed((await cycle(dut, "gain"))[0], 17) == gain
        factor = np.zeros_like(factor) if closes else whole[0, own]
        for place, value in enumerate(factor.tolist()):
            await cycle(dut, place1=place)
            assert to_signed((await cycle(dut, "factor"))[0], state_bits) == value
    assert len(seen) == 3  # changes, has a gain behind a closed gate, has none


@cocotb.test()
async def is_written_in_a_step(dut: Any) -> None:
    await begin(dut, **IDLE)
    await cycle(dut, step3=1, host_write=1)
    await cycle(dut)


@pytest.mark.parametrize("sizes", [(1, 1, 0, 8, 12, 4), (5, 2, 1, 16, 14, 8), (9, 2, 0, 24, 10, 16)])
def test_factor(sizes: tuple[int, ...]) -> None:
    check(__file__, "hwf_factor", dict(zip(NAMES, sizes, strict=True)), tests=[follows_the_golden_model.name])


def test_assertion_fires() -> None:
    assertion, tests = "a_host_writes_no_factor_in_a_step", [is_written_in_a_step.name]
    check_assertion_fires(__file__, "hwf_factor", assertion, tests=tests)
