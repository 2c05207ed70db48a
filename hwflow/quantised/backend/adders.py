"""A matrix of constants as one graph of additions that all its rows share.

Weights are written in signed digits (canonical: no two neighbours are both non-zero), so that a row is a sum of inputs,
each shifted and with a sign. The pair of terms that stands in most rows becomes a value of its own, again and again; what
is then left of each row is added up shallowest first. No row gets deeper than the deepest one would be without sharing, by
three terms at once than one of twice as many.

Bits are those of a number that is the value less an offset. Where additions take two terms the offset is 0. For carry chains
that take three, numbers have no sign: a term that is subtracted has its bits turned, which is 2^bits - 1 less it, and nothing is
carried out of a sum, nor into it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from heapq import heapify, heappop, heappush

import numpy as np

from hwflow.ints import IntArray, IntType
from hwflow.quantised.backend.pairs import Pair, Rows
from hwflow.quantised.backend.terms import Addition, Term, Values


@dataclass(frozen=True, eq=False)
class AdderGraph:
    """Values: the inputs, then the additions in an order in which each comes after what it adds.

    turns: whether what is subtracted is turned, and all numbers are without a sign; kinds: the type of the number of each value,
    exactly as wide as its range; offsets: a value less its number; levels: additions from the inputs to it; roots: for each row
    the term that it is, None for a row of zeros; low, high: of each row's sum.
    """

    inputs: int
    turns: bool
    additions: tuple[Addition, ...]
    kinds: tuple[IntType, ...]
    offsets: tuple[int, ...]
    levels: tuple[int, ...]
    roots: tuple[Term | None, ...]
    low: tuple[int, ...]
    high: tuple[int, ...]

    @cached_property
    def bits(self) -> tuple[int, ...]:
        """Of each value."""
        return tuple(kind.bits for kind in self.kinds)

    @property
    def depth(self) -> int:
        """Levels of additions."""
        return max((self.levels[root.value] for root in self.roots if root), default=0)

    def terms(self, value: int) -> tuple[Term, ...]:
        """What a value adds; nothing, of an input."""
        return self.additions[value - self.inputs].terms if value >= self.inputs else ()

    def operands(self, value: int) -> tuple[int, ...]:
        """The values that a value adds."""
        return tuple(term.value for term in self.terms(value))


def adder_graph(weight: IntArray, x: IntType, low: IntArray, high: IntArray, most: int = 2) -> AdderGraph:
    """The graph of a matrix [rows, columns] for inputs of a type whose elements lie in low … high [columns].

    most: terms of an addition, 2 or 3.
    """
    key = (np.ascontiguousarray(ends, dtype=np.int64).tobytes() for ends in (weight, low, high))
    return _graph(weight.shape, x, most, *key)


@lru_cache(maxsize=64)
def _graph(shape: tuple[int, int], x: IntType, most: int, weight: bytes, low: bytes, high: bytes) -> AdderGraph:
    matrix = np.frombuffer(weight, dtype=np.int64).reshape(shape)
    made = _Maker(matrix, x, most, np.frombuffer(low, dtype=np.int64), np.frombuffer(high, dtype=np.int64))
    return made.graph()


def signed_digits(weight: int) -> Iterator[tuple[int, int]]:
    """The shift and the sign of each non-zero digit of a number, no two of them neighbours."""
    shift = 0
    while weight:
        if weight & 1:
            digit = 2 - (weight & 3)
            yield shift, digit
            weight -= digit
        weight >>= 1
        shift += 1


def digits(weight: IntArray) -> int:
    """How many signed digits of a matrix are not zero: where a number and three times it differ."""
    size = np.abs(weight)
    return int(np.bitwise_count(size ^ 3 * size).sum())


class _Maker:
    """The rows under way, and the values so far."""

    def __init__(self, matrix: IntArray, x: IntType, most_terms: int, low: IntArray, high: IntArray) -> None:
        self._low, self._high = low, high
        self._matrix, self._most_terms = matrix, most_terms
        self._rows = Rows(len(matrix), int(np.abs(matrix).max(initial=0)).bit_length() + 1)
        for row, column in np.argwhere(matrix).tolist():
            for shift, sign in signed_digits(int(matrix[row, column])):
                self._rows.put(row, (column, shift), sign)
        self._values = Values(x, low, high, turns=most_terms > 2)
        # Terms of levels l add up in a tree of n levels if the sum of t^l is at most t^n, of t terms at once; with three, rows may
        # get as deep as one of twice as many terms, so that they share more.
        self._loads = [len(terms) for terms in self._rows.terms]
        self._most = 1
        while self._most < max(self._loads) * (most_terms - 1):
            self._most *= most_terms

    def graph(self) -> AdderGraph:
        values = self._values
        self._share()
        roots = tuple(self._added_up(terms) for terms in self._rows.terms)
        positive, negative = np.maximum(self._matrix, 0), np.minimum(self._matrix, 0)
        low = positive @ self._low + negative @ self._high
        high = positive @ self._high + negative @ self._low
        return AdderGraph(
            self._matrix.shape[1],
            values.turns,
            tuple(values.additions),
            tuple(values.kinds),
            tuple(values.offsets),
            tuple(values.levels),
            roots,
            tuple(map(int, low)),
            tuple(map(int, high)),
        )

    def _share(self) -> None:
        """Make values of pairs for as long as one stands in two places: of those in most places the shallowest, then the
        narrowest."""
        waiting = _Waiting()
        for pair, count in self._rows.repeated():
            waiting.put(pair, count)
        while waiting.most:
            most = waiting.most
            heap = [self._order_of(pair) for pair in waiting.take(most) if self._stands(pair, most, waiting)]
            heapify(heap)
            while heap and waiting.most <= most:
                pair = heappop(heap)[-1]
                if not self._stands(pair, most, waiting):
                    continue
                places = list(self._places(pair))
                if len(places) != most:
                    waiting.put(pair, len(places))
                    continue
                for new in self._replace(pair, places):
                    count = self._rows.count(new)
                    if count == most:
                        heappush(heap, self._order_of(new))
                    else:
                        waiting.put(new, count)
            for *_, pair in heap:
                waiting.put(pair, most)

    def _order_of(self, pair: Pair) -> tuple[int, int, Pair]:
        """The shallowest first, then the narrowest."""
        first, second = pair[:2]
        level = max(self._values.levels[first], self._values.levels[second])
        return (level, self._values.bits(first) + self._values.bits(second), pair)

    def _stands(self, pair: Pair, places: int, waiting: "_Waiting") -> bool:
        """Whether the pair stands in so many places still; if not, it waits among those that stand in as many as it does."""
        count = self._rows.count(pair)
        if count < places:
            waiting.put(pair, count)
        return count >= places

    def _places(self, pair: Pair) -> Iterator[tuple[int, int]]:
        """Rows, and shifts in them, at which the pair stands and may become one term: no row gets too deep, and no term is in
        two places."""
        first, second, apart, _ = pair
        more = self._more(first, second)
        taken, before, load = set[int](), -1, 0
        for row, shift in self._rows.places(pair):
            if row != before:
                taken, before, load = set(), row, self._loads[row]
            overlaps = first == second and shift in taken
            if not overlaps and load + more <= self._most:
                taken.add(shift + apart)
                load += more
                yield row, shift

    def _more(self, first: int, second: int) -> int:
        """By how much a row's load grows where the sum of two values stands for them."""
        one, other = self._values.levels[first], self._values.levels[second]
        return int(self._most_terms ** (1 + max(one, other)) - self._most_terms**one - self._most_terms**other)

    def _replace(self, pair: Pair, places: list[tuple[int, int]]) -> Iterable[Pair]:
        """Make the pair a value in these places; gives pairs with it, all that stand in several places among them."""
        first, second, apart, signs = pair
        down, before = min(apart, 0), len(self._values)  # the new term's shift less the first one's
        new = self._values.sum_of([Term(first, -down, False), Term(second, apart - down, signs < 0)])
        value, flipped = new.value, -1 if new.negative else 1
        more = self._more(first, second)
        rows = self._rows
        for row, shift in places:
            sign = rows.take(row, (first, shift))
            rows.take(row, (second, shift + apart))
            rows.put(row, (value, shift + down), sign * flipped)
            self._loads[row] += more
        beside = Counter(each for row, shift in places for each in rows.beside(row, (value, shift + down)))
        if value < before:  # it stands elsewhere too
            return beside
        return [each for each, count in beside.items() if count > 1]

    def _added_up(self, terms: dict[tuple[int, int], int]) -> Term | None:
        """What is left of a row, as one term; the shallowest are added first, and of an even number two, the narrowest."""
        heap = [(self._order(Term(value, shift, sign < 0))) for (value, shift), sign in terms.items()]
        heapify(heap)
        while len(heap) > 1:
            some = [heappop(heap)[-1] for _ in range(self._most_terms if len(heap) % 2 else 2)]
            down = min(shift for _, shift, _ in some)
            new = self._values.sum_of([Term(value, shift - down, negative) for value, shift, negative in some])
            heappush(heap, self._order(Term(new.value, new.shift + down, new.negative)))
        return Term(*heap[0][-1]) if heap else None

    def _order(self, term: Term) -> tuple[int, int, int, tuple[int, int, bool]]:
        bits = self._values.bits(term.value)
        return (self._values.levels[term.value], term.shift, bits, (term.value, term.shift, term.negative))


class _Waiting:
    """Pairs by in how many places they stood when they were put here, from two on: as many as they stand in now, or more."""

    def __init__(self) -> None:
        self._pairs: dict[int, list[Pair]] = {}

    def put(self, pair: Pair, places: int) -> None:
        if places > 1:
            self._pairs.setdefault(places, []).append(pair)

    def take(self, places: int) -> list[Pair]:
        return self._pairs.pop(places)

    @property
    def most(self) -> int:
        """The most places of any; 0 without any."""
        return max(self._pairs, default=0)
