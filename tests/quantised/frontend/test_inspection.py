"""What inspect says of a file."""

from pathlib import Path

import numpy as np
import pytest
from quantised.qonnx_graphs import Graph

from hwflow.errors import UserError
from hwflow.quantised.frontend import load
from hwflow.quantised.frontend.inspection import inspect, inspection_of

RNG = np.random.default_rng(0)


def test_layers(tmp_path: Path) -> None:
    g = Graph()
    h = g.node("MatMul", g.quant("x", 0.5, 4), g.weights(RNG.normal(0, 1, (8, 6)), bits=3))
    h = g.quant(g.node("Relu", h), 0.5, 2, signed=0)
    h = g.node("MatMul", h, g.bipolar(g.constant(RNG.normal(0, 1, (6, 3)))))
    path = g.save(tmp_path / "a net.onnx", g.node("Mul", h, g.constant(0.25)))
    found = inspect(path, argmax=True)
    assert [(x.name, x.kind, x.shape, x.weight_type, x.macs, x.weight_bits) for x in found.layers] == [
        ("dense0", "Dense", (6, 8), "INT3", 48, 144),
        ("threshold0", "Threshold", (6, 3), None, 0, found.layers[1].weight_bits),
        ("dense1", "Dense", (3, 6), "BIPOLAR", 18, 18),
        ("argmax", "ArgMax", (3,), None, 0, 0),
    ]
    assert found.layers[2].input_type == "UINT2" and found.layers[3].output_type == "UINT2"
    assert (found.model, found.input_size, found.input_type) == ("a net.onnx", 8, "INT4")
    assert (found.macs, found.weight_bits, found.refused) == (66, 162, ())
    assert found.encode == ("div 0.5", "clip -8 7", "round") and found.decode == ()
    assert inspect(path).decode == ("mul 0.5", "mul 0.25")
    assert inspection_of(load(path, argmax=True)) == found


def test_what_is_refused(tmp_path: Path) -> None:
    g = Graph()
    h = g.node("LSTM", g.node("Conv", "x", g.constant(1)))
    found = inspect(g.save(tmp_path / "net.onnx", h))
    assert [sentence[:20] for sentence in found.refused] == ["Node 'conv_0' (Conv)", "Node 'lstm_1' (LSTM)"]
    assert found.layers == () and found.digest is None

    g = Graph()
    found = inspect(g.save(tmp_path / "net.onnx", g.node("Softmax", "x", axis=0)))
    assert len(found.refused) == 1 and "last axis" in found.refused[0]


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Cannot read"):
        inspect(tmp_path / "net.onnx")
