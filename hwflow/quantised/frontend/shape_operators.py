"""Operators that move values and change none."""

import math
from collections.abc import Sequence

import numpy as np

from hwflow.quantised.frontend.lowering import Lowering
from hwflow.quantised.frontend.operands import Attributes, Inputs, Operator, constant_of, given, stream_of
from hwflow.quantised.frontend.values import Constant, Stream, Value


def _identity(_: Lowering, __: Attributes, inputs: Inputs) -> Value:
    if inputs[0] is None:
        raise ValueError("it has no input")
    return inputs[0]


def _transpose(_: Lowering, attributes: Attributes, inputs: Inputs) -> Value:
    value, permutation = inputs[0], attributes.get("perm")
    if isinstance(value, Constant):
        return value.transposed(permutation)
    return transposed(stream_of(value), permutation)


def transposed(stream: Stream, permutation: Sequence[int] | None) -> Stream:
    """Raises ValueError if a vector's elements would change places."""
    order = [int(axis) for axis in permutation or range(len(stream.shape))[::-1]]
    if sorted(order) != list(range(len(stream.shape))):
        raise ValueError("it names other axes than its input has")
    moved = [axis for axis in order if stream.shape[axis] != 1]
    if moved != sorted(moved):
        raise ValueError("it permutes the elements of a vector; permute the weights of the next matrix instead")
    return Stream(stream.node, stream.size, tuple(stream.shape[axis] for axis in order), stream.steps)


def _reshaped(stream: Stream, shape: Sequence[int]) -> Stream:
    sizes = [stream.shape[i] if size == 0 and i < len(stream.shape) else size for i, size in enumerate(shape)]
    if sizes.count(-1) == 1:
        known = math.prod(size for size in sizes if size != -1)
        sizes[sizes.index(-1)] = stream.size // known if known else 0
    if math.prod(sizes) != stream.size or any(size < 1 for size in sizes):
        raise ValueError(f"shape {tuple(shape)!r:.60} does not hold the {stream.size} elements of one sample")
    return Stream(stream.node, stream.size, tuple(sizes), stream.steps)


def _reshape(lowering: Lowering, _: Attributes, inputs: Inputs) -> Value:
    shape = [int(size) for size in constant_of(inputs[1]).reshape(-1)]
    if shape and shape[0] == lowering.batch:
        shape[0] = 1
    return _reshaped(stream_of(inputs[0]), shape)


def _flatten(_: Lowering, attributes: Attributes, inputs: Inputs) -> Value:
    stream = stream_of(inputs[0])
    axis = int(attributes.get("axis", 1)) % len(stream.shape) if stream.shape else 1
    return _reshaped(stream, [math.prod(stream.shape[:axis]), -1])


def _shape(_: Lowering, attributes: Attributes, inputs: Inputs) -> Value:
    value = inputs[0]
    shape = value.array.shape if isinstance(value, Constant) else stream_of(value).shape
    return Constant(np.array(shape[attributes.get("start", 0) : attributes.get("end")], dtype=np.int64))


def _squeeze(_: Lowering, attributes: Attributes, inputs: Inputs) -> Value:
    stream = stream_of(inputs[0])
    axes = _axes(attributes, inputs, len(stream.shape))
    gone = [axis for axis, size in enumerate(stream.shape) if size == 1] if axes is None else axes
    if any(stream.shape[axis] != 1 for axis in gone):
        raise ValueError("it squeezes an axis that is longer than 1")
    return _reshaped(stream, [size for axis, size in enumerate(stream.shape) if axis not in gone] or [1])


def _unsqueeze(_: Lowering, attributes: Attributes, inputs: Inputs) -> Value:
    stream = stream_of(inputs[0])
    shape = list(stream.shape)
    for axis in sorted(_axes(attributes, inputs, len(shape) + 1) or []):
        shape.insert(axis, 1)
    return _reshaped(stream, shape)


def _axes(attributes: Attributes, inputs: Inputs, rank: int) -> list[int] | None:
    axes = attributes.get("axes")
    if given(inputs, 1):
        axes = constant_of(inputs[1]).reshape(-1)
    return None if axes is None else [int(axis) % rank for axis in axes]


def _selection(_: Lowering, __: Attributes, ___: Inputs) -> Value:
    raise ValueError("it selects elements of a vector that depends on the model's input, which cannot be built; keep the "
                     "whole vector, and give the others weights of 0 in the next matrix")  # fmt: skip


SHAPE_OPERATORS: dict[str, Operator] = {
    "Identity": _identity,
    "Dropout": _identity,
    "Transpose": _transpose,
    "Reshape": _reshape,
    "Flatten": _flatten,
    "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze,
    "Shape": _shape,
}
# Known on constants; on what depends on the model's input each is refused with its reason.
REFUSED: dict[str, Operator] = {"Gather": _selection, "Slice": _selection, "Split": _selection}
