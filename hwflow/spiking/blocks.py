"""Which synapses a core has, where not every source leads to every neuron: blocks of sources, each onto a range of neurons.

A layered net has weights from few sources to few neurons. Its core stores only those, and needs no plastic bits where all
weights of a block may change, or none. Nor does it store the weights by which all of a range hold back all others, which are one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

import numpy as np
from numpy.typing import NDArray

from hwflow.ints import IntArray, WeightArray

MOST = 8  # blocks of a core (rtl/spiking/hwf_blocks.sv)
_MANY = 1024  # weights: a small block RAM's


@dataclass(frozen=True)
class Block:
    """The `sources` that come behind those of the block before it have synapses to the neurons first … first + neurons - 1.

    plastic: they may change; in a core with a synapse mask those of them whose bit is one. level: below zero, the weight of all of
    them, none of which is stored; a neuron has none to itself.
    """

    sources: int
    first: int
    neurons: int
    plastic: bool
    level: int = 0

    @property
    def stored(self) -> int:
        """Neurons to which a source's weights are stored."""
        return 0 if self.level else self.neurons


def kept(blocks: Sequence[Block], sources: int, neurons: int) -> NDArray[np.bool_]:
    """[sources, neurons], the synapses whose weights are stored: all of them without blocks."""
    return _spread(blocks, sources, neurons, [not block.level for block in blocks], True).view(np.bool_)


def may_change(blocks: Sequence[Block], sources: int, neurons: int) -> NDArray[np.bool_]:
    """[sources, neurons], the synapses that can be plastic."""
    return _spread(blocks, sources, neurons, [block.plastic for block in blocks], True).view(np.bool_)


def constant(blocks: Sequence[Block], sources: int, neurons: int) -> NDArray[np.int8]:
    """[sources, neurons], the weights of the synapses that are not stored; zero where there is none, and for those that are."""
    levels = _spread(blocks, sources, neurons, [block.level for block in blocks], 0)
    np.fill_diagonal(levels[sources - neurons :], 0)
    return levels


def stored(blocks: Sequence[Block], sources: int, neurons: int) -> int:
    """Weights that the core holds."""
    return sum(block.sources * block.stored for block in blocks) if blocks else sources * neurons


def stretches(blocks: Sequence[Block], sources: int, neurons: int, apart: int = 0) -> list[tuple[int, int]]:
    """Where the stored weights lie in a matrix [sources, neurons], row after row: from each first one to behind the last. Such as are no
    more than `apart` from each other are one stretch, with what is between them."""
    if not blocks:
        return [(0, sources * neurons)]
    found: list[tuple[int, int]] = []
    source = 0
    for block in blocks:
        for row in range(source, source + block.sources if block.stored else source):
            begin = row * neurons + block.first
            if found and begin - found[-1][1] <= apart:
                begin = found.pop()[0]
            found.append((begin, row * neurons + block.first + block.stored))
        source += block.sources
    return found


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
        places = start + np.arange(block.sources) // lanes * (block.stored // lanes)
        found.append(places - block.first // lanes)
        start += block.sources // lanes * (block.stored // lanes)
    return np.concatenate(found)


def blocks_of(weight: WeightArray, plastic: NDArray[np.bool_], own: NDArray[np.bool_], lanes: int) -> tuple[Block, ...]:
    """The blocks, MOST at most, that hold every weight that is not zero or may change; none if they save nothing.

    weight, plastic, own: [sources, neurons], both multiples of `lanes`; own: the net's; a weight of another is zero, and may be any.
    Where some weights of a block may change, and others not, it is plastic, and a mask must tell them apart.
    """
    neurons = weight.shape[1]
    itself = np.eye(len(weight), neurons, neurons - len(weight), dtype=np.bool_)
    parts = (part.reshape(-1, lanes, neurons) for part in (weight, plastic, own, itself))
    found = [_of_word(*of_word) for of_word in zip(*parts, strict=True)]
    merged = _joined([replace(block, level=block.level * _worth(block)) for block in _joined(found)])
    costs = [_cost(one, other) for one, other in pairwise(merged)]
    while len(merged) > MOST:
        at = costs.index(min(costs))
        merged[at : at + 2] = [_both(merged[at], merged[at + 1])]
        costs[at : at + 1] = []
        for pair in range(max(at - 1, 0), min(at + 1, len(costs))):
            costs[pair] = _cost(merged[pair], merged[pair + 1])
    blocks = tuple(merged)
    return blocks if stored(blocks, *weight.shape) < weight.size else ()


def _of_word(
    weight: WeightArray, plastic: NDArray[np.bool_], own: NDArray[np.bool_], itself: NDArray[np.bool_]
) -> Block:
    """Of the sources of a word, [lanes, neurons] each; itself: the synapses of neurons to themselves."""
    lanes = len(weight)

    def words(of: NDArray[np.bool_]) -> tuple[int, int]:
        """From the first to behind the last, in neurons."""
        places = np.flatnonzero(of.any(axis=0)) // lanes
        return (int(places[0]) * lanes, int(places[-1] + 1) * lanes) if len(places) else (0, 0)

    used = (weight != 0) | plastic
    first, past = words(used)
    # A neuron that holds back all others may be at the edge of them.
    for begin, end in (words(used | itself), (first, past)):
        columns = np.s_[:, begin:end]
        if not plastic[columns].any() and (level := _level(weight[columns], own[columns], itself[columns])):
            return Block(lanes, begin, end - begin, False, level)
    return Block(lanes, first, past - first, bool(plastic.any()))


def _level(weight: WeightArray, own: NDArray[np.bool_], itself: NDArray[np.bool_]) -> int:
    """The weight of all, if that is one below zero and no neuron has any to itself, else 0."""
    level = int(weight.min(initial=0))
    return level if np.all((weight == np.where(itself, 0, level)) | ~own) else 0


def _worth(block: Block) -> bool:
    """A few weights cost less than the logic that gives a level."""
    return block.sources * block.neurons >= _MANY


def _joined(blocks: Sequence[Block]) -> list[Block]:
    """Neighbours that differ only in their sources, as one."""
    together = groupby(blocks, key=lambda block: replace(block, sources=0))
    return [replace(like, sources=sum(block.sources for block in same)) for like, same in together]


def _both(one: Block, other: Block) -> Block:
    held = [block for block in (one, other) if block.neurons] or [one]
    first, past = min(block.first for block in held), max(block.first + block.neurons for block in held)
    return Block(one.sources + other.sources, first, past - first, any(block.plastic for block in held))


def _cost(one: Block, other: Block) -> tuple[bool, int]:
    """Of merging them: whether a mask must then tell them apart, and weights."""
    both = _both(one, other)
    more = sum(block.sources * block.stored * sign for block, sign in ((both, 1), (one, -1), (other, -1)))
    return bool(one.neurons and other.neurons) and one.plastic != other.plastic, more


def _spread(
    blocks: Sequence[Block], sources: int, neurons: int, values: Sequence[int], without: int
) -> NDArray[np.int8]:
    """[sources, neurons], the value of each synapse's block, zero where there is none; without blocks all are `without`."""
    spread = np.full((sources, neurons), 0 if blocks else without, np.int8)
    begin = 0
    for block, value in zip(blocks, values, strict=True):
        spread[begin : begin + block.sources, block.first : block.first + block.neurons] = value
        begin += block.sources
    return spread
