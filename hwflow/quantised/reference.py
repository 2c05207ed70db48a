"""What a Network means, in numpy: everything else is compared with this, bit for bit.

One arm for each kind of layer. Integers are exact throughout: products go through floating-point matrix multiplication
only where every partial sum is an integer that the float type holds exactly.
"""

from collections.abc import Iterator
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from hwflow.ints import IntArray
from hwflow.quantised.axes import reduced, transposed
from hwflow.quantised.layers import per_token
from hwflow.quantised.network import (
    INPUT,
    Add,
    ArgMax,
    Concat,
    Dense,
    Layer,
    Network,
    Product,
    Reduce,
    Slice,
    Table,
    TableSum,
    Threshold,
    Transpose,
)

_BATCH = 4096  # samples held at once: bounds memory, not results


def step(layer: Layer, *inputs: IntArray) -> IntArray:
    """One layer on a batch: integers [n, elements] of each input to integers [n, layer.size].

    Of each token t (of which a vector is one): Dense: y_r = sum over c of weight[r, c] * x_c. Threshold: y_c = base + #{l : x_c >= levels[c, l]}, on a descending
    channel #{l : x_c < levels[c, l]}. ArgMax: y = the first c whose gain[c] * x_c + offset[c] is largest.
    Add: y_c = sum over b of gain[b, c] * x_b,c. Product: y_c = x_0,c * x_1,c * ... . Concat: y = (x_0, x_1, ...).
    Table: y_c = entries[c, x_c - low]. TableSum: y_r = sum over c of entries[r, c, x_c - low].
    Slice: y_i = x_(start + i). Transpose: y[c, r, i] = x[r, c, i]. Reduce: y_i = sum over a of x[a, i], or the greatest of them.
    """
    x = inputs[0]
    match layer:
        case Dense():
            return _product(per_token(x, layer), layer.weight).reshape(len(x), -1)
        case Threshold():
            return _count(per_token(x, layer), layer).reshape(x.shape) + layer.base
        case ArgMax():
            found = np.argmax(layer.gain * per_token(x, layer) + layer.offset, axis=1)
            return np.asarray(found, dtype=np.int64).reshape(len(x), -1)
        case Add():
            products = [gain * per_token(each, layer) for gain, each in zip(layer.gain, inputs, strict=True)]
            return np.asarray(np.sum(products, axis=0, dtype=np.int64)).reshape(x.shape)
        case Product():
            return np.asarray(np.prod(inputs, axis=0, dtype=np.int64))
        case Table() | TableSum():
            return layer.look_up(x)
        case Concat(tokens=tokens):
            return np.concatenate([each.reshape(len(x), tokens, -1) for each in inputs], axis=2).reshape(len(x), -1)
        case Slice(places=places):
            return np.ascontiguousarray(x[:, places])
        case Transpose():
            return transposed(x, layer)
        case Reduce():
            return reduced(x, layer)
        case _:
            assert_never(layer)


def trace(network: Network, x: IntArray) -> dict[str, IntArray]:
    """Every boundary: the values of the input and of each node, by name, for integer inputs [n, input_size]."""
    values = {INPUT: x}
    for node in network.nodes:
        values[node.name] = step(node.layer, *(values[name] for name in node.inputs))
    return values


def run(network: Network, x: IntArray) -> IntArray:
    """The network's outputs [n, output_size] for integer inputs [n, input_size]."""
    output = network.nodes[-1].name
    parts = [trace(network, batch)[output] for batch in _batches(x)]
    return np.concatenate(parts) if parts else np.zeros((0, network.output_size), dtype=np.int64)


def _batches(x: IntArray) -> Iterator[IntArray]:
    return (x[start : start + _BATCH] for start in range(0, len(x), _BATCH))


def _product(x: IntArray, weight: IntArray) -> IntArray:
    largest = int(np.abs(x).max(initial=0)) * int(np.abs(weight).sum(axis=1).max(initial=0))
    if largest < 1 << 24:
        return _float_product(x.astype(np.float32), weight.astype(np.float32))
    if largest < 1 << 53:
        return _float_product(x.astype(np.float64), weight.astype(np.float64))
    return np.asarray(x @ weight.T, dtype=np.int64)


def _float_product(x: NDArray[np.floating], weight: NDArray[np.floating]) -> IntArray:
    return np.asarray(x @ weight.T).astype(np.int64)


def _count(x: IntArray, layer: Threshold) -> IntArray:
    steps = layer.levels.shape[1]
    if steps <= 15:
        reached = np.zeros(x.shape, dtype=np.int64)
        for level in layer.levels.T:
            reached += x >= level
    else:
        columns = [np.searchsorted(levels, x[:, c], side="right") for c, levels in enumerate(layer.levels)]
        reached = np.stack(columns, axis=1).astype(np.int64)
    return np.where(layer.descending, steps - reached, reached)
