"""Sums of products by weights of three bits or more, as Yosys builds them (`alumacc`, `maccmap`): rows of partial products of
both products, full adders that leave two rows, and a carry chain.

Each bit is followed with what is known of it, so that the ones and zeros of constant weights take no logic.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwflow.ints import IntArray, IntType

_ZERO, _ONE, _ANY = 0, 1, 2  # what is known of a bit
_State = NDArray[np.int8]
_Set = NDArray[np.uint64]  # of numbers up to 63, as bits


@dataclass(frozen=True)
class _Row:
    """A bit in each column, of each sum [sums, width].

    state: what is known; inputs: which ones it hangs on; tables: what it takes to make it of these, its share of those that
    others read too; there: whether the sum has the row when it is built, if only of zeros that come out later.
    """

    state: _State
    inputs: _Set
    tables: NDArray[np.float64]
    there: NDArray[np.bool_]


@dataclass(frozen=True)
class Partials:
    """Of some sums, each: look-up tables; bits of the carry chain at the end; and whether all its weights are constants."""

    tables: NDArray[np.float64]
    chained: IntArray
    constant: NDArray[np.bool_]


def add_products(words: IntArray, bits: int, x: IntType, width: int, table: int) -> Partials:
    """Sums of products of inputs and weights [slots, sums, products].

    bits: of a weight; width: of the sum; table: inputs of a look-up table.
    """
    known, numbers = _known_bits(words, bits), _numbers(words, bits, x)
    rows, signs = [], []
    for at in range(words.shape[2]):
        *partial, sign = _rows(known[:, at], numbers[:, at], x, width, x.bits * at)
        rows += partial
        signs.append(sign)
    rows += signs
    while len(rows) > 2:
        whole = len(rows) - len(rows) % 3
        rows = [made for at in range(0, whole, 3) for made in _full_adders(rows[at : at + 3], table)] + rows[whole:]
    both = (rows[0].state > 0) & (rows[1].state > 0)
    # Below the first column of two bits there is nothing to add.
    chained = np.where(both.any(axis=1), width - both.argmax(axis=1), 0)
    return Partials((rows[0].tables + rows[1].tables).sum(axis=1), chained, np.all(known < _ANY, axis=(1, 2)))


def _known_bits(words: IntArray, bits: int) -> _State:
    """Of weights [slots, ...] each bit [..., bits]: zero or one in all slots, or neither."""
    ones = (words[..., None] >> np.arange(bits)) & 1
    return np.where(ones.all(axis=0), _ONE, np.where(ones.any(axis=0), _ANY, _ZERO)).astype(np.int8)


def _numbers(words: IntArray, bits: int, x: IntType) -> _Set:
    """Numbers of the bits of weights among a sum's inputs, behind those of x [sums, products, bits]; columns of a memory that
    are equal, or complements, have one."""
    factors = np.random.default_rng(1).integers(1, 1 << 62, len(words)) * 2 + 1
    ones = (words[..., None] >> np.arange(bits)) & 1
    keys = np.tensordot(factors, ones ^ ones[0], axes=(0, 0))
    columns = keys.reshape(len(keys), -1)
    first = (columns[:, :, None] == columns[:, None, :]).argmax(axis=2)
    return _one(words.shape[2] * x.bits + first).reshape(keys.shape)


def _one(number: IntArray) -> _Set:
    return np.left_shift(np.uint64(1), (number % 64).astype(np.uint64))


def _rows(weight: _State, numbers: _Set, x: IntType, width: int, first: int) -> list[_Row]:
    """Partial products of one product of each sum: the shorter factor chooses of the longer, and of its sign's row all bits
    are turned, to which one more row adds the sign.

    weight, numbers: [sums, bits]; first: the number of x's lowest bit.
    """
    bits, columns = weight.shape[1], np.arange(width)
    of_x = _one(first + np.arange(x.bits))
    by_weight = x.bits + (not x.signed) >= bits
    length = bits if by_weight else x.bits
    rows = []
    known: _State
    of_weight: _Set
    of_row: _Set
    for i in range(length):
        if by_weight:
            there = (columns >= i) & (x.signed | (columns - i < x.bits))
            known = np.broadcast_to(weight[:, i, None], (len(weight), width))
            of_weight = np.broadcast_to(numbers[:, i, None], (len(weight), width))
            of_row = np.where(there, of_x[np.clip(columns - i, 0, x.bits - 1)], np.uint64(0))
            turned_zeros = (i == bits - 1) & (columns >= i) & ~there
        else:
            at = np.clip(columns - i, 0, bits - 1)
            there, turned_zeros = columns >= i, columns < 0
            known, of_weight, of_row = weight[:, at], numbers[:, at], np.broadcast_to(of_x[i], (width,))
            if x.signed and i == x.bits - 1:
                known = np.where(known == _ANY, _ANY, 1 - known).astype(np.int8)
        state = np.where(there & (known > 0), _ANY, np.where(turned_zeros, known, _ZERO)).astype(np.int8)
        inputs = of_row | np.where(known == _ANY, of_weight, np.uint64(0))
        chosen = (state == _ANY) & there & (known == _ANY)
        kept: _Set = np.where(state == _ANY, inputs, np.uint64(0))
        rows.append(_Row(state, kept, chosen.astype(np.float64), np.ones(len(weight), dtype=np.bool_)))
    sign = weight[:, -1] if by_weight else np.full(len(weight), _ANY if x.signed else _ZERO, dtype=np.int8)
    of_sign = numbers[:, -1] if by_weight else np.broadcast_to(of_x[-1], (len(weight),))
    state, inputs = np.zeros((len(weight), width), dtype=np.int8), np.zeros((len(weight), width), dtype=np.uint64)
    place = min(length, width) - 1
    state[:, place], inputs[:, place] = sign, np.where(sign == _ANY, of_sign, np.uint64(0))
    return [*rows, _Row(state, inputs, np.zeros(state.shape), sign > 0)]


def _full_adders(three: list[_Row], table: int) -> list[_Row]:
    """Sum and carry of three bits in each column: each a table of all they hang on, or several, or one behind those of the
    three, which the other reads too."""
    any_, ones = (sum((row.state == state).astype(np.int8) for row in three) for state in (_ANY, _ONE))
    inputs = three[0].inputs | three[1].inputs | three[2].inputs
    below = three[0].tables + three[1].tables + three[2].tables
    at_once = 2.0 ** np.maximum(np.bitwise_count(inputs).astype(np.float64) - table, 0)
    tables = np.where(any_ > 1, np.minimum(at_once, 1 + below / 2), below)
    open_ = (any_ > 1) | ((any_ == 1) & (ones == 1))
    carry = _up(np.where(open_, _ANY, np.where(ones > 1, _ONE, _ZERO)).astype(np.int8))
    sum_ = _Row(np.where(any_ > 0, _ANY, ones & 1).astype(np.int8), inputs, tables, three[0].there)
    of_carry, for_carry = _up(np.where(open_, inputs, np.uint64(0))), _up(np.where(any_ > 1, tables, 0.0))
    # Of two rows there is nothing to add; what is not there is zero.
    whole = three[1].there & three[2].there
    rest = _Row(
        np.maximum(three[1].state, three[2].state),
        three[1].inputs | three[2].inputs,
        three[1].tables + three[2].tables,
        three[1].there | three[2].there,
    )
    return [
        _either(whole, sum_, three[0]),
        _either(whole, _Row(carry, of_carry, for_carry, three[1].there), rest),
    ]


def _either(first: NDArray[np.bool_], one: _Row, other: _Row) -> _Row:
    """Of some sums the row of one, of the rest that of the other."""
    choose = first[:, None]
    return _Row(
        np.where(choose, one.state, other.state),
        np.where(choose, one.inputs, other.inputs),
        np.where(choose, one.tables, other.tables),
        np.where(first, one.there, other.there),
    )


def _up(bits: NDArray[Any]) -> NDArray[Any]:
    """One column up; what leaves at the top is beyond the sum."""
    return np.concatenate([np.zeros_like(bits[:, :1]), bits[:, :-1]], axis=1)
