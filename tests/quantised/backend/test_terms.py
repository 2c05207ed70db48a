"""Sums of shifted terms: each is made once, with its negative, and its number is as wide as it must be."""

import numpy as np
import pytest

from hwflow.ints import IntType
from hwflow.quantised.backend.terms import Term, Values


def values(bits: int, turns: bool) -> Values:
    return Values(IntType(bits, False), np.zeros(3, dtype=np.int64), np.full(3, (1 << bits) - 1), turns=turns)


@pytest.mark.parametrize("turns", [False, True])
def test_a_sum_and_its_negative_are_one_value(turns: bool) -> None:
    some = values(4, turns)
    first, second = Term(0, 0, False), Term(1, 2, False)
    made = some.sum_of([first, second])
    assert some.sum_of([second, first]) == made == Term(3, 0, False)
    assert some.sum_of([Term(0, 0, True), Term(1, 2, True)]) == Term(3, 0, True)
    assert len(some) == 4 and some.levels == [0, 0, 0, 1]


def test_a_number_is_as_wide_as_its_range() -> None:
    some = values(4, turns=False)
    some.sum_of([Term(0, 0, False), Term(1, 0, False)])  # 0 … 30
    some.sum_of([Term(0, 0, False), Term(1, 0, True)])  # -15 … 15
    assert [some.kinds[3], some.kinds[4]] == [IntType(5, False), IntType(5, True)]


def test_what_is_turned_has_no_sign_and_an_offset() -> None:
    some = values(4, turns=True)
    some.sum_of([Term(0, 0, False), Term(1, 0, True)])  # -15 … 15 as 0 … 30, less 15
    assert (some.kinds[3], some.offsets[3]) == (IntType(5, False), -15)
    some.sum_of([Term(2, 1, False), Term(3, 0, False)])
    assert (some.bits(4), some.levels[4]) == (6, 2)
