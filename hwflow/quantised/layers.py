"""The layers of a net in integers: what each computes, and which values it can give."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwflow.ints import IntArray, IntType
from hwflow.quantised.tables import Range, Table, TableSum

INPUT = "input"  # the name by which nodes refer to the network's input
_SUM_BITS = 62  # of the greatest sum, so that none overflows the reference's 64


def _check_integers(what: str, array: NDArray[Any], dimensions: int) -> None:
    """Raises ValueError unless the array holds signed integers and has that many axes, none of them empty."""
    if array.dtype.kind != "i" or array.ndim != dimensions or not array.size:
        raise ValueError(f"{what} is {array.dtype} of shape {array.shape}")


@dataclass(frozen=True, eq=False)
class Dense:
    """Matrix-vector product: y_r = sum over c of weight[r, c] * x_c.

    weight: integers [rows, columns]; weight_type: the type they are declared in, which holds every one of them.
    """

    weight: IntArray
    weight_type: IntType

    def __post_init__(self) -> None:
        _check_integers("a weight", self.weight, 2)
        if not self.weight_type.holds(self.weight):
            raise ValueError(f"a weight does not fit {self.weight_type}")

    @property
    def size(self) -> int:
        return int(self.weight.shape[0])

    @property
    def columns(self) -> int:
        return int(self.weight.shape[1])

    @property
    def reads(self) -> tuple[int, ...]:
        """Elements of each input."""
        return (self.columns,)

    @property
    def bipolar(self) -> bool:
        """Whether every weight is -1 or +1, so that one bit stores it."""
        return bool(np.all(np.abs(self.weight) == 1))


@dataclass(frozen=True, eq=False)
class Threshold:
    """A quantised activation as a count: y_c = base + #{l : x_c >= levels[c, l]}.

    For a `descending` channel (a negative gain before the quantiser) y_c = base + #{l : x_c < levels[c, l]}.
    levels: integers [channels, steps], ascending along l; descending: bool [channels]; y lies in
    base … base + steps, which `output` holds.
    """

    levels: IntArray
    descending: NDArray[np.bool_]
    base: int
    output: IntType

    def __post_init__(self) -> None:
        _check_integers("a threshold", self.levels, 2)
        if self.descending.dtype != np.bool_ or self.descending.shape != self.levels.shape[:1]:
            raise ValueError(f"{self.descending.shape} signs go with {len(self.levels)} channels of thresholds")
        if np.any(np.diff(self.levels, axis=1) < 0):
            raise ValueError("threshold levels must ascend")
        if self.base < self.output.min or self.base + self.levels.shape[1] > self.output.max:
            raise ValueError(f"the levels do not fit {self.output}")

    @property
    def size(self) -> int:
        return int(self.levels.shape[0])

    @property
    def reads(self) -> tuple[int, ...]:
        """Elements of each input."""
        return (self.size,)


@dataclass(frozen=True, eq=False)
class ArgMax:
    """The class: y = the first c whose gain[c] * x_c + offset[c] is largest. gain, offset: integers [channels].

    Gain and offset carry the output's float scales and biases exactly, as integers in a common unit.
    """

    gain: IntArray
    offset: IntArray

    def __post_init__(self) -> None:
        _check_integers("a gain", self.gain, 1)
        _check_integers("an offset", self.offset, 1)
        if self.gain.shape != self.offset.shape:
            raise ValueError(f"{len(self.gain)} gains go with {len(self.offset)} offsets")

    @property
    def channels(self) -> int:
        return len(self.gain)

    @property
    def reads(self) -> tuple[int, ...]:
        """Elements of each input."""
        return (self.channels,)

    @property
    def size(self) -> int:
        return 1


@dataclass(frozen=True, eq=False)
class Add:
    """The sum of branches: y_c = sum over b of gain[b, c] * x_b,c. gain: integers [branches, channels].

    Gains carry the branches' float scales exactly, as integers in one unit for each channel.
    """

    gain: IntArray

    def __post_init__(self) -> None:
        _check_integers("a gain", self.gain, 2)

    @property
    def size(self) -> int:
        return int(self.gain.shape[1])

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
    """The branches one behind another: y = (x_0, x_1, ...). sizes: elements of each branch."""

    sizes: tuple[int, ...]

    def __post_init__(self) -> None:
        if not self.sizes or min(self.sizes) < 1:
            raise ValueError(f"branches of {self.sizes} elements cannot be put one behind another")

    @property
    def size(self) -> int:
        return sum(self.sizes)

    @property
    def reads(self) -> tuple[int, ...]:
        """Elements of each input."""
        return self.sizes


Layer = Dense | Threshold | ArgMax | Add | Product | Concat | Table | TableSum


@dataclass(frozen=True)
class Node:
    """A layer, its name, which is unique in the network, and the names of the nodes (or `INPUT`) it reads."""

    name: str
    layer: Layer
    inputs: tuple[str, ...]


def output_range(layer: Layer, inputs: Sequence[Range]) -> Range:
    """Least and greatest value of each output for inputs whose elements lie in low[c] … high[c].

    Raises ValueError if a sum may need more than 63 bits.
    """
    low, high = inputs[0]
    match layer:
        case Dense(weight=weight):
            _check_reach(_reach(inputs[0]) * float(np.abs(weight.astype(np.float64)).sum(axis=1).max()))
            positive, negative = np.maximum(weight, 0), np.minimum(weight, 0)
            # With zero in every input's range, each partial sum, in any order, lies in the range of the whole sum.
            low, high = np.minimum(low, 0), np.maximum(high, 0)
            return np.add(positive @ low, negative @ high, dtype=np.int64), np.add(
                positive @ high, negative @ low, dtype=np.int64
            )
        case Threshold(levels=levels, base=base):
            floor = np.full(layer.size, base, dtype=np.int64)
            return floor, floor + levels.shape[1]
        case ArgMax(gain=gain, offset=offset):
            _check_reach(_reach(inputs[0]) * _largest(gain) + abs(float(np.abs(offset).max())))
            return np.zeros(1, dtype=np.int64), np.full(1, layer.channels - 1, dtype=np.int64)
        case Add(gain=gain):
            _check_reach(sum(_reach(ends) * _largest(own) for ends, own in zip(inputs, gain, strict=True)))
            parts = [np.sort(np.stack([own * least, own * most]), axis=0)
                     for (least, most), own in zip(inputs, gain, strict=True)]  # fmt: skip
            low, high = np.asarray(np.sum(parts, axis=0, dtype=np.int64))
            return low, high
        case Product():
            _check_reach(math.prod(max(1.0, _reach(ends)) for ends in inputs))
            for ends in inputs[1:]:
                corners = np.stack([one * other for one in (low, high) for other in ends])
                low, high = corners.min(axis=0), corners.max(axis=0)
            return low, high
        case Table() | TableSum():
            return layer.output_range(inputs[0])
        case Concat():
            return np.concatenate([ends[0] for ends in inputs]), np.concatenate([ends[1] for ends in inputs])


def _largest(values: IntArray) -> float:
    return float(np.abs(values.astype(np.float64)).max())


def _reach(ends: Range) -> float:
    return max(_largest(ends[0]), _largest(ends[1]))


def _check_reach(largest: float) -> None:
    if largest >= 2.0**_SUM_BITS:
        raise ValueError(f"its sums reach {largest:.3g}, which takes more than {_SUM_BITS + 1} bits")
