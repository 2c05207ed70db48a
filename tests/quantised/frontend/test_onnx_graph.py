"""The order of nodes, and loops."""

from pathlib import Path

import numpy as np
import pytest
from onnx import helper
from quantised.qonnx_graphs import Graph

from hwflow.errors import UserError
from hwflow.quantised.frontend import load
from hwflow.quantised.frontend.onnx_graph import ordered, title


def test_needed_nodes_come_after_what_they_read() -> None:
    g = Graph()
    h = g.node("Relu", g.node("Identity", "x"))
    g.node("Tanh", h)
    model = g.model(g.node("Tanh", h))
    model.graph.node.sort(key=lambda node: node.op_type, reverse=True)
    names = [node.output[0] for node in ordered(model.graph)]
    assert names == ["t1", "t2", "t4"]


@pytest.mark.parametrize("length", [1, 2, 3000])
def test_loops(tmp_path: Path, length: int) -> None:
    g = Graph()
    g.save(tmp_path / "net.onnx", g.node("MatMul", "t0", g.constant(np.eye(8))))
    model = g.model("t2")
    for i in range(length):
        model.graph.node.append(helper.make_node("Identity", [f"l{i}"], [f"l{(i + 1) % length}"], name=f"loop{i}"))
    model.graph.node.append(helper.make_node("Add", ["x", "l0"], ["t0"]))
    (tmp_path / "net.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(UserError, match=r"Node 'loop\d+' \(Identity\) is part of a loop"):
        load(tmp_path / "net.onnx")


def test_what_nothing_makes(tmp_path: Path) -> None:
    g = Graph()
    with pytest.raises(UserError, match=r"Node 'relu_0' \(Relu\) reads 'nowhere', which nothing makes"):
        load(g.save(tmp_path / "net.onnx", g.node("Relu", "nowhere")))


def test_title_of_a_node_without_a_name() -> None:
    assert title(helper.make_node("Relu", ["x"], ["y"])) == "Node 'y' (Relu)"
