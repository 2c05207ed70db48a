"""Units that work on samples of several tokens: their lanes, their cycles, and what a bench sees of them."""

import numpy as np
import pytest
from quantised.networks import random_graph

from hwflow.errors import UserError
from hwflow.ints import IntType
from hwflow.quantised.backend.bench import taps_of
from hwflow.quantised.backend.folding import Fold, Folding, checked, folded_layers
from hwflow.quantised.backend.schedule import schedule
from hwflow.quantised.backend.token_units import ReduceUnit, TransposeUnit
from hwflow.quantised.backend.units import units_of
from hwflow.quantised.network import INPUT, Dense, Network, Node, Reduce, Transpose

KIND = IntType(4, True)


def mixed(pe: int, simd: int) -> tuple[Network, Folding]:
    """A matrix of 4 tokens, 6 channels each, that all tokens share; transposed; and the sums over the tokens."""
    weight = np.ones((6, 6), dtype=np.int64)
    nodes = (
        Node("dense0", Dense(weight, KIND, tokens=4), (INPUT,)),
        Node("transpose0", Transpose(4, 6), ("dense0",)),
        Node("reduce0", Reduce(4, 1, tokens=6), ("transpose0",)),
    )
    return Network("mixed", 24, KIND, nodes), Folding({"dense0": Fold(pe, simd)})


@pytest.mark.parametrize(("pe", "simd", "lanes", "interval"), [(1, 1, 1, 144), (2, 3, 1, 24), (6, 6, 2, 24)])
def test_lanes_are_as_few_as_keep_the_interval(pe: int, simd: int, lanes: int, interval: int) -> None:
    units = units_of(*mixed(pe, simd))
    _, turned, summed = units
    assert isinstance(turned, TransposeUnit) and turned.lanes == lanes
    # Elements that become one come one after another, so 24 of them take 24 cycles.
    assert isinstance(summed, ReduceUnit) and (summed.lanes, summed.cycles) == (1, 24)
    assert schedule(units).prediction.initiation_interval == interval


def test_a_transposition_holds_two_matrices() -> None:
    (_, turned, _) = units_of(*mixed(6, 6))
    assert isinstance(turned, TransposeUnit)
    banks, depth, width = turned.memory
    assert banks * depth * width == 2 * 24 * turned.y.bits


@pytest.mark.parametrize("fold", [Fold(4, 1), Fold(1, 4)])
def test_a_fold_that_tokens_cannot_share_is_refused(fold: Fold) -> None:
    network, _ = mixed(1, 1)
    with pytest.raises(UserError, match=r"folds layer dense0 by PE \d and SIMD \d, but 4 tokens share it"):
        checked(Folding({"dense0": fold}), network, "folding.json")


@pytest.mark.parametrize("levels", [None, 2])
def test_a_bench_sees_whole_samples_of_every_node(levels: int | None) -> None:
    for seed in range(12):
        network = random_graph(np.random.default_rng(seed), largest=10, tokens=True)
        layers = folded_layers(network).items()
        folds = {name: Fold(x.rows, x.columns, levels if isinstance(x, Dense) else None) for name, x in layers}
        taps = [tap for unit in units_of(network, Folding(folds)) for tap in taps_of(unit)]
        sizes = {node.name: node.layer.size for node in network.nodes}
        assert {tap.node: tap.size for tap in taps} == sizes
