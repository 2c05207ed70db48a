"""Inputs without a quantiser."""

from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto
from quantised.qonnx_graphs import Graph

from hwflow.errors import UserError
from hwflow.ints import IntType
from hwflow.quantised import reference
from hwflow.quantised.frontend import load

W = np.random.default_rng(0).integers(-3, 4, (8, 5))


def net(path: Path, *before: tuple[str, float], quantised: bool = False, element: int = TensorProto.FLOAT) -> Path:
    g = Graph(element=element)
    h = "x" if element == TensorProto.FLOAT else g.node("Cast", "x", to=TensorProto.FLOAT)
    for operator, operand in before:
        h = g.node(operator, h, g.constant(operand))
    h = g.quant(h, 0.5, 4) if quantised else h
    return g.save(path / "net.onnx", g.node("MatMul", h, g.constant(W)))


def annotate(path: Path, kind: str) -> None:
    from qonnx.core.datatype import DataType
    from qonnx.core.modelwrapper import ModelWrapper

    model = ModelWrapper(str(path))
    model.set_tensor_datatype("x", DataType[kind])
    model.save(str(path))


def outputs(path: Path, x: np.ndarray, input_type: IntType | None = None) -> np.ndarray:
    network = load(path, input_type=input_type)
    return network.dequantise(reference.run(network, network.quantise(x)))


def test_given_type(tmp_path: Path) -> None:
    path = net(tmp_path, ("Sub", 128))
    kind = IntType(8, signed=False)
    x = np.random.default_rng(1).integers(0, 256, (9, 8))
    np.testing.assert_array_equal(outputs(path, x, kind), (x - 128) @ W)
    network = load(path, input_type=kind)
    assert network.input_type == kind and network.encode == ()
    with pytest.raises(UserError, match="outside UINT8"):
        network.quantise(x - 1 - x.min())


def test_given_type_for_a_file_that_quantises_itself(tmp_path: Path) -> None:
    path = net(tmp_path, quantised=True)
    with pytest.raises(UserError, match="turns its input into INT4 by itself, not into UINT8"):
        load(path, input_type=IntType(8, signed=False))
    assert load(path, input_type=IntType(4, signed=True)).digest == load(path).digest


@pytest.mark.parametrize(
    ("kind", "expected"), [("UINT8", "UINT8"), ("INT4", "INT4"), ("BINARY", "UINT1"), ("TERNARY", "INT2")]
)
def test_annotated_type(tmp_path: Path, kind: str, expected: str) -> None:
    path = net(tmp_path)
    annotate(path, kind)
    assert str(load(path).input_type) == expected
    x = np.random.default_rng(1).integers(0, 2, (9, 8))
    np.testing.assert_array_equal(outputs(path, x), x @ W)


@pytest.mark.parametrize("before", [(), (("Add", 1.0), ("Div", 2.0)), (("Mul", 3.0),)])
def test_annotated_bipolar(tmp_path: Path, before: tuple[tuple[str, float], ...]) -> None:
    path = net(tmp_path, *before)
    annotate(path, "BIPOLAR")
    x = np.random.default_rng(1).choice([-1, 1], (9, 8))
    meant = {0: x, 1: 3 * x, 2: (x + 1) / 2}[len(before)]
    np.testing.assert_array_equal(outputs(path, x), meant @ W)
    assert load(path).input_type == IntType(1, signed=False)
    with pytest.raises(UserError, match="not whole|outside"):
        load(path).quantise(np.zeros((1, 8)))


def test_annotated_fixed_point(tmp_path: Path) -> None:
    path = net(tmp_path)
    annotate(path, "FIXED<6,3>")
    x = np.random.default_rng(1).integers(-32, 32, (9, 8)) / 8
    np.testing.assert_array_equal(outputs(path, x), x @ W)
    assert load(path).input_type == IntType(6, signed=True)


def test_unknown_annotation(tmp_path: Path) -> None:
    import onnx

    path = net(tmp_path)
    annotate(path, "INT4")
    model = onnx.load(path)
    model.graph.quantization_annotation[0].quant_parameter_tensor_names[0].value = "INT4; $(id)"
    path.write_bytes(model.SerializeToString())
    with pytest.raises(UserError, match="annotated with a type that qonnx does not know"):
        load(path)


@pytest.mark.parametrize(
    ("element", "kind"), [(TensorProto.UINT8, "UINT8"), (TensorProto.INT8, "INT8"), (TensorProto.BOOL, "UINT1")]
)
def test_integer_tensors(tmp_path: Path, element: int, kind: str) -> None:
    assert str(load(net(tmp_path, element=element)).input_type) == kind


@pytest.mark.parametrize("half", [("Div", 2.0), ("Mul", 0.5)])
def test_half_of_x_plus_one_is_a_bit(tmp_path: Path, half: tuple[str, float]) -> None:
    path = net(tmp_path, ("Add", 1.0), half)
    x = np.random.default_rng(1).choice([-1, 1], (9, 8))
    np.testing.assert_array_equal(outputs(path, x), (x + 1) // 2 @ W)
    assert load(path).input_type == IntType(1, signed=False)


def test_else_fixed_point_that_refuses_what_does_not_fit(tmp_path: Path) -> None:
    path = net(tmp_path, ("Mul", 0.5))
    x = np.random.default_rng(1).integers(-(1 << 14), 1 << 14, (9, 8)) / 512
    np.testing.assert_array_equal(outputs(path, x), x / 2 @ W)
    assert load(path).input_type == IntType(16, signed=True)
    with pytest.raises(UserError, match="outside INT16"):
        load(path).quantise(np.full((1, 8), 255.0))
