"""The products and sums of `hwf_dot` by weights of up to two bits that never change, bit by bit: a sum without a carry chain is
what its bits are as functions of the registers before it, so that wires, equal bits and constants cost nothing.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

import numpy as np

from hwflow.ints import IntArray
from hwflow.quantised.backend.adder_trees import Lane
from hwflow.quantised.backend.cones import MOST, ZERO, Function, Word, inputs_of, of_input, sum_of, tables_of
from hwflow.quantised.backend.counts import Features
from hwflow.quantised.backend.units import LEVELS, clog2


@dataclass(frozen=True)
class _Sum:
    """Words that are not added up yet, and as how wide a number."""

    words: tuple[Word, ...]
    width: int
    signed: bool


class FixedLanes:
    """Counts what lanes take. Bits have numbers, those that are equal one; `sums` are the lanes' whole sums, behind registers,
    equal ones with one number, 0 where a lane has nothing."""

    def __init__(self, lane: Lane, weights: IntArray, lowest: Sequence[int], count: Features) -> None:
        """weights: [lanes, SIMD]; lowest: of each lane the lowest bit of its sum that is read."""
        self._lane, self._count = lane, count
        self._numbers: dict[Hashable, int] = {}
        self._computed: set[Hashable] = set()  # bits that come out of a carry chain
        self.functions: dict[Function, None] = {}
        self._made: dict[tuple[Hashable, ...], int] = {}
        self._nodes: list[_Sum] = [_Sum((), 0, False)]
        self.sums = self._add_up(weights, lowest)

    def word(self, number: int) -> Word:
        (word,) = self._nodes[number].words
        return word

    def take(self, function: Function) -> None:
        """Note a function that tables make, if it is one."""
        if not function.wire:
            self.functions.setdefault(function)

    def count_tables(self) -> None:
        """Count the tables of the functions, those that several have once."""
        mapping, tables = self._lane.mapping, dict[Function, bool]()
        for function in self.functions:
            for table, enough in tables_of(function, mapping.table, mapping.wide):
                tables.setdefault(table, enough)
        self._count.cones += sum(tables.values())
        self._count.wide += len(tables) - sum(tables.values())

    def number(self, key: Hashable) -> int:
        """Of a bit, a number that no other key has."""
        return self._numbers.setdefault(key, len(self._numbers))

    def _add_up(self, weights: IntArray, lowest: Sequence[int]) -> list[int]:
        lane, depth, level = self._lane, clog2(weights.shape[1]), 0
        lanes = [[self._product(column, int(weight)) for column, weight in enumerate(row)] for row in weights]
        for end in (end for end in range(depth + 1) if (end + 1) % LEVELS == 0 or end == depth):
            at_once = end - level > 1 and lane.product_bits + end - 1 >= lane.sum_bits
            while level < end:
                level += 1
                lanes = [
                    [
                        self._pair(level, low, high, at_once)
                        for low, high in zip_longest(nodes[::2], nodes[1::2], fillvalue=0)
                    ]
                    for nodes in lanes
                ]
            if end < depth:
                lanes = [[self._registered(end, node, 0) for node in nodes] for nodes in lanes]
        return [self._registered(depth, nodes[0], low) for nodes, low in zip(lanes, lowest, strict=True)]

    def _once(self, key: tuple[Hashable, ...], make: Callable[[], _Sum]) -> int:
        """The number of a node by what it is made of."""
        if key not in self._made:
            self._nodes.append(make())
            self._made[key] = len(self._nodes) - 1
        return self._made[key]

    def _fresh(self, key: tuple[Hashable, ...], width: int) -> tuple[Function, ...]:
        whole = self.number(key)
        return tuple(of_input(self.number((whole, bit))) for bit in range(width))

    def _computed_bits(self, key: tuple[Hashable, ...], width: int) -> tuple[Function, ...]:
        bits = self._fresh(key, width)
        self._computed.update(number for bit in bits for number in bit.inputs)
        return bits

    def _product(self, column: int, weight: int) -> int:
        return self._once(("product", column, weight), lambda: _alone(self._times(column, weight))) if weight else 0

    def _times(self, column: int, weight: int) -> Word:
        lane = self._lane
        x = Word(self._fresh(("x", column), lane.x.bits), lane.x.signed)
        if weight == 1:
            return x
        width = lane.product_bits
        if lane.chained(width):
            self._count.negations += lane.chain(np.array([width]))
            computed = self._computed_bits(("product", column, weight), width)
            return Word((x.bits[0], *computed[1:]), True)  # the lowest bit of a negation is that of the number
        return Word(sum_of((x,), width, (weight,)), True)

    def _pair(self, level: int, low: int, high: int, at_once: bool) -> int:
        """The sum of two nodes, or what both add up."""
        if not low or not high:
            return low or high
        low, high = min(low, high), max(low, high)
        return self._once((level, low, high), lambda: self._sum(self._nodes[low], self._nodes[high], at_once))

    def _sum(self, low: _Sum, high: _Sum, at_once: bool) -> _Sum:
        signed = low.signed or high.signed
        wide = max(side.width + (signed and not side.signed) for side in (low, high))
        both = _Sum((*low.words, *high.words), min(wide + 1, self._lane.sum_bits), signed)
        return both if at_once else _alone(self._added(both))

    def _added(self, node: _Sum) -> Word:
        """What a node adds up, as one word, counted."""
        if len(node.words) == 1:
            return node.words[0]
        lane, count, words = self._lane, self._count, node.words
        if not lane.chained(node.width):
            return self._narrow(node)
        for bit in chain.from_iterable(word.bits for word in words):
            self.take(bit)
        count.chained += lane.chain(np.array([node.width]))
        count.merged += sum(word.width for word in words) * (len(words) - 2) / len(words)
        return Word(self._computed_bits(("chain", *words), node.width), node.signed)

    def _narrow(self, node: _Sum) -> Word:
        """A sum without a chain; of too many bits one word is added after another, as tables."""
        words = list(node.words)
        while len(inputs_of(words)) > MOST:
            words = [self._as_tables(word) for word in words]
            if len(words) <= 2:
                break
            width = min(max(word.width for word in words[:2]) + 1, node.width)
            words = [Word(sum_of(words[:2], width), node.signed), *words[2:]]
        return Word(sum_of(words, node.width), node.signed)

    def _as_tables(self, word: Word) -> Word:
        for bit in word.bits:
            self.take(bit)
        bits = (bit if bit.wire else of_input(self.number(bit)) for bit in word.bits)
        return Word(tuple(bits), word.signed)

    def _registered(self, level: int, node: int, lowest: int) -> int:
        return self._once(("register", level, node, lowest), lambda: self._behind(level, node, lowest)) if node else 0

    def _behind(self, level: int, node: int, lowest: int) -> _Sum:
        """Behind registers of the bits from `lowest` up, of which equal ones of several words at one place are one."""
        word = self._added(self._nodes[node])
        bits = []
        for place, bit in enumerate(word.bits):
            if not bit.inputs:
                bits.append(bit)
                continue
            key = ("register", level, bit, 0 if bit.is_input else place)
            if place >= lowest and key not in self._numbers:
                self.take(bit)
                self._count.registers += 1
                self._count.alone += bit.is_input and bit.inputs[0] not in self._computed
            bits.append(of_input(self.number(key)) if place >= lowest else ZERO)
        return _alone(Word(tuple(bits), word.signed))


def _alone(word: Word) -> _Sum:
    return _Sum((word,), word.width, word.signed)
