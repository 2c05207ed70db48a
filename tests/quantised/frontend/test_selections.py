"""Elements of a vector taken, turned and put in another order, against execution of the file by the qonnx package."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto
from quantised.qonnx_graphs import Graph, execute

from hwflow.errors import UserError
from hwflow.quantised import reference
from hwflow.quantised.frontend import load
from hwflow.quantised.network import Dense, Network

RNG = np.random.default_rng(0)
W = {size: RNG.normal(0, 1, (size, 6)) for size in (*range(1, 9), 16)}
W2 = RNG.normal(0, 1, (6, 5))
X = RNG.normal(0, 2, (16, 8)).astype(np.float32)
INDICES = [5, 0, 3, -1]


def check(graph: Graph, output: str, path: Path, opset: int = 13) -> Network:
    graph.save(path / "net.onnx", output, opset)
    network = load(path / "net.onnx")
    ours = network.dequantise(reference.run(network, network.quantise(X)))
    np.testing.assert_array_equal(ours, execute(path / "net.onnx", X).outputs.reshape(len(X), -1))
    return network


def ints(g: Graph, *values: int) -> str:
    return g.constant(list(values), np.int64)


FORMS: dict[str, Callable[[Graph, str], tuple[str, int]]] = {
    "gather": lambda g, x: (g.node("Gather", x, ints(g, *INDICES), axis=1), 4),
    "gather twice": lambda g, x: (g.node("Gather", x, ints(g, 2, 2, 7, 2, 0), axis=1), 5),
    "slice": lambda g, x: (g.node("Slice", x, ints(g, 2), ints(g, 7), ints(g, 1)), 5),
    "slice in steps": lambda g, x: (g.node("Slice", x, ints(g, 1), ints(g, 100), ints(g, -1), ints(g, 3)), 3),
    "slice backwards": lambda g, x: (g.node("Slice", x, ints(g, 7), ints(g, -9), ints(g, 1), ints(g, -2)), 4),
    "slice to the end": lambda g, x: (g.node("Slice", x, ints(g, -3), ints(g, 2**62), ints(g, 1)), 3),
    "one by one": lambda g, x: (g.node("Gather", g.node("Gather", x, ints(g, *INDICES), axis=1), ints(g, 3, 1), axis=1), 2),
    "two copies": lambda g, x: (g.node("Tile", x, ints(g, 1, 2)), 16),
    "turned": lambda g, x: (g.node("Reshape", g.node("Transpose", g.node("Reshape", x, ints(g, 1, 2, 4)), perm=[0, 2, 1]),
                                   ints(g, 1, 8)), 8),
    "the second row": lambda g, x: (g.node("Gather", g.node("Reshape", x, ints(g, 1, 2, 4)), g.constant(1, np.int64), axis=1), 4),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_of_the_input(tmp_path: Path, form: str) -> None:
    """Before the quantiser, which has a scale for each element that is taken where none is taken twice."""
    g = Graph()
    h, size = FORMS[form](g, "x")
    scale = 0.5 if form in ("gather twice", "two copies") else 2.0 ** np.arange(-3, size - 3)
    h = g.quant(g.node("MatMul", g.quant(h, scale, 4), g.weights(W[size])), 0.5, 4)
    network = check(g, g.node("MatMul", h, g.weights(W2)), tmp_path)
    assert network.input_size == 8 and sum(isinstance(node.layer, Dense) for node in network.nodes) == 2


@pytest.mark.parametrize("form", FORMS)
def test_behind_a_quantiser(tmp_path: Path, form: str) -> None:
    g = Graph()
    h = g.quant(g.node("MatMul", g.quant("x", 0.5, 4), g.weights(RNG.normal(0, 1, (8, 8)))), 2.0 ** np.arange(-4, 4), 3)
    h, size = FORMS[form](g, h)
    network = check(g, g.node("Add", g.node("MatMul", h, g.weights(W[size])), g.constant(0.25)), tmp_path)
    assert sum(isinstance(node.layer, Dense) for node in network.nodes) == 2  # zeros of the next matrix


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("quantised", [False, True])
def test_of_the_outputs(tmp_path: Path, form: str, quantised: bool) -> None:
    g = Graph()
    h = g.node("MatMul", g.quant("x", 0.5, 4), g.weights(RNG.normal(0, 1, (8, 8)), 2.0 ** np.arange(-4, 4)))
    h, _ = FORMS[form](g, g.quant(h, 0.25, 5) if quantised else h)
    check(g, h, tmp_path)


def test_a_class_of_some_outputs(tmp_path: Path) -> None:
    g = Graph(result=TensorProto.INT64)
    h = g.node("MatMul", g.quant("x", 0.5, 4), g.weights(RNG.normal(0, 1, (8, 8))))
    check(g, g.node("ArgMax", FORMS["gather"](g, h)[0], axis=1), tmp_path)


@pytest.mark.parametrize("first", [False, True])
def test_two_halves_that_are_joined_again(tmp_path: Path, first: bool) -> None:
    """Each half has its own matrix; the input is quantised before it is cut, or behind."""
    g = Graph()
    x = g.quant("x", 0.5, 4) if first else "x"
    parts = []
    for start in (0, 4):
        part = g.node("Slice", x, ints(g, start), ints(g, start + 4), ints(g, 1))
        part = part if first else g.quant(part, 0.5, 4)
        parts.append(g.quant(g.node("MatMul", part, g.weights(W[4])), 0.5, 3))
    both = g.node("Concat", *parts, axis=1)
    turned = g.node("Gather", both, ints(g, *range(11, -1, -1)), axis=1)
    summed = g.node("Add", turned, both)
    network = check(g, g.node("MatMul", summed, g.weights(RNG.normal(0, 1, (12, 5)))), tmp_path)
    assert network.input_size == 8


@pytest.mark.parametrize("quantised", [False, True])
@pytest.mark.parametrize(("sizes", "opset"), [((3, 3), 13), ((1, 3, 2), 13), (None, 13), ((2, 4), 11)])
def test_a_split(tmp_path: Path, quantised: bool, sizes: tuple[int, ...] | None, opset: int) -> None:
    """Into parts that go on by themselves, of sums or of what a quantiser gives; until opset 12 the sizes are an attribute."""
    g = Graph()
    h = g.node("MatMul", g.quant("x", 0.5, 4), g.weights(W[8]))
    h = g.quant(h, 0.5, 4) if quantised else h
    count = len(sizes or (3, 3))
    if opset == 11:
        g.node("Split", h, outputs=count, axis=1, split=list(sizes or ()))
    else:
        g.node("Split", h, *([ints(g, *sizes)] if sizes else []), outputs=count, axis=1)
    parts = [
        g.node("MatMul", g.quant(part, 0.5, 3), g.weights(W[size]))
        for part, size in zip(list(g.nodes[-1].output), sizes or (3, 3), strict=True)
    ]
    check(g, g.node("Concat", *parts, axis=1), tmp_path, opset)


@pytest.mark.parametrize("sizes", [(3, 4), (6, 0), (6,)])
def test_a_split_that_does_not_fit(tmp_path: Path, sizes: tuple[int, ...]) -> None:
    g = Graph()
    g.node("Split", g.node("MatMul", g.quant("x", 0.5, 4), g.weights(W[8])), ints(g, *sizes), outputs=2, axis=1)
    g.save(tmp_path / "net.onnx", g.nodes[-1].output[0])
    with pytest.raises(UserError, match="splits the 6 elements of axis 1 into 2 parts"):
        load(tmp_path / "net.onnx")


def test_two_streams_of_one_input_that_is_cut(tmp_path: Path) -> None:
    g = Graph()
    x = g.quant("x", 0.25, 4)
    halves = [g.node("Slice", x, ints(g, at), ints(g, end), ints(g, 1)) for at, end in ((0, 3), (3, 8))]
    left, right = (g.quant(g.node("MatMul", half, g.weights(W[size])), 0.5, 4)
                   for half, size in zip(halves, (3, 5), strict=True))  # fmt: skip
    joined = g.quant(g.node("Mul", left, right), 0.5, 5)
    network = check(g, g.node("MatMul", joined, g.weights(W2)), tmp_path)
    assert sum(isinstance(node.layer, Dense) for node in network.nodes) == 3
