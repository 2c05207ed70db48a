"""What is the host's is cut off: the input's quantiser, and the float steps after the last integers."""

from copy import deepcopy
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper
from qonnx.core.datatype import DataType
from qonnx.transformation.infer_shapes import InferShapes

from .execution import execute_model
from .job import Failure


def without_input(model: Any, x: Any, q: Any, kind: str) -> Any:
    """The model from its first product on, with integers q of type `kind` as input: what makes them is the host's.

    FINN reads a quantiser of one unsigned bit as one of -1 and +1, so the input's own is not left to it.
    """
    first = next((node for node in model.graph.node if node.op_type in ("MatMul", "Gemm")), None)
    if first is None:
        raise Failure("split_input", "", "there is no matrix product to map")
    inner = first.input[0]
    front = _ancestors(model, inner)
    head, body = deepcopy(model), deepcopy(model)
    size = q.shape[1]
    values = x.reshape(len(x), -1)
    if front:
        _cut(head, front, model.graph.input[0].name, inner)
        values = execute_model(head, x).reshape(len(x), -1)
    gain, offset = _affine(q, values)
    _cut(body, [node.name for node in model.graph.node if node.name not in front], inner, model.graph.output[0].name)
    graph = body.graph
    del graph.input[:]
    graph.input.append(helper.make_tensor_value_info("q", TensorProto.FLOAT, [1, size]))
    before = "q"
    for number, (operator, value) in enumerate((("Mul", gain), ("Add", offset))):
        graph.initializer.append(numpy_helper.from_array(np.asarray(value, np.float32), f"q_{operator}"))
        after = inner if number else "q_scaled"
        node = helper.make_node(operator, [before, f"q_{operator}"], [after], name=f"input_{operator.lower()}")
        graph.node.insert(number, node)
        before = after
    body = body.transform(InferShapes())
    body.set_tensor_datatype("q", DataType[kind])
    return body


def _affine(q: Any, values: Any) -> tuple[float, float]:
    """gain and offset with values = gain * q + offset in float32. Raises Failure if there are none."""
    known = {int(k): float(values[q == k][0]) for k in np.unique(q)}
    (low, at_low), (high, at_high) = min(known.items()), max(known.items())
    offset = known[0] if 0 in known and known[0] != 0 else 0.0
    gain = at_high / high if not offset and high else (at_high - at_low) / max(high - low, 1)
    if not np.array_equal(np.float32(gain) * q.astype(np.float32) + np.float32(offset), values.astype(np.float32)):
        raise Failure("split_input", "", "the input's integers are not in one scale, which FINN's first product needs")
    return gain, offset


def _ancestors(model: Any, tensor: str) -> list[str]:
    """Names of the nodes that a tensor comes from."""
    makers = {output: node for node in model.graph.node for output in node.output}
    found: dict[str, None] = {}
    todo = [tensor]
    while todo:
        maker = makers.get(todo.pop())
        if maker is not None and maker.name not in found:
            found[maker.name] = None
            todo.extend(maker.input)
    return list(found)


def split_output(model: Any) -> tuple[Any, Any]:
    """The integer chain, and the float steps after it, which are the host's."""
    nodes = list(model.graph.node)
    last = max((i for i, node in enumerate(nodes) if "MatMul" in node.op_type), default=-1)
    for node in nodes[: last + 1]:
        if node.op_type not in ("MatMul", "XnorPopcountMatMul", "MultiThreshold"):
            raise Failure("streamline", node.name, f"streamlining left a {node.op_type} among the integers")
        if not model.get_tensor_datatype(node.input[0]).is_integer():
            raise Failure("streamline", node.name, "streamlining left it with inputs that are no integers")
    end = last + 1
    while end < len(nodes) and nodes[end].op_type in ("MultiThreshold", "TopK"):
        end += 1
    chain, tail = deepcopy(model), deepcopy(model)
    sink = nodes[end - 1].output[-1]
    _cut(chain, [node.name for node in nodes[:end]], model.graph.input[0].name, sink)
    _cut(tail, [node.name for node in nodes[end:]], sink, model.graph.output[0].name)
    return chain, tail


def _cut(model: Any, keep: list[str], source: str, sink: str) -> None:
    """Leave only the nodes from tensor `source` to tensor `sink`, which become the graph's input and output."""
    graph = model.graph
    shapes = {name: model.get_tensor_shape(name) for name in (source, sink)}
    elements = {name: model.get_tensor_valueinfo(name).type.tensor_type.elem_type for name in shapes}
    kinds = {name: model.get_tensor_datatype(name) for name in (source, sink)}
    for node in list(graph.node):
        if node.name not in keep:
            graph.node.remove(node)
    for name, ports in ((source, graph.input), (sink, graph.output)):
        del ports[:]
        ports.append(helper.make_tensor_value_info(name, elements[name], shapes[name]))
    read = {name for node in graph.node for name in node.input}
    used = read | {name for node in graph.node for name in node.output}
    unused = [
        (graph.value_info, [v for v in graph.value_info if v.name not in used or v.name in shapes]),
        (graph.initializer, [t for t in graph.initializer if t.name not in read]),
        (graph.quantization_annotation, [n for n in graph.quantization_annotation if n.tensor_name not in used]),
    ]
    for items, gone in unused:
        for item in gone:
            items.remove(item)
    for name, kind in kinds.items():
        model.set_tensor_datatype(name, kind)
