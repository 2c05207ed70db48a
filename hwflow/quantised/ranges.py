"""Which values the layers of a net can give."""

import math
from collections.abc import Sequence

import numpy as np

from hwflow.ints import IntArray
from hwflow.quantised.axes import Reduce, Slice, Transpose, reduced, transposed
from hwflow.quantised.layers import (
    Add,
    ArgMax,
    Concat,
    Dense,
    Layer,
    Product,
    Threshold,
)
from hwflow.quantised.tables import Range, Table, TableSum

_SUM_BITS = 62  # of the greatest sum, so that none overflows the reference's 64


def output_range(layer: Layer, inputs: Sequence[Range]) -> Range:
    """Least and greatest value of each output for inputs whose elements lie in low[c] … high[c].

    Raises ValueError if a sum may need more than 63 bits.
    """
    low, high = inputs[0]
    match layer:
        case Dense(weight=weight):
            _check_reach(_reach(inputs[0]) * float(np.abs(weight.astype(np.float64)).sum(axis=1).max()))
            positive, negative = np.maximum(weight, 0).T, np.minimum(weight, 0).T
            # With zero in every input's range, each partial sum, in any order, lies in the range of the whole sum.
            low, high = (end.reshape(layer.tokens, -1) for end in (np.minimum(low, 0), np.maximum(high, 0)))
            least, most = low @ positive + high @ negative, high @ positive + low @ negative
            return least.reshape(-1).astype(np.int64), most.reshape(-1).astype(np.int64)
        case Threshold(levels=levels, base=base):
            floor = np.full(layer.size, base, dtype=np.int64)
            return floor, floor + levels.shape[1]
        case ArgMax(gain=gain, offset=offset):
            _check_reach(_reach(inputs[0]) * _largest(gain) + abs(float(np.abs(offset).max())))
            nothing = np.zeros(layer.size, dtype=np.int64)
            return nothing, nothing + layer.channels - 1
        case Add(gain=gain):
            _check_reach(sum(_reach(ends) * _largest(own) for ends, own in zip(inputs, gain, strict=True)))
            gains = [np.tile(own, layer.tokens) for own in gain]
            parts = [np.sort(np.stack([own * least, own * most]), axis=0)
                     for (least, most), own in zip(inputs, gains, strict=True)]  # fmt: skip
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
        case Concat(tokens=tokens):
            both = [np.concatenate([own[i].reshape(tokens, -1) for own in inputs], axis=1) for i in range(2)]
            return both[0].reshape(-1), both[1].reshape(-1)
        case Slice(places=places):
            return low[places], high[places]
        case Transpose():
            return transposed(low[None], layer)[0], transposed(high[None], layer)[0]
        case Reduce(axis=axis, greatest=greatest):
            if not greatest:
                _check_reach(_reach(inputs[0]) * axis)
            return reduced(low[None], layer)[0], reduced(high[None], layer)[0]


def _largest(values: IntArray) -> float:
    return float(np.abs(values.astype(np.float64)).max())


def _reach(ends: Range) -> float:
    return max(_largest(ends[0]), _largest(ends[1]))


def _check_reach(largest: float) -> None:
    if largest >= 2.0**_SUM_BITS:
        raise ValueError(f"its sums reach {largest:.3g}, which takes more than {_SUM_BITS + 1} bits")
