"""Matrices of signs: the sequence of the header, one bit at a time, and matrices that are of a seed and of none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwflow.quantised.signs import seed_of, sequence, signs

SEEDS = st.integers(1, (1 << 31) - 1)


@given(SEEDS, st.integers(1, 200))
def test_sequence_follows_from_its_first_31_bits(seed: int, count: int) -> None:
    bits = [seed >> n & 1 for n in range(31)]
    while len(bits) < count:
        bits.append(bits[-31] ^ bits[-28])
    assert sequence(seed, count).tolist() == [bool(bit) for bit in bits[:count]]


@given(SEEDS, st.integers(1, 60), st.integers(1, 60))
def test_element_is_the_bit_of_row_plus_column(seed: int, rows: int, columns: int) -> None:
    matrix, bits = signs(seed, rows, columns), sequence(seed, 120)
    assert matrix.shape == (rows, columns)
    assert all(matrix[r, c] == (1 if bits[r + c] else -1) for r in range(rows) for c in range(columns))


@given(SEEDS, st.integers(1, 60), st.integers(1, 60), st.data())
def test_only_matrices_of_a_seed_have_one(seed: int, rows: int, columns: int, data: st.DataObject) -> None:
    matrix = signs(seed, rows, columns)
    told = rows + columns - 1 > 31
    assert seed_of(matrix) == (seed if told else None)
    r, c = data.draw(st.integers(0, rows - 1)), data.draw(st.integers(0, columns - 1))
    matrix[r, c] = -matrix[r, c]
    other = seed_of(matrix)
    # The first 31 bits are free where nothing else is said of them.
    assert other is None or np.array_equal(signs(other, rows, columns), matrix)
    matrix[r, c] = 0
    assert seed_of(matrix) is None


def test_random_signs_have_no_seed() -> None:
    assert seed_of(np.random.default_rng(0).choice([-1, 1], (16, 32))) is None


def test_signs_are_balanced_and_rows_are_not_alike() -> None:
    matrix = signs(0x2545F491, 64, 64)
    assert abs(matrix.mean()) < 0.15
    alike = np.abs(matrix @ matrix.T)[~np.eye(64, dtype=bool)]
    assert alike.mean() < 16
    assert alike.max() < 40


@pytest.mark.parametrize("seed", [0, 1 << 31, -1])
def test_seeds_that_are_none(seed: int) -> None:
    with pytest.raises(ValueError, match="seed"):
        sequence(seed, 3)
