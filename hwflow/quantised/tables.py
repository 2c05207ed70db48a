"""Layers that look values up: any function of one integer, and sums of such functions."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwflow.ints import IntArray

MAX_TABLE_BITS = 16  # of what a table is addressed with
Range = tuple[IntArray, IntArray]  # the least and the greatest value of each element


def _check_entries(entries: NDArray[Any], dimensions: int) -> None:
    """Raises ValueError unless these are signed integers with that many axes, and a table of at most 16 input bits."""
    if entries.dtype.kind != "i" or entries.ndim != dimensions or not entries.size:
        raise ValueError(f"a table is {entries.dtype} of shape {entries.shape}")
    if entries.shape[-1] > 1 << MAX_TABLE_BITS:
        raise ValueError(f"a table has {entries.shape[-1]:,} entries, more than {MAX_TABLE_BITS} bits address")


def _check_inside(low: int, count: int, ends: Range) -> None:
    least, most = int(ends[0].min()), int(ends[1].max())
    if least < low or most >= low + count:
        raise ValueError(f"a table of {low} to {low + count - 1} is asked for {least} to {most}")


@dataclass(frozen=True, eq=False)
class Table:
    """A function of one integer for each element: y_c = entries[c, x_c - low].

    entries: integers [channels, values], or [1, values] where all channels have the same; low: the integer of which the
    first entry is the value; x_c lies in low … low + values - 1. At most 2^16 values.
    """

    entries: IntArray
    low: int
    channels: int

    def __post_init__(self) -> None:
        _check_entries(self.entries, 2)
        if self.channels < 1 or len(self.entries) not in (1, self.channels):
            raise ValueError(f"{len(self.entries)} tables do not go with {self.channels} channels")

    @property
    def size(self) -> int:
        return self.channels

    @property
    def reads(self) -> tuple[int, ...]:
        """Elements of each input."""
        return (self.channels,)

    @property
    def shared(self) -> bool:
        """Whether all channels have one table."""
        return len(self.entries) == 1

    def output_range(self, ends: Range) -> Range:
        """Least and greatest value of each output. Raises ValueError for inputs that the tables have no entries for."""
        _check_inside(self.low, self.entries.shape[1], ends)
        return _reached(np.broadcast_to(self.entries, (self.channels, self.entries.shape[1])), self.low, ends)

    def look_up(self, x: IntArray) -> IntArray:
        """Integers [n, channels] to integers [n, channels]."""
        rows = np.zeros(1, dtype=np.int64) if self.shared else np.arange(self.channels)
        return np.asarray(self.entries[rows, x - self.low], dtype=np.int64)


@dataclass(frozen=True, eq=False)
class TableSum:
    """A table for each edge, and their sums: y_r = sum over c of entries[r, c, x_c - low]. A KAN layer.

    entries: integers [rows, columns, values]; low: the integer of which the first entries are the values; x_c lies in
    low … low + values - 1. At most 2^16 values.
    """

    entries: IntArray
    low: int

    def __post_init__(self) -> None:
        _check_entries(self.entries, 3)

    @property
    def size(self) -> int:
        return int(self.entries.shape[0])

    @property
    def rows(self) -> int:
        return self.size

    @property
    def tokens(self) -> int:
        return 1

    @property
    def columns(self) -> int:
        return int(self.entries.shape[1])

    @property
    def reads(self) -> tuple[int, ...]:
        """Elements of each input."""
        return (self.columns,)

    def output_range(self, ends: Range) -> Range:
        """Least and greatest value of each sum, in any order and of any part of it.

        Raises ValueError for inputs that the tables have no entries for, or if a sum may need more than 63 bits.
        """
        _check_inside(self.low, self.entries.shape[2], ends)
        if float(np.abs(self.entries.astype(np.float64)).max()) * self.columns >= 2.0**62:
            raise ValueError("its sums take more than 63 bits")
        edges = [_reached(self.entries[:, c], self.low, (ends[0][c : c + 1], ends[1][c : c + 1]))
                 for c in range(self.columns)]  # fmt: skip
        low = np.sum([np.minimum(least, 0) for least, _ in edges], axis=0, dtype=np.int64)
        high = np.sum([np.maximum(most, 0) for _, most in edges], axis=0, dtype=np.int64)
        return np.asarray(low), np.asarray(high)

    def look_up(self, x: IntArray) -> IntArray:
        """Integers [n, columns] to integers [n, rows]."""
        sums = np.zeros((len(x), self.size), dtype=np.int64)
        for c in range(self.columns):
            sums += self.entries[:, c, x[:, c] - self.low].T
        return sums


def _reached(entries: IntArray, low: int, ends: Range) -> Range:
    """Of tables [rows, values] the least and greatest of the entries between the ends, which are those of each row, or of all."""
    places = np.arange(low, low + entries.shape[1])
    reached = (places >= ends[0][:, None]) & (places <= ends[1][:, None])
    wide = np.iinfo(np.int64)
    least = np.where(reached, entries, wide.max).min(axis=1)
    most = np.where(reached, entries, wide.min).max(axis=1)
    return np.asarray(least, dtype=np.int64), np.asarray(most, dtype=np.int64)
