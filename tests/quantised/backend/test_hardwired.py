"""Where a hardwired layer's registers lie, and which of its sums are carry chains."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from quantised.backend.test_hardwired_tables import layer

from hwflow.ints import IntType
from hwflow.quantised.backend.carries import CARRY4, CCU2C
from hwflow.quantised.backend.hardwired import Hardwired


@settings(deadline=None)
@given(st.integers(0, 1 << 32), st.integers(1, 4), st.booleans())
def test_there_are_as_few_registers_as_there_may_be(seed: int, apart: int, activated: bool) -> None:
    """Of all places of as few cuts as the distance between them lets be."""
    rng = np.random.default_rng(seed)
    rows, columns = rng.integers(1, 6), rng.integers(2, 24)
    weight = rng.integers(-2, 3, (rows, columns))
    reached = np.sort(rng.integers(-9, 9, (rows, 3)), axis=1) if activated else None
    x = IntType(2, False)
    wired = layer(weight, x, reached, apart)
    ends = range(1, wired.depth)
    places = [(*some, wired.depth) for some in combinations(ends, len(wired.cuts) - 1)]
    near = [cuts for cuts in places if all(b - a <= apart for a, b in pairwise((0, *cuts)))]
    others = [Hardwired(wired.graph, wired.results, wired.bits, wired.depth, cuts, "") for cuts in near]
    assert len(wired.cuts) == -(-wired.depth // apart) and wired.cuts in near
    assert wired.registers == min(other.registers for other in others)


@pytest.mark.parametrize(
    ("chain", "terms", "bits", "levels", "chained"),
    [
        (CCU2C, 2, 3, 9, False),  # a chain with registers behind it has more than six bits to add
        (CCU2C, 2, 4, 9, True),
        (CCU2C, 3, 2, 9, False),
        (CCU2C, 3, 3, 9, True),
        (CCU2C, 2, 2, 0, False),  # and one without more than four
        (CCU2C, 2, 3, 0, True),
        (CCU2C, 3, 2, 0, True),
        (CARRY4, 2, 8, 9, False),  # which synthesis finds by itself
        (CARRY4, 3, 8, 9, True),
        ("", 2, 8, 9, False),
    ],
)
def test_wide_sums_are_carry_chains(chain: str, terms: int, bits: int, levels: int, chained: bool) -> None:
    assert layer(np.ones((1, terms)), IntType(bits, False), between=levels, chain=chain).is_chained(terms) is chained
