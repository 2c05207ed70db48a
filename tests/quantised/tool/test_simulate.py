"""The RTL against the reference, bit for bit, and its cycles against the compiler's prediction.

Few random chains, and more each night; the environment variable HWFLOW_NETS says how many of the first kind that is. Graphs in
volume are those of benchmarks/graphs.py.
"""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from quantised.networks import random_folding, random_network, random_vectors

from hwflow.board import find_board
from hwflow.quantised.backend.bench import bench_net
from hwflow.quantised.backend.dataflow import Accelerator, Options, build_accelerator, compile_network
from hwflow.quantised.backend.folding import Fold, Folding, dense_layers
from hwflow.quantised.tool.simulate import Bench, build_bench, net_files

NETS = int(os.environ.get("HWFLOW_NETS", "20"))
FEW = 8  # compiling is the cost
NETS_A_BINARY = 20
VECTORS = 1000


def accelerators(first: int, count: int, largest: int, widest: int) -> list[Accelerator]:
    """A quarter with weights and thresholds that are loaded, unless these are many, a quarter with weights in large RAMs."""
    made = []
    for seed in range(first, first + count):
        rng = np.random.default_rng(seed)
        network = random_network(rng, largest=largest, widest=widest)
        folding = random_folding(rng, network)
        if seed % 4 == 1 and widest <= 8:
            folding = folding.with_loaded_weights()
        elif seed % 4 == 3:
            folding = Folding({name: replace(fold, large=True) for name, fold in folding.folds.items()})
        made.append(build_accelerator(network, folding, f"hwf_net{seed}"))
    return made


def bench_of(made: list[Accelerator], folder: Path) -> Bench:
    files = {path: content for accelerator in made for path, content in accelerator.files.items()}
    return build_bench(
        {accelerator.module: bench_net(accelerator.units) for accelerator in made}, files, folder, optimise=False
    )


# Of up to 24 channels and 8 bits, and of few channels and up to 16 bits, whose activations have up to 65,535 thresholds.
NARROW, WIDE = (24, 8), (8, 16)
GROUPS = [
    (0, FEW, *NARROW),
    (NETS, FEW, *WIDE),
    *(
        pytest.param(group, marks=pytest.mark.long)
        for group in (
            *((first, NETS_A_BINARY, *NARROW) for first in range(0, NETS, NETS_A_BINARY)),
            (NETS, NETS_A_BINARY, *WIDE),
        )
    ),
]


@pytest.fixture(scope="module", params=GROUPS)
def group(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Accelerator], Bench]:
    made = accelerators(*request.param)
    return made, bench_of(made, tmp_path_factory.mktemp("bench") / "nets")


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_random_nets_are_bit_exact_at_every_boundary_and_on_time(group: tuple[list[Accelerator], Bench]) -> None:
    made, bench = group
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


@pytest.mark.slow
def test_a_wrong_weight_is_seen_at_its_boundary(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    network = random_network(rng, bits=2)
    accelerator = build_accelerator(network, random_folding(rng, network))
    files = dict(accelerator.files)
    name = next(path for path in files if path.endswith("dense0_weights.hex"))
    first, rest = files[name].split(b"\n", 1)
    files[name] = f"{int(first, 16) ^ 1:0{len(first)}x}\n".encode() + rest
    bench = build_bench({accelerator.module: bench_net(accelerator.units)}, files, tmp_path / "bench", optimise=False)
    simulation = bench.run(accelerator.module, network, random_vectors(rng, network, 200))
    assert simulation.boundaries[0].node == "dense0" and simulation.boundaries[0].mismatches > 0


def test_a_net_holds_the_modules_that_are_made_for_its_layers() -> None:
    """Simulation and synthesis of a compiled project take them with the net."""
    rng = np.random.default_rng(0)
    network = random_network(rng, largest=6, bits=2)
    layers = dense_layers(network)
    folding = Folding({name: Fold(layer.size, layer.columns, 2) for name, layer in layers.items()})
    files = net_files(compile_network(network, find_board("sim"), Options(folding)).files)
    assert {f"rtl/hwf_net_{name}.sv" for name in layers} <= files.keys()
    assert "rtl/hwf_top.sv" not in files
