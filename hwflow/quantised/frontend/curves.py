"""Tensors of which each element is a function of one integer, known by its value for every integer: what becomes a table."""

import math
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from hwflow.ints import IntArray, IntType
from hwflow.quantised.elementwise import Step, apply
from hwflow.quantised.frontend.lowering import Lowering
from hwflow.quantised.frontend.onnx_file import MAX_ELEMENTS
from hwflow.quantised.frontend.quantisers import integer_end
from hwflow.quantised.frontend.rewiring import spares
from hwflow.quantised.frontend.scales import common_unit
from hwflow.quantised.frontend.values import Constant, Curve, Picked, Quantised, Stream
from hwflow.quantised.network import Table, TableSum
from hwflow.quantised.tables import MAX_TABLE_BITS

NOTHING = -1  # the source of an element that is the same for every integer
_MOST_ENTRIES = 1 << 22  # of all tables of a node
_MULTIPLE_BITS = 40  # of a scale in the unit of a row


def curve_of(lowering: Lowering, stream: Stream) -> Curve:
    """What a stream computes, element by element, for every integer of the node before it.

    Raises ValueError if these have more bits than a table is addressed with, or the first axis is not that of samples.
    """
    stream = lowering.encoded(stream)
    low, high = _ends(lowering, stream.node)
    if integer_end(stream.steps) and (lowering.sums(stream.node) or high - low >= 1 << MAX_TABLE_BITS):
        stream = lowering.settled(stream)
        low, high = _ends(lowering, stream.node)
    if high - low >= 1 << MAX_TABLE_BITS:
        bits = IntType.holding(low, high).bits
        raise ValueError(f"it is a function of integers of {bits} bits, and a table has at most {MAX_TABLE_BITS} input bits; quantise "
                         f"to {MAX_TABLE_BITS} bits or fewer before it")  # fmt: skip
    if stream.shape[0] != 1:
        raise ValueError(f"the first axis of {stream.shape} is not that of the samples; transpose behind it")
    size = stream.picked.of if stream.picked else stream.size
    check_room((high - low + 1) * max(size, stream.size))
    integers = np.arange(low, high + 1, dtype=np.float32)[:, None]
    values = np.broadcast_to(apply(stream.steps, np.repeat(integers, size, axis=1)), (len(integers), size))
    places = stream.picked.places if stream.picked else np.arange(size)
    shape = (len(integers), *stream.shape[1:])
    return Curve(stream.node, places.reshape(stream.shape), Constant(values[:, places].reshape(shape)))


def check_room(elements: int) -> None:
    if elements > MAX_ELEMENTS:
        raise ValueError(f"its values for every integer are {elements:,}, too many; quantise to fewer bits before it")


def _ends(lowering: Lowering, node: str) -> tuple[int, int]:
    low, high = lowering.ranges[node]
    return int(low.min()), int(high.max())


def tabulated(lowering: Lowering, curve: Curve) -> Stream:
    """The curve as a Table node, with its scale as a float step behind.

    Raises ValueError if its values are not quantised, or the tables too large.
    """
    if curve in lowering.tables:
        return lowering.tables[curve]
    quantised = quantised_values(curve)
    size = curve.source.size
    entries = quantised.integers.reshape(len(quantised.integers), size).T
    scale = quantised.scales.reshape(len(entries.T), size)
    places = np.maximum(curve.source.reshape(-1), 0)  # what is constant is a table of one value
    whole = len(lowering.ranges[curve.node][0])
    node = curve.node
    if not np.array_equal(places, np.arange(whole)):
        node = lowering.gathered(Stream(node, size, (1, size), (), Picked(places, whole))).node
    if np.all(entries == entries[:1]):
        entries = entries[:1]
    _check_entries(entries.size)
    low = _ends(lowering, curve.node)[0]
    name = lowering.append(Table(np.ascontiguousarray(entries), low, size), node)
    lowering.tables[curve] = Stream(name, size, curve.source.shape, _scaling(scale[0]))
    return lowering.tables[curve]


def quantised_values(curve: Curve) -> Quantised:
    """The integers behind a curve, whose scales are those of elements. Raises ValueError if there are none."""
    quantised, array = curve.tensor.quantised, curve.tensor.array
    if quantised is None and np.all(array == np.rint(array)):
        quantised = Quantised(array.astype(np.int64), np.ones(1))
    if quantised is None:
        raise ValueError("what comes to it is a function of single elements without a quantiser behind it; quantise it before it "
                         "meets others")  # fmt: skip
    if not np.all(quantised.scales == quantised.scales[:1]):
        raise ValueError("its quantiser has other scales for other values; use one scale for each element")
    return quantised


def _check_entries(count: int) -> None:
    if count > _MOST_ENTRIES:
        raise ValueError(f"its tables have {count:,} entries, too many to store; quantise to fewer bits before it")


def _scaling(scale: NDArray[np.float64]) -> tuple[Step, ...]:
    operand = scale.astype(np.float32)
    operand = operand[:1] if np.all(operand == operand[0]) else operand
    return (Step("mul", (operand,)),) if np.any(operand != 1) else ()


@dataclass(frozen=True, eq=False)
class Terms:
    """What rows add up: integers [values, rows, terms] times scale [rows, terms], of the elements source [rows, terms]."""

    node: str
    integers: IntArray
    scale: NDArray[np.float64]
    source: IntArray


def terms_of(curve: Curve, axes: tuple[int, ...]) -> Terms:
    """The elements along these axes as the terms of a row each. Raises ValueError if they are not quantised."""
    quantised = quantised_values(curve)
    rank = curve.source.ndim
    kept = [axis for axis in range(1, rank) if axis not in axes]
    order = (0, *kept, *axes)
    rows = math.prod(curve.source.shape[axis] for axis in kept)

    def flat(array: NDArray[np.generic]) -> NDArray[np.generic]:
        return array.transpose(order).reshape(len(array), rows, -1)

    integers, scale, source = flat(quantised.integers), flat(quantised.scales[:1])[0], flat(curve.source)[0]
    return Terms(curve.node, np.asarray(integers), np.asarray(scale, dtype=np.float64), np.asarray(source))


def table_sum(lowering: Lowering, terms: Terms, shape: tuple[int, ...]) -> Stream:
    """A TableSum node: the sums of tables, of terms brought to one unit for each row exactly, and the unit as a float step behind.

    Raises ValueError if a row's scales have no common unit of few bits, or the tables are too large.
    """
    values, rows, count = terms.integers.shape
    columns = len(lowering.ranges[terms.node][0])
    _check_entries(rows * columns * values)
    entries = np.zeros((rows, columns, values), dtype=np.int64)
    units = np.ones(rows)
    for r in range(rows):
        scales = [Fraction(float(scale)) for scale in terms.scale[r]]
        unit = common_unit(scales)
        multiples = [int(scale / unit) for scale in scales]
        if max(map(abs, multiples)) >> _MULTIPLE_BITS:
            raise ValueError(
                f"the scales of what it adds have no common unit within {_MULTIPLE_BITS} bits; quantise with one scale"
            )
        units[r] = float(unit)
        for k in range(count):
            entries[r, max(int(terms.source[r, k]), 0)] += multiples[k] * terms.integers[:, r, k]
    used = np.flatnonzero((entries != 0).any(axis=(0, 2)))
    node = terms.node
    if len(used) > 0 and spares(len(used), columns):  # what no row reads is left out
        node = lowering.gathered(Stream(node, len(used), (1, len(used)), (), Picked(used, columns))).node
        entries = entries[:, used]
    node, entries, low = _narrowed(lowering, node, entries, _ends(lowering, terms.node)[0])
    name = lowering.append(TableSum(np.ascontiguousarray(entries), low), node)
    return Stream(name, rows, shape, _scaling(units))


def _narrowed(lowering: Lowering, node: str, entries: IntArray, low: int) -> tuple[str, IntArray, int]:
    """What tables [rows, columns, values] read, the tables, and the integer of their first entries.

    Integers that are alike for all edges, where these are so few that bits are spared, become one by a table in front.
    """
    rows, columns, values = entries.shape
    _, first, alike = np.unique(entries.reshape(-1, values), axis=1, return_index=True, return_inverse=True)
    if rows == 1 or (len(first) - 1).bit_length() >= (values - 1).bit_length():
        return node, entries, low
    order = np.argsort(first)  # in that of the integers themselves
    numbers = np.argsort(order)[alike.reshape(-1)].astype(np.int64)
    return lowering.append(Table(numbers[None], low, columns), node), entries[:, :, first[order]], 0


def as_stream(curve: Curve) -> Stream:
    """A stream of the curve's shape, on which operators leave the steps that they are."""
    return Stream(curve.node, curve.source.size, curve.source.shape)


def with_steps(curve: Curve, steps: tuple[Step, ...]) -> Curve:
    """The curve behind steps whose operands go with its flattened elements."""
    array = curve.tensor.array
    flat = apply(steps, array.astype(np.float32).reshape(len(array), -1))
    whole = np.broadcast_to(flat, (len(array), curve.source.size)).reshape(array.shape)
    kind = array.dtype if array.dtype.kind in "iu" else np.dtype(np.float32)  # clipped integers stay integers
    return replace(curve, tensor=Constant(whole.astype(kind)))
