"""Operators that make one of several elements: the place of the greatest, the first k, and sums, means and greatest along an axis."""

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hwflow.quantised.elementwise import Step
from hwflow.quantised.frontend.lowering import Lowering
from hwflow.quantised.frontend.operands import Attributes, Inputs, Operator, constant_of, given, scalar_of, stream_of
from hwflow.quantised.frontend.quantisers import affine, integer_end, one
from hwflow.quantised.frontend.values import Stream, Value
from hwflow.quantised.network import Reduce


def _argmax(lowering: Lowering, attributes: Attributes, inputs: Inputs) -> Value:
    stream = stream_of(inputs[0])
    if attributes.get("axis", 0) not in (-1, len(stream.shape) - 1) or attributes.get("select_last_index", 0):
        raise ValueError("it does not take the first greatest of the last axis")
    return lowering.argmax(stream, keep=bool(attributes.get("keepdims", 1)))


def _argmin(lowering: Lowering, attributes: Attributes, inputs: Inputs) -> Value:
    return _argmax(lowering, attributes, (stream_of(inputs[0]).then(Step("mul", (one(-1),))),))


def _topk(lowering: Lowering, attributes: Attributes, inputs: Inputs) -> Value:
    stream = stream_of(inputs[0])
    k = int(scalar_of(inputs[1]) if given(inputs, 1) else attributes.get("k", 0))
    if not attributes.get("largest", 1) or attributes.get("axis", -1) not in (-1, len(stream.shape) - 1):
        raise ValueError("only the greatest ones of the last axis can be built")
    return lowering.argmax(stream, keep=True) if k == 1 else _ranked(lowering, stream, k, "places")


def greatest_values(lowering: Lowering, attributes: Attributes, inputs: Inputs) -> Value:
    """The first output of TopK: the host takes the greatest of the net's outputs."""
    stream = stream_of(inputs[0])
    k = int(scalar_of(inputs[1]) if given(inputs, 1) else attributes.get("k", 0))
    if not attributes.get("largest", 1) or attributes.get("axis", -1) not in (-1, len(stream.shape) - 1):
        raise ValueError("only the greatest ones of the last axis can be built")
    return _ranked(lowering, stream, k, "greatest")


def _ranked(lowering: Lowering, stream: Stream, k: int, kind: str) -> Stream:
    """The k greatest elements of a vector, or their places, found behind the last integer."""
    if stream.shape[-1] != stream.size or not 1 <= k <= stream.size:
        raise ValueError(f"it takes {k} elements of the last axis of {stream.shape}; 1 to all of a vector can be built")
    whole = lowering.whole(stream)
    return replace(whole, size=k, shape=(*stream.shape[:-1], k), steps=(*whole.steps, Step(kind, (one(k),))))


def _axes_of(attributes: Attributes, inputs: Inputs, rank: int) -> list[int]:
    """The axes that are reduced: all, if none is named."""
    named = constant_of(inputs[1]).reshape(-1).tolist() if given(inputs, 1) else attributes.get("axes")
    axes = list(range(rank)) if not named else [int(axis) for axis in named]
    if any(not -rank <= axis < rank for axis in axes):
        raise ValueError(f"it reduces axes {axes}, of which an input of {rank} axes lacks some")
    return sorted({axis % rank for axis in axes})


def _reduction(kind: str) -> Operator:
    """ReduceSum, ReduceMean or ReduceMax along neighbouring axes of each sample."""

    def apply(lowering: Lowering, attributes: Attributes, inputs: Inputs) -> Value:
        stream = stream_of(inputs[0])
        rank = len(stream.shape)
        axes = _axes_of(attributes, inputs, rank)
        if 0 in axes and stream.shape[0] == 1 and rank > 1:
            raise ValueError("it reduces over the samples of a batch too; name the axes of a sample")
        if axes != list(range(axes[0], axes[-1] + 1)):
            raise ValueError(f"it reduces axes {axes}, which are no neighbours; reduce them one after another")
        keeps = attributes.get("keepdims", 1)
        shape = [1 if i in axes else size for i, size in enumerate(stream.shape) if keeps or i not in axes]
        if kind == "max" and math.prod(shape) == 1:
            return replace(
                _ranked(lowering, replace(stream, shape=(1, stream.size)), 1, "greatest"), shape=tuple(shape)
            )
        tokens, inner = math.prod(stream.shape[: axes[0]]), math.prod(stream.shape[axes[-1] + 1 :])
        return replace(_reduced(lowering, stream, kind, tokens, inner), shape=tuple(shape))

    return apply


def _reduced(lowering: Lowering, stream: Stream, kind: str, tokens: int, inner: int) -> Stream:
    """The reduction [tokens, inner] of a stream [tokens, axis, inner]: a Reduce node, the scale behind it.

    With x_a being gain * q_a + offset: the sum is gain * sum(q_a) + axis * offset, and the mean that over the axis.
    """
    source = lowering.whole(stream)
    if not lowering.sums(source.node) or integer_end(source.steps):
        source = lowering.integers(source)
    axis = source.size // (tokens * inner)
    relation = affine(source.steps)
    if relation is None:
        raise ValueError("a step between the quantiser and it is not affine; let it stand before the quantiser")
    along = [np.broadcast_to(each, source.size).reshape(tokens, axis, inner) for each in relation]
    if any(np.any(each != each[:, :1]) for each in along):
        raise ValueError("the scales or zero points along its axis differ; use the same for all of it")
    gain, offset = (each[:, 0].reshape(-1) for each in along)
    if kind == "max" and np.any(gain <= 0):
        raise ValueError("a scale before it is not positive")
    node = lowering.append(Reduce(axis, inner, tokens, greatest=kind == "max"), source.node)
    if kind != "max":
        offset = offset * axis
    steps = [Step("mul", (_operand(gain),))] * bool(np.any(gain != 1))
    steps += [Step("add", (_operand(offset),))] * bool(np.any(offset))
    steps += [Step("div", (one(axis),))] * (kind == "mean" and axis > 1)
    return Stream(node, tokens * inner, (tokens, inner), tuple(steps))


def _operand(values: NDArray[np.float64]) -> NDArray[np.float32]:
    operand = values.astype(np.float32)
    return operand[:1] if np.all(operand == operand[0]) else operand


SELECTIONS: dict[str, Operator] = {
    "ArgMax": _argmax,
    "ArgMin": _argmin,
    "TopK": _topk,
    "ReduceMax": _reduction("max"),
    "ReduceMean": _reduction("mean"),
    "ReduceSum": _reduction("sum"),
}
