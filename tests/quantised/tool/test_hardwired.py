"""Hardwired layers against the reference, bit for bit and to the cycle, alone and between layers of other kinds."""

from pathlib import Path

import numpy as np
import pytest
from quantised.networks import mixed_folding, random_folding, random_network, random_vectors

from hwflow.quantised.backend.bench import bench_net
from hwflow.quantised.backend.dataflow import Accelerator, build_accelerator, modelled
from hwflow.quantised.backend.estimate import estimate
from hwflow.quantised.tool.simulate import build_bench

NETS = 8
VECTORS = 300


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_random_nets_are_bit_exact_at_every_boundary_and_on_time(tmp_path: Path) -> None:
    made: list[Accelerator] = []
    for seed in range(NETS):
        rng = np.random.default_rng(seed)
        network = random_network(rng, largest=12, widest=5)
        made.append(build_accelerator(network, mixed_folding(rng, network, 1 - seed % 2 / 2), f"hwf_net{seed}"))
    files = {path: content for accelerator in made for path, content in accelerator.files.items()}
    nets = {accelerator.module: bench_net(accelerator.units) for accelerator in made}
    bench = build_bench(nets, files, tmp_path / "nets", optimise=False)
    for accelerator in made:
        network, prediction = accelerator.network, accelerator.prediction
        rng = np.random.default_rng(1)
        x = random_vectors(rng, network, VECTORS)
        flowing = bench.run(accelerator.module, network, x)
        assert flowing.mismatches == 0, (accelerator.module, flowing.boundaries)
        assert flowing.initiation_interval_cycles == prediction.initiation_interval, accelerator.module
        alone = bench.run(accelerator.module, network, x[:5], spaced=True)
        assert (alone.latency_cycles, alone.fill_cycles) == (prediction.latency, prediction.fill), accelerator.module
        stalled = bench.run(accelerator.module, network, x[:100], stall=int(rng.integers(10, 200)), seed=2)
        assert stalled.mismatches == 0, (accelerator.module, stalled.boundaries)


def test_no_error_is_told_of_what_was_not_fitted() -> None:
    rng = np.random.default_rng(0)
    network = random_network(rng)
    for folding, rough in ((mixed_folding(rng, network, 1.0), True), (random_folding(rng, network), False)):
        accelerator = build_accelerator(network, folding)
        words = modelled(accelerator, estimate(accelerator.units, "ecp5"), "ecp5", {}).words
        assert ("dense0" in words and "an error that is not known" in words) == rough and "mean error" in words
