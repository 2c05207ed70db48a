"""What the model of cost counts of a unit."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from hwflow.ints import IntArray

Width = TypeVar("Width", int, IntArray)


@dataclass
class Features:
    """Counts of one unit, in bits of the results if not said otherwise.

    fixed: 1; control: of the counters of slots, beats and folds.

    Of products by weights of up to two bits: negations: of inputs that some weight turns, by a carry chain; turned: without
    one; products: by weights that change, which are not part of a table with what adds them up. Of those by wider weights:
    partials: look-up tables of the rows of partial products and of the full adders that leave two of them; constants: the
    same where all weights of a sum are constants.

    Of sums: chained: with a carry chain; narrow: without one, where they are not tables of their inputs; merged: of what is
    added beyond two terms at once; accumulators: over the beats of a pass; narrow_accumulators: without a carry chain.

    Of comparisons: compared: with a carry chain; varying: those of them that are out of a memory; comparisons: with a chain,
    a number; tables: those of comparisons without one.

    Of memories in look-up tables: addresses: of shallow ones that are known early, bits; roms: columns of these, of which two
    or more bits of the address tell what they hold; levels: tables of columns that hang on a comparison of the same cycle;
    deep_roms, deep_levels: of deeper memories, for a bit of each 16 words, or where they are mapped apart (xilinx) of each 64
    begun; buffer: kept inputs, for each 16 beats (on iCE40 each beat); choices: between inputs that come and those that were
    kept; flips: of counts that a descending channel turns.

    Of logic that is followed bit by bit: cones: functions that one table makes; wide: tables of the others.

    alone: registers straight behind registers; registers: all.
    """

    fixed: float = 1.0
    control: float = 0.0
    negations: float = 0.0
    turned: float = 0.0
    products: float = 0.0
    partials: float = 0.0
    constants: float = 0.0
    chained: float = 0.0
    narrow: float = 0.0
    merged: float = 0.0
    accumulators: float = 0.0
    narrow_accumulators: float = 0.0
    compared: float = 0.0
    varying: float = 0.0
    comparisons: float = 0.0
    tables: float = 0.0
    addresses: float = 0.0
    roms: float = 0.0
    levels: float = 0.0
    deep_roms: float = 0.0
    deep_levels: float = 0.0
    buffer: float = 0.0
    choices: float = 0.0
    flips: float = 0.0
    cones: float = 0.0
    wide: float = 0.0
    alone: float = 0.0
    registers: float = 0.0


@dataclass(frozen=True)
class Mapping:
    """How a family's synthesis maps logic.

    table: inputs of a look-up table; narrow, compared: bits up to which an addition, and a comparison, have no carry chain;
    even: whether a chain has an even number of bits; turns: whether tables turn what it subtracts; folds: whether a chain that adds nothing is gone before tables are made;
    wide: inputs of what multiplexers, which are no tables, make of several tables.
    """

    table: int = 4
    narrow: int = 2
    compared: int = 2
    even: bool = False
    turns: bool = False
    folds: bool = False
    wide: int = 0

    def chain(self, width: Width) -> Width:
        """Bits of the carry chain of a sum so wide."""
        return (width + 1) // 2 * 2 if self.even else width


_LATTICE = Mapping(narrow=4, compared=4, even=True, wide=7)
# Of the 7 series a bit of the carry chain compares three bits, and two bits of it are tables too (`cmp2lcu`).
_MAPPINGS = {
    "ice40": Mapping(turns=True, folds=True),  # by `ice40_opt`
    "ecp5": _LATTICE,
    "nexus": _LATTICE,
    "xilinx": Mapping(table=6, compared=6, wide=8),
}


def mapping_of(family: str) -> Mapping:
    return _MAPPINGS.get(family, Mapping())


def lowest_read(levels: IntArray, width: int) -> IntArray:
    """Of each lane the lowest bit of a sum of so many that a comparison with any of some levels [lanes, levels] reads: below the
    levels' lowest one there is nothing to compare, but the sum's top bit is always read."""
    met = np.bitwise_or.reduce(levels, axis=1)
    lowest = np.log2(np.maximum(met & -met, 1)).astype(np.int64)
    return np.where(met == 0, width - 1, np.minimum(lowest, width - 1))
