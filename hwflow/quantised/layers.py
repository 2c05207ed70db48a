"""The layers of a net in integers: what each computes, and which values it can give.

A value is the elements of a tensor in row-major order, the channels last: a vector, or a matrix [tokens, channels], one token
behind another. A layer says itself how it reads them; `tokens` of a layer is how many vectors of channels it works on, one
like the other, and a value of another shape with as many elements fits as it is. So a window that slides over an image is
a layer that gives a token for each of its places, and a Dense over these is the convolution.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwflow.ints import IntArray, IntType
from hwflow.quantised.axes import Reduce, Slice, Transpose
from hwflow.quantised.signs import seed_of
from hwflow.quantised.tables import Table, TableSum

INPUT = "input"  # the name by which nodes refer to the network's input


def _check_integers(what: str, array: NDArray[Any], dimensions: int) -> None:
    """Raises ValueError unless the array holds signed integers and has that many axes, none of them empty."""
    if array.dtype.kind != "i" or array.ndim != dimensions or not array.size:
        raise ValueError(f"{what} is {array.dtype} of shape {array.shape}")


def _check_tokens(tokens: int) -> None:
    if tokens < 1:
        raise ValueError(f"a layer works on at least one token, not {tokens}")


def per_token(values: IntArray, layer: "Dense | Threshold | ArgMax | Add") -> IntArray:
    """Values [n, elements] as [n * tokens, channels]."""
    return values.reshape(len(values) * layer.tokens, -1)


@dataclass(frozen=True, eq=False)
class Dense:
    """Matrix-vector product: y_t,r = sum over c of weight[r, c] * x_t,c, for each token t.

    weight: integers [rows, columns]; weight_type: the type they are declared in, which holds every one of them.
    """

    weight: IntArray
    weight_type: IntType
    tokens: int = 1

    def __post_init__(self) -> None:
        _check_integers("a weight", self.weight, 2)
        _check_tokens(self.tokens)
        if not self.weight_type.holds(self.weight):
            raise ValueError(f"a weight does not fit {self.weight_type}")

    @property
    def rows(self) -> int:
        """Elements that a token becomes."""
        return int(self.weight.shape[0])

    @property
    def size(self) -> int:
        return self.tokens * self.rows

    @property
    def columns(self) -> int:
        """Elements of a token."""
        return int(self.weight.shape[1])

    @property
    def reads(self) -> tuple[int, ...]:
        """Elements of each input."""
        return (self.tokens * self.columns,)

    @cached_property
    def limits(self) -> tuple[int, int]:
        """The least and the greatest weight."""
        return int(self.weight.min()), int(self.weight.max())

    @cached_property
    def bipolar(self) -> bool:
        """Whether every weight is -1 or +1, so that one bit stores it."""
        return bool(np.all(np.abs(self.weight) == 1))

    @cached_property
    def seed(self) -> int | None:
        """The seed of a matrix that hardware can generate (`signs`); None if it is none."""
        return seed_of(self.weight) if self.bipolar else None


@dataclass(frozen=True, eq=False)
class Threshold:
    """A quantised activation as a count: y_t,c = base + #{l : x_t,c >= levels[c, l]}, for each token t.

    For a `descending` channel (a negative gain before the quantiser) y_t,c = base + #{l : x_t,c < levels[c, l]}.
    levels: integers [channels, steps], ascending along l; descending: bool [channels]; y lies in
    base … base + steps, which `output` holds.
    """

    levels: IntArray
    descending: NDArray[np.bool_]
    base: int
    output: IntType
    tokens: int = 1

    def __post_init__(self) -> None:
        _check_integers("a threshold", self.levels, 2)
        _check_tokens(self.tokens)
        if self.descending.dtype != np.bool_ or self.descending.shape != self.levels.shape[:1]:
            raise ValueError(f"{self.descending.shape} signs go with {len(self.levels)} channels of thresholds")
        if np.any(np.diff(self.levels, axis=1) < 0):
            raise ValueError("threshold levels must ascend")
        if self.base < self.output.min or self.base + self.levels.shape[1] > self.output.max:
            raise ValueError(f"the levels do not fit {self.output}")

    @property
    def channels(self) -> int:
        return int(self.levels.shape[0])

    @property
    def size(self) -> int:
        return self.tokens * self.channels

    @property
    def reads(self) -> tuple[int, ...]:
        """Elements of each input."""
        return (self.size,)


@dataclass(frozen=True, eq=False)
class ArgMax:
    """The class: y = the first c whose gain[c] * x_c + offset[c] is largest. gain, offset: integers [channels]. Of tokens one each.

    Gain and offset carry the output's float scales and biases exactly, as integers in a common unit.
    """

    gain: IntArray
    offset: IntArray
    tokens: int = 1

    def __post_init__(self) -> None:
        _check_integers("a gain", self.gain, 1)
        _check_tokens(self.tokens)
        _check_integers("an offset", self.offset, 1)
        if self.gain.shape != self.offset.shape:
            raise ValueError(f"{len(self.gain)} gains go with {len(self.offset)} offsets")

    @property
    def channels(self) -> int:
        return len(self.gain)

    @property
    def reads(self) -> tuple[int, ...]:
        """Elements of each input."""
        return (self.tokens * self.channels,)

    @property
    def size(self) -> int:
        return self.tokens


@dataclass(frozen=True, eq=False)
class Add:
    """The sum of branches: y_t,c = sum over b of gain[b, c] * x_b,t,c. gain: integers [branches, channels].

    Gains carry the branches' float scales exactly, as integers in one unit for each channel.
    """

    gain: IntArray
    tokens: int = 1

    def __post_init__(self) -> None:
        _check_integers("a gain", self.gain, 2)
        _check_tokens(self.tokens)

    @property
    def channels(self) -> int:
        return int(self.gain.shape[1])

    @property
    def size(self) -> int:
        return self.tokens * self.channels

    @property
    def reads(self) -> tuple[int, ...]:
        """Elements of each input."""
        return (self.size,) * len(self.gain)


@dataclass(frozen=True)
class Product:
    """Branches multiplied element by element: y_c = x_0,c * x_1,c * ... . sizes: elements of each branch, all equal."""

    sizes: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(set(self.sizes)) != 1 or self.sizes[0] < 1:
            raise ValueError(f"branches of {self.sizes} elements cannot be multiplied element by element")

    @property
    def size(self) -> int:
        return self.sizes[0]

    @property
    def reads(self) -> tuple[int, ...]:
        """Elements of each input."""
        return self.sizes


@dataclass(frozen=True)
class Concat:
    """The branches one behind another: y_t = (x_0,t, x_1,t, ...). sizes: elements of each branch, of a token."""

    sizes: tuple[int, ...]
    tokens: int = 1

    def __post_init__(self) -> None:
        _check_tokens(self.tokens)
        if not self.sizes or min(self.sizes) < 1:
            raise ValueError(f"branches of {self.sizes} elements cannot be put one behind another")

    @property
    def channels(self) -> int:
        return sum(self.sizes)

    @property
    def size(self) -> int:
        return self.tokens * self.channels

    @property
    def reads(self) -> tuple[int, ...]:
        """Elements of each input."""
        return tuple(self.tokens * size for size in self.sizes)


Layer = Dense | Threshold | ArgMax | Add | Product | Concat | Transpose | Reduce | Slice | Table | TableSum


def tokens_of(layer: Layer) -> int:
    """How many vectors a layer works on, one like the other; 1 for what takes each element for itself."""
    return 1 if isinstance(layer, Product | Slice | Table | TableSum) else layer.tokens


@dataclass(frozen=True)
class Node:
    """A layer, its name, which is unique in the network, and the names of the nodes (or `INPUT`) it reads."""

    name: str
    layer: Layer
    inputs: tuple[str, ...]
