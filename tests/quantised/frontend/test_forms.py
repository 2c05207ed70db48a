"""Forms that files have beside the plain one, each against execution of the file by the qonnx package."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto
from quantised.qonnx_graphs import Graph, execute

from hwflow.ints import IntType
from hwflow.quantised import reference
from hwflow.quantised.frontend import load
from hwflow.quantised.network import Dense, Network, Threshold

RNG = np.random.default_rng(0)
W1, W2 = RNG.normal(0, 1, (8, 6)), RNG.normal(0, 1, (6, 5))
X = RNG.normal(0, 2, (8, 8)).astype(np.float32)


def check(graph: Graph, output: str, path: Path, x: np.ndarray = X, opset: int = 13) -> Network:
    """The outputs are exactly those of the file."""
    graph.save(path / "net.onnx", output, opset)
    network = load(path / "net.onnx")
    ours = network.dequantise(reference.run(network, network.quantise(x)))
    np.testing.assert_array_equal(ours, execute(path / "net.onnx", x).outputs.reshape(len(x), -1))
    return network


def hidden(g: Graph, bits: int = 4) -> str:
    return g.quant(g.node("Relu", g.node("MatMul", g.quant("x", 0.5, 4), g.weights(W1))), 0.5, bits, signed=0)


def test_a_mask_behind_the_weights_quantiser(tmp_path: Path) -> None:
    g = Graph()
    masked = g.node("Mul", g.weights(W1), g.constant(RNG.integers(0, 2, W1.shape)))
    h = g.quant(g.node("MatMul", g.quant("x", 0.5, 4), masked), 0.5, 3)
    network = check(g, g.node("MatMul", h, g.weights(W2)), tmp_path)
    assert network.assumptions == ()


def test_a_mask_on_the_activations(tmp_path: Path) -> None:
    g = Graph()
    h = g.node("Mul", g.quant("x", 0.5, 4), g.constant([1, 0, 1, 1, 0, 1, 0, 1]))
    h = g.node("Mul", g.quant(g.node("MatMul", h, g.weights(W1)), 0.5, 3), g.constant([0, 1, 1, 1, 0, 1]))
    network = check(g, g.node("MatMul", g.node("Relu", h), g.weights(W2)), tmp_path)
    weights = [node.layer.weight for node in network.nodes if isinstance(node.layer, Dense)]
    assert not weights[0][:, [1, 4, 6]].any() and not weights[1][:, [0, 4]].any()


def test_scales_of_each_input_and_of_each_activation(tmp_path: Path) -> None:
    g = Graph()
    h = g.node("MatMul", g.quant("x", 2.0 ** np.arange(-4, 4), 4), g.weights(W1, 2.0 ** -np.arange(8)[:, None]))
    h = g.quant(h, 2.0 ** np.arange(-2, 4), 3, zero=1)
    network = check(g, g.node("MatMul", h, g.weights(W2)), tmp_path)
    assert network.assumptions == ()  # powers of two have a common unit


def test_scales_of_float32_are_exact_in_wide_weights_and_that_is_said(tmp_path: Path) -> None:
    g = Graph()
    scales = RNG.uniform(0.2, 8, (1, 8)).astype(np.float32)
    h = g.quant(g.node("MatMul", g.quant("x", scales, 4), g.weights(W1)), 0.5, 4)
    network = check(g, g.node("MatMul", h, g.weights(W2)), tmp_path, X * 8)
    assert len(network.assumptions) == 1 and re.search(
        "weights take [23][0-9] bits, which are exact", network.assumptions[0]
    )
    assert network.assumptions[0].startswith("Node 'matmul_")
    first = network.nodes[0].layer
    assert isinstance(first, Dense) and 24 < first.weight_type.bits <= 32


# Together few enough bits that float32, in which qonnx adds, holds every sum.
@pytest.mark.parametrize(("bits", "weight_bits"), [(9, 9), (10, 10), (12, 9), (16, 4), (4, 16), (1, 16), (16, 1)])
def test_activations_and_weights_of_up_to_16_bits(tmp_path: Path, bits: int, weight_bits: int) -> None:
    g = Graph()
    unit, weight_unit = 8 * 2.0**-bits, 4 * 2.0**-weight_bits
    h = g.node("MatMul", g.quant("x", unit, bits), g.weights(W1, weight_unit, weight_bits))
    h = g.quant(g.node("Relu", h), unit, bits, signed=0)
    network = check(g, g.node("MatMul", h, g.weights(W2, weight_unit, weight_bits)), tmp_path, X / 4)
    levels = [node.layer.levels for node in network.nodes if isinstance(node.layer, Threshold)]
    assert levels[0].shape == (6, (1 << bits) - 1)


@pytest.mark.parametrize(("operator", "shape"), [("MatMul", (8, 1)), ("MatMul", (1, 8, 1)), ("Gemm", (8, 1))])
def test_weights_on_the_left(tmp_path: Path, operator: str, shape: tuple[int, ...]) -> None:
    g = Graph(shape)
    h = g.node(operator, g.node("Transpose", g.weights(W1), perm=[1, 0]), g.quant("x", 0.5, 4))
    h = g.quant(g.node("Add", h, g.constant(RNG.normal(0, 1, (6, 1)))), 0.5, 4)
    g.save(tmp_path / "net.onnx", g.node(operator, g.weights(W2.T), h))
    network = load(tmp_path / "net.onnx")
    assert (network.input_size, network.output_size) == (8, 5)
    theirs = np.stack([run_one(tmp_path / "net.onnx", sample.reshape(shape)) for sample in X])
    np.testing.assert_array_equal(network.dequantise(reference.run(network, network.quantise(X))), theirs)


def run_one(path: Path, x: np.ndarray) -> np.ndarray:
    """One sample in the shape of the file's input."""
    from qonnx.core.modelwrapper import ModelWrapper
    from qonnx.core.onnx_exec import execute_onnx
    from qonnx.util.cleanup import cleanup_model

    model = cleanup_model(ModelWrapper(str(path)))
    return execute_onnx(model, {model.graph.input[0].name: x})[model.graph.output[0].name].reshape(-1)


def test_a_column_that_is_turned_first(tmp_path: Path) -> None:
    g = Graph((8, 1))
    g.save(tmp_path / "net.onnx", g.node("Gemm", g.quant("x", 0.5, 4), g.weights(W1), transA=1))
    network = load(tmp_path / "net.onnx")
    theirs = np.stack([run_one(tmp_path / "net.onnx", sample.reshape(8, 1)) for sample in X])
    np.testing.assert_array_equal(network.dequantise(reference.run(network, network.quantise(X))), theirs)


def test_a_batch_of_single_features_is_no_column(tmp_path: Path) -> None:
    g = Graph((8, 1))
    g.save(tmp_path / "net.onnx", g.node("MatMul", g.quant("x", 0.5, 4), g.weights(W1[:1])))
    assert load(tmp_path / "net.onnx").input_size == 1


def linear(g: Graph, x: str, scale: object, zero: object, kind: type[np.integer], **options: int) -> str:
    operands = (g.constant(scale), g.constant(zero, kind))
    return g.node("DequantizeLinear", g.node("QuantizeLinear", x, *operands, **options), *operands, **options)


@pytest.mark.parametrize(("kind", "zeros"), [(np.int8, (3, -128)), (np.uint8, (128, 0)), (np.int8, (0, 0))])
@pytest.mark.parametrize("each", [False, True])
def test_quantize_linear_and_back(tmp_path: Path, kind: type[np.integer], zeros: tuple[int, int], each: bool) -> None:
    g = Graph()

    def weights(shape: tuple[int, int]) -> str:
        integers = g.constant(RNG.integers(-127, 128, shape), np.int8)
        scale = 2.0 ** -RNG.integers(4, 7, shape[1]) if each else 0.03125
        zero = np.zeros(shape[1] if each else (), dtype=np.int8)
        return g.node("DequantizeLinear", integers, g.constant(scale), g.constant(zero, np.int8), axis=1)

    h = g.node("Relu", g.node("MatMul", linear(g, "x", 0.0625, zeros[0], kind), weights((8, 6))))
    h = linear(g, h, 0.125, zeros[1], kind)
    network = check(g, g.node("MatMul", h, weights((6, 3))), tmp_path)
    assert [type(node.layer) for node in network.nodes] == [Dense, Threshold, Dense]


def test_quantize_linear_of_each_channel_and_a_quantised_bias(tmp_path: Path) -> None:
    g = Graph()
    scales, zeros = 2.0 ** -RNG.integers(2, 5, 8), RNG.integers(-9, 9, 8)
    x = linear(g, "x", scales, zeros, np.int8, axis=1)
    weights = g.node("DequantizeLinear", g.constant(RNG.integers(-9, 9, (8, 3)), np.int8), g.constant(0.5))
    bias = g.node("DequantizeLinear", g.constant([5, -6, 7], np.int32), g.constant(2.0**-6))
    check(g, g.node("Add", g.node("MatMul", x, weights), bias), tmp_path)


@pytest.mark.parametrize("operator", ["Greater", "GreaterOrEqual", "Less", "LessOrEqual"])
@pytest.mark.parametrize("turned", [False, True])
def test_a_comparison_at_the_end(tmp_path: Path, operator: str, turned: bool) -> None:
    g = Graph()
    h = g.node("MatMul", hidden(g), g.weights(W2))  # multiples of 1/8, so some are equal to the bound
    bound = g.constant([0, 0.5, -0.5, 1, -1])
    h = g.node(operator, *((bound, h) if turned else (h, bound)))
    network = check(g, g.node("Cast", h, to=TensorProto.FLOAT), tmp_path, opset=16)
    assert network.output_type == IntType(1, False)


@pytest.mark.parametrize("to", [TensorProto.INT32, TensorProto.INT64])
def test_whole_numbers_may_be_cast_to_integers(tmp_path: Path, to: int) -> None:
    g = Graph(result=to)
    check(g, g.node("Cast", g.quant(g.node("MatMul", hidden(g), g.weights(W2)), 1.0, 4), to=to), tmp_path)


def test_a_width_for_each_weight_and_each_activation(tmp_path: Path) -> None:
    """qonnx does not execute such a file, so numpy does, with the same formula for each element."""
    g = Graph()
    bits = [RNG.integers(2, 7, shape).astype(np.float32) for shape in (W1.shape, (1, 6))]
    units = [2.0 ** (3 - width) for width in bits]
    h = g.node("MatMul", g.quant("x", 0.25, 6), g.weights(W1, units[0], bits[0]))
    h = g.quant(g.node("Relu", h), units[1], bits[1], signed=0, rounding="FLOOR")
    g.save(tmp_path / "net.onnx", g.node("MatMul", h, g.weights(W2, 0.25, 5)))
    network = load(tmp_path / "net.onnx")

    def quantised(x: np.ndarray, unit: np.ndarray | float, width: np.ndarray | int, signed: int) -> np.ndarray:
        low, high = -(2.0 ** (width - 1)) * signed, 2.0 ** (width - signed) - 1
        return (np.rint if signed else np.floor)(np.clip(x / unit, low, high)) * unit

    h = np.maximum(quantised(X, 0.25, 6, 1) @ quantised(W1.astype(np.float32), units[0], bits[0], 1), 0)
    y = quantised(h, units[1], bits[1], 0) @ quantised(W2.astype(np.float32), 0.25, 5, 1)
    np.testing.assert_array_equal(network.dequantise(reference.run(network, network.quantise(X))), y)
    assert network.assumptions == ()


ENDS: dict[str, Callable[[Graph, str], str]] = {
    "one of two by a comparison": lambda g, y: g.node("Where", g.node("Greater", y, g.constant(0.3)), g.constant(1.5), g.constant(-1)),
    "not": lambda g, y: g.node("Cast", g.node("Not", g.node("Less", y, g.constant(0.3))), to=TensorProto.FLOAT),
}  # fmt: skip


@pytest.mark.parametrize("end", ENDS)
def test_other_ends(tmp_path: Path, end: str) -> None:
    g = Graph()
    output = ENDS[end](g, g.node("MatMul", g.quant("x", 0.5, 4), g.weights(W1)))
    check(g, output, tmp_path)


def test_a_comparison_may_choose_an_activation(tmp_path: Path) -> None:
    g = Graph()
    above = g.node(
        "GreaterOrEqual",
        g.node("MatMul", g.quant("x", 0.5, 4), g.weights(W1)),
        g.constant(RNG.normal(0, 1, len(W1[0]))),
    )
    h = g.node("Where", above, g.constant(1.0), g.constant(-1.0))
    check(g, g.node("MatMul", h, g.weights(W2)), tmp_path)
