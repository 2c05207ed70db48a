"""Constants among branches: values one behind another with a stream's, zeros around it, and a bias in front of a product."""

import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from hwflow.ints import IntArray
from hwflow.quantised.elementwise import Step
from hwflow.quantised.frontend.lowering import Lowering
from hwflow.quantised.frontend.operands import Attributes, Inputs, constant_of, given, scalar_of, stream_of
from hwflow.quantised.frontend.products import dense_of
from hwflow.quantised.frontend.quantisers import affine, integer_end
from hwflow.quantised.frontend.scales import common_unit
from hwflow.quantised.frontend.values import Constant, Stream, Value
from hwflow.quantised.tables import MAX_TABLE_BITS, Table

_MULTIPLE_BITS = 24  # of a scale or a bias in the unit of both
_MOST_ENTRIES = 1 << 22  # of the tables of a node


def settled_branch(lowering: Lowering, branch: Stream) -> Stream:
    """A branch as integers with steps behind them: those of its quantiser, or, without one, the sums before it."""
    sums = not branch.is_raw and not integer_end(branch.steps) and lowering.sums(branch.node)
    return lowering.gathered(branch) if sums else lowering.integers(branch)


def constant_behind(lowering: Lowering, source: Stream, array: NDArray[np.generic], axis: int) -> Stream:
    """A constant as a branch beside another: a matrix of zeros over that, with the constant behind its sums.

    Raises ValueError unless it has the branch's shape but for the axis.
    """
    rank = len(source.shape)
    at = axis % rank
    if array.ndim != rank or any(array.shape[i] != source.shape[i] for i in range(rank) if i != at) or at == 0:
        raise ValueError(
            f"its constant of shape {array.shape} does not go behind a branch of {source.shape} along axis {axis}"
        )
    tokens = math.prod(source.shape[:at])
    zeros = np.zeros((array.size // tokens, source.size // tokens), dtype=np.int64)
    node = lowering.append(replace(dense_of(zeros), tokens=tokens), source.node)
    lowering.assumptions.append(
        f"{node}, a matrix of zeros, {len(zeros)} × {zeros.shape[1]}, makes the place of its constants"
    )
    # In the unit of what it stands beside, in which it is a whole number if it is on that grid.
    relation = affine(source.steps)
    unit = (
        relation[0].reshape(-1)[:1]
        if relation is not None and np.all(relation[0] == relation[0].flat[0])
        else np.ones(1)
    )
    values = np.asarray(array, dtype=np.float32).reshape(-1)
    steps = (
        Step("mul", (unit.astype(np.float32),)),
        Step("add", (values[:1] if np.all(values == values[0]) else values,)),
    )
    return Stream(node, array.size, tuple(array.shape), steps)


def branches_of(lowering: Lowering, values: Sequence[Value | None], axis: int) -> list[Stream]:
    """What a Concat puts one behind another, its constants as branches."""
    streams = [value for value in values if isinstance(value, Stream)]
    first = next(i for i, value in enumerate(values) if isinstance(value, Stream))
    if len(streams) == len(values):
        return streams
    beside = settled_branch(lowering, streams[0])
    return [beside if i == first
            else constant_behind(lowering, beside, value.array, axis) if isinstance(value, Constant)
            else stream_of(value) for i, value in enumerate(values)]  # fmt: skip


def pads_of(attributes: Attributes, inputs: Inputs, rank: int) -> tuple[list[tuple[int, int]], float]:
    """How many elements stand before and behind each axis, and their value. Raises ValueError for what is not constant."""
    mode = attributes.get("mode", "constant")
    if mode != "constant":
        raise ValueError(f"it fills by {mode!a:.20}, which repeats elements of the input; a constant can be built, and Gather repeats "
                         "elements")  # fmt: skip
    pads = constant_of(inputs[1]).reshape(-1) if given(inputs, 1) else np.asarray(attributes.get("pads", ()))
    value = scalar_of(inputs[2]) if given(inputs, 2) else 0.0
    axes = [int(axis) % rank for axis in constant_of(inputs[3]).reshape(-1)] if given(inputs, 3) else list(range(rank))
    if len(pads) != 2 * len(axes) or np.any(pads < 0):
        raise ValueError(f"its pads {pads.tolist()!r:.60} are no two numbers, 0 or more, for each of {len(axes)} axes; Slice cuts elements off")  # fmt: skip
    around = [(0, 0)] * rank
    for i, axis in enumerate(axes):
        around[axis] = int(pads[i]), int(pads[len(axes) + i])
    if rank > 1 and around[0] != (0, 0):
        raise ValueError("it fills along axis 0, which is that of the samples")
    return around, value


def with_bias(
    lowering: Lowering, source: Stream, tokens: int, relation: tuple[list[Fraction], list[Fraction]]
) -> tuple[Stream, list[Fraction]]:
    """A branch gain * q + offset as whole multiples of a unit, by a Table of a * q + b, and the units that are left.

    Raises ValueError if gain and offset have no unit of few bits, or the branch has more values than a table holds.
    """
    gains, offsets = relation
    units = [common_unit(pair) for pair in zip(gains, offsets, strict=True)]
    multiples = np.array(
        [[int(gain / unit), int(offset / unit)] for gain, offset, unit in zip(gains, offsets, units, strict=True)]
    )
    if np.abs(multiples).max() >> _MULTIPLE_BITS:
        raise ValueError(f"a branch has a bias that is no multiple of a part of its scale within {_MULTIPLE_BITS} bits; quantise the "
                         "branch behind its bias")  # fmt: skip
    low, high = (int(end) for end in (lowering.ranges[source.node][0].min(), lowering.ranges[source.node][1].max()))
    each: IntArray = np.tile(multiples, (tokens, 1))
    if np.all(each == each[:1]):
        each = each[:1]
    if high - low >= 1 << MAX_TABLE_BITS or len(each) * (high - low + 1) > _MOST_ENTRIES:
        raise ValueError(f"a branch with a bias behind its quantiser has values from {low} to {high}, more than a table holds; quantise "
                         "the branch behind its bias")  # fmt: skip
    entries = each[:, :1] * np.arange(low, high + 1) + each[:, 1:]
    node = lowering.append(Table(entries, low, source.size), source.node)
    return replace(source, node=node, steps=(), picked=None), units


def fill(
    around: Sequence[tuple[int, int]], value: float, shape: Sequence[int]
) -> list[tuple[int, list[NDArray[np.float32]]]]:
    """For each axis that grows, the constants before and behind it, of the shape that the axes before it grew to."""
    made, grown = [], list(shape)
    for axis, ends in enumerate(around):
        if ends == (0, 0):
            continue
        parts = [np.full((*grown[:axis], end, *grown[axis + 1 :]), value, dtype=np.float32) for end in ends]
        made.append((axis, parts))
        grown[axis] += sum(ends)
    return made
