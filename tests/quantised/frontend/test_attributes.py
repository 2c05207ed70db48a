"""Attributes of another kind or out of range: read as the qonnx package reads them, or refused."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from onnx import AttributeProto, NodeProto, helper
from quantised.qonnx_graphs import GENERAL, Graph, execute

from hwflow.errors import UserError
from hwflow.quantised import reference
from hwflow.quantised.frontend import load
from hwflow.quantised.frontend.attributes import attributes_of, typed

W = np.random.default_rng(0).normal(0, 1, (8, 6))


def saved(path: Path, change: Callable[[AttributeProto], object], name: str = "signed") -> Path:
    """A net whose first quantiser's attribute is changed."""
    g = Graph()
    model = g.model(g.node("MatMul", g.quant("x", 0.5, 4), g.weights(W)))
    for attribute in model.graph.node[0].attribute:
        if attribute.name == name:
            change(attribute)
    (path / "net.onnx").write_bytes(model.SerializeToString())
    return path / "net.onnx"


def test_signed_without_a_type_is_signed_as_qonnx_reads_it(tmp_path: Path) -> None:
    path = saved(tmp_path, lambda attribute: attribute.ClearField("type"))
    network = load(path)
    assert str(network.input_type) == "INT4"
    x = np.random.default_rng(1).normal(0, 2, (20, 8)).astype(np.float32)
    ours = network.dequantise(reference.run(network, network.quantise(x)))
    np.testing.assert_array_equal(ours, execute(path, x).outputs)


def as_float(attribute: AttributeProto) -> None:
    attribute.ClearField("i")
    attribute.f = 1.0
    attribute.type = AttributeProto.FLOAT


def untyped_float(attribute: AttributeProto) -> None:
    as_float(attribute)
    attribute.ClearField("type")


def untyped_both(attribute: AttributeProto) -> None:
    attribute.f = 1.0
    attribute.ClearField("type")


def empty(attribute: AttributeProto) -> None:
    attribute.ClearField("i")
    attribute.ClearField("type")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (as_float, "'signed' is FLOAT and must be INT"),
        (untyped_float, "'signed' does not hold one value that is INT"),
        (untyped_both, "'signed' does not hold one value that is INT"),
        (empty, "'signed' does not hold one value that is INT"),
        (lambda attribute: setattr(attribute, "i", 2), "'signed' is 2, and can be 0 to 1"),
        (lambda attribute: setattr(attribute, "i", -1), "'signed' is -1, and can be 0 to 1"),
    ],
)
def test_what_has_two_meanings_is_refused(
    tmp_path: Path, change: Callable[[AttributeProto], object], said: str
) -> None:
    with pytest.raises(UserError, match=rf"Node 'quant_0' \(Quant\) cannot be built: its attribute {said}"):
        load(saved(tmp_path, change))


def node(operator: str, **attributes: object) -> NodeProto:
    return helper.make_node(operator, ["a"], ["b"], **attributes)


@pytest.mark.parametrize(
    ("operator", "attributes", "said"),
    [
        ("Gemm", {"transB": 1.0}, "'transB' is FLOAT and must be INT"),
        ("Gemm", {"transB": 2}, "'transB' is 2"),
        ("Gemm", {"alpha": 1}, "'alpha' is INT and must be FLOAT"),
        ("Gemm", {"alpha": float("nan")}, "'alpha' is nan"),
        ("Softmax", {"axis": [1]}, "'axis' is INTS and must be INT"),
        ("Transpose", {"perm": 1}, "'perm' is INT and must be INTS"),
        ("Transpose", {"perm": [0, 99]}, "'perm' is 99"),
        ("BatchNormalization", {"training_mode": 1}, "'training_mode' is 1, and can be 0 only"),
        ("BatchNormalization", {"epsilon": -1.0}, "'epsilon' is -1"),
        ("Reshape", {"allowzero": 1}, "'allowzero' is 1, and can be 0 only"),
        ("Quant", {"rounding_mode": 1}, "'rounding_mode' is INT and must be STRING"),
        ("DequantizeLinear", {"block_size": 4}, "'block_size' is 4"),
    ],
)
def test_every_operators_attributes_are_checked(operator: str, attributes: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        typed(node(operator, **attributes))


def test_twice_is_refused() -> None:
    twice = node("Gemm", transB=1)
    twice.attribute.append(twice.attribute[0])
    with pytest.raises(ValueError, match="'transB' is given twice"):
        typed(twice)


def test_values_and_names_that_decide_nothing() -> None:
    found = attributes_of(typed(node("Clip", min=0.5, perm=[1, 0], rounding_mode="FLOOR", keepdims=0, seed="x")))
    assert found == {"min": 0.5, "perm": (1, 0), "rounding_mode": "FLOOR", "keepdims": 0}


def test_constants_are_folded_with_attributes_that_have_no_type(tmp_path: Path) -> None:
    g = Graph()
    weights = g.node("Transpose", g.constant(np.arange(16).reshape(2, 8) % 5), perm=[1, 0])
    first = g.node("Gather", g.node("Shape", "x"), g.constant(0, np.int64), axis=0)
    h = g.node("Reshape", g.quant("x", 0.5, 4), g.node("Concat", g.node("Unsqueeze", first, axes=[0]),
                                                       g.constant([-1], np.int64), axis=0))  # fmt: skip
    model = g.model(g.node("MatMul", h, weights), opset=11)
    typed_model = model.SerializeToString()
    for item in model.graph.node:
        for attribute in item.attribute:
            attribute.ClearField("type")
    (tmp_path / "with.onnx").write_bytes(typed_model)
    (tmp_path / "without.onnx").write_bytes(model.SerializeToString())
    assert load(tmp_path / "with.onnx").digest == load(tmp_path / "without.onnx").digest


def test_the_end_of_a_shape_is_not_the_whole(tmp_path: Path) -> None:
    g = Graph((1, 2, 4))
    tail = g.node("Shape", "x", start=2, end=3)  # 4
    h = g.node("Reshape", g.quant("x", 0.5, 4), g.node("Mul", tail, g.constant([2], np.int64)))
    path = g.save(tmp_path / "net.onnx", g.node("Reshape", h, g.constant([1, 8], np.int64)), opset=15)
    with pytest.raises(UserError, match="multiplies by no matrix"):
        load(path)


def test_a_quantiser_of_another_domain_is_checked_too(tmp_path: Path) -> None:
    g = Graph()
    h = g.node("BipolarQuant", "x", g.constant(1), domain=GENERAL)
    model = g.model(g.node("MatMul", h, g.weights(W)))
    model.graph.node[0].attribute.append(helper.make_attribute("axis", 1.5))
    (tmp_path / "net.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(UserError, match="'axis' is FLOAT and must be INT"):
        load(tmp_path / "net.onnx")
