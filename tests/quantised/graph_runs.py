"""Random graphs in the RTL: what differs from the reference, what locks up, what is not on time. For a test and a benchmark."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import gt
from pathlib import Path

import numpy as np
from quantised.networks import mixed_folding, random_folding, random_graph, random_network, random_vectors

from hwflow.errors import ToolError
from hwflow.quantised.backend.bench import bench_net
from hwflow.quantised.backend.dataflow import Accelerator, build_accelerator
from hwflow.quantised.backend.model import run
from hwflow.quantised.backend.streams import with_depths
from hwflow.quantised.backend.verilog import net_module
from hwflow.quantised.tool.simulate import Bench, build_bench

MOST_NODES = 12
_ALONE = 5  # vectors that each meet an idle net
_STALL = 100  # of 256 cycles, in which each end stands still


@dataclass(frozen=True)
class Outcome:
    """What a graph did in simulation: values compared at its boundaries, how many differ, and sentences on what is wrong."""

    nodes: int
    values: int
    mismatches: int
    locked: bool
    wrong: tuple[str, ...]


def accelerator(seed: int, largest: int = 10, *, tokens: bool = False, several: bool = False) -> Accelerator:
    """A random graph of at most `MOST_NODES` nodes under a random legal folding; tokens, several: as `random_graph` has them."""
    rng = np.random.default_rng(seed)
    network = random_graph(rng, largest=largest, tokens=tokens, several=several)
    while len(network.nodes) > MOST_NODES:
        network = random_graph(rng, largest=largest, tokens=tokens, several=several)
    return build_accelerator(network, random_folding(rng, network), f"hwf_net{seed}")


def hardwired(seed: int) -> Accelerator:
    """A random chain, all of whose layers are hardwired, or, of an odd seed, some."""
    rng = np.random.default_rng(seed)
    network = random_network(rng, largest=12, widest=5)
    return build_accelerator(network, mixed_folding(rng, network, 1 - seed % 2 / 2), f"hwf_hardwired{seed}")


def with_less(made: Accelerator, link: str) -> Accelerator:
    """The same with one word less in a FIFO."""
    depths = {own.name: own.depth for stream in made.schedule.streams for own in stream.links}
    streams = with_depths(made.schedule.streams, {link: depths[link] - 1})
    module = f"{made.module}_less"
    text = net_module(streams, module, f"memory/{made.module}_")
    files = {**made.files, f"rtl/{module}.sv": text.encode()}
    return replace(made, module=module, files=files, schedule=replace(made.schedule, streams=streams))


def bench_of(made: Sequence[Accelerator], folder: Path) -> Bench:
    files = {path: content for each in made for path, content in each.files.items()}
    return build_bench({each.module: bench_net(each.units) for each in made}, files, folder, optimise=False)


def outcome(bench: Bench, made: Accelerator, vectors: int) -> Outcome:
    """The graph with vectors in a row, with vectors alone, and with random stalls at both of its ends."""
    x = random_vectors(np.random.default_rng(1), made.network, vectors)
    wrong: list[str] = []
    try:
        flowing = bench.run(made.module, made.network, x)
        alone = bench.run(made.module, made.network, x[:_ALONE], spaced=True)
        stalled = bench.run(made.module, made.network, x, stall=_STALL, seed=2)
    except ToolError as error:
        return Outcome(len(made.network.nodes), 0, 0, True, (f"{made.module}: {error}",))
    for name, each in (("flowing", flowing), ("alone", alone), ("stalled", stalled)):
        if each.mismatches or len(each.boundaries) != len(made.network.nodes):
            wrong.append(f"{made.module} {name}: {each.mismatches} values differ at {len(each.boundaries)} boundaries")
    predicted = made.prediction
    seen = (alone.latency_cycles, alone.fill_cycles, flowing.initiation_interval_cycles)
    if seen != (predicted.latency, predicted.fill, predicted.initiation_interval):
        wrong.append(f"{made.module}: latency, fill and interval are {seen}, and predicted {predicted}")
    runs = (flowing, alone, stalled)
    values = sum(boundary.values for each in runs for boundary in each.boundaries)
    return Outcome(len(made.network.nodes), values, sum(each.mismatches for each in runs), False, tuple(wrong))


def loss(bench: Bench, made: Accelerator, less: Accelerator, vectors: int) -> str:
    """What one word less costs in simulation: "a deadlock" or "cycles"; else what is wrong, in a sentence.

    The cycles lost, or the deadlock, must be those that the schedule's equations give.
    """
    x = random_vectors(np.random.default_rng(1), made.network, vectors)
    predicted = run(less.schedule.streams, {}, vectors)
    try:
        flowing = bench.run(less.module, less.network, x)
        alone = bench.run(less.module, less.network, x[:_ALONE], spaced=True)
    except ToolError:
        return "a deadlock" if len(predicted.ends) < vectors else f"{less.module} locks up, and is not predicted to"
    if flowing.mismatches or alone.mismatches:
        return f"{less.module} gives other values"
    if flowing.cycles[:, 2].tolist() != [end + flowing.cycles[0, 0] for end in predicted.ends]:
        return f"{less.module} is not late as predicted"
    # Also where the net catches up later: some vector came after its time.
    late = any(map(gt, predicted.ends, run(made.schedule.streams, {}, vectors).ends))
    return "cycles" if late or alone.fill_cycles > made.prediction.fill else f"{less.module} loses nothing"
