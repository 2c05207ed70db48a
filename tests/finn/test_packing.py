"""Foldings that suit FINN: how many products a multiplier holds, and that none of fewer multipliers exists."""

from itertools import pairwise, product
from math import ceil

import numpy as np
import pytest
from finn.test_design import node

from hwflow.finn.design import FinnDesign, FinnNode, Stream, Weights
from hwflow.finn.folding import check_for_finn
from hwflow.finn.packing import lanes, packed_foldings
from hwflow.ints import IntType
from hwflow.quantised.backend.folding import Fold, Folding, cycles, dense_layers
from hwflow.quantised.network import INPUT, Dense, Network, Node


def mvau(name: str, rows: int, columns: int, x: str, weights: str, cycles: int) -> FinnNode:
    stream = Stream("in0_V", columns, 1, x, 8)
    memory = Weights("m", "in1_V", 1, 8, weights, "m.dat")
    made = FinnNode(**{**vars(node(name, ())), "layer": name, "rows": rows, "columns": columns})
    return FinnNode(**{**vars(made), "input": stream, "weights": memory, "cycles": cycles})


def net(*sizes: int) -> Network:
    """Matrices of weights -1, 0 and 1."""
    rng = np.random.default_rng(0)
    nodes, before = [], INPUT
    for i, (columns, rows) in enumerate(pairwise(sizes)):
        nodes.append(Node(f"dense{i}", Dense(rng.integers(-1, 2, (rows, columns)), IntType(2, True)), (before,)))
        before = f"dense{i}"
    return Network("n", sizes[0], IntType(2, False), tuple(nodes))


@pytest.mark.parametrize(
    ("x", "weights", "least", "part", "held"),
    [
        ("UINT2", "INT2", -1, "xczu7ev-ffvc1156-2-e", 9),  # 27 - 2 bits hold 8 more of 3 bits
        ("UINT2", "INT2", -2, "xczu7ev-ffvc1156-2-e", 9),
        ("UINT2", "INT2", -2, "xc7z020clg400-1", 8),  # a bit less for the sign
        ("UINT1", "INT2", -1, "xc7z020clg400-1", 8),  # FINN's RTL takes two bits at least
        ("INT8", "INT8", -127, "xczu3eg-sbva484-1-e", 2),
        ("INT8", "INT27", -5, "xczu3eg-sbva484-1-e", 1),
    ],
)
def test_products_of_a_multiplier(x: str, weights: str, least: int, part: str, held: int) -> None:
    matrix = Dense(np.array([[least, 1]]), IntType(27, True))
    assert lanes(mvau("dense0", 1, 2, x, weights, 2), matrix, part) == held


@pytest.mark.parametrize("goal", [8, 16, 64])
def test_no_safe_folding_of_the_same_cycles_takes_fewer_multipliers(goal: int) -> None:
    network = net(24, 16, 6)
    nodes = (mvau("dense0", 16, 24, "UINT2", "INT2", goal), mvau("dense1", 6, 16, "UINT2", "INT2", 1))
    layers = dense_layers(network)

    def multipliers(folding: Folding) -> int:
        return sum(fold.simd * ceil(fold.pe / 9) for fold in folding.folds.values())

    def divisors(n: int) -> list[int]:
        return [d for d in range(1, n + 1) if n % d == 0]

    least = 0
    for layer in layers.values():
        folds = [Fold(*each) for each in product(divisors(layer.size), divisors(layer.columns)[:-1])]
        least += min(f.simd * ceil(f.pe / 9) for f in folds if cycles(layer, f) <= goal)
    packed = packed_foldings(network, FinnDesign("1.6.1", "xczu7ev-x", 10.0, (), nodes))
    assert {each.rule for each in packed} <= {
        "fewest multipliers, then fewest rows",
        "fewest multipliers, then most rows",
    }
    for each in packed:
        check_for_finn(each.folding, network, "packed")
        assert multipliers(each.folding) == least
        assert all(cycles(layers[name], fold) <= goal for name, fold in each.folding.folds.items())
