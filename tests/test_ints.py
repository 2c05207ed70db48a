"""Integer types and their packing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwflow.ints import IntType, pack_vectors, unpack_vectors, vector_bytes

types = st.builds(IntType, st.integers(1, 62), st.booleans())


def test_bounds_and_names() -> None:
    assert (IntType(8, True).min, IntType(8, True).max, str(IntType(8, True))) == (-128, 127, "INT8")
    assert (IntType(8, False).min, IntType(8, False).max, str(IntType(8, False))) == (0, 255, "UINT8")
    assert (IntType(1, True).min, IntType(1, True).max) == (-1, 0)
    for bits in (0, 65):
        with pytest.raises(ValueError, match="1 to 64 bits"):
            IntType(bits, True)


@given(st.integers(-(1 << 40), 1 << 40), st.integers(0, 1 << 40))
def test_holding_is_the_narrowest(low: int, span: int) -> None:
    high = low + span
    kind = IntType.holding(low, high)
    assert kind.min <= low and high <= kind.max and kind.signed == (low < 0)
    if kind.bits > 1:
        narrower = IntType(kind.bits - 1, kind.signed)
        assert narrower.min > low or narrower.max < high


def test_holding_nothing() -> None:
    with pytest.raises(ValueError, match="from 2 to 1"):
        IntType.holding(2, 1)


@settings(max_examples=60, deadline=None)
@given(types, st.integers(0, 5), st.integers(1, 20), st.data())
def test_packing_and_back(kind: IntType, n: int, size: int, data: st.DataObject) -> None:
    seed = data.draw(st.integers(0, 2**32 - 1))
    vectors = np.random.default_rng(seed).integers(kind.min, kind.max, (n, size), endpoint=True)
    packed = pack_vectors(vectors, kind)
    assert packed.shape == (n, vector_bytes(size, kind)) and packed.dtype == np.uint8
    np.testing.assert_array_equal(unpack_vectors(packed, size, kind), vectors)


def test_least_significant_bit_first_without_gaps() -> None:
    packed = pack_vectors(np.array([[1, 2, -4, 3]]), IntType(3, True))
    assert packed.tolist() == [[0b00010001, 0b0111]]  # 001, 010, then 100 across the bytes, then 011


def test_what_does_not_fit() -> None:
    with pytest.raises(ValueError, match="does not fit UINT2"):
        pack_vectors(np.array([[4]]), IntType(2, False))
    with pytest.raises(ValueError, match="takes 1 bytes"):
        unpack_vectors(np.zeros((1, 2), dtype=np.uint8), 3, IntType(2, False))
