"""The shared graph of additions of a matrix: exact, as wide as it must be, and no deeper than without sharing."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwflow.ints import IntArray, IntType
from hwflow.quantised.backend.adders import AdderGraph, adder_graph, digits, signed_digits
from hwflow.quantised.backend.terms import Term


def graph_of(weight: IntArray, x: IntType, most: int = 2) -> AdderGraph:
    columns = weight.shape[1]
    return adder_graph(weight, x, np.full(columns, x.min), np.full(columns, x.max), most)


def run(graph: AdderGraph, x: IntArray, least: int) -> tuple[list[IntArray], IntArray]:
    """The number of every value, and the sums [n, rows]. least: of an input's type."""
    numbers = [column - least * graph.turns for column in x.T]

    def number(term: Term) -> IntArray:
        own = numbers[term.value]
        turned = graph.kinds[term.value].max - own if graph.turns else -own
        return (turned if term.negative else own) << term.shift

    for addition in graph.additions:
        numbers.append(np.sum([number(term) for term in addition.terms], axis=0))
    sums = [
        np.zeros(len(x), dtype=np.int64)
        if root is None
        else (numbers[root.value] + graph.offsets[root.value] << root.shift) * (-1 if root.negative else 1)
        for root in graph.roots
    ]
    return numbers, np.stack(sums, axis=1)


@given(st.integers(-(1 << 20), 1 << 20))
def test_signed_digits_are_the_number_and_no_two_are_neighbours(weight: int) -> None:
    found = list(signed_digits(weight))
    assert sum(sign << shift for shift, sign in found) == weight
    assert all(b - a > 1 for (a, _), (b, _) in pairwise(found))
    assert digits(np.array([[weight]])) == len(found)


@settings(deadline=None)
@given(
    st.integers(0, 1 << 32), st.sampled_from([1, 2, 3, 6]), st.integers(1, 5), st.booleans(), st.sampled_from([2, 3])
)
def test_the_graph_computes_the_product(seed: int, weight_bits: int, bits: int, signed: bool, most: int) -> None:
    rng, x = np.random.default_rng(seed), IntType(bits, signed)
    greatest = (1 << weight_bits) - 1
    weight = rng.integers(-greatest, greatest + 1, rng.integers(1, 12, 2)) * (rng.random() < 0.9)
    graph = graph_of(weight, x, most)
    vectors = rng.integers(x.min, x.max + 1, (20, weight.shape[1]))
    vectors[0], vectors[1] = x.min, x.max
    numbers, sums = run(graph, vectors, x.min)
    assert np.array_equal(sums, vectors @ weight.T)
    assert all(kind.holds(number) for kind, number in zip(graph.kinds, numbers, strict=True))
    assert not graph.turns or not any(kind.signed for kind in graph.kinds)
    assert (sums >= np.array(graph.low)).all() and (sums <= np.array(graph.high)).all()
    for addition in graph.additions:
        assert 2 <= len(addition.terms) <= most
        assert addition.terms[0].shift == 0 and sum(term.negative for term in addition.terms) <= 1
    counts = [sum(len(list(signed_digits(int(w)))) for w in row) for row in weight]
    deepest = next(n for n in range(9) if most**n >= (most - 1) * max(counts))
    assert graph.depth == deepest if most == 2 else graph.depth <= deepest


def test_an_addition_of_three_stands_for_two_of_two() -> None:
    graph = graph_of(np.array([[1, 1, -1, 1, 1]]), IntType(4, False), most=3)
    assert [len(addition.terms) for addition in graph.additions] == [3, 3]
    assert graph.depth == 2


def test_what_rows_have_in_common_is_added_once() -> None:
    graph = graph_of(np.array([[1, 1, 1, 0], [1, 1, 0, 1], [-1, -1, 0, 0]]), IntType(1, False))
    assert len(graph.additions) == 3
    assert graph.roots[2] is not None and graph.roots[2].negative
    assert graph.bits == (1, 1, 1, 1, 2, 2, 2)


@pytest.mark.parametrize("weight", [np.zeros((2, 3), dtype=np.int64), np.array([[0, 4, 0]])])
def test_rows_of_nothing_and_of_one_input_take_no_addition(weight: IntArray) -> None:
    assert graph_of(weight, IntType(2, True)).additions == ()


def test_sharing_takes_a_third_of_a_ternary_layers_additions() -> None:
    weight = np.random.default_rng(1).choice([-1, 0, 1], (32, 32))
    graph = graph_of(weight, IntType(2, False))
    assert len(graph.additions) < 0.67 * (np.count_nonzero(weight) - 32)
