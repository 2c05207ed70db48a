"""Nets through FINN: each step against qonnx, the project that comes of it, and every way in which it can go wrong."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from finn.nets import compile_with_finn, compile_with_own, deep_net, demo_net
from onnx import TensorProto
from quantised.qonnx_graphs import Graph

from hwflow.errors import HwflowError, MissingTool, ToolError, UserError
from hwflow.finn.backend import log_of
from hwflow.finn.compilation import FinnRecord, vectors_with_floats
from hwflow.finn.design import FinnDesign
from hwflow.project import Project, ProjectFolder
from hwflow.quantised.backend.compiled import Compiled
from hwflow.quantised.backend.folding import Fold, dense_layers, read_folding
from hwflow.quantised.flow.compilation import Compilation
from hwflow.quantised.flow.request import Request
from hwflow.quantised.frontend import load
from hwflow.quantised.network import Network

ANY = Request()


def compiled(model: Path, out: Path, board: str = "pynq-z2", request: Request = ANY) -> Compilation:
    return compile_with_finn(model, board, out, request).compilation()


def small(path: Path, end: str = "", bipolar: bool = False, low: int = -1) -> Path:
    """8-6-4, inputs of four bits; scales are powers of two, so that sums lie on halves."""
    graph = Graph(shape=(1, 8), result=TensorProto.INT64 if end in ("TopK", "ArgMax") else TensorProto.FLOAT)
    draw = np.random.default_rng(2)
    x = graph.bipolar("x") if bipolar else graph.quant("x", 0.5, 4)
    x = graph.node("MatMul", x, graph.weights(draw.integers(low, 2, (8, 6)) * 0.25, 0.25, 2, narrow=int(low == -1)))
    x = graph.quant(graph.node("Relu", x), 0.5, 2, signed=0)
    x = graph.node("MatMul", x, graph.weights(draw.integers(-1, 2, (6, 4)) * 0.25, 0.25, 2, narrow=1))
    if end == "TopK":
        x = graph.node("TopK", x, graph.constant([1], np.int64), outputs=2, axis=-1)
    elif end == "BipolarQuant":
        x = graph.bipolar(x)
    elif end:
        x = graph.node(end, x, axis=1)
    return graph.save(path, x)


@pytest.fixture(scope="session")
def nets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of small.onnx, deep.onnx and demo.onnx."""
    folder = tmp_path_factory.mktemp("nets")
    small(folder / "small.onnx")
    deep_net(folder / "deep.onnx")
    demo_net(folder / "demo.onnx")
    return folder


@pytest.fixture(scope="session")
def project(nets: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of the small net, in a folder whose name is hostile."""
    out = tmp_path_factory.mktemp("p") / 'it\'s [exit] $HOME; "a" `b`'
    compiled(nets / "small.onnx", out)
    return out


def all_equal(record: FinnRecord | None, outputs: int) -> None:
    assert record is not None and record.vectors == 1000 and len(record.steps) == 15
    assert [(step.values, step.mismatches) for step in record.steps] == [(1000 * outputs, 0)] * 15
    assert record.steps[0].name == "qonnx" and record.steps[-1].name == "hw_codegen"
    assert all(step.seconds >= 0 and step.check_seconds > 0 for step in record.steps)


@pytest.mark.finn
@pytest.mark.slow
@pytest.mark.parametrize("board", [pytest.param("pynq-z2", marks=pytest.mark.long), "zcu104"])
def test_deep_net_of_two_bits(nets: Path, tmp_path: Path, board: str) -> None:
    record = compiled(nets / "deep.onnx", tmp_path / "p", board)
    all_equal(record.finn, 1)
    assert record.finn is not None and record.finn.hls == ()
    assert [(layer.rows, layer.columns) for layer in record.layers] == [(64, 593), (64, 64), (64, 64), (1, 64)]


@pytest.mark.finn
@pytest.mark.slow
def test_the_demos_net(nets: Path, tmp_path: Path) -> None:
    record = compiled(nets / "demo.onnx", tmp_path / "p")
    all_equal(record.finn, 5)
    assert record.finn is not None and record.finn.hls == ()


@pytest.mark.finn
@pytest.mark.long
@pytest.mark.slow
def test_tfc_2w2a(shared: Path, tmp_path: Path) -> None:
    record = compiled(shared / "data/qonnx_zoo/TFC_2W2A.onnx", tmp_path / "p")
    all_equal(record.finn, 10)
    assert record.finn is not None and record.finn.hls == () and record.finn.seconds < 60


@pytest.mark.finn
@pytest.mark.slow
def test_the_project_is_whole_and_its_own(nets: Path, project: Path) -> None:
    """All paths are the project's; nothing in it names the place or the day it was made, so it is made once."""
    loaded, design = Project.load(project), FinnDesign.of(ProjectFolder.read(project))
    assert Network.from_folder(project).digest == load(nets / "small.onnx").digest
    assert all(path in loaded.files for path in design.sources)
    assert all(path in loaded.files for node in design.nodes for path in node.memories)
    text = b"".join(content for path, content in loaded.files.items() if path.endswith((".v", ".sv", ".json")))
    assert b"code_gen_ipgen" not in text and b"/tmp" not in text
    for node in design.nodes:
        if node.weights:
            assert node.weights.memory.encode() in loaded.files[f"rtl/finn/{node.weights.module}.v"]
    assert (project / "finn.log").stat().st_size > 0 and not log_of(project).exists()
    again = compiled(nets / "small.onnx", project)
    assert again.kept and again.digest == loaded.digest


@pytest.mark.finn
@pytest.mark.slow
def test_the_chain_fits_together(project: Path) -> None:
    design, network = FinnDesign.of(ProjectFolder.read(project)), Network.from_folder(project)
    for before, after in zip(design.nodes, design.nodes[1:], strict=False):
        assert (before.output.size, before.output.lanes, before.output.kind, before.output.width) == (
            after.input.size, after.input.lanes, after.input.kind, after.input.width)  # fmt: skip
    assert [node.layer for node in design.nodes if node.layer] == [node.name for node in network.nodes]
    assert design.nodes[0].input.size == network.input_size and design.nodes[-1].output.size == network.output_size
    for node in design.nodes:
        if node.op == "MVAU":
            matrix = dense_layers(network)[node.layer]
            assert (node.rows, node.columns) == matrix.weight.shape
            assert node.weights is not None and node.weights.depth == node.rows * node.columns // (node.pe * node.simd)
            assert node.cycles == node.weights.depth and node.input.lanes == node.simd and node.output.lanes == node.pe


@pytest.mark.finn
@pytest.mark.slow
def test_luts_that_finn_does_not_know_are_not_nought(project: Path) -> None:
    design = Compiled.of(ProjectFolder.read(project)).design
    assert design.backend == "finn" and design.estimate.luts is None and design.estimate.ffs is None
    assert all(node.luts is None for node in FinnDesign.of(ProjectFolder.read(project)).nodes if node.op == "MVAU")


@pytest.mark.finn
@pytest.mark.slow
def test_a_folding_of_ones_own_and_the_way_back(nets: Path, tmp_path: Path) -> None:
    folding = {"Defaults": {}, "MVAU_rtl_0": {"PE": 3, "SIMD": 4}, "MVAU_rtl_1": {"PE": 2, "SIMD": 3}}
    (tmp_path / "f.json").write_text(json.dumps(folding | {"Thresholding_rtl_0": {"PE": 6}}))
    request = Request(folding=tmp_path / "f.json")
    model, network = nets / "small.onnx", load(nets / "small.onnx")
    record = compiled(model, tmp_path / "p", "zcu104", request)
    assert [(layer.pe, layer.simd) for layer in record.layers] == [(3, 4), (2, 3)]
    nodes = FinnDesign.of(ProjectFolder.read(tmp_path / "p")).nodes
    assert [node.pe for node in nodes if node.op == "Thresholding"] == [6]
    written = json.loads((tmp_path / "p/finn_folding.json").read_text())
    assert written["MVAU_rtl_0"]["PE"] == 3 and written["Thresholding_rtl_0"] == {"PE": 6}
    assert read_folding(tmp_path / "p/folding.json", network).of("dense1") == Fold(2, 3)
    ours = compile_with_own(model, "zcu104", tmp_path / "ours", Request(folding=tmp_path / "p/finn_folding.json"))
    assert [(layer.pe, layer.simd) for layer in ours.compilation().layers] == [(3, 4), (2, 3)]
    back = compiled(model, tmp_path / "back", "zcu104", Request(folding=tmp_path / "ours/finn_folding.json"))
    assert [(layer.pe, layer.simd) for layer in back.layers] == [(3, 4), (2, 3)]


@pytest.mark.finn
@pytest.mark.slow
def test_a_rate_is_reached_or_refused(nets: Path, tmp_path: Path) -> None:
    record = compiled(nets / "deep.onnx", tmp_path / "p", "zcu104", Request(target_fps=100_000))
    assert record.predicted_fps >= 100_000 and record.prediction.initiation_interval <= 1000
    with pytest.raises(UserError, match="aim lower"):
        compiled(nets / "deep.onnx", tmp_path / "q", "zcu104", Request(target_fps=99e6))
    assert not (tmp_path / "q").exists() and not log_of(tmp_path / "q").exists()


@pytest.mark.finn
@pytest.mark.slow
def test_what_does_not_fit_is_said_by_how_much(nets: Path, tmp_path: Path) -> None:
    layers = {"dense0": (1, 1), "dense1": (64, 32), "dense2": (1, 1), "dense3": (1, 1)}
    folding = {name: {"PE": pe, "SIMD": simd} for name, (pe, simd) in layers.items()}
    (tmp_path / "f.json").write_text(json.dumps(folding))
    with pytest.raises(UserError, match="515 multipliers of 220 on pynq-z2"):
        compiled(nets / "deep.onnx", tmp_path / "p", "pynq-z2", Request(folding=tmp_path / "f.json"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["f.json"]


@pytest.mark.finn
@pytest.mark.slow
@pytest.mark.parametrize(
    ("end", "bipolar", "low", "board", "hls"),
    [
        ("", True, -1, "pynq-z2", ()),
        ("", False, -2, "zcu104", ()),
        ("", False, -2, "pynq-z2", ("MVAU_hls_0 (dense0): a weight is -2",)),
        ("TopK", False, -1, "pynq-z2", ("LabelSelect_hls_0 (argmax): FINN has LabelSelect in HLS only",)),
    ],
)
def test_a_layer_that_can_only_be_hls_is_named_with_the_reason(
    tmp_path: Path, end: str, bipolar: bool, low: int, board: str, hls: tuple[str, ...]
) -> None:
    model = small(tmp_path / "m.onnx", end, bipolar, low)
    record = compiled(model, tmp_path / "p", board).finn
    assert record is not None and len(record.hls) == len(hls)
    assert all(said.startswith(wanted) for said, wanted in zip(record.hls, hls, strict=True))
    sources = [path for node in FinnDesign.of(ProjectFolder.read(tmp_path / "p")).hls for path in node.sources]
    assert bool(sources) == bool(hls) and all((tmp_path / "p" / path).is_file() for path in sources)


@pytest.mark.finn
@pytest.mark.slow
def test_a_step_that_fails_is_one_sentence_and_leaves_its_log(tmp_path: Path) -> None:
    model = small(tmp_path / "m.onnx", "BipolarQuant")
    with pytest.raises(ToolError, match="FINN's step convert_to_hw failed at MultiThreshold_1: .*out_scale") as error:
        compiled(model, tmp_path / "p")
    assert "\n" not in str(error.value)
    assert not (tmp_path / "p").exists()
    assert str(log_of(tmp_path / "p")) in str(error.value) and "Traceback" in log_of(tmp_path / "p").read_text()


@pytest.mark.finn
@pytest.mark.slow
def test_a_class_by_argmax_is_the_hosts(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="taken by ArgMax"):
        compiled(small(tmp_path / "m.onnx", "ArgMax"), tmp_path / "p")


def stand_in(folder: Path, script: str) -> Path:
    """An environment whose Python is a shell script: what hwflow does when FINN itself goes wrong."""
    (folder / "lib/python3.11/site-packages/finn_plus-1.6.1.dist-info").mkdir(parents=True)
    (folder / "bin").mkdir()
    (folder / "bin/python").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "bin/python").chmod(0o755)
    return folder


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("kill -9 $$", "FINN ended before it was done: python was ended by SIGKILL"),
        ("echo 'ImportError: no module named finn'; exit 1", "no module named finn"),
        ('printf \'{"step": "streamline", "node": "MatMul_0", "message": "it is odd"}\' > "$(dirname "$4")/failure.json"; exit 1',
         "FINN's step streamline failed at MatMul_0"),
    ],
)  # fmt: skip
def test_a_worker_that_dies_leaves_no_half_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, said: str
) -> None:
    monkeypatch.setenv("HWFLOW_FINN", str(stand_in(tmp_path / "finn", script)))
    model = small(tmp_path / "m.onnx")
    with pytest.raises(ToolError) as error:
        compiled(model, tmp_path / "p")
    assert said in str(error.value) and "log:" in str(error.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["finn", "m.onnx", "p.finn.log"]


def test_another_board_or_no_finn_is_said_before_anything_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HWFLOW_FINN", str(tmp_path / "none"))
    model = small(tmp_path / "m.onnx")
    cases: list[tuple[type[HwflowError], str, str, Request]] = [
        (MissingTool, "hwflow finn setup", "zcu104", Request()),
        (UserError, "icebreaker is none; take one of kv260, pynq-z1", "icebreaker", Request()),
        (UserError, "--baud", "zcu104", Request(baud=9600)),
        (UserError, "aim lower", "zcu104", Request(target_fps=1e9)),
    ]
    for kind, said, board, request in cases:
        with pytest.raises(kind, match=said):
            compiled(model, tmp_path / "p", board, request)
    (tmp_path / "full").mkdir()
    (tmp_path / "full/letter.txt").write_text("mine")
    with pytest.raises(UserError, match="holds other files"):
        compiled(model, tmp_path / "full")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["full", "m.onnx"]


def residual(path: Path) -> Path:
    g = Graph(shape=(1, 8))
    x = g.quant("x", 0.25, 4, signed=0)
    first, second = (g.weights(np.ones((8, 8)), 0.25, 4) for _ in range(2))
    total = g.node("Add", g.quant(g.node("Relu", g.node("MatMul", x, first)), 0.25, 4, signed=0), x)
    total = g.quant(total, 0.25, 4, signed=0)
    return g.save(path, g.node("MatMul", total, second))


def two_streams(path: Path) -> Path:
    g = Graph(shape=(1, 8))
    x = g.quant("x", 0.25, 4, signed=0)
    ends = [g.quant(g.node("Relu", g.node("MatMul", x, g.weights(np.ones((8, 4))))), 0.25, 4, signed=0) for _ in "ab"]
    return g.save(path, g.node("MatMul", g.node("Concat", *ends, axis=1), g.weights(np.ones((8, 4)))))


def test_what_is_looked_up_is_refused_before_anything_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HWFLOW_FINN", str(tmp_path / "none"))
    g = Graph()
    x = g.quant("x", 0.25, 4)
    weights = g.weights(np.ones((8, 8)), 0.25, 4)
    model = g.save(tmp_path / "m.onnx", g.node("MatMul", g.quant(g.node("Sin", x), 0.25, 4), weights))
    with pytest.raises(UserError, match=r"Node table0 \(Table\) looks values up, and FINN's step qonnx_to_finn"):
        compiled(model, tmp_path / "p")
    assert [path.name for path in tmp_path.iterdir()] == ["m.onnx"]


@pytest.mark.parametrize(("graph", "node"), [(residual, r"add0 \(Add\)"), (two_streams, r"dense1 \(Dense\)")])
def test_a_graph_is_refused_before_anything_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, graph: Callable[[Path], Path], node: str
) -> None:
    monkeypatch.setenv("HWFLOW_FINN", str(tmp_path / "none"))
    model = graph(tmp_path / "m.onnx")
    with pytest.raises(UserError, match=f"Node {node} belongs to a graph with branches.*streamline.*leaves a Mul"):
        compiled(model, tmp_path / "p")
    assert [path.name for path in tmp_path.iterdir()] == ["m.onnx"]


def test_several_inputs_are_refused_before_anything_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HWFLOW_FINN", str(tmp_path / "none"))
    g = Graph(others={"second": (1, 8)})
    sums = [g.node("MatMul", g.quant(x, 0.25, 4), g.weights(np.ones((8, 4)), 0.25, 4)) for x in ("x", "second")]
    model = g.save(tmp_path / "m.onnx", sums)
    with pytest.raises(UserError, match="m has 2 inputs and 2 outputs, and FINN's step create_dataflow_partition"):
        compiled(model, tmp_path / "p")
    assert [path.name for path in tmp_path.iterdir()] == ["m.onnx"]


def test_tokens_are_refused_before_anything_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HWFLOW_FINN", str(tmp_path / "none"))
    g = Graph(shape=(1, 4, 8))
    x = g.quant("x", 0.25, 4, signed=0)
    model = g.save(tmp_path / "m.onnx", g.node("MatMul", x, g.weights(np.ones((8, 4)), 0.25, 4)))
    with pytest.raises(
        UserError, match=r"Node dense0 \(Dense\) works on a matrix of tokens, and FINN's step convert_to_hw"
    ):
        compiled(model, tmp_path / "p")
    assert [path.name for path in tmp_path.iterdir()] == ["m.onnx"]


@pytest.mark.finn
@pytest.mark.slow
@pytest.mark.parametrize("graph", [residual, two_streams])
def test_what_is_said_of_graphs_is_what_finn_would_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, graph: Callable[[Path], Path]
) -> None:
    """Let through, the graph ends in the step that the sentence names, for the reason that it gives."""
    monkeypatch.setattr("hwflow.finn.compilation.check_chain", lambda network: None)
    with pytest.raises(ToolError, match="step streamline failed at .*streamlining left a Mul among the integers"):
        compiled(graph(tmp_path / "m.onnx"), tmp_path / "p")


def test_boards_without_pins_are_finns(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--backend finn"):
        compile_with_own(small(tmp_path / "m.onnx"), "kv260", tmp_path / "p")


@pytest.mark.slow
def test_two_at_once_in_one_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first stands still in FINN; the second is refused, and the first's folder is untouched."""
    monkeypatch.setenv("HWFLOW_FINN", str(stand_in(tmp_path / "finn", f"touch '{tmp_path}/started'; sleep 60")))
    model = small(tmp_path / "m.onnx")
    command = [sys.executable, "-m", "hwflow", "compile", str(model), "--backend", "finn", "--board", "zcu104", "--out",
               str(tmp_path / "p")]  # fmt: skip
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, cwd=Path(__file__).parents[2]) as first:
        try:
            while not (tmp_path / "started").exists():
                assert first.poll() is None
            with pytest.raises(UserError, match="Another hwflow is at work"):
                compiled(model, tmp_path / "p")
        finally:
            first.terminate()
    assert not (tmp_path / "p").exists()


def test_floats_mean_the_integers_that_go_with_them(tmp_path: Path) -> None:
    for bipolar in (False, True):
        network = load(small(tmp_path / "m.onnx", bipolar=bipolar))
        x, q = vectors_with_floats(network, 200)
        assert np.array_equal(network.quantise(x), q)
        kind = network.input_type
        assert set(np.unique(q)) == set(range(kind.min, kind.max + 1))
