"""The products and sums of `hwf_dot` as synthesis sees them, with a unit's own weights.

A sum of nothing is no logic, a sum of one thing is that thing, and sums of equal things in several lanes are one.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwflow.ints import IntArray, IntType
from hwflow.quantised.backend.counts import Features, Mapping
from hwflow.quantised.backend.partials import add_products
from hwflow.quantised.backend.units import LEVELS, clog2


@dataclass(frozen=True)
class Lane:
    """What a lane's products and sums hang on beside its weights: inputs, bits of a weight, whether it is -1, 0 or 1, bits of
    the sum, and how logic is mapped."""

    x: IntType
    weight_bits: int
    ternary: bool
    sum_bits: int
    mapping: Mapping

    @property
    def multiplies(self) -> bool:
        """Whether products are multiplied, and not chosen from."""
        return self.weight_bits > 2

    @property
    def product_bits(self) -> int:
        """Bits that products have for Yosys, which takes inputs without a sign for numbers with one more bit."""
        return self.x.bits + self.weight_bits - self.ternary + (self.multiplies and not self.x.signed)

    def chained(self, width: IntArray | int) -> bool | NDArray[np.bool_]:
        """Whether sums of that width have a carry chain."""
        return width > self.mapping.narrow

    def chain(self, width: IntArray) -> float:
        """Bits of carry chains of those widths."""
        return float(self.mapping.chain(width).sum())


@dataclass(frozen=True)
class _Terms:
    """Nodes of one level of the tree: ids [lanes, nodes], 0 for nothing, and what is known of each id.

    width, signed: as a number; terms: how many things it adds up that are not added up yet; real: how many of these turn out not
    to be nothing, as logic is built; wire: whether it is something behind the last registers as it was; inputs: bits that it
    hangs on; products: bits of it that are products by weights that change, which tables would make.
    """

    ids: IntArray
    width: IntArray
    signed: NDArray[np.bool_]
    terms: IntArray
    real: IntArray
    wire: NDArray[np.bool_]
    inputs: IntArray
    products: IntArray

    @staticmethod
    def of(
        ids: IntArray,
        width: IntArray,
        signed: NDArray[np.bool_],
        wire: NDArray[np.bool_],
        inputs: IntArray,
        terms: IntArray | None = None,
        real: IntArray | None = None,
        products: IntArray | None = None,
    ) -> "_Terms":
        """With nothing as number 0; if not said otherwise each is one term, a real one, and no product."""

        def behind(values: NDArray[Any]) -> NDArray[Any]:
            return np.concatenate([np.zeros(1, dtype=values.dtype), values])

        terms = np.ones_like(width) if terms is None else terms
        real = terms if real is None else real
        products = np.zeros_like(width) if products is None else products
        return _Terms(ids, *map(behind, (width, signed, terms, real, wire, inputs, products)))


def add_up(lane: Lane, words: IntArray, count: Features) -> tuple[IntArray, IntArray]:
    """The products and sums of lanes with weights [slots, lanes, SIMD], counted.

    Gives the number of each lane's whole sum, 0 where it is nothing, and the bits of it that are not known.
    """
    depth, level = clog2(words.shape[2]), 0
    if lane.multiplies:
        terms, level = _multiplied(lane, words, count), min(depth, 1)
    else:
        terms = _chosen(lane, words, count)
    for end in (end for end in range(depth + 1) if (end + 1) % LEVELS == 0 or end == depth):
        # Yosys adds up three or four things at once where no sum between is extended: where sums are cut to their last width.
        at_once = end - level > 1 and lane.product_bits + end - 1 >= lane.sum_bits
        while level < end:
            level += 1
            terms = _level(terms if at_once else _added(terms, lane, count), lane, count)
        terms = _registered(_added(terms, lane, count), lane, count)
        if at_once and lane.chained(lane.sum_bits):
            terms = _unknown(terms, lane)
    whole = terms.ids[:, 0]
    return whole, np.where(terms.signed[whole], lane.sum_bits, terms.width[whole])


def _distinct(words: IntArray) -> tuple[IntArray, IntArray]:
    """Equal sequences of weights [slots, lanes, columns] of a column are one: where each is first, and which one each is."""
    factors = np.random.default_rng(1).integers(1, 1 << 62, len(words)) * 2 + 1
    keys = np.tensordot(factors, words, axes=(0, 0)) + np.arange(words.shape[2]) * 0x5851F42D4C957F2D
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    return first, inverse.reshape(keys.shape)


def _chosen(lane: Lane, words: IntArray, count: Features) -> _Terms:
    """The products of a beat by weights of up to two bits, equal ones with one number."""
    first, inverse = _distinct(words)
    values = words.reshape(len(words), -1)[:, first]
    there = values.any(axis=0)
    ids, values = np.where(there, np.cumsum(there), 0)[inverse], values[:, there]
    constant = (values == values[0]).all(axis=0)
    minus, plus = (values < 0).any(axis=0), (values > 0).any(axis=0)
    x, whole = lane.x.bits, lane.product_bits
    negated = int((words < 0).any(axis=(0, 1)).sum())
    if lane.chained(whole):
        count.negations += lane.chain(np.full(negated, whole))
    elif x > 1:  # the negation of one bit is that bit
        count.turned += negated * whole
    by_chain = minus & lane.chained(whole)
    inputs = np.where(by_chain & constant, whole, x + whole * (by_chain & plus) + lane.weight_bits * ~constant)
    products = np.where(constant, 0, np.where(minus, whole, x))
    width = np.where(constant & ~minus, x, whole)
    wire = constant & ~minus
    return _Terms.of(ids, width, ~wire | lane.x.signed, wire, inputs, products=products)


def _multiplied(lane: Lane, words: IntArray, count: Features) -> _Terms:
    """Sums of two products of a beat, or of one, by wider weights, equal ones with one number.

    Sums of nothing are things too, where they have a carry chain: that their weights are zero comes out when they are built.
    """
    simd = words.shape[2]
    width = min(lane.product_bits + (simd > 1), lane.sum_bits)
    words = np.pad(words, ((0, 0), (0, 0), (0, simd % 2 if simd > 1 else 0)))
    pairs = words.reshape(*words.shape[:2], -1, min(simd, 2))
    first, inverse = _distinct((pairs * np.array([1, 0x9E3779B97F4A7])[: pairs.shape[3]]).sum(axis=3))
    pairs = pairs.reshape(len(words), -1, pairs.shape[3])[:, first]
    there = pairs.any(axis=(0, 2)) | lane.chained(width)
    ids, pairs = np.where(there, np.cumsum(there), 0)[inverse], pairs[:, there]
    made = add_products(pairs, lane.weight_bits, lane.x, width, lane.mapping.table)
    count.partials += float(made.tables[~made.constant].sum())
    count.constants += float(made.tables[made.constant].sum())
    chained = lane.chained(made.chained)
    count.chained += lane.chain(made.chained[chained])
    count.narrow += float(made.chained[~chained].sum())
    ones = np.ones(pairs.shape[1], dtype=np.int64)
    real = ones * pairs.any(axis=(0, 2)) if lane.mapping.folds else ones
    return _Terms.of(ids, ones * width, ones > 0, ones < 0, ones * width, real=real)


def _level(terms: _Terms, lane: Lane, count: Features) -> _Terms:
    """One level of additions, which are not counted yet."""
    ids = np.pad(terms.ids, ((0, 0), (0, terms.ids.shape[1] % 2)))
    low, high = np.minimum(ids[:, ::2], ids[:, 1::2]).ravel(), np.maximum(ids[:, ::2], ids[:, 1::2]).ravel()
    pairs, inverse = np.unique(low * len(terms.width) + high, return_inverse=True)
    low, high = np.divmod(pairs, len(terms.width))
    there = high > 0
    new = np.where(there, np.cumsum(there), 0)[inverse].reshape(len(ids), -1)
    low, high = low[there], high[there]
    added = low > 0
    signed = terms.signed[low] | terms.signed[high]
    wide = [terms.width[side] + (signed & ~terms.signed[side]) for side in (low, high)]
    width = np.where(added, np.minimum(np.maximum(*wide) + 1, lane.sum_bits), terms.width[high])
    inputs, parts, real = (part[low] + part[high] for part in (terms.inputs, terms.terms, terms.real))
    apart = ~added | (inputs > lane.mapping.table) | lane.chained(width)  # not a table with the products
    read = np.unique(np.concatenate([low[apart], high[apart]]))
    count.products += float(terms.products[read].sum())
    return _Terms.of(new, width, signed, ~added & terms.wire[high], inputs, parts, real)


def _added(terms: _Terms, lane: Lane, count: Features) -> _Terms:
    """Counted, what adds up several things, and then one thing."""
    many = terms.terms > 1
    width, parts, inputs = terms.width[many], terms.terms[many], terms.inputs[many]
    chained = lane.chained(width)
    count.chained += lane.chain(width[chained])
    apart = chained | (inputs > lane.mapping.table)
    count.narrow += float(width[~chained].sum())
    count.merged += float((inputs * np.maximum(terms.real[many] - 2, 0) / parts)[apart].sum())
    return _Terms(
        terms.ids,
        terms.width,
        terms.signed,
        np.minimum(terms.terms, 1),
        np.minimum(terms.real, 1),
        terms.wire,
        np.where(many, terms.width, terms.inputs),
        np.where(many, 0, terms.products),
    )


def _registered(terms: _Terms, lane: Lane, count: Features) -> _Terms:
    """Behind registers, which are counted with the products that go there as they are."""
    used = np.unique(terms.ids)
    used = used[used > 0]
    bits = np.minimum(terms.width, lane.sum_bits)
    count.products += float(terms.products[used].sum())
    count.registers += float(bits[used].sum())
    count.alone += float(bits[used][terms.wire[used]].sum())
    real = np.minimum(terms.real[1:], 1)
    return _Terms.of(terms.ids, bits[1:], terms.signed[1:], real >= 0, bits[1:], real=real)


def _unknown(terms: _Terms, lane: Lane) -> _Terms:
    """With nothing as a thing too: what was added up at once is not known to be nothing when what reads it is built."""
    ids = np.where(terms.ids > 0, terms.ids, len(terms.width))
    width = np.append(terms.width[1:], lane.sum_bits)
    signed, wire = np.append(terms.signed[1:], True), np.append(terms.wire[1:], False)
    return _Terms.of(ids, width, signed, wire, width, real=np.append(terms.real[1:], 0))
