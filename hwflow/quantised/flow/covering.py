"""Random vectors in the model's own floats that cover the range of its input."""

import numpy as np
from numpy.typing import NDArray

from hwflow.quantised.elementwise import ROUNDINGS, apply
from hwflow.quantised.frontend.quantisers import affine
from hwflow.quantised.network import INPUT, Dense, InputPort, Network, Slice

Samples = NDArray[np.float32]
_FLOAT32_BITS = 24
_BEYOND = 0.05  # of the range, drawn on either side of what the model's own quantiser clips


def covering_vectors(network: Network, count: int, seed: int) -> tuple[Samples, int]:
    """Vectors [count, input_size], and the greatest step between the integers drawn.

    Where the model's own quantiser makes the integers: floats drawn evenly from the range that it resolves, and a little
    beyond. Else floats that stand exactly for integers drawn evenly from the whole range; from a range so wide that
    float32 could not add the products, multiples of a power of two, which it can.
    """
    draw = np.random.default_rng(seed)
    read = [_read_as(network, i) for i in range(len(network.sources))]
    made = [
        _covering(draw, port, _step(network, port, name), count)
        for port, name in zip(network.sources, read, strict=True)
    ]
    return np.concatenate([x for x, _ in made], axis=1), max(step for _, step in made)


def _read_as(network: Network, number: int) -> str:
    """The name by which nodes read that input."""
    if not network.inputs:
        return INPUT
    start = sum(port.size for port in network.inputs[:number])
    parts = (
        node.name
        for node in network.nodes
        if isinstance(node.layer, Slice) and node.inputs == (INPUT,) and node.layer.start == start
    )
    return next(parts, INPUT)


def _covering(draw: np.random.Generator, port: InputPort, step: int, count: int) -> tuple[Samples, int]:
    """The same of one input."""
    if any((each.kind in ROUNDINGS and each.kind != "round") or each.kind == "clip" for each in port.steps):
        low, high = _ends(port)
        margin = np.where(high > low, _BEYOND * (high - low), np.maximum(1, np.abs(high)))
        x = draw.uniform(low - margin, high + margin, size=(count, port.size))
        return x.astype(np.float32), 1
    relation = affine([each for each in port.steps if each.kind != "round"])
    if relation is None:
        low, high = _ends(port)
        return draw.uniform(low, high, size=(count, port.size)).astype(np.float32), 1
    q = draw.integers(port.kind.min // step, port.kind.max // step, size=(count, port.size), endpoint=True) * step
    gain, offset = relation
    return ((q - offset) / np.where(gain, gain, 1)).astype(np.float32), step


def _step(network: Network, port: InputPort, read: str) -> int:
    parts = {node.name for node in network.nodes if node.inputs == (read,) and isinstance(node.layer, Slice)}
    first = [node.layer for node in network.nodes if {read, *parts}.issuperset(node.inputs)]
    sums = max((int(np.abs(layer.weight).sum(axis=1).max()) for layer in first if isinstance(layer, Dense)), default=1)
    return 1 << max(0, port.kind.bits + sums.bit_length() - _FLOAT32_BITS)


def _ends(port: InputPort) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """For each element the greatest float that gives the same as all below it, and the least that does as all above."""
    size, kind = port.size, port.kind

    def value(keys: NDArray[np.int64]) -> Samples:
        """Of floats by their place in the order of all floats."""
        given = np.clip(apply(port.steps, _float(keys)[None]), kind.min, kind.max)
        return np.asarray(np.broadcast_to(given, (1, size))[0], dtype=np.float32)

    last = int(np.array(np.finfo(np.float32).max).view(np.int32))
    bottom, top = np.full(size, -last, dtype=np.int64), np.full(size, last, dtype=np.int64)
    ends: list[NDArray[np.float64]] = []
    for same in (value(bottom), value(top)):
        inside, outside = bottom.copy(), top.copy()
        rising = bool(ends)
        while np.any(outside - inside > 1):
            middle = (inside + outside) // 2
            below = (value(middle) == same) != rising
            inside, outside = np.where(below, middle, inside), np.where(below, outside, middle)
        ends.append(_float(outside if rising else inside).astype(np.float64))
    return ends[0], ends[1]


def _float(keys: NDArray[np.int64]) -> Samples:
    """The float32 numbers at these places: 0 is zero, and each step to the next number."""
    bits = np.abs(keys).astype(np.int32).view(np.float32)
    return np.where(keys < 0, -bits, bits)
