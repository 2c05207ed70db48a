"""Rows of entries: the weights of a net of which few sources lead to few neurons, as a core without all synapses stores them.

An entry is a word of neurons, lanes of them, and the weights to those from one source. The row of source j is the entries
first[j], first[j] + 1 … up to one that is the last of a row; sources that lead nowhere share one entry, of zeros.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwflow.ints import IntArray, WeightArray

_ROUND = 256  # entries, by which a core's room for them grows: half the words of the smallest block RAM
_LAST = 1 << 14  # beside the target (hwflow.spiking.map.target_address)


@dataclass(frozen=True, eq=False)
class Entries:
    """first: [sources], the first entry of each row; target: [entries], words of neurons, in ascending order within a row; last: bool
    [entries]; weight: int8 [entries, lanes]."""

    first: IntArray
    target: IntArray
    last: NDArray[np.bool_]
    weight: NDArray[np.int8]

    @property
    def words(self) -> IntArray:
        """[entries], target and last as a core has them."""
        return self.target + _LAST * self.last


def entries_of(weight: WeightArray, lanes: int) -> Entries:
    """The entries of a matrix [sources, neurons], of a multiple of lanes of neurons: of each source the words that are not all zero."""
    words = weight.reshape(len(weight), -1, lanes)
    source, target = np.nonzero(words.any(axis=2))
    count = np.bincount(source, minlength=len(weight))
    shared = int(not count.all())  # entry 0, of those without any
    first = np.where(count > 0, shared + np.cumsum(count) - count, 0)
    last = np.zeros(shared + len(source), np.bool_)
    last[shared - 1 + np.cumsum(count)[count > 0]] = True
    last[:shared] = True
    held = np.concatenate([np.zeros((shared, lanes), np.int8), words[source, target].astype(np.int8)])
    return Entries(first, np.concatenate([np.zeros(shared, np.int64), target]), last, held)


def from_core(first: IntArray, words: IntArray, weight: NDArray[np.int8]) -> Entries:
    """Entries as a core has them. words: as `Entries.words`."""
    return Entries(first, words % _LAST, words >= _LAST, weight)


def matrix_of(entries: Entries, neurons: int) -> NDArray[np.int8]:
    """The matrix [sources, neurons] of which they are. Raises ValueError, whose text ends a sentence, if they are of none."""
    words, ends = neurons // entries.weight.shape[1], np.flatnonzero(entries.last)
    if not len(ends) or np.any((entries.first < 0) | (entries.first > ends[-1])):
        raise ValueError("has rows of entries that do not end")
    if _lengths(entries).sum() > len(entries.first) + len(entries.last):
        raise ValueError("has rows of entries that others share")
    source, entry = _walked(entries)
    if np.any(entries.target[entry] >= words):
        raise ValueError("has entries that lead beyond its neurons")
    matrix = np.zeros((len(entries.first), words, entries.weight.shape[1]), np.int8)
    matrix[source, entries.target[entry]] = entries.weight[entry]
    return matrix.reshape(-1, neurons)


def synapses(entries: Entries, neurons: int) -> IntArray:
    """[entries, lanes], which synapses they are, of [sources, neurons], row after row; a shared entry is one source's."""
    owner, lanes = np.zeros(len(entries.last), np.int64), entries.weight.shape[1]
    source, entry = _walked(entries)
    owner[entry] = source
    return np.asarray((owner * neurons + entries.target * lanes)[:, None] + np.arange(lanes))


def row_lengths(weight: WeightArray, lanes: int) -> IntArray:
    """[sources], entries of each row, 1 at least. weight: [sources, neurons], of any number of neurons."""
    return np.asarray(np.maximum(_used(weight, lanes).sum(axis=1), 1))


def entry_count(weight: WeightArray, lanes: int, sources: int | None = None) -> int:
    """Entries of a matrix [sources, neurons]. sources: of the core, None for those; more of them lead nowhere."""
    count = np.count_nonzero(_used(weight, lanes), axis=1)
    return int(count.sum()) + bool(not count.all() or (sources is not None and sources > len(weight)))


def stored_weights(weight: WeightArray, lanes: int) -> int:
    """Of a matrix [sources, neurons] the weights that lie in entries."""
    room = np.diff(np.append(np.arange(0, weight.shape[1], lanes), weight.shape[1]))
    return int(_used(weight, lanes).sum(axis=0) @ room)


def room_for(count: int, sources: int, neurons: int, lanes: int) -> int:
    """Entries that a core gets for so many, and one of sources that lead nowhere: up to as many as there can be, a little more."""
    step = max(_ROUND, lanes)
    return min(-(-(count + 1) // step) * step, sources * (neurons // lanes))


def _walked(entries: Entries) -> tuple[IntArray, IntArray]:
    """The sources, and the entries of their rows, one behind the other."""
    length = _lengths(entries)
    source = np.repeat(np.arange(len(length)), length)
    return source, np.arange(len(source)) + np.repeat(entries.first - (np.cumsum(length) - length), length)


def _lengths(entries: Entries) -> IntArray:
    """[sources], of the rows."""
    ends = np.flatnonzero(entries.last)
    return np.asarray(ends[np.searchsorted(ends, entries.first)] - entries.first + 1)


def _used(weight: WeightArray, lanes: int) -> NDArray[np.bool_]:
    """[sources, words], whether any weight of the word is not zero."""
    return np.asarray(np.logical_or.reduceat(weight != 0, np.arange(0, weight.shape[1], lanes), axis=1))
