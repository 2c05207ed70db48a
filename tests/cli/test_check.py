"""`hwflow check`, and the check that `compile` makes."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from commandline import Hwflow
from quantised.qonnx_graphs import Graph

from hwflow.errors import ToolError
from hwflow.quantised.model import QuantisedModel
from hwflow.quantised.network import Dense

pytestmark = pytest.mark.slow  # each test starts hwflow several times


def save(path: Path, quantised: bool = True) -> Path:
    graph = Graph()
    x = graph.quant("x", 0.5, 4) if quantised else "x"
    hidden = graph.quant(graph.node("MatMul", x, graph.constant(np.eye(8)[:, :5])), 1e-4 if not quantised else 1.0, 3)
    return graph.save(path, graph.node("MatMul", hidden, graph.weights(np.eye(5), 1.0)))


def test_a_sound_import_is_right(hwflow: Hwflow, tmp_path: Path) -> None:
    done = hwflow("check", save(tmp_path / "m.onnx"), "--json")
    record = done.json
    assert done.status == 0 and record["mismatches"] == 0 and (record["random"], record["values"]) == (500, 2500)
    assert [path.name for path in tmp_path.iterdir()] == ["m.onnx"]  # its home, in which onnxruntime would leave things


def test_an_input_that_is_rounded_to_nothing_is_refused(hwflow: Hwflow, tmp_path: Path) -> None:
    model = save(tmp_path / "m.onnx", quantised=False)
    x = np.random.default_rng(0).normal(0, 3e-4, (30, 8)).astype(np.float32)
    np.savez(tmp_path / "v.npz", x=x)
    done = hwflow("check", str(model))
    assert done.status == 0 and "assumed: Node 'matmul_0' (MatMul): the file does not say" in done.out
    done = hwflow("check", str(model), "--vectors", str(tmp_path / "v.npz"))
    assert done.status == 0 and "the input's format changes the given vectors by up to" in done.out
    done = hwflow("check", str(model), "--vectors", str(tmp_path / "v.npz"), "--input-type", "FIXED16.10")
    assert done.status == 1 and "choose it by them with --vectors, or name one with --input-type" in done.err


def test_compile_checks_and_says_so(hwflow: Hwflow, tmp_path: Path) -> None:
    model, out = save(tmp_path / "m.onnx"), tmp_path / "p"
    done = hwflow("compile", str(model), "--board", "sim", "--out", str(out))
    assert done.status == 0 and "0 of 2,500 integers differ from execution by qonnx" in done.out
    assert json.loads((out / "check.json").read_text())["mismatches"] == 0
    done = hwflow("compile", str(model), "--board", "sim", "--out", str(out), "--no-check")
    assert done.status == 0 and "not checked against execution of the model file" in done.out
    assert not (out / "check.json").exists()
    assert hwflow("compile", str(model), "--board", "sim", "--out", str(out)).status == 0
    assert json.loads((out / "check.json").read_text())["values"] == 2500


def test_compile_fails_on_a_difference(tmp_path: Path) -> None:
    model = QuantisedModel.read(save(tmp_path / "m.onnx"))
    node = model.network.nodes[-1]
    assert isinstance(node.layer, Dense)
    wrong = replace(node, layer=Dense(node.layer.weight[::-1].copy(), node.layer.weight_type))
    model.network = replace(model.network, nodes=(*model.network.nodes[:-1], wrong))
    with pytest.raises(ToolError, match="differ from execution by qonnx"):
        model.compile("sim", tmp_path / "p")
    assert not (tmp_path / "p").exists()


def test_vectors_that_the_format_destroys_are_not_simulated(hwflow: Hwflow, tmp_path: Path) -> None:
    model, out = save(tmp_path / "m.onnx", quantised=False), tmp_path / "p"
    np.savez(tmp_path / "v.npz", x=np.random.default_rng(0).normal(0, 3e-4, (30, 8)))
    assert hwflow("compile", str(model), "--board", "sim", "--out", str(out)).status == 0
    for verb in (("simulate", str(out)), ("run", str(out), "--port", "sim")):
        done = hwflow(*verb, "--vectors", str(tmp_path / "v.npz"))
        assert done.status == 2 and "--vectors v.npz" in done.err and "--input-type" in done.err
