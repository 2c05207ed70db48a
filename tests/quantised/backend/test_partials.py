"""Sums of products as synthesis builds them: what is known of their bits, against sums of numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwflow.ints import IntArray, IntType
from hwflow.quantised.backend.partials import add_products

U2, U4 = IntType(2, False), IntType(4, False)


def of_constants(weights: list[int], bits: int, x: IntType, table: int = 4) -> tuple[float, int]:
    """Look-up tables, and bits of the carry chain, of a sum of products by constants."""
    words = np.array(weights, dtype=np.int64).reshape(1, 1, -1)
    made = add_products(words, bits, x, x.bits + bits + 2, table)
    assert made.constant.all()
    return float(made.tables[0]), int(made.chained[0])


@pytest.mark.parametrize("x", [U2, U4])
def test_products_by_a_power_of_two_and_by_nothing_are_no_logic(x: IntType) -> None:
    for weight in (0, 1, 2):
        assert of_constants([weight, 0], 3, x) == (0, 0)


def test_three_times_an_input_is_half_adders_and_a_chain_behind_them() -> None:
    tables, chained = of_constants([3], 3, U4)
    assert tables == 2 * 3 and chained == 9 - 2  # x + 2 x: in three columns there are two bits


def test_weights_that_change_choose_in_tables() -> None:
    words = np.array([1, 2, 4, 3, 7, 5, 6, 0], dtype=np.int64).reshape(-1, 1, 1)
    made = add_products(words, 4, U4, 9, 4)
    assert not made.constant.any() and made.tables[0] >= 4 and made.chained[0] > 0


def test_equal_columns_of_weights_are_one_input() -> None:
    """Three bits that are the same in all slots hang on one bit of the memory: one table is enough for what three rows add."""
    alike = np.array([0, 7], dtype=np.int64).reshape(-1, 1, 1)
    apart = np.array([0, 1, 2, 4, 7], dtype=np.int64).reshape(-1, 1, 1)
    assert add_products(alike, 4, U4, 9, 4).tables[0] < add_products(apart, 4, U4, 9, 4).tables[0]


def test_larger_tables_are_fewer() -> None:
    rng = np.random.default_rng(0)
    words = rng.integers(-8, 8, (8, 20, 2))
    assert (add_products(words, 4, U4, 10, 6).tables <= add_products(words, 4, U4, 10, 4).tables).all()


@given(
    st.lists(st.integers(-8, 7), min_size=1, max_size=2),
    st.sampled_from([IntType(bits, signed) for bits in (1, 2, 3, 6) for signed in (False, True)]),
)
def test_where_sums_have_no_logic_they_are_an_input_as_it_is(weights: list[int], x: IntType) -> None:
    """Without tables and a chain no bit of a sum hangs on more than one bit of the inputs."""
    tables, chained = of_constants(weights, 4, x)
    if tables == 0 and chained == 0:
        assert all(_reads(weights, x, bit) <= 1 for bit in range(x.bits + 6))


def _reads(weights: list[int], x: IntType, bit: int) -> int:
    """How many bits of the inputs a bit of the sum hangs on."""
    total = x.bits * len(weights)
    patterns = np.arange(1 << total)
    value = sum(
        (_number(patterns >> x.bits * at, x) * weight for at, weight in enumerate(weights)), np.zeros_like(patterns)
    )
    ones = (value >> bit) & 1
    return sum(bool((ones != ones[patterns ^ (1 << at)]).any()) for at in range(total))


def _number(patterns: IntArray, x: IntType) -> IntArray:
    unsigned = patterns & ((1 << x.bits) - 1)
    return np.where(x.signed & (unsigned > x.max), unsigned - (1 << x.bits), unsigned)
