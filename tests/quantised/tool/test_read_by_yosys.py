"""What Yosys reads in the RTL is what Verilator simulates: the netlist that it makes of a net, against the reference."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from needs import needs_pyosys
from netlists import as_yosys_reads_it, netlist
from quantised.networks import mixed_folding, random_folding, random_graph, random_network, random_vectors

from hwflow.board import find_board
from hwflow.host.link import open_link
from hwflow.ints import IntType
from hwflow.progress import silent
from hwflow.project import put
from hwflow.quantised import reference
from hwflow.quantised.backend.bench import BenchNet, Tap, bench_net
from hwflow.quantised.backend.carries import CHAINS
from hwflow.quantised.backend.compiled import Compiled
from hwflow.quantised.backend.dataflow import Accelerator as Built
from hwflow.quantised.backend.dataflow import Options, build_accelerator, compile_network
from hwflow.quantised.backend.folding import Fold, Folding
from hwflow.quantised.backend.loading import loading_of
from hwflow.quantised.host.accelerator import Accelerator
from hwflow.quantised.network import INPUT, Dense, Network, Node
from hwflow.quantised.tool.simulate import build_bench
from hwflow.tool.simulated import simulated_board

needs_pyosys("pyosys reads the RTL as a build does")
SIM = find_board("sim")


def one_layer(rng: np.random.Generator, kind: IntType, least: int, fold: Fold) -> Built:
    """A layer alone, with weights from `least` to -least or to what two bits hold."""
    weight = rng.integers(least, min(-least, 1) + 1, (5, 8))
    weight[0, :2] = least, -1  # so that the type is as wide as is meant
    network = Network("layer", 8, kind, (Node("dense0", Dense(weight, IntType(2, True)), (INPUT,)),))
    return build_accelerator(
        network, Folding({"dense0": fold}), f"hwf_{kind}_{-least}_{fold.pe}_{fold.levels}{fold.chain}".lower()
    )


def accelerators() -> list[Built]:
    rng = np.random.default_rng(7)
    made = [
        one_layer(rng, kind, least, fold)
        for kind in (IntType(1, False), IntType(2, False), IntType(2, True), IntType(5, True))
        for least in (-1, -2)
        for fold in (Fold(5, 8), Fold(2, 3), *(Fold(5, 8, 2, chain=chain) for chain in ("", *CHAINS.values())))
    ]
    for seed in range(4):
        rng = np.random.default_rng(seed)
        network = random_network(rng, largest=12, bits=(seed % 4) + 1)
        made.append(build_accelerator(network, random_folding(rng, network), f"hwf_net{seed}"))
        if seed < 2:
            made.append(build_accelerator(network, mixed_folding(rng, network, 1.0), f"hwf_hardwired{seed}"))
    for seed in range(4):  # joins, tables and slices; every other one tokens
        rng = np.random.default_rng(seed)
        graph = random_graph(rng, largest=6, tokens=seed % 2 == 1, several=seed == 0)
        made.append(build_accelerator(graph, random_folding(rng, graph), f"hwf_graph{seed}"))
    return made


def outside(accelerator: Built) -> BenchNet:
    """The net with the boundary at its output alone, since a flat netlist has no others."""
    net = bench_net(accelerator.units)
    node = accelerator.network.nodes[-1].name
    tap = Tap(node, net.size_out, net.lanes_out, net.y, "m_valid && {0}.m_ready", ("m_data",), "")
    return BenchNet(net.lanes_in, net.x, net.size_out, net.lanes_out, net.y, (tap,))


@pytest.mark.slow
def test_the_netlist_gives_what_the_reference_gives(tmp_path: Path) -> None:
    made = accelerators()
    files = {f"rtl/{a.module}.sv": netlist(a.files, a.module, tmp_path / a.module) for a in made}
    bench = build_bench({a.module: outside(a) for a in made}, files, tmp_path / "bench", optimise=False)
    wrong = {}
    for accelerator in made:
        x = random_vectors(np.random.default_rng(1), accelerator.network, 300)
        boundary = bench.run(accelerator.module, accelerator.network, x).boundaries[-1]
        if boundary.mismatches:
            wrong[accelerator.module] = boundary
    assert not wrong


@pytest.mark.long
@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("seed", [0, 2, 5])
def test_a_device_whose_weights_are_loaded_gives_what_the_reference_gives(
    seed: int, large: bool, tmp_path: Path
) -> None:
    """The whole device, pins and all; large: into large RAMs, beside constant thresholds."""
    rng = np.random.default_rng(seed)
    network = random_network(rng, largest=24, bits=seed % 4 + 1)
    folds = random_folding(rng, network).folds
    folding = Folding({name: replace(fold, loaded=not large, large=large) for name, fold in folds.items()})
    project = compile_network(network, SIM, Options(folding, loaded=not large))
    loading = loading_of(Compiled.of(put(project, tmp_path / "project")[0]))
    saved, _ = put(as_yosys_reads_it(project, tmp_path / "netlist"), tmp_path / "flat")
    simulated = simulated_board(saved, SIM.clock_hz, SIM.baud, silent)
    with simulated as board, open_link(board.port, baud=SIM.baud, deadline=60) as link:
        x = random_vectors(rng, network, 40)
        outputs = Accelerator.of(link, network, None, loading, silent).infer(x)
    assert loading and np.array_equal(outputs, reference.run(network, x))
