"""Operators on integers, of onnxruntime and of FINN, against execution of the file by onnxruntime and by qonnx."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto
from quantised.qonnx_graphs import GENERAL, Graph, execute

from hwflow.quantised import reference
from hwflow.quantised.flow.execution import exact_session
from hwflow.quantised.frontend import load
from hwflow.quantised.network import Dense, Network, Threshold

RNG = np.random.default_rng(0)
B1, B2 = RNG.integers(-128, 128, (8, 6)), RNG.integers(-128, 128, (6, 5))
X = RNG.normal(0, 2, (64, 8)).astype(np.float32)


def by_onnxruntime(path: Path, x: np.ndarray) -> np.ndarray:
    """Each vector by onnxruntime."""
    session = exact_session(path.read_bytes())
    return np.concatenate([session.run(None, {"x": sample[None]})[0].reshape(1, -1) for sample in x])


def check(graph: Graph, output: str, path: Path, x: np.ndarray = X) -> Network:
    model = graph.model(output, 17)
    if any(node.domain == "com.microsoft" for node in model.graph.node):
        model.opset_import.add(domain="com.microsoft", version=1)
    (path / "net.onnx").write_bytes(model.SerializeToString())
    network = load(path / "net.onnx")
    ours = network.dequantise(reference.run(network, network.quantise(x)))
    np.testing.assert_array_equal(ours, by_onnxruntime(path / "net.onnx", x))
    return network


def quantised(g: Graph, x: str, kind: Any, zero: int, scale: float = 0.0625) -> tuple[str, list[str]]:
    operands = [g.constant(scale), g.constant(zero, kind)]
    return g.node("QuantizeLinear", x, *operands), operands


@pytest.mark.parametrize(("kind", "zero"), [(np.uint8, 120), (np.int8, -7), (np.int8, 0)])
def test_matmul_integer(tmp_path: Path, kind: Any, zero: int) -> None:
    g = Graph(result=TensorProto.INT32)
    x, operands = quantised(g, "x", kind, zero)
    check(g, g.node("MatMulInteger", x, g.constant(B1, np.int8), operands[1], g.constant(3, np.int8)), tmp_path)


def test_matmul_integer_and_scales_behind_it(tmp_path: Path) -> None:
    g = Graph()
    x, operands = quantised(g, "x", np.uint8, 120)
    h = g.node("MatMulInteger", x, g.constant(B1 + 128, np.uint8), operands[1], g.constant(128, np.uint8))
    h = g.node("Mul", g.node("Cast", h, to=TensorProto.FLOAT), g.constant(RNG.uniform(1e-4, 1e-3, 6)))
    h, operands = quantised(g, g.node("Relu", h), np.uint8, 0, 0.01)
    h = g.node("MatMulInteger", h, g.constant(B2, np.int8))
    check(g, g.node("Cast", h, to=TensorProto.FLOAT), tmp_path)


@pytest.mark.parametrize(("kind", "zero"), [(np.uint8, 120), (np.int8, -7)])
@pytest.mark.parametrize("each", [False, True])
def test_qlinear_matmul(tmp_path: Path, kind: Any, zero: int, each: bool) -> None:
    g = Graph()
    h, (scale, zero_point) = quantised(g, "x", kind, zero)
    for weights, unit in ((B1, 0.031), (B2, 0.07)):
        own = RNG.uniform(0.01, 0.02, weights.shape[1]) if each else 0.013
        zeros = np.zeros(weights.shape[1] if each else (), dtype=np.int8)
        outwards = [g.constant(unit), g.constant(zero + 4, kind)]
        h = g.node("QLinearMatMul", h, scale, zero_point, g.constant(weights, np.int8), g.constant(own),
                   g.constant(zeros, np.int8), *outwards)  # fmt: skip
        scale, zero_point = outwards
    network = check(g, g.node("DequantizeLinear", h, scale, zero_point), tmp_path)
    assert [type(node.layer) for node in network.nodes] == [Dense, Threshold] * 2
    assert str(network.types[network.nodes[1].name]) == ("UINT8" if kind is np.uint8 else "INT8")


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("floats", [False, True])
def test_qgemm(tmp_path: Path, turned: bool, floats: bool) -> None:
    g = Graph()
    h, (scale, zero) = quantised(g, "x", np.uint8, 99)
    weights = g.constant(B1.T if turned else B1, np.int8)
    inputs = [h, scale, zero, weights, g.constant(RNG.uniform(0.01, 0.02, 6)), g.constant(np.zeros(6), np.int8)]
    inputs.append(g.constant(RNG.integers(-2000, 2000, 6), np.int32))
    outwards = [] if floats else [g.constant(0.05), g.constant(7, np.uint8)]
    h = g.node("QGemm", *inputs, *outwards, domain="com.microsoft", transB=int(turned), alpha=1.0)
    check(g, h if floats else g.node("DequantizeLinear", h, *outwards), tmp_path)


def executed(graph: Graph, output: str, path: Path) -> Network:
    """The outputs are exactly those that qonnx gives."""
    graph.save(path / "net.onnx", output)
    network = load(path / "net.onnx")
    ours = network.dequantise(reference.run(network, network.quantise(X[:16])))
    np.testing.assert_array_equal(ours, execute(path / "net.onnx", X[:16]).outputs.reshape(16, -1))
    return network


@pytest.mark.parametrize("channels", [1, 6])
@pytest.mark.parametrize(("steps", "options"), [(1, {"out_scale": 2.0, "out_bias": -1.0, "out_dtype": "BIPOLAR"}),
                                                (3, {"out_dtype": "UINT2"}), (255, {"out_bias": -128.0})])  # fmt: skip
def test_multi_threshold(tmp_path: Path, channels: int, steps: int, options: dict[str, Any]) -> None:
    """Integers throughout, as FINN's streamlined graphs are, thresholds not in order; the input has its own too."""
    g = Graph()
    x = g.node("MultiThreshold", "x", g.constant(RNG.normal(0, 2, (8, 7))), domain=GENERAL, out_bias=-4.0)
    h = g.node("MatMul", x, g.constant(RNG.integers(-300, 300, (8, 6))))
    levels = RNG.integers(-3000, 3000, (channels, steps))  # floats, of which some are equal to sums
    h = g.node("MultiThreshold", h, g.constant(levels), domain=GENERAL, **options)
    network = executed(g, g.node("MatMul", h, g.constant(RNG.integers(-2, 2, (6, 5)))), tmp_path)
    assert [type(node.layer) for node in network.nodes] == [Dense, Threshold, Dense]


@pytest.mark.parametrize("keepdims", [0, 1])
def test_the_greatest_value(tmp_path: Path, keepdims: int) -> None:
    g = Graph()
    h = g.node("MatMul", g.quant("x", 0.5, 4), g.weights(RNG.normal(0, 1, (8, 6)), 2.0 ** np.arange(-4, 2)))
    h = g.node("Add", h, g.constant(RNG.integers(-9, 9, 6) / 4))
    network = executed(g, g.node("ReduceMax", h, axes=[1], keepdims=keepdims), tmp_path)
    assert network.output_size == 6  # the host takes it


@pytest.mark.parametrize("k", [1, 3])
@pytest.mark.parametrize("values", [False, True])
def test_the_first_k(tmp_path: Path, k: int, values: bool) -> None:
    g = Graph(result=TensorProto.FLOAT if values else TensorProto.INT64)
    h = g.node("MatMul", g.quant("x", 0.5, 4), g.weights(RNG.integers(-3, 3, (8, 6)), 1.0))
    places = g.node("TopK", h, g.constant([k], np.int64), outputs=2)
    executed(g, g.nodes[-1].output[0] if values else places, tmp_path)


def test_the_place_of_the_least(tmp_path: Path) -> None:
    g = Graph(result=TensorProto.INT64)
    h = g.node("MatMul", g.quant("x", 0.5, 4), g.weights(RNG.integers(-3, 3, (8, 6)), 1.0))
    executed(g, g.node("ArgMin", h, axis=1), tmp_path)
