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


def test_no_error_is_told_of_what_was_not_fitted() -> None:
    rng = np.random.default_rng(0)
    network = random_network(rng)
    for folding, rough in ((mixed_folding(rng, network, 1.0), True), (random_folding(rng, network), False)):
        accelerator = build_accelerator(network, folding)
        words = modelled(accelerator, estimate(accelerator.units, "ecp5"), "ecp5", {}).words
        assert ("dense0" in words and "an error that is not known" in words) == rough and "mean error" in words
