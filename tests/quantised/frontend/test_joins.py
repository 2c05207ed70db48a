"""Branches of a graph, against execution by the qonnx package: exact in the integers."""

from pathlib import Path

import numpy as np
import pytest
from quantised.qonnx_graphs import Graph, as_integers, execute

from hwflow.errors import UserError
from hwflow.quantised import reference
from hwflow.quantised.frontend import load
from hwflow.quantised.network import Add, Concat, Dense, Network, Product, Slice, Threshold

RNG = np.random.default_rng(5)
W = RNG.normal(0, 1, (8, 8))


def dense(g: Graph, x: str, rows: int = 8) -> str:
    return g.node("MatMul", x, g.weights(W[: g.shape[1], :rows], 0.25, 4))


def saved(g: Graph, output: str, tmp_path: Path) -> tuple[Network, Path]:
    path = g.save(tmp_path / "net.onnx", output)
    return load(path), path


def assert_outputs_equal(network: Network, path: Path, count: int = 12) -> None:
    x = RNG.uniform(-5, 5, (count, 8)).astype(np.float32)
    outputs = execute(path, x).outputs
    np.testing.assert_array_equal(reference.run(network, network.quantise(x)), as_integers(network, outputs))


def layers(network: Network, kind: type) -> list[object]:
    return [node.layer for node in network.nodes if isinstance(node.layer, kind)]


@pytest.mark.parametrize(("left", "right"), [(0.5, 0.5), (0.5, 0.125), (0.375, 1.25)])
def test_residual_of_two_scales(tmp_path: Path, left: float, right: float) -> None:
    g = Graph()
    x = g.quant("x", 0.25, 5)
    branch = g.quant(dense(g, g.quant(g.node("Relu", dense(g, x)), 0.5, 4)), left, 4)
    total = g.node("Add", branch, g.quant(x, right, 4))
    network, path = saved(g, dense(g, g.quant(g.node("Relu", total), 0.75, 4)), tmp_path)
    (add,) = layers(network, Add)
    unit = np.gcd(int(left * 8), int(right * 8)) / 8
    assert isinstance(add, Add) and add.gain.tolist() == [[left / unit] * 8, [right / unit] * 8]
    assert len(layers(network, Threshold)) == 4
    assert_outputs_equal(network, path)


def test_scales_of_float32_have_a_common_unit(tmp_path: Path) -> None:
    g = Graph()
    x = g.quant("x", 0.25, 5)
    branches = [g.quant(dense(g, x), scale, 4) for scale in (0.24026838, 0.18217129, 1.0)]
    network, path = saved(g, dense(g, g.quant(g.node("Sum", *branches), 0.7, 4)), tmp_path)
    (add,) = layers(network, Add)
    assert isinstance(add, Add) and add.gain.shape == (3, 8)
    scales = np.array([0.24026838, 0.18217129, 1.0], dtype=np.float32).astype(np.float64)
    np.testing.assert_array_equal(add.gain[:, 0] / add.gain[2, 0], scales)
    assert_outputs_equal(network, path)


def test_sums_before_any_quantiser_are_added_and_subtracted(tmp_path: Path) -> None:
    g = Graph()
    x = g.quant("x", 0.25, 5)
    hidden = g.quant(g.node("Relu", dense(g, x)), 0.5, 4)
    difference = g.node("Sub", g.node("Add", dense(g, hidden), g.constant(np.arange(8) / 4)), dense(g, x))
    network, path = saved(g, dense(g, g.quant(difference, 0.5, 4)), tmp_path)
    (add,) = layers(network, Add)
    assert isinstance(add, Add) and np.all(add.gain[1] < 0)
    assert_outputs_equal(network, path)


def test_zero_points_of_branches_are_added_as_integers(tmp_path: Path) -> None:
    g = Graph()
    x = g.quant("x", 0.25, 5)
    total = g.node("Add", g.quant(dense(g, x), 0.5, 4, zero=3, signed=0), g.quant(x, 0.25, 4, zero=1))
    network, path = saved(g, dense(g, total), tmp_path)
    assert_outputs_equal(network, path)


def test_a_value_and_itself(tmp_path: Path) -> None:
    g = Graph()
    x = g.quant("x", 0.25, 5)
    network, _ = saved(g, dense(g, g.node("Add", x, x)), tmp_path)
    assert [node.inputs for node in network.nodes] == [("input", "input"), ("add0",)]
    q = RNG.integers(-16, 16, (20, 8))
    (matrix,) = layers(network, Dense)
    assert isinstance(matrix, Dense)
    np.testing.assert_array_equal(reference.run(network, q), 2 * q @ matrix.weight.T)


def test_product_of_branches(tmp_path: Path) -> None:
    g = Graph()
    x = g.quant("x", 0.25, 4)
    gate = g.quant(g.node("Relu", dense(g, x)), 0.5, 3, signed=0)
    product = g.node("Mul", g.quant(dense(g, x), 0.25, 4), gate)
    network, path = saved(g, dense(g, g.quant(product, 1.0, 4)), tmp_path)
    assert layers(network, Product) == [Product((8, 8))]
    assert_outputs_equal(network, path)


def test_a_product_with_a_zero_point(tmp_path: Path) -> None:
    g = Graph()
    x = g.quant("x", 0.25, 4)
    product = g.node("Mul", g.quant(dense(g, x), 0.5, 4, zero=2), g.quant(dense(g, x), 0.5, 4))
    network, path = saved(g, product, tmp_path)
    assert_outputs_equal(network, path)


@pytest.mark.parametrize("scales", [(0.5, 0.5), (0.5, 0.25)])
def test_concat_of_branches(tmp_path: Path, scales: tuple[float, float]) -> None:
    g = Graph()
    x = g.quant("x", 0.25, 4)
    branches = [g.quant(g.node("Relu", dense(g, x, rows)), s, 4) for rows, s in zip((5, 3), scales, strict=True)]
    network, path = saved(g, dense(g, g.node("Concat", *branches, axis=1)), tmp_path)
    assert layers(network, Concat) == [Concat((5, 3))]
    assert_outputs_equal(network, path)


def test_concat_of_sums_and_one_activation_behind(tmp_path: Path) -> None:
    g = Graph()
    x = g.quant("x", 0.25, 4)
    both = g.node("Concat", dense(g, x, 5), g.node("Mul", dense(g, x, 3), g.constant(0.5)), axis=-1)
    network, path = saved(g, dense(g, g.quant(g.node("Relu", both), 0.5, 4)), tmp_path)
    # It stands in front of the concatenation, in the units whose sums it takes.
    assert [type(node.layer) for node in network.nodes[2:5]] == [Threshold, Threshold, Concat]
    assert [node.inputs for node in network.nodes[2:5]] == [("dense0",), ("dense1",), ("threshold0_1", "threshold0_2")]
    assert_outputs_equal(network, path)


def test_an_activation_stays_behind_a_concatenation_that_others_read(tmp_path: Path) -> None:
    g = Graph()
    x = g.quant("x", 0.25, 4)
    both = g.node("Concat", dense(g, x, 5), dense(g, x, 3), axis=-1)
    ends = [g.quant(g.node("Relu", both), 0.5, 4), g.quant(both, 0.5, 4)]
    network, path = saved(g, dense(g, g.node("Add", *ends)), tmp_path)
    assert [node.inputs for node in network.nodes if isinstance(node.layer, Threshold)] == [("concat0",), ("concat0",)]
    assert_outputs_equal(network, path)


@pytest.mark.parametrize(("cut", "parts"), [(4, [(0, 4), (4, 4)]), (5, [(0, 5), (5, 3)]), (7, [(7, 1)])])
def test_halves_of_a_vector_are_parts_and_not_columns_of_zeros(
    tmp_path: Path, cut: int, parts: list[tuple[int, int]]
) -> None:
    """Where a part has nearly all of the vector it is a matrix of the whole."""
    g = Graph()
    x = g.quant("x", 0.25, 4)
    halves = []
    for low, high in ((0, cut), (cut, 8)):
        part = g.node("Slice", x, *(g.constant([at], np.int64) for at in (low, high, 1)))
        halves.append(g.quant(g.node("MatMul", part, g.weights(W[low:high], 0.25, 4)), 0.5, 4))
    total = g.node("Add", *halves)
    network, path = saved(g, dense(g, g.quant(total, 0.5, 4)), tmp_path)
    assert [(each.start, each.size) for each in layers(network, Slice) if isinstance(each, Slice)] == parts
    assert_outputs_equal(network, path)


def test_one_quantised_value_for_several_readers_is_one_node(tmp_path: Path) -> None:
    g = Graph()
    hidden = g.quant(g.node("Relu", dense(g, g.quant("x", 0.25, 4))), 0.5, 4)
    total = g.node("Add", g.quant(dense(g, hidden), 0.5, 4), hidden)
    network, path = saved(g, dense(g, total), tmp_path)
    assert [node.inputs for node in network.nodes if isinstance(node.layer, Add)] == [("threshold1", "threshold0")]
    assert_outputs_equal(network, path)


def test_a_branch_that_leads_nowhere_is_left_out(tmp_path: Path) -> None:
    g = Graph()
    x = g.quant("x", 0.25, 4)
    dense(g, x)
    network, _ = saved(g, dense(g, x), tmp_path)
    assert len(network.nodes) == 1


def test_the_mean_of_branches(tmp_path: Path) -> None:
    g = Graph()
    x = g.quant("x", 0.25, 5)
    mean = g.node("Mean", *(g.quant(dense(g, x), scale, 4) for scale in (0.5, 0.25)))
    network, path = saved(g, dense(g, g.quant(mean, 0.75, 4)), tmp_path)
    assert len(layers(network, Add)) == 1
    assert_outputs_equal(network, path)


@pytest.mark.parametrize("operator", ["Max", "Min"])
def test_the_greater_of_two_branches_is_refused(tmp_path: Path, operator: str) -> None:
    g = Graph()
    x = g.quant("x", 0.25, 5)
    with pytest.raises(UserError, match="no unit compares two branches"):
        saved(g, g.node(operator, dense(g, x), dense(g, x)), tmp_path)
