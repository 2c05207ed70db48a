"""Units synthesised alone: weights lie in look-up tables or in as many block RAMs as the model says."""

import numpy as np
import pytest
from needs import needs_pyosys
from quantised.alone import one_of_each_kind

from hwflow.ints import IntType
from hwflow.quantised.backend.choose import Space
from hwflow.quantised.backend.estimate import unit_cost
from hwflow.quantised.backend.folding import Fold, Folding
from hwflow.quantised.backend.units import DenseUnit, units_of
from hwflow.quantised.network import INPUT, Dense, Network, Node
from hwflow.quantised.tool.unit_cost import unit_costs
from hwflow.resources import Resources

FAMILIES = ("ice40", "ecp5", *(pytest.param(family, marks=pytest.mark.long) for family in ("gowin", "xilinx")))


def matrix(rows: int, columns: int) -> Network:
    layer = Dense(np.random.default_rng(1).integers(-2, 2, (rows, columns)), IntType(2, True))
    return Network("matrix", columns, IntType(2, True), (Node("dense0", layer, (INPUT,)),))


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("family", FAMILIES)
def test_weights_lie_where_the_model_says(family: str) -> None:
    """About the bounds between tables and block RAM, in narrow and wide memories."""
    needs_pyosys("Yosys is not installed")
    shapes = [(40, 64, Fold(1, 1)), (80, 64, Fold(1, 1)), (64, 64, Fold(4, 8))]
    units = [units_of(matrix(rows, columns), Folding({"dense0": fold}))[0] for rows, columns, fold in shapes]
    assert all(isinstance(unit, DenseUnit) for unit in units)
    measured = unit_costs([unit for unit in units if isinstance(unit, DenseUnit)], family)
    assert [cost.brams for cost in measured] == [unit_cost(unit, family).brams for unit in units]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_kind_of_unit_is_synthesised_alone() -> None:
    """As many block RAMs as the model says, and more look-up tables and flip-flops than none."""
    needs_pyosys("Yosys is not installed")
    units = list(one_of_each_kind("ice40").values())
    for unit, cost in zip(units, unit_costs(units, "ice40"), strict=True):
        assert cost.brams == unit_cost(unit, "ice40").brams, unit.name
        assert cost.luts > 0 and cost.ffs >= 0


@pytest.mark.parametrize("family", ["ecp5", "xilinx"])
def test_a_large_matrix_gets_many_lanes(family: str) -> None:
    """Its weights take no look-up tables, or on 7 series one for 64 words, so that those of a small part are left for a hundred
    products a cycle."""
    choice = Space(matrix(64, 784), family).fastest(Resources(12_000, 20_000, 50))
    assert choice is not None and choice.interval <= 64 * 784 // 100
    assert family == "xilinx" or choice.need.brams > 4
