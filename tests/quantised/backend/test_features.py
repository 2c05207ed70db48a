"""What is counted of a unit, by hand, and that the model which rests on it is told with an error that is small enough."""

import numpy as np
import pytest
from needs import needs_pyosys

from hwflow.ints import IntArray, IntType
from hwflow.quantised.backend.counts import Features
from hwflow.quantised.backend.estimate import coefficients, unit_cost
from hwflow.quantised.backend.features import features_of
from hwflow.quantised.backend.folding import Fold, Folding
from hwflow.quantised.backend.units import DenseUnit, units_of
from hwflow.quantised.network import INPUT, Dense, Network, Node, Threshold
from hwflow.quantised.tool.unit_cost import unit_costs

TWO = IntType(2, False)
UNITS = 60


def unit(weight: list[list[int]], fold: Fold, levels: IntArray | None = None, weight_bits: int = 2) -> DenseUnit:
    """Ternary weights, if not of more bits; inputs of two bits without a sign."""
    dense = Dense(np.array(weight, dtype=np.int64), IntType(weight_bits, True))
    nodes = [Node("dense0", dense, (INPUT,))]
    if levels is not None:
        nodes.append(Node("t", Threshold(levels, np.zeros(len(levels), np.bool_), 0, TWO), ("dense0",)))
    (made,) = units_of(Network("net", dense.columns, TWO, tuple(nodes)), Folding({"dense0": fold}))
    assert isinstance(made, DenseUnit)
    return made


def test_a_sum_of_one_thing_is_no_logic_and_of_nothing_no_register() -> None:
    count = features_of(unit([[1, 0, 0, 0], [0, 0, 0, 0]], Fold(2, 4)), "ice40")
    assert count.negations == count.turned == count.chained == count.narrow == count.merged == count.products == 0
    assert count.alone == 3 * 2 + 2  # two bits of the input, and twice in the tree; and what tells that they are there


def test_sums_are_as_wide_as_their_terms_need() -> None:
    count = features_of(unit([[1, 0, 0, -1]], Fold(1, 4)), "ice40")
    assert count.negations == 3  # -3 to 0
    assert (count.chained, count.narrow, count.merged) == (3, 0, 0)
    count = features_of(unit([[1, 0, 0, -1]], Fold(1, 4)), "ecp5")
    assert (count.chained, count.cones) == (0, 4)  # up to four bits are tables there


def test_chains_of_ecp5_have_an_even_number_of_bits() -> None:
    wide = unit(
        [[1, 1, 1, 1, 1, 1, 1, 1]], Fold(1, 8), np.array([[9]])
    )  # to 24: three levels of sums of 3, 4 and 5 bits
    assert features_of(wide, "ice40").chained == 4 * 3 + 2 * 4 + 5
    assert features_of(wide, "ecp5").chained == 6


def test_equal_rows_are_one() -> None:
    once = features_of(unit([[1, 1, -1, 1, 0, 1]], Fold(1, 6)), "ice40")
    twice = features_of(unit([[1, 1, -1, 1, 0, 1]] * 2, Fold(2, 6)), "ice40")
    assert (once.chained, once.narrow, once.negations) == (twice.chained, twice.narrow, twice.negations)


def test_where_sums_are_cut_more_than_two_things_are_added_at_once() -> None:
    """Sums of eight bits of weights -1, 0 and 1 that are mostly 0 have their last width from the second level on."""
    sparse = [[1, 0, 1, 0, 1, 0, 0, 0]]
    assert unit(sparse, Fold(1, 8)).sum.bits == 5
    assert features_of(unit(sparse, Fold(1, 8)), "ice40").merged > 0
    assert features_of(unit([[1] * 8], Fold(1, 8), np.array([[9]])), "ice40").merged == 0


def test_what_adds_up_to_nothing_folds_on_the_ice40_alone() -> None:
    """Three products of four are of zeros; of other families a carry chain adds them, which nothing opens."""
    lonely = unit([[0, 0, 0, 0, 0, 3, 0, 0]], Fold(1, 8), np.array([[4]]), weight_bits=3)
    assert features_of(lonely, "ice40").merged == 0 < features_of(lonely, "ecp5").merged


def test_a_narrow_sum_is_kept_and_compared_as_narrow() -> None:
    levels = np.array([[1, 2, 3], [4, 7, 9]])
    count = features_of(unit([[1, 0, 0, 0], [1, 1, 1, 1]], Fold(2, 4), levels), "ice40")
    both = features_of(unit([[1, 1, 1, 0], [1, 1, 1, 1]], Fold(2, 4), levels), "ice40")
    assert count.comparisons == both.comparisons == 4 and count.compared < both.compared
    assert both.registers - count.registers >= 2


def test_equal_sums_are_kept_once() -> None:
    levels = np.array([[1, 3, 5], [2, 3, 4]])
    equal = features_of(unit([[1, 1, 1, 1]] * 2, Fold(2, 4), levels), "ice40")
    other = features_of(unit([[1, 1, 1, 1], [1, 1, -1, 1]], Fold(2, 4), levels), "ice40")
    assert other.registers - equal.registers >= 4 and other.comparisons == equal.comparisons


def test_weights_that_change_take_a_memory_and_a_choice() -> None:
    folded = features_of(unit([[1, -1, 0, 1], [0, 1, 1, -1]], Fold(1, 2)), "ecp5")
    assert folded.products > 0 and folded.roms > 0 and folded.narrow_accumulators > 0 and folded.deep_roms == 0
    fixed = features_of(unit([[1, -1, 0, 1], [0, 1, 1, -1]], Fold(2, 4)), "ecp5")
    assert fixed.products == fixed.roms == fixed.narrow_accumulators == fixed.choices == 0


def test_columns_that_one_bit_of_the_address_tells_are_no_tables() -> None:
    told_by_one = features_of(unit([[1, 1, 0, 0], [1, 1, 0, 0]], Fold(1, 2)), "ecp5")
    assert told_by_one.roms == 0 and told_by_one.addresses == 2


def test_below_a_level_s_lowest_one_nothing_is_compared() -> None:
    sums = unit([[1, 1, 1, 1]], Fold(1, 4), np.array([[4]])).sum.bits - 1  # never negative
    assert features_of(unit([[1, 1, 1, 1]], Fold(1, 4), np.array([[2]])), "ice40").compared == sums - 1
    assert features_of(unit([[1, 1, 1, 1]], Fold(1, 4), np.array([[4]])), "ice40").compared == sums - 2
    assert features_of(unit([[1, 1, 1, 1]], Fold(1, 4), np.array([[5]])), "ice40").compared == sums
    # Six bits of a level that does not change are one table of the 7 series.
    assert features_of(unit([[1, 1, 1, 1]], Fold(1, 4), np.array([[5]])), "xilinx").cones == 1


def test_many_slots_are_counted_without_their_weights() -> None:
    rng = np.random.default_rng(0)
    of_any = [features_of(unit(rng.integers(-1, 2, (16, 24)).tolist(), Fold(2, 4)), "ecp5") for _ in range(2)]
    assert of_any[0] == of_any[1] and of_any[0].deep_roms > 0


@pytest.mark.parametrize(("family", "worst"), [("ice40", 0.2), ("ecp5", 0.25), ("xilinx", 0.25)])
def test_the_model_is_told_with_its_error(family: str, worst: float) -> None:
    model = coefficients(family)
    assert model.units >= UNITS and model.fitted_on >= 2 * UNITS
    assert 0 < model.mean_error < 0.08 and model.worst_error < worst
    assert set(model.luts) <= set(vars(Features())) and min(model.luts.values()) >= 0


def test_a_search_of_few_bits_is_tables_of_what_the_sum_reads() -> None:
    """One input of two bits: a comparison with 1, one with what its result tells, and a register that this is read from."""
    count = features_of(unit([[1, 0, 0, 0]], Fold(1, 4), np.array([[1, 1, 2]])), "ecp5")
    assert count.chained == count.compared == count.narrow == count.tables == count.levels == 0
    assert 4 <= count.cones + count.wide <= 2 * 4


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("family", ["ecp5", "xilinx"])
def test_few_sparse_rows_take_what_is_counted(family: str) -> None:
    """Against Yosys: an unrolled layer of some thirty tables, of which half were once missed."""
    needs_pyosys("Yosys is not installed")
    rng = np.random.default_rng(3)
    weight = np.where(rng.random((8, 8)) < 0.1, rng.choice([-1, 1], (8, 8)), 0)
    sparse = unit(weight.tolist(), Fold(8, 8), np.sort(rng.integers(-2, 4, (8, 3)), axis=1))
    (built,) = unit_costs([sparse], family)
    assert unit_cost(sparse, family).luts == pytest.approx(built.luts, abs=8)
