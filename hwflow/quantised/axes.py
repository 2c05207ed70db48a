"""Layers that change the order of axes, take a part of a vector, or make one element of all along an axis."""

from dataclasses import dataclass

import numpy as np

from hwflow.ints import IntArray


def _check_axes(*sizes: int) -> None:
    if min(sizes) < 1:
        raise ValueError(f"axes of {sizes} elements are empty")


@dataclass(frozen=True)
class Transpose:
    """Two neighbouring axes change places: y[t, c, r, i] = x[t, r, c, i], for r < rows, c < columns, i < inner.

    Every order of axes is reached by some of these, one behind another.
    """

    rows: int
    columns: int
    inner: int = 1
    tokens: int = 1

    def __post_init__(self) -> None:
        _check_axes(self.rows, self.columns, self.inner, self.tokens)

    @property
    def size(self) -> int:
        return self.tokens * self.rows * self.columns * self.inner

    @property
    def reads(self) -> tuple[int, ...]:
        """Elements of each input."""
        return (self.size,)


@dataclass(frozen=True)
class Reduce:
    """The sum or the greatest along an axis: y[t, i] = sum over a of x[t, a, i], for a < axis, i < inner; `greatest`: the largest.

    A mean is the sum, with its scale divided.
    """

    axis: int
    inner: int = 1
    tokens: int = 1
    greatest: bool = False

    def __post_init__(self) -> None:
        _check_axes(self.axis, self.inner, self.tokens)

    @property
    def size(self) -> int:
        return self.tokens * self.inner

    @property
    def reads(self) -> tuple[int, ...]:
        """Elements of each input."""
        return (self.tokens * self.axis * self.inner,)


@dataclass(frozen=True)
class Slice:
    """Neighbouring elements of a vector: y_i = x_(start + i), for i < size. of: elements of x."""

    start: int
    size: int
    of: int

    def __post_init__(self) -> None:
        if self.start < 0 or self.size < 1 or self.start + self.size > self.of:
            raise ValueError(f"a vector of {self.of} elements has no {self.size} from {self.start} on")

    @property
    def reads(self) -> tuple[int, ...]:
        """Elements of each input."""
        return (self.of,)

    @property
    def places(self) -> slice:
        """Of its elements in x."""
        return slice(self.start, self.start + self.size)


def transposed(x: IntArray, layer: Transpose) -> IntArray:
    """Values [n, elements] in the order of a Transpose."""
    axes = x.reshape(len(x), layer.tokens, layer.rows, layer.columns, layer.inner)
    return np.ascontiguousarray(axes.swapaxes(2, 3)).reshape(len(x), -1)


def reduced(x: IntArray, layer: Reduce) -> IntArray:
    """Values [n, elements] to the results of a Reduce [n, layer.size]."""
    axes = x.reshape(len(x), layer.tokens, layer.axis, layer.inner)
    return np.asarray(axes.max(axis=2) if layer.greatest else axes.sum(axis=2, dtype=np.int64)).reshape(len(x), -1)
