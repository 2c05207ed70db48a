"""Models of one vector, executed for many at once."""

from typing import Any

import numpy as np


def execute_model(model: Any, x: Any) -> Any:
    """Outputs [n, …] of a model for x [n, …], all vectors at once where the model has a batch of one."""
    from finn.core.onnx_exec import execute_onnx
    from finn.util.verification import despecialize_model

    model = despecialize_model(model)
    source, sink = model.graph.input[0].name, model.graph.output[0].name
    shape = [int(size) for size in model.get_tensor_shape(source)]
    if shape[0] == 1 and len(shape) > 1:
        _set_batch(model, len(x))
        return execute_onnx(model, {source: x.reshape(len(x), *shape[1:]).astype(np.float32)})[sink]
    rows = [execute_onnx(model, {source: row.reshape(shape).astype(np.float32)})[sink] for row in x]
    return np.stack(rows)


def _set_batch(model: Any, count: int) -> None:
    """Make a model that is written for one vector take `count` at a time."""
    from onnx import numpy_helper
    from qonnx.custom_op.registry import getCustomOp

    graph = model.graph
    constants = {tensor.name for tensor in graph.initializer}
    for value in (*graph.input, *graph.value_info, *graph.output):
        dims = value.type.tensor_type.shape.dim
        if value.name not in constants and len(dims) > 1 and dims[0].dim_value == 1:
            dims[0].dim_value = count
    shapes = {node.input[1] for node in graph.node if node.op_type == "Reshape"}
    for tensor in graph.initializer:
        if tensor.name in shapes:
            wanted = numpy_helper.to_array(tensor).copy()
            if wanted.size > 1 and wanted[0] == 1:
                wanted[0] = count
                tensor.CopyFrom(numpy_helper.from_array(wanted, tensor.name))
    for node in graph.node:
        if node.domain.startswith("finn.custom_op.fpgadataflow"):
            op = getCustomOp(node)
            for name in ("numInputVectors", "normal_shape", "inShape", "outShape"):
                if name in op.get_nodeattr_types():
                    old = list(op.get_nodeattr(name))
                    op.set_nodeattr(name, [count, *old[1:]])
