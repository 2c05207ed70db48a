"""Functions of single integers, and sums of them, against execution by the qonnx package: exact in the integers."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from quantised.qonnx_graphs import Graph, as_integers, execute

from hwflow.errors import UserError
from hwflow.quantised import reference
from hwflow.quantised.frontend import load
from hwflow.quantised.network import Dense, Network, Product, Table, TableSum, Threshold

RNG = np.random.default_rng(5)
W = RNG.normal(0, 1, (8, 8))
Made = Callable[[Graph, str], str]


def dense(g: Graph, x: str, rows: int = 8) -> str:
    return g.node("MatMul", x, g.weights(W[: g.shape[1], :rows], 0.25, 4))


def saved(g: Graph, output: str, tmp_path: Path, opset: int = 13) -> tuple[Network, Path]:
    path = g.save(tmp_path / "net.onnx", output, opset)
    return load(path), path


def assert_outputs_equal(network: Network, path: Path, count: int = 12) -> None:
    x = RNG.uniform(-5, 5, (count, network.input_size)).astype(np.float32)
    outputs = execute(path, x).outputs
    np.testing.assert_array_equal(reference.run(network, network.quantise(x)), as_integers(network, outputs))


def kinds(network: Network) -> list[type]:
    return [type(node.layer) for node in network.nodes]


def silu(g: Graph, x: str) -> str:
    return g.node("Mul", x, g.node("Sigmoid", x))


def gelu(g: Graph, x: str) -> str:
    """As torch.onnx exports it."""
    half = g.node("Mul", x, g.constant(0.5))
    return g.node("Mul", half, g.node("Add", g.node("Erf", g.node("Div", x, g.constant(np.sqrt(2)))), g.constant(1)))


def hard_swish(g: Graph, x: str) -> str:
    six = g.node("Clip", g.node("Add", x, g.constant(3)), g.constant(0), g.constant(6))
    return g.node("Div", g.node("Mul", x, six), g.constant(6))


FUNCTIONS: dict[str, Made] = {
    "silu": silu,
    "gelu": gelu,
    "hard swish": hard_swish,
    "hard swish operator": lambda g, x: g.node("HardSwish", x),
    "not monotone leaky relu": lambda g, x: g.node("LeakyRelu", x, alpha=-0.3),
    "prelu": lambda g, x: g.node("PRelu", x, g.constant(np.linspace(-1, 1, 8))),
    "absolute value": lambda g, x: g.node("Abs", x),
    "square": lambda g, x: g.node("Pow", x, g.constant(2)),
    "sine": lambda g, x: g.node("Sin", x),
    "residual of tanh": lambda g, x: g.node("Sub", x, g.node("Tanh", g.node("Mul", x, g.constant(2)))),
    "bell": lambda g, x: g.node("Exp", g.node("Neg", g.node("Pow", x, g.constant(2)))),
    "choice": lambda g, x: g.node("Where", g.node("Less", x, g.constant(0.3)), g.node("Cos", x), x),
    "greatest of two": lambda g, x: g.node("Max", g.node("Neg", x), g.node("Mul", x, g.constant(0.5))),
    "between": lambda g, x: g.node(
        "Where",
        g.node("And", g.node("Less", x, g.constant(1)), g.node("Not", g.node("Less", x, g.constant(-1)))),
        x,
        g.constant(0),
    ),
    "elu": lambda g, x: g.node("Elu", x, alpha=0.7),
    "reciprocal": lambda g, x: g.node("Div", g.constant(1), g.node("Add", g.node("Abs", x), g.constant(0.5))),
    "own of each channel": lambda g, x: silu(g, g.node("Mul", x, g.constant(np.linspace(0.5, 2, 8)))),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_between_quantisers(tmp_path: Path, name: str) -> None:
    g = Graph()
    h = g.quant(dense(g, g.quant("x", 0.25, 5)), 0.375, 5)
    network, path = saved(g, dense(g, g.quant(FUNCTIONS[name](g, h), 0.0625, 6)), tmp_path, 14)
    assert kinds(network) == [Dense, Threshold, Table, Dense]
    assert_outputs_equal(network, path)


def test_channels_alike_share_a_table(tmp_path: Path) -> None:
    g = Graph()
    h = g.quant(dense(g, g.quant("x", 0.25, 5)), 0.375, 5)
    network, _ = saved(g, dense(g, g.quant(silu(g, h), 0.0625, 6)), tmp_path)
    table = network.nodes[2].layer
    assert isinstance(table, Table) and table.entries.shape == (1, 32) and table.channels == 8
    integers = np.arange(-16, 16) * np.float32(0.375)
    np.testing.assert_allclose(table.entries[0] * 0.0625, np.clip(integers / (1 + np.exp(-integers)), -2, 2), atol=0.07)


def test_function_of_the_sums_themselves(tmp_path: Path) -> None:
    g = Graph()
    sums = g.node("Mul", dense(g, g.quant("x", 0.25, 4)), g.constant(0.3))
    network, path = saved(g, dense(g, g.quant(silu(g, sums), 0.125, 5)), tmp_path)
    assert kinds(network) == [Dense, Table, Dense]
    assert_outputs_equal(network, path)


def test_function_of_the_input(tmp_path: Path) -> None:
    g = Graph()
    network, path = saved(g, dense(g, g.quant(silu(g, g.quant("x", 0.25, 5)), 0.125, 5)), tmp_path)
    assert kinds(network) == [Table, Dense]
    assert_outputs_equal(network, path)


def test_one_quantised_function_for_several_readers_is_one_node(tmp_path: Path) -> None:
    g = Graph()
    h = g.quant(silu(g, g.quant(dense(g, g.quant("x", 0.25, 4)), 0.25, 5)), 0.125, 5)
    both = g.node("Add", dense(g, h), g.node("Add", dense(g, h), h))
    network, path = saved(g, both, tmp_path)
    assert kinds(network).count(Table) == 1
    assert_outputs_equal(network, path)


def test_functions_of_different_values_are_multiplied_once_they_are_quantised(tmp_path: Path) -> None:
    g = Graph()
    x = g.quant("x", 0.25, 4)
    left, right = (g.quant(silu(g, g.quant(dense(g, x), 0.5, 4)), scale, 4) for scale in (0.25, 0.125))
    network, path = saved(g, dense(g, g.quant(g.node("Mul", left, right), 0.125, 5)), tmp_path)
    assert kinds(network).count(Table) == 2 and Product in kinds(network)
    assert_outputs_equal(network, path)


def test_functions_in_qdq(tmp_path: Path) -> None:
    def quantised(x: str, scale: float, zero: int) -> str:
        operands = [g.constant(scale), g.constant(zero, np.uint8)]
        return g.node("DequantizeLinear", g.node("QuantizeLinear", x, *operands), *operands)

    g = Graph()
    h = quantised(dense(g, quantised("x", 0.03125, 128)), 0.0625, 100)
    network, path = saved(g, dense(g, quantised(gelu(g, h), 0.03125, 9)), tmp_path)
    assert kinds(network) == [Dense, Threshold, Table, Dense]
    assert_outputs_equal(network, path)


def edges(g: Graph, x: str, rows: int, bits: int = 6) -> str:
    """Of each edge its own function: a[r, c] * sin(b[r, c] * x[c]), quantised."""
    columns = int(g.shape[1])
    a, b = (g.constant(RNG.uniform(0.5, 2, (1, rows, columns))) for _ in range(2))
    spread = g.node("Unsqueeze", x, g.constant([1], np.int64))
    return g.quant(g.node("Mul", a, g.node("Sin", g.node("Mul", b, spread))), 0.0625, bits)


def summed(g: Graph, terms: str, axis: int = 2) -> str:
    return g.node("ReduceSum", terms, g.constant([axis], np.int64), keepdims=0)


def test_sums_of_functions_of_edges(tmp_path: Path) -> None:
    g = Graph()
    network, path = saved(g, summed(g, edges(g, g.quant("x", 0.25, 5), 5)), tmp_path)
    (layer,) = (node.layer for node in network.nodes)
    assert isinstance(layer, TableSum) and layer.entries.shape == (5, 8, 32)
    assert_outputs_equal(network, path)


@pytest.mark.parametrize(("bits", "narrowed"), [(3, True), (4, False)])
def test_integers_that_are_alike_for_all_edges_are_one_behind_a_table(
    tmp_path: Path, bits: int, narrowed: bool
) -> None:
    """An input that something else reads too, and that edges read in fewer bits."""
    g = Graph()
    x = g.quant("x", 0.25, 4)
    terms = edges(g, g.quant(x, 0.25 * 2 ** (4 - bits), bits), 3)
    other = g.quant(g.node("MatMul", x, g.weights(RNG.normal(0, 1, (8, 3)))), 0.0625, 6)
    network, path = saved(g, g.node("Add", summed(g, terms), other), tmp_path)
    (layer,) = (node.layer for node in network.nodes if isinstance(node.layer, TableSum))
    assert layer.entries.shape[2] == (1 << bits)
    assert (Table in kinds(network)) == narrowed
    assert_outputs_equal(network, path)


def test_two_layers_of_edges(tmp_path: Path) -> None:
    g = Graph((1, 3))
    hidden = g.quant(summed(g, edges(g, g.quant("x", 0.25, 5), 3)), 0.25, 5)
    network, path = saved(g, summed(g, edges(g, hidden, 3)), tmp_path)
    assert kinds(network) == [TableSum, Threshold, TableSum]
    assert_outputs_equal(network, path)


def test_splines_summed_over_a_basis_are_tables_of_edges(tmp_path: Path) -> None:
    """Hats on a grid, times coefficients of each edge, added; what an edge gives is quantised."""
    g = Graph()
    x = g.quant("x", 0.25, 5)
    apart = g.node("Unsqueeze", x, g.constant([2], np.int64))
    distance = g.node("Abs", g.node("Sub", apart, g.constant(np.linspace(-4, 4, 6))))
    basis = g.node("Unsqueeze", g.node("Relu", g.node("Sub", g.constant(1), distance)), g.constant([1], np.int64))
    edges = g.node(
        "ReduceSum",
        g.node("Mul", basis, g.constant(RNG.normal(0, 1, (4, 8, 6)))),
        g.constant([-1], np.int64),
        keepdims=0,
    )
    network, path = saved(g, summed(g, g.quant(edges, 0.0625, 6)), tmp_path)
    assert kinds(network) == [TableSum]
    assert_outputs_equal(network, path)


def test_tables_that_the_model_holds(tmp_path: Path) -> None:
    g = Graph()
    integers = g.node("Div", g.quant("x", 0.25, 4), g.constant(0.25))
    place = g.node("Cast", g.node("Add", integers, g.constant(8)), to=7)
    first = g.constant(np.arange(5 * 8).reshape(5, 8) * 16, np.int64)
    places = g.node("Add", g.node("Unsqueeze", place, g.constant([1], np.int64)), first)
    table = g.quant(g.constant(RNG.normal(0, 1, 5 * 8 * 16)), 0.125, 5)
    network, path = saved(g, summed(g, g.node("Gather", table, places)), tmp_path)
    (layer,) = (node.layer for node in network.nodes)
    assert isinstance(layer, TableSum) and layer.entries.shape == (5, 8, 16)
    assert_outputs_equal(network, path)


def test_edges_of_several_scales_are_added_in_one_unit(tmp_path: Path) -> None:
    g = Graph()
    spread = g.node("Unsqueeze", g.quant("x", 0.25, 4), g.constant([1], np.int64))
    curves = g.node("Sin", g.node("Mul", spread, g.constant(RNG.uniform(0.5, 2, (1, 5, 8)))))
    network, path = saved(g, summed(g, g.quant(curves, 0.25 * 2.0 ** -RNG.integers(0, 3, (1, 5, 8)), 4)), tmp_path)
    assert_outputs_equal(network, path)


REFUSED: dict[str, tuple[Made, str]] = {
    "wide": (
        lambda g, x: silu(g, g.node("Mul", dense(g, g.quant(x, 2.0**-12, 16)), g.constant(0.5))),
        r"'mul_\d+' \(Mul\) cannot be built: it is a function of integers of \d\d bits, and a table has at most 16",
    ),
    "no value": (lambda g, x: g.quant(g.node("Log", g.quant(x, 0.25, 4)), 0.25, 4), r"\(Log\) .* no value for some"),
    "unquantised": (lambda g, x: dense(g, g.node("Sin", g.quant(x, 0.25, 4))), r"\(MatMul\) .* without a quantiser"),
    "outside": (
        lambda g, x: g.node("Gather", g.constant(np.arange(3)), g.node("Cast", g.quant(x, 1, 4), to=7)),
        r"\(Gather\) .* an index is outside its table",
    ),
    "greatest of all": (
        lambda g, x: g.node("ReduceMax", edges(g, g.quant(x, 0.25, 4), 3), axes=[2]),
        r"\(ReduceMax\) .* functions of different elements",
    ),
    "samples": (
        lambda g, x: g.node("ReduceSum", edges(g, g.quant(x, 0.25, 4), 3), g.constant([0], np.int64)),
        r"\(ReduceSum\) .* axis of the samples",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_names_the_node_and_the_reason(tmp_path: Path, name: str) -> None:
    made, reason = REFUSED[name]
    g = Graph()
    with pytest.raises(UserError, match=reason):
        saved(g, made(g, "x"), tmp_path)
