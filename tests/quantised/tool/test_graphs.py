"""Nets with forks and joins: the RTL against the reference, its cycles against the schedule, and FIFOs one word too short."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from quantised.networks import random_folding, random_graph, random_vectors

from hwflow.errors import ToolError
from hwflow.quantised.backend.bench import bench_net
from hwflow.quantised.backend.dataflow import Accelerator, build_accelerator
from hwflow.quantised.backend.model import run
from hwflow.quantised.backend.streams import with_depths
from hwflow.quantised.backend.verilog import net_module
from hwflow.quantised.tool.simulate import Bench, Simulation, build_bench

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

GRAPHS = 4  # compiling is the cost
VECTORS = 500


def accelerator(seed: int) -> Accelerator:
    rng = np.random.default_rng(seed)
    network = random_graph(rng, largest=10)
    return build_accelerator(network, random_folding(rng, network), f"hwf_net{seed}")


def with_less(made: Accelerator, link: str) -> Accelerator:
    """The same with one word less in a FIFO."""
    depths = {own.name: own.depth for stream in made.schedule.streams for own in stream.links}
    streams = with_depths(made.schedule.streams, {link: depths[link] - 1})
    module = f"{made.module}_less"
    text = net_module(streams, module, f"memory/{made.module}_")
    files = {**made.files, f"rtl/{module}.sv": text.encode()}
    return replace(made, module=module, files=files, schedule=replace(made.schedule, streams=streams))


def bench_of(made: list[Accelerator], folder: Path) -> Bench:
    files = {path: content for each in made for path, content in each.files.items()}
    return build_bench({each.module: bench_net(each.units) for each in made}, files, folder, optimise=False)


def simulated(bench: Bench, made: Accelerator, **options: bool | int) -> Simulation:
    x = random_vectors(np.random.default_rng(1), made.network, 5 if options.get("spaced") else VECTORS)
    return bench.run(made.module, made.network, x, **options)  # type: ignore[arg-type]


def test_random_graphs_are_bit_exact_at_every_boundary_and_on_time(tmp_path: Path) -> None:
    made = [accelerator(seed) for seed in range(GRAPHS)]
    bench = bench_of(made, tmp_path / "bench")
    for each in made:
        flowing, alone = simulated(bench, each), simulated(bench, each, spaced=True)
        assert flowing.mismatches == alone.mismatches == 0, (each.module, flowing.boundaries)
        assert len(flowing.boundaries) == len(each.network.nodes)
        prediction = each.prediction
        assert flowing.initiation_interval_cycles == prediction.initiation_interval, each.module
        assert (alone.latency_cycles, alone.fill_cycles) == (prediction.latency, prediction.fill), each.module
        stalled = simulated(bench, each, stall=100, seed=2)
        assert stalled.mismatches == 0, (each.module, stalled.boundaries)


def test_one_word_less_locks_up_or_loses_cycles_as_predicted(tmp_path: Path) -> None:
    whole = [each for seed in range(40) if (each := accelerator(seed)).schedule.tight][:GRAPHS]
    made = [with_less(each, each.schedule.tight[0]) for each in whole]
    bench = bench_of(made, tmp_path / "bench")
    for each in made:
        predicted = run(each.schedule.streams, {}, VECTORS)
        if len(predicted.ends) < VECTORS:
            with pytest.raises(ToolError):
                simulated(bench, each)
            continue
        flowing, alone = simulated(bench, each), simulated(bench, each, spaced=True)
        assert flowing.mismatches == 0
        assert flowing.cycles[:, 2].tolist() == [end + flowing.cycles[0, 0] for end in predicted.ends], each.module
        later = flowing.initiation_interval_cycles > each.prediction.initiation_interval
        assert later or alone.fill_cycles > each.prediction.fill, each.module
