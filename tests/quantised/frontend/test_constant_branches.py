"""Constants among branches: behind a stream, around it, and as a bias in front of a product, against qonnx."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from quantised.qonnx_graphs import Graph

from hwflow.errors import UserError
from hwflow.quantised.flow.equality import check
from hwflow.quantised.frontend import load
from hwflow.quantised.network import Dense, Network, Table

W = np.random.default_rng(4).normal(size=(16, 5))


def hidden(g: Graph, x: str, size: int = 8) -> str:
    return g.quant(g.node("MatMul", x, g.weights(W[:size])), 0.5, 4)


def finished(g: Graph, x: str, size: int) -> str:
    return g.node("MatMul", x, g.weights(W[:size]))


def checked(g: Graph, output: str, folder: Path) -> Network:
    path = g.save(folder / "net.onnx", output)
    network = load(path)
    record = check(path, network, count=100)
    assert (record.differing, record.unchecked, record.compared) == (0, "", "integers")
    return network


def concat(g: Graph, constant: np.ndarray, *, in_front: bool = False) -> str:
    parts = [hidden(g, g.quant("x", 0.5, 4)), g.constant(constant)]
    return finished(g, g.node("Concat", *(parts[::-1] if in_front else parts), axis=1), 5 + constant.size)


@pytest.mark.parametrize("constant", [[0, 0, 0], [1.5, -2, 0.5], [0.3, 7]])
def test_a_constant_beside_a_branch(tmp_path: Path, constant: list[float]) -> None:
    g = Graph()
    network = checked(g, concat(g, np.array([constant]), in_front=len(constant) < 3), tmp_path)
    zeros = [node for node in network.nodes if isinstance(node.layer, Dense) and not node.layer.weight.any()]
    assert [node.layer.rows for node in zeros] == [len(constant)]
    assert f"{zeros[0].name}, a matrix of zeros" in " ".join(network.assumptions)


def test_a_constant_beside_the_input_and_in_front_of_a_quantiser(tmp_path: Path) -> None:
    g = Graph()
    x = g.node("Concat", g.quant("x", 0.5, 4), g.constant([[1.0, -3.0]]), axis=1)
    checked(g, finished(g, g.quant(x, 0.25, 6), 10), tmp_path)


@pytest.mark.parametrize(("pads", "value"), [([0, 1, 0, 2], 0.0), ([0, 0, 0, 3], 1.5)])
def test_pad_of_features(tmp_path: Path, pads: list[int], value: float) -> None:
    g = Graph()
    x = g.node("Pad", hidden(g, g.quant("x", 0.5, 4)), g.constant(pads, np.int64), g.constant(value))
    checked(g, finished(g, x, 5 + sum(pads)), tmp_path)


def test_pad_of_tokens_and_their_channels(tmp_path: Path) -> None:
    g = Graph(shape=(1, 3, 4))
    x = g.node("Pad", g.quant("x", 0.5, 4), g.constant([0, 1, 0, 0, 1, 2], np.int64))
    flat = g.node("Reshape", g.node("MatMul", x, g.weights(W[:6, :3])), g.constant([1, 15], np.int64))
    checked(g, finished(g, g.quant(flat, 0.5, 5), 15), tmp_path)


@pytest.mark.parametrize("bias", [1.0, 0.125])
def test_product_with_a_biased_branch(tmp_path: Path, bias: float) -> None:
    """A gate: x * (1 + y)."""
    g = Graph()
    x = g.quant("x", 0.5, 4)
    gate = g.node("Add", hidden(g, x), g.constant(np.full(5, bias)))
    product = g.node("Mul", hidden(g, x), gate)
    network = checked(g, finished(g, g.quant(product, 0.5, 6), 5), tmp_path)
    assert sum(isinstance(node.layer, Table) for node in network.nodes) == 1


def test_product_with_biases_of_channels(tmp_path: Path) -> None:
    g = Graph()
    x = g.quant("x", 0.5, 4)
    gate = g.node("Sub", hidden(g, x), g.constant([0.5, 0, -1, 2, 0.25]))
    checked(g, finished(g, g.quant(g.node("Mul", hidden(g, x), gate), 0.5, 6), 5), tmp_path)


def padded(**attributes: object) -> Callable[[Graph], str]:
    def build(g: Graph) -> str:
        pads = g.constant(attributes.pop("pads", [0, 1, 0, 1]), np.int64)
        return finished(g, g.node("Pad", g.quant("x", 0.5, 4), pads, **attributes), 10)

    return build


def biased(g: Graph) -> str:
    x = g.quant("x", 0.5, 4)
    gate = g.node("Add", hidden(g, x), g.constant(np.full(5, 1 / 3)))
    return finished(g, g.quant(g.node("Mul", hidden(g, x), gate), 0.5, 6), 5)


@pytest.mark.parametrize(
    ("build", "sentence"),
    [
        (padded(mode="reflect"), r"\(Pad\) cannot be built: it fills by 'reflect', which repeats .* Gather repeats"),
        (padded(pads=[1, 0, 0, 0]), r"\(Pad\) .* it fills along axis 0, which is that of the samples"),
        (padded(pads=[0, -1, 0, 0]), r"\(Pad\) .* no two numbers, 0 or more, .* Slice cuts"),
        (biased, r"\(Mul\) .* bias that is no multiple of a part of its scale within 24 bits; quantise the branch behind"),
        (lambda g: concat(g, np.ones((2, 3))), r"\(Concat\) .* constant of shape \(2, 3\) does not go behind"),
    ],
)  # fmt: skip
def test_what_is_refused_names_the_node_and_the_reason(
    tmp_path: Path, build: Callable[[Graph], str], sentence: str
) -> None:
    g = Graph()
    with pytest.raises(UserError, match=sentence):
        load(g.save(tmp_path / "net.onnx", build(g)))
