"""What synthesis will see of a unit: sums, comparisons and memories, counted by kind after equal ones became one.

The adder tree of `hwf_dot` is followed with the unit's own weights: a sum of nothing is no logic, a sum of one thing is
that thing, and sums of equal things in several lanes are one.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from hwflow.ints import IntArray, IntType
from hwflow.quantised.backend.memories import constant_blocks, constant_weight_blocks, in_block_ram, kept_blocks
from hwflow.quantised.backend.memory import search_levels, weight_words
from hwflow.quantised.backend.units import LEVELS, DenseUnit, clog2
from hwflow.quantised.backend.verilog import SHALLOW

NO_CHAIN = {"ecp5": 4, "nexus": 4}  # bits up to which Yosys adds without a carry chain
_NO_CHAIN = 2  # of the other families


@dataclass
class Features:
    """Counts of one unit, in bits of the results if not said otherwise.

    fixed: 1; control: of the counters of slots, beats and folds; negations: of inputs that meet constant weights below
    zero; products: of weights that change, of two bits or fewer; partials: of products by wider constant weights, for each bit that
    is one there; full_partials: of products by wider weights that change, for each bit of the narrower factor; pairs: sums of two products
    without a carry chain; pair_chains: with one; sums: of two terms behind the first registers; merged: of three or four
    terms between two registers, for each addition, with a carry chain; narrow: without one; chains: carry chains, a number; accumulators; constants: comparisons
    with a constant; compares: with a level out of a memory; roms: a bit of every word, of memories of look-up tables of
    up to 16 words; deep_roms: the same for each 16 words of deeper ones, or where they are mapped apart (xilinx) for each 64 begun; buffer: kept inputs, for each 16 beats (on iCE40
    each beat); choices: between inputs that come and those that were kept;
    alone: registers straight behind registers; registers: all.
    """

    fixed: float = 1.0
    control: float = 0.0
    negations: float = 0.0
    products: float = 0.0
    partials: float = 0.0
    full_partials: float = 0.0
    pairs: float = 0.0
    pair_chains: float = 0.0
    sums: float = 0.0
    merged: float = 0.0
    narrow: float = 0.0
    chains: float = 0.0
    accumulators: float = 0.0
    constants: float = 0.0
    compares: float = 0.0
    roms: float = 0.0
    deep_roms: float = 0.0
    buffer: float = 0.0
    choices: float = 0.0
    alone: float = 0.0
    registers: float = 0.0


@dataclass(frozen=True)
class _Terms:
    """Nodes of one level of the tree: ids [lanes, nodes], 0 for nothing, and what is known of each id.

    width, signed: as a number; terms: how many things behind the last registers it adds up; wire: whether it is one of
    these as it was.
    """

    ids: IntArray
    width: IntArray
    signed: NDArray[np.bool_]
    terms: IntArray
    wire: NDArray[np.bool_]


def features_of(unit: DenseUnit, family: str) -> Features:
    """Count a unit."""
    # In so many slots no weight stays the same but by chance, and large matrices take long to look at.
    unlike = unit.slots > SHALLOW or not unit.read_only
    words = None if unlike else weight_words(unit)
    count = Features()
    count.control = float(clog2(unit.slots) + clog2(unit.beats) + clog2(unit.folds))
    met = unit.fold.simd if words is None else int(words.any(axis=(0, 1)).sum())
    read = met * unit.x.bits  # bits of a beat that any weight meets
    count.registers += read
    count.alone += read
    if unit.folds > 1:
        _kept(unit, read, family, count)
    if unit.read_only:
        _memory(_columns(words, unit), unit.slots, constant_weight_blocks(unit, family) > 0, family, count)
    live = _sums(unit, words, family, count)
    if unit.beats > 1:
        count.accumulators = float(live.sum() * unit.sum.bits)
        count.registers += count.accumulators
    _search(unit, live, family, count)
    stages = 1 + -(-(1 + clog2(unit.fold.simd)) // LEVELS) + unit.count_bits
    count.registers += count.control + stages * (1 + (unit.beats > 1))
    return count


@dataclass(frozen=True)
class _Lane:
    """What a lane's products and sums hang on beside its weights: inputs, bits of a weight, whether it is -1, 0 or 1, bits of
    the sum, and up to which an addition has no carry chain."""

    x: IntType
    weight_bits: int
    ternary: bool
    sum_bits: int
    limit: int


def _sums(unit: DenseUnit, words: IntArray | None, family: str, count: Features) -> NDArray[np.bool_]:
    """The products and sums of all lanes, counted; words: None where all weights differ. Gives which lanes are not constant."""
    lane = _Lane(unit.x, unit.weight_bits, unit.ternary, unit.sum.bits, NO_CHAIN.get(family, _NO_CHAIN))
    if words is not None:
        return _tree(_products(lane, words, count), lane, count) > 0
    for name, one in vars(_of_unlike(lane, unit.fold.simd)).items():
        setattr(count, name, getattr(count, name) + unit.fold.pe * one)
    return np.ones(unit.fold.pe, dtype=np.bool_)


@lru_cache(maxsize=4096)
def _of_unlike(lane: _Lane, simd: int) -> Features:
    """What one lane adds where all its weights differ, and from those of other lanes too."""
    count, weights = Features(fixed=0.0), np.arange(1, simd + 1).reshape(1, 1, simd)
    _tree(_products(lane, np.concatenate([np.zeros_like(weights), weights]), count), lane, count)
    return count


def _kept(unit: DenseUnit, read: int, family: str, count: Features) -> None:
    """What holds the inputs for the other passes: registers, look-up tables, or block RAM."""
    count.choices += read
    if kept_blocks(unit, family):
        return
    count.registers += read
    count.alone += read
    if unit.beats == 1:
        count.registers += read
    elif in_block_ram(family):
        count.registers += read * unit.beats
        count.buffer += read * unit.beats
    else:
        count.buffer += read * -(-unit.beats // 16)


def _products(lane: _Lane, words: IntArray, count: Features) -> _Terms:
    """The products of a beat, equal ones with one number."""
    fixed = (words == words[0]).all(axis=0)
    factors = np.random.default_rng(1).integers(1, 1 << 62, len(words)) * 2 + 1
    keys = np.tensordot(factors, words, axes=(0, 0)) + np.arange(words.shape[2]) * 0x5851F42D4C957F2D
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    value, constant = words[0].ravel()[first], fixed.ravel()[first]
    there = ~constant | (value != 0)
    ids = np.where(there, np.cumsum(there), 0)[inverse.ravel()].reshape(fixed.shape)
    value, constant = value[there], constant[there]
    size, x = np.abs(value), lane.x.bits
    power = constant & (size & (size - 1) == 0)
    width = np.where(constant, x + np.ceil(np.log2(np.maximum(size, 1))).astype(np.int64) + (value < 0), 0)
    whole = ~constant | (
        (lane.weight_bits > 2) & ~(power & (value > 0))
    )  # a product whose greatest value Yosys does not see
    width = np.where(whole, x + lane.weight_bits - lane.ternary, width)
    count.negations += float((x + 1) * (power & (value < 0)).sum())
    if lane.weight_bits <= 2:
        count.products += float(width[~constant].sum())
    else:
        ones = sum(((value >> bit) & 1 for bit in range(lane.weight_bits)), np.zeros_like(value))
        count.partials += float((width * ones)[constant & ~power].sum())
        both = min(x + (not lane.x.signed), lane.weight_bits)
        count.full_partials += float(both * width[~constant].sum())
    wire = power & (value > 0)
    signed = np.where(constant, (value < 0) | lane.x.signed, True)
    nothing = np.zeros(1, dtype=np.int64)
    return _Terms(
        ids,
        np.concatenate([nothing, width]),
        np.concatenate([nothing > 0, signed]),
        np.concatenate([nothing, np.ones_like(value)]),
        np.concatenate([nothing > 0, wire]),
    )


def _columns(words: IntArray | None, unit: DenseUnit) -> float:
    """Bits of a word of the weights' memory that change from word to word, equal ones once; words: None where all differ."""
    if words is None:
        return float(unit.fold.pe * unit.fold.simd * unit.weight_bits)
    stored = (words + 1) // 2 if unit.bipolar else words
    bits = (stored[..., None] >> np.arange(unit.weight_bits)) & 1
    bits = bits.reshape(len(words), -1)
    changing = bits[:, (bits != bits[0]).any(axis=0)]
    return float(len(np.unique((1 << np.arange(len(words))) @ (changing ^ changing[0]))))


def _memory(columns: float, depth: int, elsewhere: bool, family: str, count: Features) -> None:
    """Columns (bits of every word that are not the same in all) of a memory, unless it is elsewhere than in look-up tables."""
    if depth == 1 or elsewhere:
        return
    count.registers += columns  # Yosys moves the register of the address behind the memory
    if depth > SHALLOW:
        count.deep_roms += columns * (-(-depth // 64) if family == "xilinx" else depth / 16)
    else:
        count.roms += columns


def _tree(terms: _Terms, lane: _Lane, count: Features) -> IntArray:
    """The sums of all lanes, level by level, counted; the number of each lane's whole sum, 0 where it is nothing."""
    depth, most, limit = clog2(terms.ids.shape[1]), lane.sum_bits, lane.limit
    level = 0
    for end in (end for end in range(depth + 1) if (end + 1) % LEVELS == 0 or end == depth):
        first = end < LEVELS
        while level < end:
            level += 1
            terms = _level(terms, most, limit, first, count)
        _add(terms.width, terms.terms, limit, first, count)
        used = np.unique(terms.ids)
        used = used[used > 0]
        bits = np.minimum(terms.width, most)
        count.registers += float(bits[used].sum())
        count.alone += float(bits[used][terms.wire[used]].sum())
        there = np.arange(len(terms.width)) > 0
        terms = _Terms(terms.ids, terms.width, terms.signed, there.astype(np.int64), there)
    return terms.ids[:, 0]


def _level(terms: _Terms, most: int, limit: int, first: bool, count: Features) -> _Terms:
    """One level of additions. What several sums read is counted, and is then one term of each; the rest is merged."""
    lanes, nodes = terms.ids.shape
    ids = np.pad(terms.ids, ((0, 0), (0, 1))) if nodes % 2 else terms.ids
    low, high = np.minimum(ids[:, ::2], ids[:, 1::2]).ravel(), np.maximum(ids[:, ::2], ids[:, 1::2]).ravel()
    pairs, inverse = np.unique(low * len(terms.width) + high, return_inverse=True)
    low, high = np.divmod(pairs, len(terms.width))
    readers = np.bincount(low, minlength=len(terms.width)) + np.bincount(high, minlength=len(terms.width))
    shared = (readers > 1) & (terms.terms > 1)
    _add(terms.width[shared], terms.terms[shared], limit, first, count)
    parts = np.where(shared, 1, terms.terms)
    there, added = high > 0, low > 0
    signed = terms.signed[low] | terms.signed[high]
    wide = [terms.width[side] + (signed & ~terms.signed[side]) for side in (low, high)]
    width = np.where(added, np.minimum(np.maximum(*wide) + 1, most), terms.width[high])
    new = np.where(there, np.cumsum(there), 0)[inverse].reshape(lanes, -1)

    counts = [np.concatenate([[0], values[there]]) for values in (width, parts[low] + parts[high])]
    flags = [np.concatenate([[False], values[there]]) for values in (signed, ~added & terms.wire[high])]
    return _Terms(new, counts[0], flags[0], counts[1], flags[1])


def _add(width: IntArray, terms: IntArray, limit: int, first: bool, count: Features) -> None:
    """Count sums of some terms, from two on."""
    width, terms = width[terms > 1], terms[terms > 1]
    chained = width > limit
    count.chains += float(chained.sum())
    if first:
        count.pairs += float(width[~chained].sum())
        count.pair_chains += float(width[chained].sum())
    else:
        count.sums += float(width[terms == 2].sum())
        count.merged += float((width * (terms - 1))[(terms > 2) & chained].sum())
        count.narrow += float((width * (terms - 1))[(terms > 2) & ~chained].sum())


def _search(unit: DenseUnit, live: NDArray[np.bool_], family: str, count: Features) -> None:
    """The search for the levels, of the lanes that are not constant."""
    lanes, bits = float(live.sum()), unit.sum.bits
    for stage, levels in enumerate(_any_levels(unit) if unit.fold.loaded else search_levels(unit)):
        levels = levels[live] & ((1 << bits) - 1)
        changing = np.bitwise_or.reduce(levels ^ levels[:, :1], axis=1)
        any_one = np.bitwise_or.reduce(levels, axis=1)
        # Below the lowest one of all levels there is nothing to compare.
        compared = float((bits - _trailing_zeros(any_one, bits)).sum())
        columns = float(np.bitwise_count(changing).sum())
        if levels.shape[1] == 1:
            count.constants += compared
        else:
            count.compares += compared
        if levels.shape[1] > 1 and not unit.fold.loaded:
            _memory(columns, levels.shape[1], constant_blocks(levels.shape[1], bits, family) > 0, family, count)
        if stage > 0:
            count.registers += lanes * (bits + stage) + clog2(unit.folds)
            count.alone += lanes * (bits + stage - 1)
    if unit.count_bits:
        count.registers += lanes * unit.y.bits + clog2(unit.folds)


def _any_levels(unit: DenseUnit) -> list[IntArray]:
    """Levels of which all bits differ."""
    return [np.tile(np.array([0, -1]), (unit.fold.pe, 1)) for _ in range(unit.count_bits)]


def _trailing_zeros(values: IntArray, bits: int) -> IntArray:
    lowest = values & -values
    return np.where(values == 0, bits - 1, np.log2(np.maximum(lowest, 1)).astype(np.int64))
