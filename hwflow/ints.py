"""Integer types, and the one packing of integers into bytes that files, links and memories share."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
WeightArray = (
    NDArray[np.int8] | NDArray[np.int64]
)  # of a spiking net, of which a large one's are bytes: sums and products are to be wider


@dataclass(frozen=True, order=True)
class IntType:
    """Two's complement (`signed`) or unsigned integers of `bits` bits, 1 to 64."""

    bits: int
    signed: bool

    def __post_init__(self) -> None:
        if not 1 <= self.bits <= 64:
            raise ValueError(f"an integer type has 1 to 64 bits, not {self.bits}")

    @property
    def min(self) -> int:
        return -(1 << (self.bits - 1)) if self.signed else 0

    @property
    def max(self) -> int:
        return (1 << (self.bits - self.signed)) - 1

    def __str__(self) -> str:
        return f"{'INT' if self.signed else 'UINT'}{self.bits}"

    @staticmethod
    def holding(low: int, high: int) -> "IntType":
        """The narrowest type that holds every integer from `low` to `high`; unsigned when `low` >= 0."""
        if low > high:
            raise ValueError(f"an integer range runs from low to high, not from {low} to {high}")
        if low >= 0:
            return IntType(max(1, high.bit_length()), signed=False)
        return IntType(1 + max((-low - 1).bit_length(), max(high, 0).bit_length()), signed=True)

    def holds(self, values: NDArray[np.integer]) -> bool:
        """Whether every element lies in `min`…`max`."""
        return values.size == 0 or (int(values.min()) >= self.min and int(values.max()) <= self.max)


def vector_bytes(size: int, kind: IntType) -> int:
    """Bytes of one packed vector of `size` elements."""
    return -(-size * kind.bits // 8)


def pack_vectors(vectors: IntArray, kind: IntType) -> NDArray[np.uint8]:
    """Pack integers [n, size] into bytes [n, vector_bytes(size, kind)].

    Elements follow each other without gaps, least significant bit first; the last byte of a vector is filled with
    zeros. Raises ValueError if an element is outside `kind`.
    """
    if not kind.holds(vectors):
        raise ValueError(f"a value does not fit {kind}")
    words = vectors.astype(_word(kind))
    bits = np.empty((*vectors.shape, kind.bits), dtype=np.uint8)
    for place in range(kind.bits):
        np.bitwise_and(words >> place, 1, out=bits[:, :, place], casting="unsafe")
    return np.packbits(bits.reshape(len(vectors), vectors.shape[1] * kind.bits), axis=1, bitorder="little")


def unpack_vectors(packed: NDArray[np.uint8], size: int, kind: IntType) -> IntArray:
    """The inverse of `pack_vectors`: bytes [n, vector_bytes(size, kind)] to integers [n, size]."""
    if packed.ndim != 2 or packed.shape[1] != vector_bytes(size, kind):
        raise ValueError(f"a vector of {size} x {kind} takes {vector_bytes(size, kind)} bytes, not {packed.shape}")
    bits = np.unpackbits(packed, axis=1, count=size * kind.bits, bitorder="little")
    bits = bits.reshape(len(packed), size, kind.bits)
    word = _word(kind)
    words = np.zeros((len(packed), size), dtype=word)
    for place in range(kind.bits):
        words |= bits[:, :, place].astype(word) << place
    unused = 8 * word.itemsize - kind.bits
    return (words << unused >> unused).astype(np.int64)


def _word(kind: IntType) -> np.dtype[np.signedinteger | np.unsignedinteger]:
    """The narrowest of numpy's integers, little endian, that holds `kind`."""
    octets = next(octets for octets in (1, 2, 4, 8) if 8 * octets >= kind.bits)
    return np.dtype(f"<{'i' if kind.signed else 'u'}{octets}")
