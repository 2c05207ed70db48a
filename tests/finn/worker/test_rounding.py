"""Halves go to the even integer, as qonnx rounds them, through thresholds that compare with >=. Needs no FINN."""

import numpy as np
import pytest
from onnx import TensorProto, helper
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.core.onnx_exec import execute_onnx
from qonnx.transformation.infer_shapes import InferShapes
from quantised.qonnx_graphs import Graph

from hwflow.finn.worker.rounding import keep_halves_even, rounded_tensors

VALUES = 161  # quarters of the scale, from -20 to 20


def quantiser(bits: int, signed: int, narrow: int, scale: float) -> ModelWrapper:
    graph = Graph(shape=(1, VALUES))
    model = ModelWrapper(graph.model(graph.quant("x", scale, bits, signed=signed, narrow=narrow)))
    return model.transform(InferShapes())


def as_finn_converts(model: ModelWrapper, least: int, steps: int, scale: float) -> ModelWrapper:
    """round(x / scale) as a MultiThreshold at (k + 1/2) scale, then + least, then * scale."""
    sink = model.graph.output[0].name
    nodes = [
        helper.make_node("MultiThreshold", ["x", "t"], ["n"], domain="qonnx.custom_op.general", out_dtype="UINT8"),
        helper.make_node("Add", ["n", "least"], ["k"]),
        helper.make_node("Mul", ["k", "scale"], [sink]),
    ]
    ports = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, VALUES]) for name in ("x", sink)]
    converted = ModelWrapper(helper.make_model(helper.make_graph(nodes, "g", ports[:1], ports[1:])))
    halves = (least + np.arange(steps, dtype=np.float32) + np.float32(0.5)) * np.float32(scale)
    for name, value in (("t", halves[None]), ("least", [least]), ("scale", [scale])):
        converted.set_initializer(name, np.asarray(value, dtype=np.float32))
    return converted.transform(InferShapes())


@pytest.mark.parametrize(("bits", "signed", "narrow"), [(2, 0, 0), (2, 1, 1), (3, 1, 0), (4, 0, 0)])
@pytest.mark.parametrize("scale", [1.0, 0.25, 4.0])
def test_every_half_and_what_lies_between(bits: int, signed: int, narrow: int, scale: float) -> None:
    model = quantiser(bits, signed, narrow, scale)
    rounded = rounded_tensors(model)
    least = narrow - (1 << (bits - 1)) if signed else 0
    assert list(rounded.values()) == [least]
    steps = (1 << bits) - 1 - narrow
    plain = as_finn_converts(model, least, steps, scale)
    moved = keep_halves_even(as_finn_converts(model, least, steps, scale), rounded)
    x = ((np.arange(VALUES) - VALUES // 2) / 4 * scale).astype(np.float32)[None]
    wanted, before, after = (
        execute_onnx(m, {m.graph.input[0].name: x})[m.graph.output[0].name] for m in (model, plain, moved)
    )
    np.testing.assert_array_equal(after, wanted)
    assert np.any(before != wanted)  # or there would be nothing to move


def test_other_roundings_are_left_alone() -> None:
    graph = Graph(shape=(1, 1))
    model = ModelWrapper(graph.model(graph.quant("x", 1.0, 2, rounding="FLOOR")))
    assert rounded_tensors(model) == {}
