"""Values in another order: which of a node's elements a stream takes, and the layers that bring them into that order."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from hwflow.ints import IntArray
from hwflow.quantised.axes import Slice, Transpose
from hwflow.quantised.elementwise import JOINING, Step
from hwflow.quantised.frontend.values import Picked, Stream


def transposed(stream: Stream, permutation: Sequence[int] | None) -> Stream:
    order = [int(axis) for axis in permutation or range(len(stream.shape))[::-1]]
    if sorted(order) != list(range(len(stream.shape))):
        raise ValueError("it names other axes than its input has")
    return rewired(stream, lambda places: places.transpose(order))


def rewired(stream: Stream, move: Callable[[IntArray], IntArray]) -> Stream:
    """The stream whose elements are at the places that `move` makes of the places in a tensor of the stream's shape.

    Raises ValueError if nothing is left, or the elements are joined by a step before it.
    """
    moved = move(np.arange(stream.size).reshape(stream.shape))
    places = moved.reshape(-1)
    if not places.size:
        raise ValueError("it takes no element")
    if np.array_equal(places, np.arange(stream.size)):
        return replace(stream, shape=moved.shape)
    if any(step.kind in JOINING for step in stream.steps):
        raise ValueError(f"it moves what a {stream.steps[-1].kind} gives; let it stand before that")
    picked = stream.picked or Picked(np.arange(stream.size), stream.size)
    places = picked.places[places]
    back = len(places) == picked.of and np.array_equal(places, np.arange(picked.of))
    taken = None if back else replace(picked, places=places)
    return replace(stream, size=places.size, shape=moved.shape, picked=taken)


def transpositions(picked: Picked) -> list[Transpose] | None:
    """Layers that bring all of a node's elements into the order in which they are taken; None if no order of axes does."""
    axes = _axes(picked.places)
    if axes is None or len(picked.places) != picked.of:
        return None
    shape, order = axes
    if not np.array_equal(np.arange(picked.of).reshape(shape).transpose(order).reshape(-1), picked.places):
        return None
    made = []
    for at in range(len(order)):
        # The axes that come next, as many as are neighbours already, go in front of what is not yet in its place.
        first = order[at]
        if first == at:
            continue
        count = next((n for n in range(1, len(order) - at) if order[at + n] != first + n), len(order) - at)
        before, moved = shape[at:first], shape[first : first + count]
        made.append(
            Transpose(
                math.prod(before), math.prod(moved), math.prod(shape[first + count :]), tokens=math.prod(shape[:at])
            )
        )
        shape = [*shape[:at], *moved, *before, *shape[first + count :]]
        order = [_after(axis, at, first, count) for axis in order]
    return made


def part(picked: Picked) -> list[Slice] | None:
    """The layer that takes a node's elements, where they are neighbours; else None."""
    start, size = int(picked.places[0]), len(picked.places)
    neighbours = np.array_equal(picked.places, np.arange(start, start + size))
    return [Slice(start, size, picked.of)] if neighbours else None


def spares(used: int, of: int) -> bool:
    """Whether so few of the elements are used that leaving the others out is worth a node."""
    return 4 * used <= 3 * of


def _after(axis: int, at: int, first: int, count: int) -> int:
    """Where an axis is, once `count` axes from `first` on went to `at`."""
    if first <= axis < first + count:
        return axis - first + at
    return axis + count if at <= axis < first else axis


def _axes(places: IntArray) -> tuple[list[int], list[int]] | None:
    """The sizes of the axes, and their order, of which the places may come; None if they come of none."""
    counts, strides = [], []
    rest = places
    while len(rest) > 1:
        step = int(rest[1] - rest[0])
        broken = np.flatnonzero(np.diff(rest) != step)
        count = int(broken[0]) + 1 if len(broken) else len(rest)
        if step < 1 or len(rest) % count:
            return None
        counts.append(count)
        strides.append(step)
        rest = rest[::count]
    # From the innermost of the order in which they are taken; in the node the greatest stride is outermost.
    outermost = sorted(range(len(strides)), key=lambda i: -strides[i])
    return [counts[i] for i in outermost], [outermost.index(i) for i in range(len(strides))[::-1]]


def of_token(steps: Sequence[Step], tokens: int) -> tuple[Step, ...] | None:
    """Steps on all elements as those on the elements of one token, if they are the same for each of the tokens."""
    made = []
    for step in steps:
        operands = []
        for operand in step.operands:
            if len(operand) == 1:
                operands.append(operand)
                continue
            rows = operand.reshape(tokens, -1)
            if not np.array_equal(rows, np.broadcast_to(rows[:1], rows.shape)):
                return None
            operands.append(rows[0])
        made.append(Step(step.kind, tuple(operands)))
    return tuple(made)


def of_tokens(steps: Sequence[Step], tokens: int) -> tuple[Step, ...]:
    """Steps on the elements of one token as those on all elements."""
    if tokens == 1:
        return tuple(steps)
    return tuple(
        Step(step.kind, tuple(each if len(each) == 1 else np.tile(each, tokens) for each in step.operands))
        for step in steps
    )
