"""Constants that the graph computes."""

from pathlib import Path

import numpy as np
import pytest
from onnx import helper
from quantised.qonnx_graphs import Graph

from hwflow.errors import UserError
from hwflow.quantised.frontend import load
from hwflow.quantised.frontend.constants import constant_node, fold
from hwflow.quantised.frontend.values import Constant, Quantised

Q = Constant(np.array([[0.5, -1.0]], dtype=np.float32), Quantised(np.array([[1, -2]]), np.array(0.5)))


def constant(*values: float) -> Constant:
    return Constant(np.array(values, dtype=np.float32))


@pytest.mark.parametrize(
    ("operator", "inputs", "expected"),
    [
        ("Add", [constant(1, 2), constant(3)], [4, 5]),
        ("Sub", [constant(1, 2), constant(3)], [-2, -1]),
        ("Div", [constant(1, 2), constant(4)], [0.25, 0.5]),
        ("Pow", [constant(2), constant(3)], [8]),
        ("Sqrt", [constant(9)], [3]),
        ("Neg", [constant(9)], [-9]),
        ("Gather", [constant(5, 6, 7), Constant(np.array([2, 0]))], [7, 5]),
    ],
)  # fmt: skip
def test_values(operator: str, inputs: list[Constant], expected: list[float]) -> None:
    node = helper.make_node(operator, ["a"] * len(inputs), ["y"])
    assert fold(node, inputs).array.tolist() == expected


@pytest.mark.parametrize("axes", ["attribute", "input"])
def test_axes_of_old_and_new_operator_sets(axes: str) -> None:
    inputs = [constant(1, 2)] + [Constant(np.array([0]))] * (axes == "input")
    attributes = {"axes": [0]} if axes == "attribute" else {}
    node = helper.make_node("Unsqueeze", ["a"] * len(inputs), ["y"], **attributes)
    assert fold(node, inputs).array.shape == (1, 2)


@pytest.mark.parametrize(
    ("operator", "others", "scale", "shape"),
    [
        ("Mul", [constant(4)], 2, (1, 2)),
        ("Div", [constant(4)], 0.125, (1, 2)),
        ("Reshape", [Constant(np.array([2, 1]))], 0.5, (2, 1)),
        ("Unsqueeze", [Constant(np.array([0]))], 0.5, (1, 1, 2)),
    ],
)  # fmt: skip
def test_integers_stay_known(operator: str, others: list[Constant], scale: float, shape: tuple[int, ...]) -> None:
    result = fold(helper.make_node(operator, ["a", "b"], ["y"]), [Q, *others])
    assert result.quantised is not None
    assert result.quantised.integers.reshape(-1).tolist() == [1, -2] and result.quantised.integers.shape == shape
    np.testing.assert_array_equal(result.quantised.integers * result.quantised.scales, result.array)
    assert np.all(result.quantised.scales == scale)


def test_multiplied_from_the_left() -> None:
    result = fold(helper.make_node("Mul", ["a", "b"], ["y"]), [constant(2), Q])
    assert result.quantised is not None and result.quantised.scales.tolist() == [[1, 1]]


def test_a_sum_is_no_longer_quantised() -> None:
    assert fold(helper.make_node("Add", ["a", "b"], ["y"]), [Q, constant(2)]).quantised is None


def test_refused_before_memory_is_taken() -> None:
    tall, flat = Constant(np.zeros((1 << 20, 1), dtype=np.float32)), Constant(np.zeros((1, 1 << 20), dtype=np.float32))
    with pytest.raises(ValueError, match="absurd size"):
        fold(helper.make_node("Mul", ["a", "b"], ["y"]), [tall, flat])
    with pytest.raises(ValueError, match="absurd size"):
        fold(helper.make_node("Gather", ["a", "b"], ["y"]), [flat, Constant(np.zeros(1 << 10, dtype=np.int64))])
    with pytest.raises(ValueError, match="infinities or NaN"):
        fold(helper.make_node("Div", ["a", "b"], ["y"]), [constant(1), constant(0)])


def test_constants_that_grow_node_by_node(tmp_path: Path) -> None:
    g = Graph()
    h = g.constant(np.zeros(1 << 16))
    for _ in range(12):
        h = g.node("Concat", h, h, axis=0)
    with pytest.raises(UserError, match="the constants of .* too many|absurd size"):
        load(g.save(tmp_path / "net.onnx", g.node("Add", "x", h)))


def test_constant_nodes() -> None:
    assert constant_node({"value_float": 2.5}).array == np.float32(2.5)
    assert constant_node({"value_ints": (1, 2)}).array.tolist() == [1, 2]
    assert constant_node({"value": helper.make_tensor("t", 1, [2], [3, 4])}).array.tolist() == [3, 4]
    with pytest.raises(ValueError, match="not a tensor of numbers"):
        constant_node({})


def test_a_mask_clears_integers_and_keeps_the_scale() -> None:
    result = fold(helper.make_node("Mul", ["a", "b"], ["y"]), [Q, constant(0, 1)])
    assert result.quantised is not None and result.quantised.integers.tolist() == [[0, -2]]
    assert result.quantised.scales.tolist() == [[0.5, 0.5]]
