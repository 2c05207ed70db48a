"""Reading ONNX files that may be damaged or hostile: limits first, then contents."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from google.protobuf.message import DecodeError
from numpy.typing import NDArray
from onnx import GraphProto, ModelProto, TensorProto, numpy_helper

from hwflow.errors import UserError

MAX_FILE_BYTES = 128 << 20
MAX_NODES = 10_000
MAX_ELEMENTS = 1 << 25  # of all tensors
_MAX_RANK = 8
_WIDEST = 8  # bytes of an element


def shown(name: str) -> str:
    """A name from a file as it may be printed: quoted, escaped, at most 60 characters."""
    text = ascii(name)
    return text if len(text) <= 62 else text[:58] + "...'"


def read_model(path: Path) -> ModelProto:
    """Parse an ONNX file. Raises UserError if it cannot be read, is no ONNX model, or goes beyond a limit.

    External data is refused, not followed: a model is one file.
    """
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise UserError(f"{path} is larger than {MAX_FILE_BYTES >> 20} MiB; this is not an MLP that fits an FPGA.")
        content = path.read_bytes()
    except OSError as error:
        raise UserError(f"Cannot read the model {path} ({error.strerror}); check the path.") from None
    model = ModelProto()
    try:
        model.ParseFromString(content)
    except (DecodeError, RecursionError):
        raise UserError(f"{path} is not a whole ONNX file; export the model again.") from None
    if not (model.graph.node and model.graph.output):
        raise UserError(f"{path} holds no ONNX graph; export the model again.")
    _check_graph(path, model.graph)
    return model


def _check_graph(path: Path, graph: GraphProto) -> None:
    if len(graph.node) > MAX_NODES:
        raise UserError(f"{path} holds {len(graph.node)} nodes, more than {MAX_NODES}; this is not an MLP.")
    seen: set[str] = set()
    room = MAX_ELEMENTS
    for tensor in _tensors(graph):
        if tensor.data_location == TensorProto.EXTERNAL or tensor.external_data:
            raise UserError(f"Tensor {shown(tensor.name)} of {path} lies in another file; save the model as one file.")
        if len(tensor.dims) > _MAX_RANK or min(tensor.dims, default=1) < 0:
            raise UserError(f"Tensor {shown(tensor.name)} of {path} claims an absurd shape; export it again.")
        room -= math.prod(tensor.dims)
        if room < 0:
            raise UserError(f"Tensor {shown(tensor.name)} of {path} goes beyond {MAX_ELEMENTS >> 20} million elements; "
                            "this is not an MLP that fits an FPGA.")  # fmt: skip
    for initializer in graph.initializer:
        if initializer.name in seen:
            raise UserError(f"Tensor {shown(initializer.name)} of {path} is given twice; export the model again.")
        seen.add(initializer.name)
    inputs = {value.name for value in graph.input} - seen
    seen |= inputs
    for node in graph.node:
        if not any(node.output):
            raise UserError(
                f"Node {shown(node.name)} ({shown(node.op_type)}) of {path} gives nothing; export it again."
            )
        for output in node.output:
            if output and output in seen:
                raise UserError(f"Tensor {shown(output)} of {path} is made twice; export the model again.")
            seen.add(output)


def _tensors(graph: GraphProto) -> Iterator[TensorProto]:
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        raise UserError(f"Tensor {shown(sparse.values.name)} is sparse; store it dense.")
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.g.node or attribute.graphs:
                raise UserError(f"Node {shown(node.name)} ({shown(node.op_type)}) holds a graph of its own; "
                                "control flow cannot be built.")  # fmt: skip
            yield from (attribute.t, *attribute.tensors) if attribute.HasField("t") else attribute.tensors


def to_array(tensor: TensorProto) -> NDArray[Any]:
    """The tensor's values. Raises UserError if their number is not what the shape says, or one is not finite."""
    try:
        array = np.asarray(numpy_helper.to_array(tensor))
    except (ValueError, TypeError, AttributeError, KeyError):
        raise UserError(f"Tensor {shown(tensor.name)} does not hold what its shape says; export it again.") from None
    if array.dtype.kind not in "fiub" or array.dtype.itemsize > _WIDEST:
        raise UserError(f"Tensor {shown(tensor.name)} holds {array.dtype}, not numbers; export the model again.")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise UserError(f"Tensor {shown(tensor.name)} holds infinities or NaN; train the model again.")
    return array
