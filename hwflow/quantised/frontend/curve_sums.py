"""What joins elements of a curve: a function of one integer where all are, else sums of tables; and a model's own tables."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto

from hwflow.quantised.frontend.curves import NOTHING, check_room, table_sum, terms_of
from hwflow.quantised.frontend.lowering import Lowering
from hwflow.quantised.frontend.operands import Attributes, Inputs, constant_of, given
from hwflow.quantised.frontend.operators import OPERATORS
from hwflow.quantised.frontend.values import Constant, Curve, Quantised, Stream, Value

REDUCED: Mapping[str, Callable[..., NDArray[Any]]] = {
    "ReduceSum": np.sum,
    "ReduceMean": np.mean,
    "ReduceMax": np.max,
    "ReduceMin": np.min,
}


def checked(curve: Curve) -> Curve:
    if np.isnan(curve.tensor.array).any():
        raise ValueError("it has no value for some of the integers that can come")
    check_room(curve.tensor.array.size)
    return curve


def merged(sources: NDArray[np.int64], axis: int) -> NDArray[np.int64] | None:
    """The one source along an axis, where constants have none; None where there are several."""
    most = sources.max(axis=axis, keepdims=True)
    return most.squeeze(axis) if np.all((sources == most) | (sources == NOTHING)) else None


def looked_up(node: NodeProto, attributes: Attributes, inputs: Inputs) -> Curve:
    """The elements of a constant at places that are functions of single integers: a table of the model's own."""
    data, places = inputs[0], inputs[1]
    if not isinstance(data, Constant) or not isinstance(places, Curve):
        raise ValueError("what it takes elements of depends on the model's input, and so do their places")
    indices = places.tensor.array
    if np.any(indices != np.rint(indices)):
        raise ValueError("some of its indices are no whole numbers")
    indices = indices.astype(np.int64)
    if node.op_type == "Gather":
        if int(attributes.get("axis", 0)) % max(data.array.ndim, 1):
            raise ValueError("it looks up along another axis than the first of its table; transpose the table")
        indices = indices[..., None]
        source = places.source
    else:
        one_source = merged(places.source, -1)
        if one_source is None:
            raise ValueError(
                "a place in its table is a function of several elements; let each be one of a single element"
            )
        source = one_source
    sizes = data.array.shape[: indices.shape[-1]]
    if np.any((indices < [-size for size in sizes]) | (indices >= list(sizes))):
        raise ValueError(f"an index is outside its table of {data.array.shape}")
    at = tuple(np.moveaxis(indices, -1, 0))
    found = data.array[at]
    check_room(found.size)
    source = np.broadcast_to(source.reshape(*source.shape, *[1] * (found.ndim - source.ndim)), (1, *found.shape[1:]))
    whole = data.quantised
    quantised = (
        Quantised(whole.integers[at], whole.scale if whole.scale.size == 1 else whole.scales[at]) if whole else None
    )
    return Curve(places.node, source, Constant(found, quantised))


def reduced(lowering: Lowering, node: NodeProto, attributes: Attributes, inputs: Inputs) -> Value:
    """Of elements that are functions of one integer, a function of it; of others, the sum of tables."""
    curve = inputs[0]
    assert isinstance(curve, Curve)
    rank = curve.source.ndim
    named = constant_of(inputs[1]).reshape(-1).tolist() if given(inputs, 1) else attributes.get("axes")
    axes = tuple(sorted({int(axis) % rank for axis in (range(1, rank) if named is None else named)}))
    if not axes or 0 in axes:
        raise ValueError("it goes over the axis of the samples, which is the first")
    keep = bool(attributes.get("keepdims", 1))
    flat = np.moveaxis(curve.source, axes, range(-len(axes), 0))
    source = merged(flat.reshape(*flat.shape[: rank - len(axes)], -1), -1)
    shape = tuple(
        1 if axis in axes else size for axis, size in enumerate(curve.source.shape) if keep or axis not in axes
    )
    if source is not None:
        array = np.asarray(REDUCED[node.op_type](curve.tensor.array, axis=axes, keepdims=keep))
        whole, quantised = curve.tensor.quantised, None
        if whole is not None and node.op_type == "ReduceSum" and np.all(whole.scales == whole.scales.flat[0]):
            sums = whole.integers.sum(axis=axes, keepdims=keep)
            quantised = Quantised(sums, np.full(1, whole.scales.flat[0]))
        return checked(Curve(curve.node, source.reshape(shape), Constant(array, quantised)))
    if node.op_type not in ("ReduceSum", "ReduceMean"):
        raise ValueError("it compares functions of different elements, which no table does")
    total = table_sum(lowering, terms_of(curve, axes), shape)
    if node.op_type == "ReduceMean":
        count = math.prod(curve.source.shape[axis] for axis in axes)
        return _divided(lowering, total, count)
    return total


def _divided(lowering: Lowering, total: Stream, count: int) -> Value:
    return OPERATORS["Div"](lowering, {}, [total, Constant(np.array(count, dtype=np.float32))])


def multiplied(lowering: Lowering, node: NodeProto, inputs: Inputs) -> Value | None:
    """A product with constant weights [terms, rows] of what are all functions of one integer; None of others."""
    curve, weights = inputs[0], inputs[1]
    if not isinstance(curve, Curve) or not isinstance(weights, Constant) or weights.array.ndim != 2:
        return None
    source = merged(curve.source, -1)
    if source is None:
        return None
    array = np.asarray(curve.tensor.array @ weights.array)
    check_room(array.size)
    rows = weights.array.shape[1]
    return checked(Curve(curve.node, np.repeat(source[..., None], rows, axis=-1), Constant(array)))
