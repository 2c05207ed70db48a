"""What third-party files contain, each against execution of the file by the qonnx package."""

from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto
from quantised.qonnx_graphs import GENERAL, Graph, as_integers, assert_equal, execute

from hwflow.errors import UserError
from hwflow.ints import IntType
from hwflow.quantised import reference
from hwflow.quantised.frontend import load
from hwflow.quantised.network import ArgMax, Dense, Threshold

pytestmark = pytest.mark.slow
RNG = np.random.default_rng(0)
W1, W2 = RNG.normal(0, 1, (8, 6)), RNG.normal(0, 1, (6, 5))
X = RNG.normal(0, 2, (24, 8)).astype(np.float32)


def check(graph: Graph, output: str, path: Path, x: np.ndarray = X, opset: int = 13) -> None:
    graph.save(path / "net.onnx", output, opset)
    assert_equal(load(path / "net.onnx"), path / "net.onnx", x)


@pytest.mark.parametrize("domain", ["onnx.brevitas", GENERAL])
@pytest.mark.parametrize("opset", [9, 13, 17, 20])
def test_two_layers(tmp_path: Path, domain: str, opset: int) -> None:
    g = Graph(domain=domain)
    h = g.node("MatMul", g.quant("x", 0.5, 4), g.weights(W1))
    h = g.quant(g.node("Relu", h), 0.5, 3, signed=0)
    check(g, g.node("MatMul", h, g.weights(W2)), tmp_path, opset=opset)


@pytest.mark.parametrize("rounding", ["ROUND", "HALF_EVEN", "CEIL", "FLOOR", "UP", "DOWN", "HALF_UP", "HALF_DOWN"])
def test_rounding_modes_at_ties(tmp_path: Path, rounding: str) -> None:
    g = Graph()
    h = g.node("MatMul", g.quant("x", 0.5, 4), g.weights(W1))
    h = g.quant(h, 0.25, 4, rounding=rounding)  # accumulators are multiples of 0.125: half of them are ties
    check(g, g.node("MatMul", h, g.weights(W2)), tmp_path)


@pytest.mark.parametrize(
    ("signed", "narrow", "zero"), [(0, 0, 0), (0, 1, 0), (1, 0, 0), (1, 1, 0), (0, 0, 3), (1, 0, -2)]
)
@pytest.mark.parametrize("bits", [2, 5, 8])
def test_ranges_and_zero_points(tmp_path: Path, signed: int, narrow: int, zero: int, bits: int) -> None:
    g = Graph()
    options = {"signed": signed, "narrow": narrow, "zero": zero}
    h = g.node("MatMul", g.quant("x", 0.25, bits, **options), g.weights(W1, bits=bits))
    h = g.quant(h, 0.5, bits, **options)
    check(g, g.node("MatMul", h, g.weights(W2, 0.125, bits, **options)), tmp_path)


def test_bipolar_weights_and_activations(tmp_path: Path) -> None:
    g = Graph()
    h = g.node("MatMul", g.bipolar("x", 0.5), g.bipolar(g.constant(W1), 0.25))
    h = g.bipolar(g.node("Add", h, g.constant(np.full(6, 0.25))), 2.0)
    check(g, g.node("MatMul", h, g.bipolar(g.constant(W2))), tmp_path)
    network = load(tmp_path / "net.onnx")
    assert all(node.layer.bipolar for node in network.nodes if isinstance(node.layer, Dense))
    assert network.types["threshold0"] == IntType(1, signed=False)


def test_a_sum_of_exactly_zero_is_plus_one_whatever_the_scale(tmp_path: Path) -> None:
    g = Graph((1, 4))
    h = g.node("MatMul", g.bipolar("x", 0.3), g.bipolar(g.constant(np.ones((4, 2))), 0.7))
    g.save(tmp_path / "net.onnx", g.bipolar(h))
    network = load(tmp_path / "net.onnx")
    x = np.array([[1, 1, -1, -1], [1, -1, -1, -1]], dtype=np.float32)
    assert network.dequantise(reference.run(network, network.quantise(x))).tolist() == [[1, 1], [-1, -1]]


def test_scales_of_each_channel_and_negative_gamma(tmp_path: Path) -> None:
    g = Graph()
    h = g.node("MatMul", g.quant("x", 0.5, 4), g.weights(W1, 2.0 ** np.arange(-4, 2)))
    gamma = g.constant([1, -1, 0.5, -2, 0, 1])
    others = [g.constant(v) for v in (RNG.normal(0, 1, 6), RNG.normal(0, 1, 6), RNG.uniform(0.5, 2, 6))]
    h = g.node("BatchNormalization", h, gamma, *others, epsilon=1e-3)
    h = g.quant(g.node("Relu", h), 0.3, 2, signed=0)
    check(g, g.node("MatMul", h, g.weights(W2, 2.0 ** np.arange(-3, 2))), tmp_path)
    assert load(tmp_path / "net.onnx").nodes[1].layer.descending.tolist() == [False, True, False, True, False, False]


def test_scales_that_are_no_powers_of_two(tmp_path: Path) -> None:
    g = Graph()
    h = g.node("MatMul", g.quant("x", 0.37, 4), g.weights(W1, 0.19))
    h = g.quant(g.node("Add", h, g.constant(RNG.normal(0, 1, 6))), 0.41, 3)
    check(g, g.node("MatMul", h, g.weights(W2, 0.23)), tmp_path)


@pytest.mark.parametrize("quantised", [False, True])
def test_gemm_with_bias_and_transposed_weights(tmp_path: Path, quantised: bool) -> None:
    g = Graph()

    def bias(rows: int, unit: float) -> str:
        values = g.constant(RNG.normal(0, 1, rows))
        return g.quant(values, unit, 16) if quantised else values

    h = g.node("Gemm", g.quant("x", 0.5, 4), g.weights(W1.T), bias(6, 0.125), transB=1)
    h = g.quant(h, 0.5, 3)
    check(g, g.node("Gemm", h, g.weights(W2), bias(5, 0.125), alpha=0.5, beta=2.0), tmp_path)


def test_shared_and_transposed_weights(tmp_path: Path) -> None:
    g = Graph()
    weights = g.weights(RNG.normal(0, 1, (8, 8)), 2.0 ** -np.arange(1, 9).reshape(8, 1))
    weights = g.node("Transpose", weights, perm=[1, 0])
    h = g.quant(g.node("MatMul", g.quant("x", 0.5, 4), weights), 0.5, 4)
    check(g, g.node("MatMul", h, weights), tmp_path)


def test_rank_four_input_and_a_reshape_computed_from_its_shape(tmp_path: Path) -> None:
    g = Graph((1, 1, 2, 4))
    first = g.node("Gather", g.node("Shape", "x"), g.constant(0, np.int64), axis=0)
    parts = [g.node("Unsqueeze", first, axes=[0]), g.constant([-1], np.int64)]
    h = g.node("Reshape", g.quant("x", 0.5, 4), g.node("Concat", *parts, axis=0))
    h = g.quant(g.node("MatMul", h, g.weights(W1)), 0.5, 3)
    check(g, g.node("MatMul", h, g.weights(W2)), tmp_path, X.reshape(-1, 1, 2, 4), opset=11)


def test_what_only_moves_values(tmp_path: Path) -> None:
    g = Graph((1, 2, 4))
    h = g.node("Flatten", g.node("Identity", g.quant("x", 0.5, 4)))
    h = g.node("Squeeze", g.node("Unsqueeze", h, g.constant([1], np.int64)), g.constant([1], np.int64))
    h = g.quant(g.node("MatMul", h, g.weights(W1)), 0.5, 3)
    check(g, g.node("MatMul", g.node("Dropout", h), g.weights(W2)), tmp_path, X.reshape(-1, 2, 4))


def test_a_file_written_for_several_samples(tmp_path: Path) -> None:
    def net(batch: int) -> Path:
        g = Graph((batch, 2, 4))
        h = g.node("Reshape", g.quant("x", 0.5, 4), g.constant([batch, -1], np.int64))
        return g.save(tmp_path / f"{batch}.onnx", g.node("MatMul", h, g.weights(W1)))

    assert load(net(10)).digest == load(net(1)).digest


def test_arithmetic_around_input_and_output(tmp_path: Path) -> None:
    g = Graph()
    h = g.node("Sub", g.node("Mul", "x", g.constant(2)), g.constant(1))
    h = g.node("MatMul", g.quant(g.node("Sub", g.constant(0.5), h), 0.5, 4), g.weights(W1))
    h = g.node("Mul", g.constant(-0.5), g.node("Div", h, g.constant([1, 2, 4, 1, -2, 4])))
    h = g.node("Add", g.constant(RNG.normal(0, 1, (1, 6))), h)
    h = g.node("MatMul", g.quant(h, 0.25, 4), g.weights(W2))
    check(g, g.node("Div", g.node("Sub", h, g.constant(1.2)), g.constant(18.6)), tmp_path)


@pytest.mark.parametrize("function", ["Relu", "LeakyRelu", "Sigmoid", "Tanh", "Clip", "Max", "Min", "Neg"])
def test_functions_before_a_quantiser(tmp_path: Path, function: str) -> None:
    g = Graph()
    h = g.node("MatMul", g.quant("x", 0.5, 4), g.weights(W1))
    bounds = {"Clip": (-0.4, 0.8), "Max": (-0.2,), "Min": (0.4,)}.get(function, ())
    h = g.quant(g.node(function, h, *map(g.constant, bounds)), 0.2, 4)
    check(g, g.node("MatMul", h, g.weights(W2)), tmp_path)


def test_relu_and_clip_behind_a_quantiser(tmp_path: Path) -> None:
    g = Graph()
    h = g.node("MatMul", g.node("Relu", g.quant("x", 0.5, 4)), g.weights(W1))
    h = g.node("Clip", g.quant(h, 0.5, 4), g.constant(-1), g.constant(2.5))
    g.save(tmp_path / "net.onnx", g.node("MatMul", h, g.weights(W2)))
    network = load(tmp_path / "net.onnx")
    theirs = as_integers(network, execute(tmp_path / "net.onnx", X).outputs)
    np.testing.assert_array_equal(reference.run(network, network.quantise(X)), theirs)
    assert network.types["threshold0"] == IntType(4, signed=True)
    assert network.ranges["threshold0"][0].min() == -2 and network.ranges["threshold0"][1].max() == 5


def test_trunc_of_both_versions(tmp_path: Path) -> None:
    for version in (1, 2):
        g = Graph()
        h = g.quant(g.node("MatMul", g.quant("x", 0.5, 4), g.weights(W1)), 0.25, 8)
        numbers = [0.25, 0, 8, 4] if version == 1 else [0.25, 0, 8, 4.0, 4]
        options = {} if version == 1 else {"signed": 1, "narrow": 0}
        h = g.node("Trunc", h, *map(g.constant, numbers), domain=GENERAL, rounding_mode="FLOOR", **options)
        model = g.model(g.node("MatMul", h, g.weights(W2)))
        model.opset_import[1].version = version
        (tmp_path / "net.onnx").write_bytes(model.SerializeToString())
        network = load(tmp_path / "net.onnx")
        theirs = as_integers(network, execute(tmp_path / "net.onnx", X).outputs)
        np.testing.assert_array_equal(reference.run(network, network.quantise(X)), theirs)
        assert sum(isinstance(node.layer, Threshold) for node in network.nodes) == 1


def test_weights_that_no_quantiser_made(tmp_path: Path) -> None:
    g = Graph()
    whole = RNG.integers(-3, 4, (8, 6))
    h = g.quant(g.node("MatMul", g.quant("x", 0.5, 4), g.constant(whole)), 1.0, 3)
    scaled = (RNG.integers(-7, 8, (6, 5)) * np.array([0.1, 0.2, 0.3, 0.7, 1])).astype(np.float32)
    check(g, g.node("MatMul", h, g.constant(scaled)), tmp_path)
    assert np.array_equal(load(tmp_path / "net.onnx").nodes[0].layer.weight, whole.T)


def test_weights_scaled_after_their_quantiser(tmp_path: Path) -> None:
    g = Graph()
    weights = g.node("Reshape", g.node("Mul", g.weights(W1.reshape(-1)), g.constant(0.5)), g.constant([8, 6], np.int64))
    h = g.quant(g.node("MatMul", g.quant("x", 0.5, 4), weights), 0.25, 3)
    check(g, g.node("MatMul", h, g.weights(W2)), tmp_path)


def test_a_quantiser_at_the_end_is_a_threshold(tmp_path: Path) -> None:
    g = Graph()
    h = g.node("MatMul", g.quant("x", 0.5, 4), g.weights(W1))
    check(g, g.quant(h, 0.5, 3), tmp_path)
    network = load(tmp_path / "net.onnx")
    assert isinstance(network.nodes[-1].layer, Threshold)
    assert [step.kind for step in network.decode] == ["mul"]


def test_a_wide_quantiser_of_the_scores_is_left_to_the_host(tmp_path: Path) -> None:
    g = Graph()
    g.save(tmp_path / "net.onnx", g.quant(g.node("MatMul", g.quant("x", 0.5, 8), g.weights(W1, 0.01, 8)), 2.0**-9, 16))
    network = load(tmp_path / "net.onnx")
    ours = network.dequantise(reference.run(network, network.quantise(X)))
    np.testing.assert_array_equal(ours, execute(tmp_path / "net.onnx", X).outputs)
    assert [type(node.layer) for node in load(tmp_path / "net.onnx", argmax=True).nodes] == [Dense, Threshold, ArgMax]


def test_softmax_at_the_end(tmp_path: Path) -> None:
    g = Graph()
    h = g.node("MatMul", g.quant("x", 0.5, 4), g.weights(W1))
    g.save(tmp_path / "net.onnx", g.node("Softmax", h))
    theirs = execute(tmp_path / "net.onnx", X).outputs
    network = load(tmp_path / "net.onnx")
    ours = network.dequantise(reference.run(network, network.quantise(X)))
    np.testing.assert_allclose(ours, theirs, rtol=1e-5)
    classes = load(tmp_path / "net.onnx", argmax=True)
    np.testing.assert_array_equal(reference.run(classes, classes.quantise(X))[:, 0], theirs.argmax(axis=1))


@pytest.mark.parametrize("operator", ["ArgMax", "TopK"])
def test_a_class_at_the_end(tmp_path: Path, operator: str) -> None:
    g = Graph(result=TensorProto.INT64)
    h = g.node("MatMul", g.quant("x", 0.5, 4), g.weights(W1, 2.0 ** np.arange(-4, 2)))
    h = g.node("Add", h, g.constant(RNG.normal(0, 1, 6)))
    if operator == "ArgMax":
        output = g.node("Cast", g.node("ArgMax", h, axis=1), to=TensorProto.INT64)
    else:
        output = g.node("TopK", h, g.constant([1], np.int64), outputs=2, axis=-1)
    g.save(tmp_path / "net.onnx", output)
    network = load(tmp_path / "net.onnx")
    assert isinstance(network.nodes[-1].layer, ArgMax) and network.output_size == 1
    ours = network.dequantise(reference.run(network, network.quantise(X)))
    np.testing.assert_array_equal(ours, execute(tmp_path / "net.onnx", X).outputs)
    assert load(tmp_path / "net.onnx", argmax=True).digest == network.digest


def test_nodes_that_the_output_does_not_need_are_left_out(tmp_path: Path) -> None:
    g = Graph()
    h = g.node("MatMul", g.quant("x", 0.5, 4), g.weights(W1))
    g.node("MatMul", g.quant(h, 0.5, 2), g.weights(W2))
    g.node("Conv", h, h)
    g.save(tmp_path / "net.onnx", h)
    assert [node.name for node in load(tmp_path / "net.onnx").nodes] == ["dense0"]


def test_nodes_in_any_order(tmp_path: Path) -> None:
    g = Graph()
    h = g.quant(g.node("MatMul", g.quant("x", 0.5, 4), g.weights(W1)), 0.5, 3)
    output = g.node("MatMul", h, g.weights(W2))
    digest = load(g.save(tmp_path / "net.onnx", output)).digest
    g.nodes.reverse()
    assert load(g.save(tmp_path / "net.onnx", output)).digest == digest


def test_like_jet_tagging_of_the_zoo(tmp_path: Path) -> None:
    """6 bits from QKeras: no quantiser at the input, quantised biases added, batch norm, softmax."""
    g = Graph(("batch", 8))
    h = g.node("Add", g.node("MatMul", "x", g.weights(W1, 2.0**-5, 6)), g.quant(g.constant(W2[:, 0]), 2.0**-5, 6))
    h = g.quant(g.node("Relu", h), 2.0**-4, 6, signed=0)
    h = g.node("Add", g.node("MatMul", h, g.weights(W2, 2.0**-5, 6)), g.quant(g.constant(W1[0, :5]), 2.0**-5, 6))
    path = g.save(tmp_path / "net.onnx", g.node("Softmax", h))
    network = load(path)
    assert network.input_type == IntType(16, signed=True)
    x = np.rint(X * 1024).astype(np.float32) / 1024
    model = g.model(h)
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
    (tmp_path / "scores.onnx").write_bytes(model.SerializeToString())
    assert_equal(load(tmp_path / "scores.onnx"), tmp_path / "scores.onnx", x)


@pytest.mark.parametrize("annotated", [False, True])
def test_like_unsw_of_the_zoo(tmp_path: Path, annotated: bool) -> None:
    """Bipolar input as (x + 1) / 2, biases, batch norm, 8 bits in the first activation, one bipolar output."""
    from qonnx.core.datatype import DataType
    from qonnx.core.modelwrapper import ModelWrapper

    g = Graph((1, 600), domain="onnx.brevitas")
    rng = np.random.default_rng(1)

    def norm(h: str, rows: int) -> str:
        values = (rng.normal(0, 1, rows), rng.normal(0, 1, rows), rng.normal(0, 1, rows), rng.uniform(0.5, 2, rows))
        return g.node("BatchNormalization", h, *map(g.constant, values))

    h = g.node("Div", g.node("Add", "x", g.constant([1.0])), g.constant(2.0))
    padded = np.pad(rng.normal(0, 1, (64, 593)), [(0, 0), (0, 7)])
    h = g.node("Gemm", h, g.weights(padded, 0.9, 2, narrow=1), g.constant(rng.normal(0, 1, 64)), transB=1)
    h = g.quant(g.node("Relu", g.node("Dropout", norm(h, 64))), 0.021, 8, signed=0)
    h = g.node("Gemm", h, g.weights(rng.normal(0, 1, (64, 64)), 0.8, 2, narrow=1), g.constant(rng.normal(0, 1, 64)),
               transB=1)  # fmt: skip
    h = g.quant(g.node("Relu", norm(h, 64)), 0.7, 2, signed=0)
    h = g.node("Gemm", h, g.weights(rng.normal(0, 1, (1, 64)), 0.8, 2, narrow=1), g.constant([0.3]), transB=1)
    path = g.save(tmp_path / "net.onnx", g.bipolar(h))
    if annotated:
        model = ModelWrapper(str(path))
        model.set_tensor_datatype("x", DataType["BIPOLAR"])
        model.save(str(path))
    network = load(path)
    assert network.input_type == IntType(1, signed=False) and network.output_type == IntType(1, signed=False)
    x = rng.choice([-1.0, 1.0], (16, 600)).astype(np.float32)
    assert_equal(network, path, x)
    with pytest.raises(UserError, match="one output"):
        load(path, argmax=True)


class TestZoo:
    """TFC_2W2A of the public QONNX model zoo, as it is."""

    @pytest.fixture
    def path(self, shared: Path) -> Path:
        return shared / "data" / "qonnx_zoo" / "TFC_2W2A.onnx"

    @pytest.fixture
    def images(self, shared: Path) -> tuple[np.ndarray, np.ndarray]:
        with np.load(shared / "data" / "mnist.npz") as arrays:
            return (arrays["x_test"] / np.float32(255)).astype(np.float32)[:, None], arrays["y_test"]

    @pytest.mark.parametrize("argmax", [False, True])
    def test_accuracy_is_the_published_one(
        self, path: Path, images: tuple[np.ndarray, np.ndarray], argmax: bool
    ) -> None:
        network = load(path, argmax=argmax)
        y = reference.run(network, network.quantise(images[0]))
        classes = y[:, 0] if argmax else network.dequantise(y).argmax(axis=1)
        assert int(np.count_nonzero(classes == images[1])) == 9660

    def test_every_boundary_is_that_of_qonnx_for_500_images(
        self, path: Path, images: tuple[np.ndarray, np.ndarray]
    ) -> None:
        network = load(path)
        executed = assert_equal(network, path, images[0][:500])
        trace = reference.trace(network, network.quantise(images[0][:500]))
        for node, product in zip(
            [node.name for node in network.nodes if isinstance(node.layer, Dense)], executed.products, strict=True
        ):
            sums = trace[node]
            greatest = np.abs(sums).argmax()
            unit = product.flat[greatest] / sums.flat[greatest]  # one scale a layer, and no offset
            np.testing.assert_array_equal(np.rint(product / unit), sums)
