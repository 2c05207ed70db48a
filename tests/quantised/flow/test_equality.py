"""Networks against execution of their files: equal ones are, others are not."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from quantised.qonnx_graphs import Graph

from hwflow.progress import silent
from hwflow.quantised.flow.equality import compare_with_qonnx
from hwflow.quantised.frontend import load
from hwflow.quantised.network import Dense, Network

pytestmark = pytest.mark.slow  # qonnx takes two seconds to load


def save_model(path: Path, *, softmax: bool = False) -> Path:
    rng = np.random.default_rng(2)
    graph = Graph(shape=(1, 8))
    x = graph.quant("x", 1.0, 4, signed=0)
    hidden = graph.quant(graph.node("MatMul", x, graph.weights(rng.normal(size=(8, 5)))), 0.5, 3)
    y = graph.node("Add", graph.node("MatMul", hidden, graph.weights(rng.normal(size=(5, 3)))), graph.constant(0.3))
    return graph.save(path, graph.node("Softmax", y) if softmax else y)


def save_vectors(path: Path) -> Path:
    np.savez(path, x=np.random.default_rng(3).integers(0, 16, (40, 8)).astype(np.float32))
    return path


def changed(network: Network) -> Network:
    """One weight of the last matrix is another."""
    node = network.nodes[-1]
    assert isinstance(node.layer, Dense)
    weight = node.layer.weight.copy()
    weight[0, 0] += 1 if weight[0, 0] < node.layer.weight_type.max else -1
    other = dataclasses.replace(node, layer=Dense(weight, node.layer.weight_type))
    return dataclasses.replace(network, nodes=(*network.nodes[:-1], other))


def test_integers_are_compared(tmp_path: Path) -> None:
    model, vectors = save_model(tmp_path / "m.onnx"), save_vectors(tmp_path / "v.npz")
    network = load(model)
    record = compare_with_qonnx(model, network, vectors, 25, silent)
    assert (record.compared, record.vectors, record.values, record.mismatches) == ("integers", 25, 75, 0)
    assert record.right
    wrong = compare_with_qonnx(model, changed(network), vectors, 25, silent)
    assert 0 < wrong.mismatches <= 25
    assert not wrong.right


def test_outputs_of_another_scale_are_not_equal(tmp_path: Path) -> None:
    model, vectors = save_model(tmp_path / "m.onnx"), save_vectors(tmp_path / "v.npz")
    network = load(model)
    shifted = dataclasses.replace(network, decode=tuple(
        dataclasses.replace(step, operands=tuple(operand * np.float32(1.4) for operand in step.operands))
        for step in network.decode
    ))  # fmt: skip
    assert compare_with_qonnx(model, shifted, vectors, 25, silent).mismatches > 0


def test_classes_are_compared_where_integers_cannot_be(tmp_path: Path) -> None:
    model, vectors = save_model(tmp_path / "m.onnx", softmax=True), save_vectors(tmp_path / "v.npz")
    record = compare_with_qonnx(model, load(model), vectors, 40, silent)
    assert (record.compared, record.values, record.mismatches) == ("classes", 40, 0)
