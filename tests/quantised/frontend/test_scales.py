"""Weights with scales of their own in one unit a row."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hwflow.quantised.frontend.scales import EXACT_BITS, in_one_unit
from hwflow.quantised.frontend.values import Quantised

ONE = np.ones(1)


@given(st.integers(0, 2**32 - 1))
def test_powers_of_two_and_masks_are_exact(seed: int) -> None:
    rng = np.random.default_rng(seed)
    columns, rows = int(rng.integers(1, 9)), int(rng.integers(1, 5))
    scale = 2.0 ** rng.integers(-5, 5, (columns, rows)) * rng.integers(0, 2, (columns, rows))
    integers, gain = rng.integers(-7, 8, (columns, rows)), 2.0 ** rng.integers(-4, 4, columns)
    w, unit, exact = in_one_unit(Quantised(integers, scale), gain)
    assert exact
    np.testing.assert_array_equal(w * unit, integers * scale * gain[:, None])


@given(st.integers(0, 2**32 - 1), st.sampled_from([24, 30, 40]))
def test_whatever_else_is_exact_or_within_half_a_unit_of_24_bits(seed: int, bits: int) -> None:
    rng = np.random.default_rng(seed)
    columns, rows = int(rng.integers(2, 9)), int(rng.integers(1, 5))
    scale = (rng.uniform(0.01, 10, (columns, rows)) * rng.choice([-1, 1], (columns, rows))).astype(np.float32)
    integers = rng.integers(-7, 8, (columns, rows))
    w, unit, exact = in_one_unit(Quantised(integers, scale.astype(np.float64)), ONE, bits)
    error = np.abs(w * unit - integers * scale.astype(np.float64))
    assert np.all(error <= (1e-6 if exact else 0.5) * np.abs(unit) * np.maximum(1, np.abs(w) * exact))
    assert np.abs(w).max() < 1 << (bits - 1)
    assert exact or bits < EXACT_BITS  # float32 keeps 24 bits of a scale, and these are within 2^10 of each other


def test_thirds_have_a_unit_that_is_none_of_the_scales() -> None:
    w, unit, exact = in_one_unit(Quantised(np.ones((3, 1), dtype=np.int64), np.array([[0.5], [0.75], [1.25]])), ONE)
    assert exact and unit.tolist() == [0.25] and w[:, 0].tolist() == [2, 3, 5]


def test_rows_alike_keep_their_integers_and_scales() -> None:
    quantised = Quantised(np.array([[0, 3], [0, -2]]), np.array([0.3, 0.7]))
    w, unit, exact = in_one_unit(quantised, ONE)
    assert w is quantised.integers and unit.tolist() == [0.3, 0.7] and exact
