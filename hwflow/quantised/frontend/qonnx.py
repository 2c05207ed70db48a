"""QONNX files to Networks: quantised MLPs as Brevitas and others export them."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto, helper
from qonnx.core.datatype import BaseDataType, FixedPointType
from qonnx.core.modelwrapper import ModelWrapper

from hwflow.errors import UserError
from hwflow.ints import IntType
from hwflow.quantised.frontend.constants import FOLDED, constant_node, fold
from hwflow.quantised.frontend.inputs import InputForm, bipolar, fixed_point
from hwflow.quantised.frontend.lowering import Lowering
from hwflow.quantised.frontend.onnx_file import MAX_ELEMENTS, read_model, shown, to_array
from hwflow.quantised.frontend.onnx_graph import ordered, title
from hwflow.quantised.frontend.operators import OPERATORS, QUANTISERS
from hwflow.quantised.frontend.values import Constant, Stream, Value
from hwflow.quantised.network import INPUT, Network

_STANDARD = frozenset({"", "ai.onnx"})
_QUANTISING = frozenset({"onnx.brevitas", "qonnx.custom_op.general", "finn.custom_op.general"})
_MAX_INPUT = 1 << 20  # elements
_ELEMENT_TYPES: dict[int, IntType] = {
    TensorProto.BOOL: IntType(1, signed=False),
    TensorProto.UINT8: IntType(8, signed=False),
    TensorProto.INT8: IntType(8, signed=True),
    TensorProto.UINT16: IntType(16, signed=False),
    TensorProto.INT16: IntType(16, signed=True),
}


def load(path: Path, *, argmax: bool = False, input_type: IntType | None = None) -> Network:
    """Read a QONNX file as a Network.

    argmax: end with the class, though the file ends with scores; input_type: of the integers that the input already
    holds, for files without a quantiser there. Without one, the type is the file's annotation of the input; without
    that too, see `inputs.assumed_form`. Raises UserError, with the node, for what cannot be built.

    The integers are exact: sums of products have no rounding. QONNX execution adds float32 numbers, which is the same
    as long as these represent the sums exactly, and may differ in the last bit, so at ties, where they do not.
    """
    model = read_model(path)
    values: dict[str, Value] = {tensor.name: Constant(to_array(tensor)) for tensor in model.graph.initializer}
    source = _input(model.graph, values)
    shape = _shape(source)
    declared = InputForm(input_type) if input_type else _declared(model, source)
    lowering = Lowering(math.prod(shape), declared, source.type.tensor_type.shape.dim[0].dim_value)
    values[source.name] = Stream(INPUT, lowering.input_size, shape)
    room = MAX_ELEMENTS
    for node in ordered(model.graph):
        made = _lower(lowering, node, values)
        room -= made.array.size if isinstance(made, Constant) else 0
        if room < 0:
            raise UserError(f"{title(node)} makes the constants of {path} too many; this is no MLP for an FPGA.")
    network = _finished(path, model.graph, values, lowering, argmax)
    if input_type is not None and network.input_type != input_type:
        raise UserError(f"{path} turns its input into {network.input_type} by itself, not into {input_type}; "
                        "leave the input type out.")  # fmt: skip
    return network


def refused(path: Path) -> tuple[str, ...]:
    """A sentence for each node whose operator cannot be built. Raises UserError if the file cannot be read."""
    nodes = ordered(read_model(path).graph)
    return tuple(_unknown(node) for node in nodes if not _known(node))


def _finished(path: Path, graph: GraphProto, values: dict[str, Value], lowering: Lowering, argmax: bool) -> Network:
    output = graph.output[0].name
    result = values.get(output)
    if not isinstance(result, Stream):
        raise UserError(f"Output {shown(output)} of {path} does not depend on its input; export the model again.")
    try:
        if argmax and not any(node.name == "argmax" for node in lowering.nodes):
            result = lowering.argmax(result)
        return lowering.finish(result, path.stem, path.name)
    except ValueError as error:
        raise UserError(f"Output {shown(output)} of {path} cannot be built: {error}.") from None


def _input(graph: GraphProto, values: dict[str, Value]) -> ValueInfoProto:
    """The one input that is no initialiser."""
    inputs = [value for value in graph.input if value.name not in values]
    if len(inputs) != 1 or len(graph.output) != 1:
        raise UserError(f"The model has {len(inputs)} inputs and {len(graph.output)} outputs; nets with one of each "
                        "can be built.")  # fmt: skip
    source: ValueInfoProto = inputs[0]
    return source


def _shape(source: ValueInfoProto) -> tuple[int, ...]:
    """The shape of the input, with a batch of one."""
    dimensions = [dimension.dim_value for dimension in source.type.tensor_type.shape.dim]
    shape = (1, *dimensions[1:])
    if not 2 <= len(dimensions) <= 8 or any(size < 1 for size in shape) or math.prod(shape) > _MAX_INPUT:
        raise UserError(f"Input {shown(source.name)} has the shape {tuple(dimensions)!r:.80}; a batch of vectors of "
                        "known size, at most a million elements, can be built.")  # fmt: skip
    return shape


def _declared(model: ModelProto, source: ValueInfoProto) -> InputForm | None:
    """How the file itself says that the integers of the input are given: an annotation, or an integer tensor."""
    try:
        kind: BaseDataType = ModelWrapper(model).get_tensor_datatype(source.name)
    except (KeyError, ValueError, AssertionError):
        raise UserError(f"Input {shown(source.name)} is annotated with a type that qonnx does not know; "
                        "export the model again.") from None  # fmt: skip
    if kind.name == "BIPOLAR":
        return bipolar()
    if isinstance(kind, FixedPointType):
        return fixed_point(IntType(int(kind.bitwidth()), signed=True), int(kind.frac_bits()))
    if kind.is_integer():
        return InputForm(IntType(int(kind.bitwidth()), bool(kind.signed())))
    element = _ELEMENT_TYPES.get(source.type.tensor_type.elem_type)
    return InputForm(element) if element else None


def _lower(lowering: Lowering, node: NodeProto, values: dict[str, Value]) -> Value:
    """Compute what the node gives. Raises UserError, with the node's name, if it cannot be built."""
    for name in node.input:
        if name and name not in values:
            raise UserError(f"{title(node)} reads {shown(name)}, which nothing makes; export the model again.")
    inputs = [values[name] if name else None for name in node.input]
    if not _known(node):
        raise UserError(_unknown(node))
    try:
        with np.errstate(all="ignore"):
            result = _result(lowering, node, inputs)
    except IndexError:
        raise UserError(f"{title(node)} lacks an input or an axis; export the model again.") from None
    except (ValueError, TypeError, OverflowError) as error:
        raise UserError(f"{title(node)} cannot be built: {str(error).splitlines()[0]:.200}.") from None
    which = 1 if node.op_type == "TopK" and len(node.output) > 1 else 0  # TopK gives the value, then the index
    values[node.output[which]] = result
    return result


def _known(node: NodeProto) -> bool:
    if node.op_type in QUANTISERS:
        return node.domain in _QUANTISING
    return node.domain in _STANDARD and (node.op_type in OPERATORS or node.op_type in FOLDED | {"Constant"})


def _unknown(node: NodeProto) -> str:
    what = f"{title(node)} of the operator set {shown(node.domain)}" if node.domain else title(node)
    return f"{what} cannot be built; MLPs of {', '.join(sorted(OPERATORS))} can."


def _result(lowering: Lowering, node: NodeProto, inputs: Sequence[Value | None]) -> Value:
    if node.op_type == "Constant":
        return constant_node(node)
    constants = [value for value in inputs if isinstance(value, Constant)]
    if node.op_type in FOLDED and len(constants) == len(inputs):
        return fold(node, constants)
    operator = OPERATORS.get(node.op_type)
    if operator is None:
        raise ValueError("it is known only between constants")
    return operator(lowering, _attributes(node), inputs)


def _attributes(node: NodeProto) -> dict[str, Any]:
    values = {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
    return {key: value.decode(errors="replace") if isinstance(value, bytes) else value for key, value in values.items()}
