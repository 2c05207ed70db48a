"""Functions as look-up tables: what the tables compute is the function, in no more of them than halving it takes."""

from collections.abc import Hashable, Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwflow.quantised.backend.cones import Function, Word, functions, of_input, sum_of, tables_of, turned, value_of


@st.composite
def drawn(draw: st.DrawFn, most: int = 7) -> Function:
    """A function of all its inputs."""
    inputs = draw(st.integers(1, most))
    table = draw(st.integers(0, (1 << (1 << inputs)) - 1))
    ones = np.array([table >> at & 1 for at in range(1 << inputs)])
    return functions(ones, 1, range(inputs))[0]


def value(function: Function, given: Mapping[Hashable, int]) -> int:
    """What a function is, whose inputs may be functions that tables make."""
    at = 0
    for place, name in enumerate(function.inputs):
        at |= (given[name] if name in given else value(name, given) if isinstance(name, Function) else 0) << place
    return function.table >> at & 1


@given(drawn())
def test_tables_compute_the_function_or_its_complement(function: Function) -> None:
    made = tables_of(function, 4, 0)
    if not made:
        assert function.wire
        return
    assert all(len(table.inputs) <= 4 for table, _ in made)
    patterns = range(1 << len(function.inputs))
    given = [{name: at >> place & 1 for place, name in enumerate(function.inputs)} for at in patterns]
    same = {value(made[-1][0], each) ^ value(function, each) for each in given}
    assert len(same) == 1


@given(drawn(), st.sampled_from([4, 6]))
def test_there_are_never_more_tables_than_halving_takes(function: Function, size: int) -> None:
    more = len(function.inputs) - size
    alone = len(tables_of(function, size, 0))
    if more <= 0:
        assert alone == (not function.wire)
        return
    assert 2 <= alone <= (2 << more) - 1  # each choice is a table too
    assert len(tables_of(function, size, 7)) == 1 << more  # or is none


@given(drawn())
def test_a_function_and_its_complement_are_the_same_tables(function: Function) -> None:
    if len(function.inputs) > 1:
        assert tables_of(function, 4, 0) == tables_of(turned(function), 4, 0)


def test_a_bit_as_it_is_and_a_constant_are_no_table_but_a_complement_is_one() -> None:
    assert tables_of(of_input("a"), 4, 0) == [] == tables_of(Function((), 1), 4, 0)
    assert len(tables_of(turned(of_input("a")), 4, 0)) == 1


def test_inputs_that_do_not_matter_are_none() -> None:
    assert functions(np.array([0, 1, 0, 1]), 1, ["a", "b"]) == [of_input("a")]
    assert functions(np.array([1, 1, 1, 1]), 1, ["a", "b"]) == [Function((), 1)]


def test_a_function_of_ten_bits_by_way_of_few_is_few_tables() -> None:
    every = np.arange(1 << 10)
    (parity,) = functions(np.bitwise_count(every).astype(np.int64), 1, range(10))
    assert len(tables_of(parity, 4, 0)) == 3


@pytest.mark.parametrize("width", [1, 3, 5])
@given(st.lists(st.tuples(st.integers(1, 3), st.booleans(), st.integers(-1, 1)), min_size=1, max_size=3))
def test_sums_of_words_are_sums_of_numbers(width: int, words: list[tuple[int, bool, int]]) -> None:
    inputs = [(at, bit) for at, (bits, _, _) in enumerate(words) for bit in range(bits)]
    made = [
        Word(tuple(of_input((at, bit)) for bit in range(bits)), signed) for at, (bits, signed, _) in enumerate(words)
    ]
    factors = [factor for _, _, factor in words]
    summed = value_of(Word(sum_of(made, width, factors), signed=False), inputs)
    wanted = sum(factor * value_of(word, inputs) for word, factor in zip(made, factors, strict=True))
    assert (summed == wanted & ((1 << width) - 1)).all()
