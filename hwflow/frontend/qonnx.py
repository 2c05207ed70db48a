"""QONNX files to Networks: quantised MLPs as Brevitas and others export them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import GraphProto, ModelProto, NodeProto, helper
from onnx.reference import ReferenceEvaluator
from qonnx.core.datatype import BaseDataType
from qonnx.core.modelwrapper import ModelWrapper

from hwflow.errors import UserError
from hwflow.frontend.lowering import Lowering
from hwflow.frontend.onnx_file import MAX_ELEMENTS, read_model, shown, to_array
from hwflow.frontend.operators import OPERATORS
from hwflow.frontend.values import Constant, Stream, Value
from hwflow.ints import IntType
from hwflow.network import INPUT, Network

_QUANTISERS = frozenset({"Quant", "IntQuant", "BipolarQuant", "Trunc"})
_DOMAINS = frozenset({"", "ai.onnx", "onnx.brevitas", "qonnx.custom_op.general", "finn.custom_op.general"})
# On constants alone these are computed by the onnx package's reference; none makes much of little.
_FOLDED = frozenset(
    [
        "Add",
        "Cast",
        "Concat",
        "Div",
        "Exp",
        "Gather",
        "Mul",
        "Neg",
        "Pow",
        "Reciprocal",
        "ReduceProd",
        "Reshape",
        "Slice",
    ]
    + ["Sqrt", "Squeeze", "Sub", "Unsqueeze"]
)


def load(path: Path, *, argmax: bool = False, input_type: IntType | None = None) -> Network:
    """Read a QONNX file as a Network.

    argmax: end with the class, though the file ends with scores; input_type: of the integers that the input already
    holds, for files without a quantiser there. Raises UserError, with the node, for what cannot be built.

    The integers are exact: sums of products have no rounding. QONNX execution adds float32 numbers, which is the same
    as long as these represent the sums exactly, and may differ in the last bit, so at ties, where they do not.
    """
    model = read_model(path)
    values = _constants(model.graph)
    name, shape = _input(model.graph, values)
    size = int(np.prod(shape))
    lowering = Lowering(size, input_type or _annotated(model, name))
    values[name] = Stream(INPUT, size, shape)
    for node in model.graph.node:
        _lower(lowering, node, values)
    output = model.graph.output[0].name
    result = values.get(output)
    if not isinstance(result, Stream):
        raise UserError(f"Output {shown(output)} of {path} does not depend on its input; export the model again.")
    try:
        if argmax and lowering.nodes and lowering.nodes[-1].name != "argmax":
            result = lowering.argmax(result)
        return lowering.finish(result, path.stem, path.name)
    except ValueError as error:
        raise UserError(f"Output {shown(output)} of {path} cannot be built: {error}.") from None


def _constants(graph: GraphProto) -> dict[str, Value]:
    return {tensor.name: Constant(to_array(tensor)) for tensor in graph.initializer}


def _input(graph: GraphProto, values: dict[str, Value]) -> tuple[str, tuple[int, ...]]:
    """The one input that is no initialiser, and its shape with a batch of one."""
    inputs = [value for value in graph.input if value.name not in values]
    if len(inputs) != 1 or len(graph.output) != 1:
        raise UserError(f"The model has {len(inputs)} inputs and {len(graph.output)} outputs; nets with one of each "
                        "can be built.")  # fmt: skip
    dimensions = [dimension.dim_value for dimension in inputs[0].type.tensor_type.shape.dim]
    shape = (1, *dimensions[1:])
    if len(dimensions) < 2 or any(size < 1 for size in shape) or np.prod([float(size) for size in shape]) > 1 << 20:
        raise UserError(f"Input {shown(inputs[0].name)} has the shape {tuple(dimensions)!r:.80}; a batch of vectors of "
                        "known size, at most a million elements, can be built.")  # fmt: skip
    return inputs[0].name, shape


def _annotated(model: ModelProto, name: str) -> IntType | None:
    """The type that the file's own annotation gives the input, if it is one of integers."""
    kind: BaseDataType = ModelWrapper(model).get_tensor_datatype(name)
    if not kind.is_integer() or kind.name in ("BIPOLAR", "TERNARY"):
        return None
    return IntType(int(kind.bitwidth()), bool(kind.signed()))


def _lower(lowering: Lowering, node: NodeProto, values: dict[str, Value]) -> None:
    """Compute what the node gives. Raises UserError, with the node's name, if it cannot be built."""
    title = f"Node {shown(node.name or (node.output[0] if node.output else ''))} ({shown(node.op_type)[1:-1]})"
    inputs: list[Value | None] = []
    for name in node.input:
        if name and name not in values:
            raise UserError(f"{title} reads {shown(name)}, which nothing before it makes: the graph has a loop or is "
                            "damaged; export it again.")  # fmt: skip
        inputs.append(values[name] if name else None)
    if node.domain not in _DOMAINS or (node.op_type in _QUANTISERS) != (node.domain not in ("", "ai.onnx")):
        raise UserError(f"{title} is of the domain {shown(node.domain)}, which is not known; export standard QONNX.")
    try:
        result = _result(lowering, node, inputs)
    except (ValueError, IndexError, TypeError) as error:
        raise UserError(f"{title} cannot be built: {str(error).splitlines()[0]:.200}.") from None
    if result is None:
        raise UserError(f"{title} cannot be built; MLPs of {', '.join(sorted(OPERATORS))} can.")
    which = 1 if node.op_type == "TopK" and len(node.output) > 1 else 0  # TopK gives the value, then the index
    values[node.output[which]] = result


def _result(lowering: Lowering, node: NodeProto, inputs: Sequence[Value | None]) -> Value | None:
    if node.op_type == "Constant":
        return Constant(_constant_node(node))
    constants = [value for value in inputs if isinstance(value, Constant)]
    if node.op_type in _FOLDED and len(constants) == len(inputs):
        return Constant(_fold(node, [constant.array for constant in constants]))
    operator = OPERATORS.get(node.op_type)
    if operator is None:
        return None
    return operator(lowering, _attributes(node), inputs)


def _attributes(node: NodeProto) -> dict[str, Any]:
    values = {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
    return {key: value.decode(errors="replace") if isinstance(value, bytes) else value for key, value in values.items()}


def _constant_node(node: NodeProto) -> NDArray[Any]:
    for attribute in node.attribute:
        if attribute.name == "value":
            return to_array(attribute.t)
        if attribute.name in ("value_float", "value_floats", "value_int", "value_ints"):
            kind = np.float32 if "float" in attribute.name else np.int64
            return np.array(helper.get_attribute_value(attribute), dtype=kind)
    raise ValueError("its value is not a tensor of numbers")


def _fold(node: NodeProto, arrays: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """The value of a standard operator on constants, by the onnx package's reference implementation."""
    names = [f"i{i}" for i in range(len(arrays))]
    clean = NodeProto()
    clean.CopyFrom(node)
    del clean.input[:], clean.output[:]
    clean.input.extend(names)
    clean.output.append("o")
    inputs = [helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape)
              for name, array in zip(names, arrays, strict=True)]  # fmt: skip
    graph = helper.make_graph([clean], "fold", inputs, [helper.make_tensor_value_info("o", 0, None)])
    opset = 13 if node.op_type not in ("Unsqueeze", "Squeeze", "Slice") or len(arrays) > 1 else 9
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    try:
        with np.errstate(all="ignore"):
            result = ReferenceEvaluator(model).run(None, dict(zip(names, arrays, strict=True)))[0]
    except (RuntimeError, NotImplementedError, KeyError, AttributeError) as error:
        raise ValueError(f"its constants cannot be combined ({error})") from None
    array = np.asarray(result)
    if array.size > MAX_ELEMENTS or array.dtype.kind not in "fiub" or not np.isfinite(array).all():
        raise ValueError("its constants combine to something that is no finite tensor")
    return array
