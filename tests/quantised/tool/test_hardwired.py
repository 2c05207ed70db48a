"""Hardwired layers against the reference, bit for bit and to the cycle, alone and between layers of other kinds."""

from pathlib import Path

import numpy as np
import pytest
from quantised.graph_runs import bench_of, hardwired, outcome
from quantised.networks import mixed_folding, random_folding, random_network

from hwflow.quantised.backend.dataflow import build_accelerator, modelled
from hwflow.quantised.backend.estimate import estimate

NETS = 8
VECTORS = 300


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_random_nets_are_bit_exact_at_every_boundary_and_on_time(tmp_path: Path) -> None:
    made = [hardwired(seed) for seed in range(NETS)]
    bench = bench_of(made, tmp_path / "nets")
    wrong = [sentence for each in made for sentence in outcome(bench, each, VECTORS).wrong]
    assert not wrong


def test_hardwired_layers_are_told_with_the_error_of_such_layers_alone() -> None:
    rng = np.random.default_rng(0)
    network = random_network(rng)
    for folding, wired in ((mixed_folding(rng, network, 1.0), True), (random_folding(rng, network), False)):
        accelerator = build_accelerator(network, folding)
        need = estimate(accelerator.units, "ecp5")
        words = modelled(accelerator, need, "ecp5", {}).words
        assert ("dense0, dense1 counted: mean error 11%" in words) == wired and "modelled: mean error" in words
        # Another family's figures are taken, and how far off they are there is not known.
        words = modelled(accelerator, need, "nexus", {}).words
        assert (
            "dense0, dense1 counted roughly, with an error that is not known" in words
        ) == wired and "mean error" not in words
