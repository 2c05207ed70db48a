"""What synthesis will see of a unit: sums, comparisons and memories, counted by kind after equal ones became one."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from hwflow.ints import IntArray
from hwflow.quantised.backend.adder_trees import Lane, add_up
from hwflow.quantised.backend.counts import Features, Mapping, lowest_read, mapping_of
from hwflow.quantised.backend.fixed_units import count_fixed
from hwflow.quantised.backend.memories import constant_blocks, constant_weight_blocks, in_block_ram, kept_blocks
from hwflow.quantised.backend.memory import has_descending, search_levels, weight_words
from hwflow.quantised.backend.units import LEVELS, DenseUnit, clog2
from hwflow.quantised.backend.verilog import SHALLOW


def features_of(unit: DenseUnit, family: str) -> Features:
    """Count a unit."""
    # In so many slots no weight stays the same but by chance, and large matrices take long to look at.
    unlike = unit.slots > SHALLOW or not unit.read_only
    words = None if unlike else weight_words(unit)
    mapping, count = mapping_of(family), Features()
    # Only thresholds ask which fold it is.
    count.control = float(clog2(unit.slots) + clog2(unit.beats) + clog2(unit.folds) * (unit.count_bits > 0))
    met = unit.fold.simd if words is None else int(words.any(axis=(0, 1)).sum())
    read = met * unit.x.bits  # bits of a beat that any weight meets
    count.registers += read
    count.alone += read
    if unit.folds > 1:
        _kept(unit, read, family, count)
    if unit.read_only and unit.slots > 1 and not constant_weight_blocks(unit, family):
        _weights(unit, words, family, count)
    # Of sums that leave as they are, bits that no sum needs are read by nobody.
    read_bits = unit.sum.bits if unit.activation or unit.beats > 1 else unit.y.bits
    lane = Lane(unit.x, unit.weight_bits, unit.ternary, read_bits, mapping)
    stages = _any_levels(unit) if unit.fold.loaded else search_levels(unit)
    fixed = None
    if words is not None and len(words) == 1 and not lane.multiplies:
        fixed = count_fixed(unit, lane, words[0], stages, count)
        sums, bits = fixed.sums, fixed.bits
    else:
        sums, bits = _sums(unit, lane, words, count)
    live = sums > 0
    if unit.beats > 1:
        sums, bits = np.arange(len(sums)), live * unit.sum.bits
        if unit.sum.bits > mapping.narrow:
            count.accumulators += float(bits.sum())
        else:
            count.narrow_accumulators += float(bits.sum())
        count.registers += float(bits.sum())
    other = live & ~fixed.searched if fixed else live
    widths = bits[other]
    _, distinct = np.unique(sums[live], return_index=True)
    for stage, levels in enumerate(stages):
        _comparisons(levels[other] & ((1 << unit.sum.bits) - 1), widths, unit.sum.bits, mapping, count)
        if not unit.fold.loaded and levels.shape[1] > 1:
            _levels(levels[other] & ((1 << unit.sum.bits) - 1), stage, unit.sum.bits, family, count)
        if stage > 0:
            # From one stage of the search to the next.
            kept = float(fixed.kept[stage] if fixed else bits[live][distinct].sum())
            count.registers += kept + float(live.sum() * stage + clog2(unit.folds))
            count.alone += kept + float(live.sum() * (stage - 1))
    if unit.count_bits:
        count.flips += float(other.sum() * unit.count_bits * has_descending(unit))
        count.registers += float(live.sum() * unit.y.bits + clog2(unit.folds))
        count.alone += float(live.sum() * (unit.count_bits - 1))
    cycles = 1 + -(-(1 + clog2(unit.fold.simd)) // LEVELS) + unit.count_bits
    count.registers += count.control + cycles * (1 + (unit.beats > 1))
    count.alone += (cycles - 1) * (1 + (unit.beats > 1))
    return count


def _sums(unit: DenseUnit, lane: Lane, words: IntArray | None, count: Features) -> tuple[IntArray, IntArray]:
    """The products and sums of all lanes, counted; words: None where all weights differ. Gives what `add_up` gives."""
    if words is not None:
        return add_up(lane, words, count)
    for name, one in vars(_of_unlike(lane, unit.fold.simd)).items():
        of_all = 1 if name in ("negations", "turned") else unit.fold.pe  # lanes have these in common
        setattr(count, name, getattr(count, name) + of_all * one)
    return np.arange(1, unit.fold.pe + 1), np.full(unit.fold.pe, unit.sum.bits)


@lru_cache(maxsize=4096)
def _of_unlike(lane: Lane, simd: int) -> Features:
    """What one lane adds where all its weights differ, and from those of other lanes too."""
    least = -(1 << lane.weight_bits - 1)
    words = np.random.default_rng(1).integers(least, -least, (64, 1, simd))
    if lane.weight_bits == 1:
        words = 2 * words + 1
    elif lane.ternary:
        words = words.clip(-1)
    count = Features(fixed=0.0)
    add_up(lane, words, count)
    return count


def _kept(unit: DenseUnit, read: int, family: str, count: Features) -> None:
    """What holds the inputs for the other passes: registers, look-up tables, or block RAM."""
    count.choices += read
    if kept_blocks(unit, family):
        if in_block_ram(family):
            # What comes, what was read and what was written last, since a word is read before it is written.
            count.registers += 3 * read + clog2(unit.beats)
            count.alone += 2 * read
        return
    count.registers += read
    count.alone += read
    if unit.beats == 1:
        count.registers += read
        count.alone += read
    elif in_block_ram(family):
        count.registers += read * unit.beats
        count.buffer += read * unit.beats
    else:
        count.buffer += -(-read // 4) * 4 * -(-unit.beats // 16)  # tables are memory in fours


def _weights(unit: DenseUnit, words: IntArray | None, family: str, count: Features) -> None:
    """The memory of weights; Yosys moves the register of its address behind it."""
    if words is None:
        bits = float(unit.fold.pe * unit.fold.simd * unit.weight_bits)
        count.deep_roms += bits * _blocks(unit.slots, family)
        count.registers += bits
        return
    stored = (words + 1) // 2 if unit.bipolar else words
    told = _columns((stored.reshape(1, len(words), -1, 1) >> np.arange(unit.weight_bits)) & 1)
    count.roms += float((told.sum(axis=1) > 1).sum())
    count.addresses += clog2(unit.slots)
    count.registers += len(told)


def _blocks(depth: int, family: str) -> float:
    """Look-up tables of one column of a deep memory."""
    return -(-depth // 64) if family == "xilinx" else depth / 16


def _columns(bits: IntArray) -> NDArray[np.bool_]:
    """Of memories [memories, words, ...] the columns that change, equal ones of a memory once: which bits of the address tell
    what each holds [columns, bits of the address]."""
    memories, depth, *_ = bits.shape
    keys = np.sort(np.tensordot(1 << np.arange(depth), bits.reshape(memories, depth, -1), axes=(0, 1)), axis=1)
    new = np.concatenate([np.ones((memories, 1), np.bool_), keys[:, 1:] != keys[:, :-1]], axis=1)
    distinct = keys[new & (keys > 0) & (keys < (1 << depth) - 1)]
    columns = (distinct[:, None] >> np.arange(depth)) & 1
    told = np.zeros((len(distinct), clog2(depth)), dtype=np.bool_)
    for bit in range(clog2(depth)):
        low = np.array([word for word in range(depth) if not word >> bit & 1 and word + (1 << bit) < depth])
        told[:, bit] = (columns[:, low] != columns[:, low + (1 << bit)]).any(axis=1)
    return told


def _comparisons(levels: IntArray, bits: IntArray, width: int, mapping: Mapping, count: Features) -> None:
    """Of a stage of the search, in each lane the comparison of so many bits with one of some levels [lanes, levels].

    width: of a sum, as which it is compared until its constant bits are known.
    """
    below = lowest_read(levels, width)
    varying = np.bitwise_count(np.bitwise_or.reduce(levels ^ levels[:, :1], axis=1)).astype(np.int64)
    chained = width - below > mapping.compared
    compared = np.maximum(bits - below, 1)
    # The sign's bit needs no carry of its own.
    count.compared += float((compared // 2 * 2 if mapping.even else compared)[chained].sum())
    count.varying += float(varying[chained].sum())
    count.comparisons += float(chained.sum())
    inputs = compared + varying
    count.tables += float(np.where(inputs > 1, np.maximum(inputs - mapping.table + 1, 1), 0)[~chained].sum())


def _levels(levels: IntArray, stage: int, bits: int, family: str, count: Features) -> None:
    """The memories of the levels of a stage of the search [lanes, levels]."""
    depth, table = levels.shape[1], mapping_of(family).table
    if constant_blocks(depth, bits, family) or not len(levels):
        return
    if depth > SHALLOW:
        columns = float(np.bitwise_count(np.bitwise_or.reduce(levels ^ levels[:, :1], axis=1)).sum())
        count.deep_levels += columns * _blocks(depth, family)
        count.registers += columns
        return
    told = _columns((levels[..., None] >> np.arange(bits)) & 1)
    late, early = told[:, :stage].sum(axis=1), told[:, stage:].sum(axis=1)
    count.registers += len(told)
    count.roms += float(((late == 0) & (early > 1)).sum())
    if not stage:
        count.addresses += clog2(depth)
    # Of comparisons both the new and the kept result are inputs, and which of them counts, since they come last.
    inputs = 1 + 2 * late + early
    count.levels += float((2.0 ** np.clip(inputs - table, 0, 2))[late > 0].sum())


def _any_levels(unit: DenseUnit) -> list[IntArray]:
    """Levels of which all bits differ."""
    return [np.tile(np.array([0, -1]), (unit.fold.pe, 1)) for _ in range(unit.count_bits)]
