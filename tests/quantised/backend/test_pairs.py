"""Pairs of terms in rows: counted and found where one would find them by looking at each two terms."""

from collections import defaultdict
from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hwflow.quantised.backend.pairs import Pair, Rows

SHIFTS = 4


def filled(rng: np.random.Generator) -> Rows:
    """Some rows of terms, put in any order, some of them taken away again."""
    count = int(rng.integers(1, 6))
    rows = Rows(count, SHIFTS)
    for row in range(count):
        terms = [(value, shift) for value in range(5) for shift in range(SHIFTS)]
        rng.shuffle(terms)
        for value, shift in terms[: rng.integers(0, 12)]:
            rows.put(row, (value, shift), int(rng.choice([-1, 1])))
        for term in list(rows.terms[row])[: rng.integers(0, 3)]:
            rows.take(row, term)
    return rows


def every(rows: Rows) -> dict[Pair, list[tuple[int, int]]]:
    """The places of every pair."""
    found = defaultdict(list)
    for row, terms in enumerate(rows.terms):
        for one, other in combinations(sorted(terms), 2):
            pair = (one[0], other[0], other[1] - one[1], terms[one] * terms[other])
            found[pair].append((row, one[1]))
    return dict(found)


@settings(deadline=None)
@given(st.integers(0, 1 << 32))
def test_pairs_are_counted_where_they_stand(seed: int) -> None:
    rows = filled(np.random.default_rng(seed))
    known = every(rows)
    assert {pair: list(rows.places(pair)) for pair in known} == {pair: sorted(places) for pair, places in known.items()}
    assert all(rows.count(pair) == len(places) for pair, places in known.items())
    assert dict(rows.repeated()) == {pair: len(places) for pair, places in known.items() if len(places) > 1}


@settings(deadline=None)
@given(st.integers(0, 1 << 32))
def test_a_term_has_a_pair_with_each_other_term_of_its_row(seed: int) -> None:
    rows = filled(np.random.default_rng(seed))
    alone = Rows(1, SHIFTS)
    for term, sign in rows.terms[0].items():
        alone.put(0, term, sign)
    for term in rows.terms[0]:
        pairs = rows.beside(0, term)
        assert len(pairs) == len(rows.terms[0]) - 1
        assert all(alone.count(pair) for pair in pairs)


def test_a_term_that_is_taken_stands_nowhere() -> None:
    rows = Rows(2, SHIFTS)
    for row in (0, 1):
        rows.put(row, (0, 1), -1)
        rows.put(row, (1, 0), 1)
    pair = (0, 1, -1, -1)
    assert list(rows.places(pair)) == [(0, 1), (1, 1)]
    assert rows.take(1, (0, 1)) == -1
    assert list(rows.places(pair)) == [(0, 1)]
    assert dict(rows.repeated()) == {}
