"""Weights of a seed in the RTL: the values and cycles of weights in a memory, and no memory."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from quantised.graph_runs import bench_of, outcome

from hwflow.ints import IntType
from hwflow.quantised.backend.dataflow import Accelerator, build_accelerator
from hwflow.quantised.backend.estimate import memory_bits
from hwflow.quantised.backend.folding import Fold, Folding
from hwflow.quantised.layers import Dense, Node
from hwflow.quantised.network import Network
from hwflow.quantised.signs import signs

FOLDS = [(1, 1), (4, 8), (12, 6), (1, 24)]
WEIGHT = signs(0x13579BDF, 12, 24)


def made(pe: int, simd: int, weight: np.ndarray = WEIGHT) -> Accelerator:
    network = Network("signs", 24, IntType(3, False), (Node("dense0", Dense(weight, IntType(2, True)), ("input",)),))
    return build_accelerator(network, Folding({"dense0": Fold(pe, simd)}), f"hwf_net_{pe}_{simd}")


@pytest.mark.slow
def test_generated_weights_are_those_of_the_net(tmp_path: Path) -> None:
    nets = [made(*fold) for fold in FOLDS]
    bench = bench_of(nets, tmp_path / "bench")
    for net in nets:
        assert outcome(bench, net, 40).wrong == ()


@pytest.mark.parametrize("fold", FOLDS)
def test_generated_weights_are_in_no_memory(fold: tuple[int, int]) -> None:
    net = made(*fold)
    assert not any(path.endswith("_weights.hex") for path in net.files)
    assert [memory_bits(unit) for unit in net.units] == [0]


def test_other_weights_are_in_a_memory() -> None:
    """One weight is another; a fold whose last rows are none of the matrix; all in a cycle; the host writes them."""
    other = WEIGHT.copy()
    other[3, 4] = -other[3, 4]
    nets = [made(1, 1, other), made(5, 1), made(12, 24)]
    assert all("memory/" + net.module + "_dense0_weights.hex" in net.files for net in nets)
    loaded = Folding({"dense0": replace(Fold(1, 1), loaded=True)})
    net = build_accelerator(made(1, 1).network, loaded, "hwf_net")
    assert "LOAD_WEIGHTS" in net.files["rtl/hwf_net.sv"].decode() and "SEED" not in net.files["rtl/hwf_net.sv"].decode()
