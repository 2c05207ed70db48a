"""What float32 leaves open: the integers a file's execution may give where it adds with rounding.

A sum that float32 does not hold is rounded, and an activation whose sum lies that near to one of its thresholds may come
out a step beside. The finer the activations, the more often: at 16 bits in one value of some hundreds.
"""

import numpy as np
from numpy.typing import NDArray

from hwflow.ints import IntArray
from hwflow.quantised import reference
from hwflow.quantised.layers import INPUT, ArgMax, Dense, Layer, Node
from hwflow.quantised.network import Network

FloatArray = NDArray[np.float64]
_UNIT = 2.0**-24  # of what float32 rounds in one operation, relative
_SUM = 4.0  # standard deviations of a sum's rounding, which grows as the root of what is added
_STEPS = 8.0  # roundings of the scales before and behind a sum


def possible(network: Network, x: IntArray) -> tuple[FloatArray, FloatArray]:
    """The least and the greatest value of each output [n, outputs] that execution in float32 may give for inputs [n, …].

    Of a net that ends in the class: [n, classes], up to 1 for each class that it may be.
    """
    values: dict[str, tuple[FloatArray, FloatArray]] = {INPUT: (x.astype(np.float64), x.astype(np.float64))}
    for node in network.nodes:
        values[node.name] = _between(node, values)
    return values[network.nodes[-1].name]


def _between(node: Node, values: dict[str, tuple[FloatArray, FloatArray]]) -> tuple[FloatArray, FloatArray]:
    low, high = values[node.inputs[0]]
    match node.layer:
        case Dense(weight=weight):
            positive, negative = np.maximum(weight, 0).astype(float), np.minimum(weight, 0).astype(float)
            noise = np.maximum(np.abs(low), np.abs(high)) @ np.abs(weight).T.astype(float)
            noise *= _UNIT * (_STEPS + _SUM * np.sqrt(weight.shape[1]))
            return low @ positive.T + high @ negative.T - noise, high @ positive.T + low @ negative.T + noise
        case ArgMax(gain=gain, offset=offset):
            ends = gain * low + offset, gain * high + offset
            noise = _UNIT * _STEPS * (np.abs(ends[0]) + np.abs(ends[1]) + np.abs(offset))
            least, most = np.minimum(*ends) - noise, np.maximum(*ends) + noise
            may = most >= least.max(axis=1, keepdims=True)
            return np.ones_like(least) * (may & (may.sum(axis=1, keepdims=True) == 1)), may.astype(float)
        case layer:
            return _stepped(layer, low, high)


def _stepped(layer: Layer, low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Of a layer that is monotone in each of its inputs."""
    ends = (
        reference.step(layer, np.floor(low).astype(np.int64)),
        reference.step(layer, np.ceil(high).astype(np.int64)),
    )
    return np.minimum(*ends).astype(np.float64), np.maximum(*ends).astype(np.float64)


def explained(network: Network, x: IntArray, theirs: FloatArray) -> NDArray[np.bool_]:
    """Which outputs [n, outputs] of a file's execution on inputs [n, …] the rounding of float32 explains.

    theirs: accumulators behind the outputs, not rounded, or classes [n, 1].
    """
    low, high = possible(network, x)
    if isinstance(network.nodes[-1].layer, ArgMax):
        return np.take_along_axis(high, theirs.astype(np.int64), axis=1) > 0
    return np.asarray((theirs > low - 0.25) & (theirs < high + 0.25))
