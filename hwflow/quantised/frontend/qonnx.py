"""QONNX files to Networks: quantised MLPs as Brevitas and others export them."""

from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
from onnx import GraphProto, NodeProto

from hwflow.errors import UserError
from hwflow.ints import IntType
from hwflow.quantised.frontend.attributes import attributes_of, typed
from hwflow.quantised.frontend.constants import FOLDED, constant_node, fold
from hwflow.quantised.frontend.curve_operators import CURVED, on_curves
from hwflow.quantised.frontend.curves import tabulated
from hwflow.quantised.frontend.finishing import ended, network_of
from hwflow.quantised.frontend.input_values import Way, formers_of, ways_of
from hwflow.quantised.frontend.inputs import Former, InputFormat
from hwflow.quantised.frontend.lowering import Lowering
from hwflow.quantised.frontend.onnx_file import MAX_ELEMENTS, read_model, shown, to_array
from hwflow.quantised.frontend.onnx_graph import ordered, title
from hwflow.quantised.frontend.operators import OPERATORS
from hwflow.quantised.frontend.quantiser_operators import QUANTISERS
from hwflow.quantised.frontend.selections import greatest_values
from hwflow.quantised.frontend.shape_operators import split
from hwflow.quantised.frontend.sources import Source
from hwflow.quantised.frontend.values import Constant, Curve, Stream, Value, raw
from hwflow.quantised.network import Network
from hwflow.samples import GivenInputs

_STANDARD = frozenset({"", "ai.onnx"})
_MICROSOFT, _OF_MICROSOFT = "com.microsoft", frozenset({"QGemm", "QuantizeLinear", "DequantizeLinear"})
_OF_A_SAMPLE = frozenset({"LayerNormalization", "SimplifiedLayerNormalization", "RMSNormalization", "InstanceNormalization",
                          "GroupNormalization", "LpNormalization", "MeanVarianceNormalization"})  # fmt: skip
_APART = frozenset({"Constant", "Split"})  # not made of inputs alone; of several outputs
_QUANTISING = frozenset({"onnx.brevitas", "qonnx.custom_op.general", "finn.custom_op.general"})


def load(
    path: Path,
    *,
    argmax: bool = False,
    input_type: InputFormat | IntType | None = None,
    samples: GivenInputs = None,
) -> Network:
    """Read a QONNX file as a Network.

    argmax: end with the class, though the file ends with scores; input_type: of an input that the file does not quantise.
    Without one, the type is the file's annotation of the input; without that too, it is chosen by the samples [n, …], or
    assumed (`inputs.assumed`), and the network says so. Of several inputs the type holds for those that the file says nothing of.
    Raises UserError, with the node, for what cannot be built.

    The integers are exact: sums of products have no rounding. QONNX execution adds float32 numbers, which is the same
    as long as these represent the sums exactly, and may differ in the last bit, so at ties, where they do not.
    """
    model = read_model(path)
    constants: dict[str, Value] = {tensor.name: Constant(to_array(tensor)) for tensor in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in constants]
    if not inputs:
        raise UserError(f"{path} has no input; export the model again.")
    given = InputFormat(input_type) if isinstance(input_type, IntType) else input_type
    ways = ways_of(inputs)
    formers = formers_of(model.graph, inputs, ways[0].shapes, given, samples)
    network = _read(path, model.graph, [value.name for value in inputs], ways, constants, formers, argmax)
    if given is not None and all(port.kind != given.kind for port in network.sources):
        raise UserError(f"{path} turns its input into {network.input_type} by itself, not into {given.kind}; "
                        "leave the input type out.")  # fmt: skip
    return network


def _read(
    path: Path, graph: GraphProto, names: Sequence[str], ways: Sequence[Way], constants: dict[str, Value],
    formers: Sequence[Former], argmax: bool,
) -> Network:  # fmt: skip
    """Lower the graph, with the input as a batch of vectors, or, if it is a column that only so can be built, as one."""
    furthest, reason = -1, UserError("")
    for way in ways:
        sources = [Source(*each) for each in zip(names, way.shapes, formers, strict=True)]
        lowering = Lowering(sources, way.batch)
        values = dict(constants)
        values |= {source.name: Stream(raw(i), source.size, source.shape) for i, source in enumerate(sources)}
        try:
            _lower_all(path, graph, lowering, values)
            return _finished(path, graph, values, lowering, argmax)
        except UserError as error:
            if len(values) > furthest:
                furthest, reason = len(values), error
    raise reason


def _lower_all(path: Path, graph: GraphProto, lowering: Lowering, values: dict[str, Value]) -> None:
    room = MAX_ELEMENTS
    nodes = ordered(graph)
    read = Counter(name for node in nodes if node.op_type != "Shape" for name in node.input)
    read.update(output.name for output in graph.output)
    for node in nodes:
        made = _lower(lowering, node, values, read)
        if isinstance(made, Stream) and read[node.output[0]] > 1:
            values[node.output[0]] = lowering.shared(made)
        room -= made.array.size if isinstance(made, Constant) else 0
        if room < 0:
            raise UserError(f"{title(node)} makes the constants of {path} too many; this is no MLP for an FPGA.")


def refused(path: Path) -> tuple[str, ...]:
    """A sentence for each node whose operator cannot be built. Raises UserError if the file cannot be read."""
    nodes = ordered(read_model(path).graph)
    return tuple(_unknown(node) for node in nodes if not _known(node))


def _finished(path: Path, graph: GraphProto, values: dict[str, Value], lowering: Lowering, argmax: bool) -> Network:
    if argmax and len(graph.output) > 1:
        raise UserError(f"{path} has {len(graph.output)} outputs, of which none is the class; leave the argmax out.")
    ends = []
    for output in (output.name for output in graph.output):
        result = values.get(output)
        if not isinstance(result, Stream | Curve):
            raise UserError(f"Output {shown(output)} of {path} does not depend on its input; export the model again.")
        try:
            if isinstance(result, Curve):
                result = tabulated(lowering, result)
            if argmax and not any(node.name == "argmax" for node in lowering.nodes):
                result = lowering.argmax(result)
            ends.append((output, ended(lowering, result)))
        except ValueError as error:
            raise UserError(f"Output {shown(output)} of {path} cannot be built: {error}.") from None
    try:
        return network_of(lowering, ends, path.stem, path.name)
    except ValueError as error:
        raise UserError(f"{_outputs(ends)} of {path} cannot be built: {error}.") from None


def _outputs(ends: Sequence[tuple[str, Stream]]) -> str:
    return f"Output {shown(ends[0][0])}" if len(ends) == 1 else "The outputs"


def _lower(lowering: Lowering, node: NodeProto, values: dict[str, Value], read: Collection[str]) -> Value:
    """Compute what the node gives, of which `read` are the outputs that are read. Raises UserError, with the node's name, if it cannot be built."""
    for name in node.input:
        if name and name not in values:
            raise UserError(f"{title(node)} reads {shown(name)}, which nothing makes; export the model again.")
    inputs = [values[name] if name else None for name in node.input]
    if not _known(node):
        raise UserError(_unknown(node))
    said = len(lowering.assumptions)
    try:
        with np.errstate(all="ignore"):
            if node.op_type == "Split":
                inputs = [tabulated(lowering, value) if isinstance(value, Curve) else value for value in inputs]
                parts = split(lowering, attributes_of(typed(node)), inputs, len(node.output))
                values.update(zip(node.output, parts, strict=True))
                return parts[0]
            result = _result(lowering, typed(node), inputs, read)
    except IndexError:
        raise UserError(f"{title(node)} lacks an input or an axis; export the model again.") from None
    except (ValueError, TypeError, OverflowError) as error:
        raise UserError(f"{title(node)} cannot be built: {str(error).splitlines()[0]:.240}.") from None
    lowering.assumptions[said:] = [f"{title(node)}: {sentence}" for sentence in lowering.assumptions[said:]]
    values[node.output[0] if node.op_type != "TopK" or node.output[0] in read else node.output[1]] = result
    return result


def _known(node: NodeProto) -> bool:
    if node.op_type in QUANTISERS:
        return node.domain in _QUANTISING
    if node.domain == _MICROSOFT or node.op_type == "QGemm":
        return node.domain == _MICROSOFT and node.op_type in _OF_MICROSOFT
    return node.domain in _STANDARD and (node.op_type in OPERATORS or node.op_type in FOLDED | CURVED | _APART)


def _unknown(node: NodeProto) -> str:
    if node.op_type in _OF_A_SAMPLE:
        return (f"{title(node)} cannot be built: it divides by the spread of each sample, which no integers have in one unit; train with "
                "BatchNormalization, which becomes thresholds.")  # fmt: skip
    what = f"{title(node)} of the operator set {shown(node.domain)}" if node.domain else title(node)
    if node.domain == _MICROSOFT:
        return f"{what} cannot be built; quantise with quant_format=QuantFormat.QDQ, which uses standard operators."
    return f"{what} cannot be built; MLPs of {', '.join(sorted(OPERATORS))} can."


def _result(lowering: Lowering, node: NodeProto, inputs: Sequence[Value | None], read: Collection[str]) -> Value:
    attributes = attributes_of(node)
    if node.op_type == "TopK" and node.output[0] in read:
        if len(node.output) > 1 and node.output[1] in read:
            raise ValueError("both the greatest values and their places are read; export the model with one of them")
        return greatest_values(lowering, attributes, inputs)
    if node.op_type == "Constant":
        return constant_node(attributes)
    curved = on_curves(lowering, node, attributes, inputs)
    if not isinstance(curved, Sequence):
        return curved
    inputs = curved
    if node.op_type in FOLDED and inputs and not any(isinstance(value, Stream) for value in inputs):
        return fold(node, [value if isinstance(value, Constant) else None for value in inputs])
    operator = OPERATORS.get(node.op_type)
    if operator is None:
        raise ValueError("it is known only between constants")
    return operator(lowering, attributes, inputs)
