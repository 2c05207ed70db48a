"""Matrices of -1 and +1 that hardware generates, so that no memory holds them.

Element (r, c) is +1 where bit r + c of a sequence is 1, else -1; the sequence is s[n] = s[n - 31] xor s[n - 28], of period
2^31 - 1, which its first 31 bits, the seed, decide. A matrix is known by itself to be such a one: no file has to say so.
"""

import numpy as np
from numpy.typing import NDArray

from hwflow.ints import IntArray

_LENGTH, _TAP = 31, 28  # x^31 + x^28 + 1


def sequence(seed: int, count: int) -> NDArray[np.bool_]:
    """s[0] to s[count - 1]; bit n of the seed, 1 to 2^31 - 1, is s[n]. Raises ValueError for another seed."""
    if not 1 <= seed < 1 << _LENGTH:
        raise ValueError(f"a seed of {seed} does not lie in 1 to 2^{_LENGTH} - 1")
    bits = np.zeros(max(count, _LENGTH), dtype=np.bool_)
    bits[:_LENGTH] = [seed >> n & 1 for n in range(_LENGTH)]
    for at in range(_LENGTH, len(bits), _TAP):  # none of so many hangs on another of them
        end = min(at + _TAP, len(bits))
        bits[at:end] = bits[at - _LENGTH : end - _LENGTH] ^ bits[at - _TAP : end - _TAP]
    return bits[:count]


def signs(seed: int, rows: int, columns: int) -> IntArray:
    """The matrix [rows, columns] of a seed."""
    bits = sequence(seed, rows + columns - 1)
    return np.where(bits[np.add.outer(np.arange(rows), np.arange(columns))], 1, -1).astype(np.int64)


def seed_of(matrix: IntArray) -> int | None:
    """The seed whose matrix it is; None if it is of none, or too small to tell one from any other."""
    rows, columns = matrix.shape
    if rows + columns - 1 <= _LENGTH or np.any(matrix[1:, :-1] != matrix[:-1, 1:]):
        return None
    bits = np.concatenate([matrix[0], matrix[1:, -1]]) == 1
    seed = sum(int(bit) << n for n, bit in enumerate(bits[:_LENGTH]))
    return seed if seed and np.array_equal(matrix, signs(seed, rows, columns)) else None
