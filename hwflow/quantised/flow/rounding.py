"""A model file with its sums in float64: what float32 rounds away in them is not what the file means."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from onnx import NodeProto
    from qonnx.core.modelwrapper import ModelWrapper

Arrays = dict[str, NDArray[Any]]
# What steps in float32 behind a sum may round away, of the greatest value of a vector beside it.
LAST_DIGITS = 2.0**-22
_STEPPED = frozenset({"Quant", "IntQuant", "BipolarQuant", "Trunc", "QuantizeLinear", "MultiThreshold", "Round", "Floor",
                      "Ceil", "Sign", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"})  # fmt: skip


# The reference computes these wrongly, or not at all, in earlier versions, in which they mean the same.
_LEAST = {"BatchNormalization": 15, "QuantizeLinear": 19, "DequantizeLinear": 19}
_SUMS = frozenset({"MatMul", "Gemm", "Conv", "ReduceSum", "ReduceMean", "AveragePool", "GlobalAveragePool"})


@dataclass(frozen=True, eq=False)
class InFloat64:
    """outputs: [n, outputs]; tied: [n], whether a value that is rounded lies so near to where it is rounded otherwise that
    the steps before it, in float32, decide."""

    outputs: NDArray[np.float64]
    tied: NDArray[np.bool_]


def run_in_float64(model: "ModelWrapper", inputs: Arrays, batch: int) -> InFloat64:
    """A graph of qonnx on inputs, by their names, of its own shapes, `batch` vectors. What stands before the first sum is done in float32, as in the
    file: weights, and the input, are quantised as they are there. Raises plain exceptions of many types for what it does
    not execute.
    """
    graph = model.graph
    opset = max((one.version for one in model.model.opset_import if not one.domain), default=13)
    values: Arrays = {tensor.name: np.asarray(model.get_initializer(tensor.name)) for tensor in graph.initializer}
    values |= inputs
    before, summed = set(inputs), set[str]()
    tied = np.zeros(batch, dtype=np.bool_)
    for node in graph.node:
        given = {name: values[name] for name in node.input if name}
        varying = sum(name in before for name in node.input)
        wide = not summed.isdisjoint(given) or varying > 1 or (varying == 1 and node.op_type in _SUMS)
        given = {name: _as(np.float64 if wide else np.float32, value) for name, value in given.items()}
        found = _executed(node, given, model, opset)
        if wide and node.op_type in _STEPPED:
            tied |= _at_ties(node, given, found, model, opset, batch)
        values |= _unrounded(node, given, found)
        (summed if wide else before if varying else set[str]()).update(found)
    outputs = [np.asarray(values[output.name], dtype=np.float64).reshape(batch, -1) for output in graph.output]
    return InFloat64(np.concatenate(outputs, axis=1), tied)


def _as(kind: type, value: NDArray[Any]) -> NDArray[Any]:
    return value.astype(kind) if value.dtype.kind == "f" else value


def _unrounded(node: "NodeProto", given: Arrays, found: Arrays) -> Arrays:
    """What a quantiser gives, the product of an integer and its scale, without rounding the product to float32."""
    if node.op_type not in ("Quant", "IntQuant", "BipolarQuant", "DequantizeLinear"):
        return found
    scale = given[node.input[1]].astype(np.float64)
    if node.op_type == "DequantizeLinear" and scale.size > 1:  # along an axis of its own
        return found
    zero = given[node.input[2]].astype(np.float64) if node.op_type in ("Quant", "IntQuant") else 0.0
    return {name: (np.rint(value / scale + zero) - zero) * scale for name, value in found.items()}


def _at_ties(
    node: "NodeProto", given: Arrays, found: Arrays, model: "ModelWrapper", opset: int, batch: int
) -> NDArray[np.bool_]:
    """The vectors with a value that gives something else a few of float32's last digits above or below; all, where the
    first axis is not theirs."""
    name, value = node.input[0], given[node.input[0]]
    count = batch if value.shape[:1] == (batch,) else 1
    reach = LAST_DIGITS * np.abs(value.reshape(count, -1)).max(axis=1, initial=0)
    if count == batch:
        reach = reach.reshape(-1, *[1] * (value.ndim - 1))
    tied = np.zeros(count, dtype=np.bool_)
    for moved in (value - reach, value + reach):
        others = _executed(node, given | {name: moved}, model, opset)
        for key, before in found.items():
            tied |= (others[key] != before).reshape(count, -1).any(axis=1)
    return tied


def _executed(node: "NodeProto", given: Arrays, model: "ModelWrapper", opset: int) -> Arrays:
    """The outputs of a node, by their names: by qonnx's own code, or as the standard's reference computes them."""
    from onnx import helper
    from onnx.reference import ReferenceEvaluator
    from qonnx.core.execute_custom_node import execute_custom_node
    from qonnx.custom_op.registry import is_custom_op

    names = [name for name in node.output if name]
    if is_custom_op(node.domain, node.op_type):
        context = dict(given)
        execute_custom_node(node, context, model.graph, opset)
        return {name: np.asarray(context[name]) for name in names}
    inputs, outputs = ([helper.make_tensor_value_info(name, 0, None) for name in group] for group in (given, names))
    version = max(opset, _LEAST.get(node.op_type, 0))
    alone = ReferenceEvaluator(helper.make_graph([node], "alone", inputs, outputs), opsets={"": version})
    with np.errstate(all="ignore"):
        results: Any = alone.run(None, given)
    return {name: np.asarray(result) for name, result in zip(names, results, strict=True)}
