"""FINN's own RTL in Verilator: bit exact at every boundary, whatever stalls; wrong weights and lost results are seen."""

from pathlib import Path

import numpy as np
import pytest
from finn.nets import compile_with_finn
from quantised.qonnx_graphs import Graph

from hwflow.errors import ToolError, UserError
from hwflow.finn import compilation as finn
from hwflow.finn import folding as finn_folding
from hwflow.finn.backend import FINN_BACKEND
from hwflow.finn.design import FINN, TOP
from hwflow.ints import IntArray
from hwflow.progress import silent
from hwflow.project import MANIFEST, Project, ProjectFolder
from hwflow.quantised.backend.compiled import Compiled
from hwflow.quantised.flow.request import Request
from hwflow.quantised.flow.simulation import simulate_compiled
from hwflow.quantised.flow.vectors import random_vectors
from hwflow.quantised.network import Network
from hwflow.quantised.tool.simulate import Bench, BenchSource, Simulation, bench_program, simulate_source

pytestmark = [pytest.mark.finn, pytest.mark.slow, pytest.mark.timeout(600)]


def small(path: Path) -> Path:
    """12-6-4 with two-bit weights, a negative gain in the middle and inputs of four bits."""
    graph, draw = Graph(shape=(1, 12)), np.random.default_rng(7)
    x = graph.quant("x", 0.5, 4)
    x = graph.node("MatMul", x, graph.weights(draw.integers(-1, 2, (12, 6)) * 0.25, 0.25, 2, narrow=1))
    x = graph.node("Mul", x, graph.constant(draw.choice([-1.0, 1.0], 6)))
    x = graph.quant(graph.node("Relu", x), 0.5, 2, signed=0)
    x = graph.node("MatMul", x, graph.weights(draw.integers(-1, 2, (6, 4)) * 0.25, 0.25, 2, narrow=1))
    return graph.save(path, x)


def compiled(folder: Path, folding: str) -> Path:
    model = small(folder / "net.onnx")
    (folder / "folding.json").write_text(folding)
    request = Request(folder / "folding.json")
    compile_with_finn(model, "zcu104", folder / "p", request)
    return folder / "p"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folding = '{"dense0": {"PE": 2, "SIMD": 4}, "dense1": {"PE": 4, "SIMD": 2}}'
    return compiled(tmp_path_factory.mktemp("p"), folding)


def bench(project: Path) -> tuple[Bench, Network]:
    opened = Compiled.of(ProjectFolder.read(project))
    source = FINN_BACKEND.source(opened)
    nets = {TOP: source.net}
    return Bench(project, bench_program(nets, source.files, optimise=source.optimise), nets), opened.network


def simulated(opened: Compiled, x: IntArray) -> tuple[BenchSource, Simulation]:
    source = FINN_BACKEND.source(opened)
    return source, simulate_source(source, opened.folder, opened.network, x)


def test_every_boundary_is_exact_and_every_file_is_finns(project: Path) -> None:
    record = simulate_compiled(Compiled.of(ProjectFolder.read(project)), None, None, silent)
    assert record.right and record.vectors == 1000 and record.backend == "finn"
    assert {b.node: (b.values, b.mismatches) for b in record.boundaries} == {
        "dense0": (6000, 0),
        "threshold0": (6000, 0),
        "dense1": (4000, 0),
    }
    assert record.initiation_interval_cycles == 9  # 3 folds of 3 beats
    assert [edit.split(":")[0] for edit in record.edits] == ["add_multi.sv", "fifo.sv", "mvu.sv", "thresholding.sv"]


@pytest.mark.parametrize("stall", [20, 128, 230, 250])
def test_stalls_change_nothing(project: Path, stall: int) -> None:
    made, network = bench(project)
    result = made.run(TOP, network, random_vectors(network, 300, 1).x, stall=stall, seed=stall)
    assert result.mismatches == 0, result.boundaries


def test_a_wrong_weight_is_seen_at_its_boundary(project: Path, tmp_path: Path) -> None:
    loaded = Project.load(project)
    files = dict(loaded.files)
    path = next(path for path in files if path.endswith("MVAU_rtl_0/memblock.dat"))
    first, rest = files[path].decode().split("\n", 1)
    files[path] = f"{int(first, 16) ^ 1:0{len(first)}x}\n{rest}".encode()
    Project(files, loaded.top, loaded.board).save(tmp_path)
    opened = Compiled.of(ProjectFolder.read(tmp_path))
    result = simulated(opened, random_vectors(opened.network, 200, 0).x)[1]
    assert result.boundaries[0].node == "dense0" and result.boundaries[0].mismatches > 0


def test_a_whole_row_a_cycle_loses_results_when_stalled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Why such foldings are refused: FINN's own assertion says so, in FINN's own RTL."""
    folding = '{"dense0": {"PE": 1, "SIMD": 12}, "dense1": {"PE": 1, "SIMD": 6}}'
    with pytest.raises(UserError, match="the whole width of its matrix"):
        compiled(tmp_path, folding)
    monkeypatch.setattr(finn, "check_for_finn", lambda *arguments: None)
    assert finn_folding.check_for_finn is not finn.check_for_finn
    made, network = bench(compiled(tmp_path, folding))
    x = random_vectors(network, 300, 1).x
    assert made.run(TOP, network, x).mismatches == 0
    with pytest.raises(ToolError, match="Overflowing output queue"):
        made.run(TOP, network, x, stall=250)


def test_a_layer_in_hls_is_named(project: Path, tmp_path: Path) -> None:
    loaded = Project.load(project)
    files = dict(loaded.files)
    text = (
        files[FINN].decode().replace('"style": "rtl"', '"style": "hls"', 1).replace('"reason": ""', '"reason": "so"', 1)
    )
    files[FINN] = text.encode()
    Project(files, loaded.top, loaded.board).save(tmp_path)
    assert (tmp_path / MANIFEST).is_file()
    with pytest.raises(UserError, match="in HLS only, since so"):
        simulate_compiled(Compiled.of(ProjectFolder.read(tmp_path)), None, 5, silent)
