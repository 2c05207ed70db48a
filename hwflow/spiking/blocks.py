"""Which synapses a core has, where not every source leads to every neuron: blocks of sources, each onto a range of neurons.

A layered net has weights from few sources to few neurons. Its core stores only those, and needs no plastic bits where all
weights of a block may change, or none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from hwflow.ints import IntArray

MOST = 8  # blocks of a core (rtl/spiking/hwf_blocks.sv)
_TRIED = 64  # blocks that are merged into so many, at most


@dataclass(frozen=True)
class Block:
    """The `sources` that come behind those of the block before it have synapses to the neurons first … first + neurons - 1.

    plastic: they may change; in a core with a synapse mask those of them whose bit is one.
    """

    sources: int
    first: int
    neurons: int
    plastic: bool


def there(blocks: Sequence[Block], sources: int, neurons: int) -> NDArray[np.bool_]:
    """[sources, neurons], the synapses that there are: all of them without blocks."""
    return _spread(blocks, sources, neurons, [True] * len(blocks))


def may_change(blocks: Sequence[Block], sources: int, neurons: int) -> NDArray[np.bool_]:
    """[sources, neurons], the synapses that can be plastic."""
    return _spread(blocks, sources, neurons, [block.plastic for block in blocks])


def stored(blocks: Sequence[Block], sources: int, neurons: int) -> int:
    """Weights that the core holds."""
    return sum(block.sources * block.neurons for block in blocks) if blocks else sources * neurons


def fan_in(blocks: Sequence[Block], sources: int, neurons: int) -> int:
    """The most sources that have a synapse to one neuron; of blocks without any, one. No matrix is made of large cores."""
    if not blocks:
        return sources
    edges = np.zeros(neurons + 1, np.int64)
    for block in blocks:
        edges[block.first] += block.sources
        edges[block.first + block.neurons] -= block.sources
    return max(int(edges.cumsum().max()), 1)


def rows(blocks: Sequence[Block], sources: int, neurons: int, lanes: int) -> IntArray:
    """[sources], where the word of neuron 0 of each source's row lies, or would if it was there, in words of `lanes` weights."""
    if not blocks:
        return np.arange(sources) // lanes * (neurons // lanes)
    found, start = [], 0
    for block in blocks:
        places = start + np.arange(block.sources) // lanes * (block.neurons // lanes)
        found.append(places - block.first // lanes)
        start += block.sources // lanes * (block.neurons // lanes)
    return np.concatenate(found)


def blocks_of(weight: IntArray, plastic: NDArray[np.bool_], lanes: int) -> tuple[Block, ...]:
    """The blocks, MOST at most, that hold every weight that is not zero or may change; none if they save nothing.

    weight, plastic: [sources, neurons], both multiples of `lanes`. Where some weights of a block may change, and others not,
    it is plastic, and a mask must tell them apart.
    """
    used = (weight != 0) | plastic
    words = used.reshape(len(used) // lanes, lanes, -1, lanes)
    found = [_hull(of_word.any(axis=(0, 2)), lanes, bool(some.any()))
             for of_word, some in zip(words, np.split(plastic, len(words)), strict=True)]  # fmt: skip
    merged = [_like(block, sum(1 for _ in same) * lanes) for block, same in groupby(found)]
    if len(merged) > _TRIED:
        return ()
    while len(merged) > MOST:
        at = min(range(len(merged) - 1), key=lambda i: _cost(merged[i], merged[i + 1]))
        merged[at : at + 2] = [_both(merged[at], merged[at + 1])]
    blocks = tuple(merged)
    return blocks if stored(blocks, *used.shape) < used.size else ()


def _hull(used: NDArray[np.bool_], lanes: int, plastic: bool) -> Block:
    """Of the words of one word of sources."""
    places = used.nonzero()[0]
    if not len(places):
        return Block(lanes, 0, 0, False)
    return Block(lanes, int(places[0]) * lanes, int(places[-1] - places[0] + 1) * lanes, plastic)


def _like(block: Block, sources: int) -> Block:
    return Block(sources, block.first, block.neurons, block.plastic)


def _both(one: Block, other: Block) -> Block:
    held = [block for block in (one, other) if block.neurons] or [one]
    first, past = min(block.first for block in held), max(block.first + block.neurons for block in held)
    return Block(one.sources + other.sources, first, past - first, any(block.plastic for block in held))


def _cost(one: Block, other: Block) -> tuple[bool, int]:
    """Of merging them: whether a mask must then tell them apart, and weights."""
    both = _both(one, other)
    more = both.sources * both.neurons - one.sources * one.neurons - other.sources * other.neurons
    return bool(one.neurons and other.neurons) and one.plastic != other.plastic, more


def _spread(blocks: Sequence[Block], sources: int, neurons: int, values: Sequence[bool]) -> NDArray[np.bool_]:
    spread = np.full((sources, neurons), not blocks)
    begin = 0
    for block, value in zip(blocks, values, strict=True):
        spread[begin : begin + block.sources, block.first : block.first + block.neurons] = value
        begin += block.sources
    return spread
