"""What synthesis will see of a unit whose weights of up to two bits never change: its lanes and their searches, bit by bit."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwflow.ints import IntArray
from hwflow.quantised.backend.adder_trees import Lane
from hwflow.quantised.backend.cones import Word
from hwflow.quantised.backend.counts import Features, lowest_read
from hwflow.quantised.backend.fixed_lanes import FixedLanes
from hwflow.quantised.backend.searches import Found, Search, as_read, search_of
from hwflow.quantised.backend.units import DenseUnit


@dataclass(frozen=True)
class FixedSums:
    """Of each lane the number of its sum, 0 where it is nothing, and the bits of it that are not known; searched: whether its
    search was counted too; kept: for each stage of the search the registers of the sums that come there from the one before."""

    sums: IntArray
    bits: IntArray
    searched: NDArray[np.bool_]
    kept: tuple[int, ...]


def count_fixed(
    unit: DenseUnit, lane: Lane, weights: IntArray, stages: Sequence[IntArray], count: Features
) -> FixedSums:
    """Count the lanes of weights [PE, SIMD] and, where no comparison has a carry chain, the search of levels of each stage [PE,
    levels]."""
    left = [np.concatenate(stages[stage:], axis=1) for stage in range(len(stages))]
    lowest: list[list[int]] = [lowest_read(levels, unit.sum.bits).tolist() for levels in left] or [[0] * unit.fold.pe]
    lanes = FixedLanes(lane, weights, lowest[0], count)
    words = [lanes.word(number) if number else None for number in lanes.sums]
    bits = np.array(
        [_bits(word, unit.sum.bits, below, lane.mapping.folds) for word, below in zip(words, lowest[0], strict=True)]
    )
    kept = []
    for below in lowest:
        read: set[Hashable] = set()
        for word, first in zip(words, below, strict=True):
            read.update(name for bit in (word.bits[first:] if word else ()) for name in bit.inputs)
        kept.append(len(read))
    searched = np.zeros(len(words), dtype=np.bool_)
    searches: list[tuple[int, Found]] = []
    told: set[tuple[int, Search]] = set()
    for at, word in enumerate(words):
        if word is None or unit.activation is None or unit.sum.bits - lowest[0][at] > lane.mapping.compared:
            continue
        levels = tuple(tuple(stage[at].tolist()) for stage in stages)
        search = Search(levels, bool(unit.activation.descending[at]), unit.steps, unit.activation.base, unit.y.bits)
        found = search_of(word, search)
        if found is None:
            continue
        searched[at] = True
        if (lanes.sums[at], search) not in told:  # equal ones are one
            told.add((lanes.sums[at], search))
            count.registers += found.columns
            searches.append((at, found))
    chained = count.chained + count.negations > 0 or any(
        unit.activation and word and not done for word, done in zip(words, searched, strict=True)
    )
    fast = not chained and all(
        len(function.inputs) <= lane.mapping.wide
        for function in [*lanes.functions, *(f for _, found in searches for f in found.flat)]
    )
    for at, found in searches:
        for function, flat in zip(found.functions, found.flat, strict=True):
            lanes.take(as_read(flat if fast and len(flat.inputs) <= lane.mapping.table + 2 else function, at))
    lanes.count_tables()
    return FixedSums(np.array(lanes.sums), bits, searched, tuple(kept))


def _bits(word: Word | None, width: int, below: int, folds: bool) -> int:
    """Bits of a sum that are compared, and those below; folds: whether a chain of bits that repeat the sign is gone before tables
    are made."""
    if word is None:
        return 0
    if folds:
        return below + len({bit.inputs for bit in word.bits[below:] if bit.inputs})
    return width if word.signed else word.width
