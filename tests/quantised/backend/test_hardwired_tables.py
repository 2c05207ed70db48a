"""What is counted of hardwired layers, by hand."""

import numpy as np
from numpy.typing import ArrayLike

from hwflow.ints import IntArray, IntType
from hwflow.quantised.backend.counts import mapping_of
from hwflow.quantised.backend.hardwired import Hardwired, hardwired
from hwflow.quantised.backend.hardwired_tables import count_hardwired
from hwflow.quantised.layers import Dense, Threshold

BIT, TWO, BYTE = IntType(1, False), IntType(2, False), IntType(8, False)
ECP5, ICE40 = mapping_of("ecp5"), mapping_of("ice40")


def layer(
    weight: ArrayLike, x: IntType, levels: IntArray | None = None, between: int = 9, chain: str = ""
) -> Hardwired:
    """Registers behind so many levels of arithmetic."""
    dense = Dense(np.array(weight, dtype=np.int64), IntType(3, True))
    ends = [np.full(dense.columns, end, dtype=np.int64) for end in (x.min, x.max)]
    threshold = None if levels is None else Threshold(levels, np.zeros(len(levels), np.bool_), 0, TWO)
    bits = 2 if threshold else 9
    return hardwired(dense, threshold, x, ends[0], ends[1], bits, between, chain)


def test_a_sum_of_four_bits_is_a_table_for_each_of_its_own() -> None:
    count = count_hardwired(layer([[1, 1, 1, 1]], BIT), ECP5)
    assert (count.chained, count.tables) == (0, 3)


def test_a_wide_sum_is_a_carry_chain_of_an_even_number_of_bits_on_ecp5() -> None:
    assert count_hardwired(layer([[1, 1]], BYTE), ECP5).chained == 10
    assert count_hardwired(layer([[1, 1]], BYTE), ICE40).chained == 9


def test_what_a_chain_subtracts_is_turned_on_the_ice40_alone() -> None:
    assert count_hardwired(layer([[1, -1]], BYTE), ECP5).tables == 0
    assert count_hardwired(layer([[1, -1]], BYTE), ICE40).tables == 8


def test_a_result_of_few_bits_is_a_table_however_many_levels_it_has() -> None:
    levels = np.array([[1, 2, 3]], dtype=np.int64)
    assert count_hardwired(layer([[1, 1, 1, 1]], BIT, levels), ECP5).tables == 2


def test_equal_rows_take_no_more() -> None:
    levels = np.array([[1, 2, 3]], dtype=np.int64)
    once, twice = (count_hardwired(layer([[1, 1, 1, 1]] * n, BIT, levels.repeat(n, axis=0)), ECP5) for n in (1, 2))
    assert once == twice


def test_an_input_that_waits_is_a_register_alone() -> None:
    at_once = count_hardwired(layer([[1, 1, 1, 1, 1]], BYTE), ECP5)
    waiting = count_hardwired(layer([[1, 1, 1, 1, 1]], BYTE, between=1), ECP5)
    assert at_once.alone == 0 < waiting.alone


def test_there_are_never_more_tables_and_chains_than_bits_and_shared_carries() -> None:
    """A narrow sum is at most a table for each bit and one for a carry between."""
    rng = np.random.default_rng(0)
    for _ in range(20):
        wired = layer(rng.integers(-1, 2, (6, 12)).tolist(), TWO)
        count = count_hardwired(wired, ICE40)
        graph = wired.graph
        additions = zip(graph.additions, graph.bits[graph.inputs :], strict=True)
        adder_bits = sum(max(1, width - addition.terms[1].shift) for addition, width in additions)
        assert count.chained + count.tables <= 3 * adder_bits + 9 * len(wired.results)
