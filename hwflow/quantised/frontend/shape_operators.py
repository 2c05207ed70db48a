"""Operators that move values and change none."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from hwflow.quantised.frontend.lowering import Lowering
from hwflow.quantised.frontend.operands import Attributes, Inputs, Operator, constant_of, given, stream_of
from hwflow.quantised.frontend.rewiring import rewired, transposed
from hwflow.quantised.frontend.values import Constant, Stream, Value

MAX_COPIES = 1024  # that a Tile makes


def _identity(_: Lowering, __: Attributes, inputs: Inputs) -> Value:
    if inputs[0] is None:
        raise ValueError("it has no input")
    return inputs[0]


def _transpose(_: Lowering, attributes: Attributes, inputs: Inputs) -> Value:
    value, permutation = inputs[0], attributes.get("perm")
    if isinstance(value, Constant):
        return value.transposed(permutation)
    return transposed(stream_of(value), permutation)


def _reshaped(stream: Stream, shape: Sequence[int]) -> Stream:
    sizes = [stream.shape[i] if size == 0 and i < len(stream.shape) else size for i, size in enumerate(shape)]
    if sizes.count(-1) == 1:
        known = math.prod(size for size in sizes if size != -1)
        sizes[sizes.index(-1)] = stream.size // known if known else 0
    if math.prod(sizes) != stream.size or any(size < 1 for size in sizes):
        raise ValueError(f"shape {tuple(shape)!r:.60} does not hold the {stream.size} elements of one sample")
    return replace(stream, shape=tuple(sizes))


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


def _gather(lowering: Lowering, attributes: Attributes, inputs: Inputs) -> Value:
    """The elements at constant indices of an axis."""
    stream, axis = stream_of(inputs[0]), int(attributes.get("axis", 0))
    indices = constant_of(inputs[1])
    if indices.dtype.kind not in "iu":
        raise ValueError(f"its indices are {indices.dtype}, not integers")
    size = stream.shape[axis]
    if np.any((indices < -size) | (indices >= size)):
        raise ValueError(f"an index is outside the {size} elements of axis {axis}")
    return rewired(stream, lambda places: np.take(places, indices, axis=axis))


def _slice(_: Lowering, attributes: Attributes, inputs: Inputs) -> Value:
    """start : end : step of some axes; until opset 9 by attributes."""
    stream = stream_of(inputs[0])
    starts, ends, axes, steps = (
        [int(each) for each in constant_of(inputs[i + 1]).reshape(-1)] if given(inputs, i + 1) else attributes.get(name)
        for i, name in enumerate(("starts", "ends", "axes", "steps"))
    )
    if starts is None or ends is None:
        raise ValueError("it lacks its starts or its ends")
    axes = range(len(starts)) if axes is None else axes
    steps = [1] * len(starts) if steps is None else steps
    cuts = [slice(None)] * len(stream.shape)
    for axis, start, end, step in zip(axes, starts, ends, steps, strict=True):
        # An end before the first element is -size - 1 or less, where a step is negative.
        before = step < 0 and end < -stream.shape[axis]
        cuts[axis] = slice(start, None if before else end, step)
    return rewired(stream, lambda places: places[tuple(cuts)])


def split(lowering: Lowering, attributes: Attributes, inputs: Inputs, outputs: int) -> list[Stream]:
    """The parts of an axis, of the sizes given or, without any, of equal ones, the last of which may be shorter."""
    stream, axis = lowering.shared(stream_of(inputs[0])), int(attributes.get("axis", 0))
    length = stream.shape[axis]
    share = -(-length // outputs)
    sizes = [share] * (outputs - 1) + [length - share * (outputs - 1)]
    if given(inputs, 1):
        sizes = [int(size) for size in constant_of(inputs[1]).reshape(-1)]
    elif "split" in attributes:
        sizes = list(attributes["split"])
    if len(sizes) != outputs or sum(sizes) != length or min(sizes) < 1:
        raise ValueError(f"it splits the {length} elements of axis {axis} into {outputs} parts of {tuple(sizes)!r:.60}")
    ends = np.cumsum(sizes)
    return [_part(stream, axis, int(end) - size, int(end)) for end, size in zip(ends, sizes, strict=True)]


def _part(stream: Stream, axis: int, start: int, end: int) -> Stream:
    return rewired(stream, lambda places: np.take(places, np.arange(start, end), axis=axis))


def _tile(_: Lowering, __: Attributes, inputs: Inputs) -> Value:
    stream, times = stream_of(inputs[0]), [int(each) for each in constant_of(inputs[1]).reshape(-1)]
    if len(times) != len(stream.shape) or math.prod(max(0, each) for each in times) > MAX_COPIES:
        raise ValueError(f"it repeats axes {tuple(times)!r:.60} times of a tensor of {stream.shape}")
    return rewired(stream, lambda places: np.tile(places, times))


SHAPE_OPERATORS: dict[str, Operator] = {
    "Identity": _identity,
    "Dropout": _identity,
    "Transpose": _transpose,
    "Reshape": _reshape,
    "Flatten": _flatten,
    "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze,
    "Shape": _shape,
    "Gather": _gather,
    "Slice": _slice,
    "Tile": _tile,
}
