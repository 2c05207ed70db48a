"""Sums of shifted terms under way: what values there are so far, and of which kind each one's number is.

A number is the value less an offset, as of `adders.AdderGraph`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from hwflow.ints import IntArray, IntType


@dataclass(frozen=True)
class Term:
    """A value, shifted to the left, and whether it is subtracted."""

    value: int
    shift: int
    negative: bool


@dataclass(frozen=True)
class Addition:
    """The sum of two terms or three, at most one of them subtracted, and at least one not shifted, the least shifted first."""

    terms: tuple[Term, ...]


class Values:
    """The inputs, and the sums that are made of them: each once.

    low, high: in which each input lies; turns: whether what is subtracted is turned, and all numbers are without a sign;
    kinds, offsets, levels: of each value, as of the graph.
    """

    def __init__(self, x: IntType, low: IntArray, high: IntArray, *, turns: bool) -> None:
        self._low, self._high, self.turns = low, high, turns
        columns = len(low)
        self._factors = list(np.eye(columns, dtype=np.int64))
        self._known: dict[Addition, int] = {}
        self.additions: list[Addition] = []
        self.kinds = [IntType.holding(0, int(end) - x.min) if turns else x for end in high]
        self.offsets = [x.min if turns else 0] * columns
        self.levels = [0] * columns

    def __len__(self) -> int:
        return len(self.kinds)

    def bits(self, value: int) -> int:
        return self.kinds[value].bits

    def sum_of(self, terms: Sequence[Term]) -> Term:
        """The sum of terms, one of them not shifted."""
        subtracted = sum(term.negative for term in terms)
        negative = 2 * subtracted > len(terms)
        if 2 * subtracted == len(terms):
            # What is not shifted is not subtracted: its low bits are those of the difference. If neither is, the narrower one, and
            # rather the sum than its negative, since a row is then seldom one.
            ends = [term for term in terms if not term.shift]
            negative = min((self._widest(terms, end.negative), end.negative) for end in ends)[-1]
        own = sorted(_signed(terms, negative), key=lambda term: (term.shift, term.negative, term.value))
        addition = Addition(tuple(own))
        if addition not in self._known:
            self._known[addition] = self._append(addition)
        return Term(self._known[addition], 0, negative)

    def _widest(self, terms: Sequence[Term], negative: bool) -> int:
        """The bits of a sum, or of its negative."""
        return self._kind(_signed(terms, negative)).bits

    def _kind(self, terms: Sequence[Term]) -> IntType:
        """Of a sum's number."""
        low, high = (end - self._offset(terms) for end in self._range(self._sum(terms)))
        return IntType.holding(min(low, 0) if self.turns else low, high)

    def _sum(self, terms: Iterable[Term]) -> IntArray:
        """What each input counts for in a sum."""
        return sum(map(self._factors_of, terms), start=np.zeros(len(self._low), dtype=np.int64))

    def _factors_of(self, term: Term) -> IntArray:
        return self._factors[term.value] * (-1 if term.negative else 1) << term.shift

    def _range(self, factors: IntArray) -> tuple[int, int]:
        twice, apart = int(factors @ (self._low + self._high)), int(np.abs(factors) @ (self._high - self._low))
        return (twice - apart) // 2, (twice + apart) // 2

    def _offset(self, terms: Iterable[Term]) -> int:
        """Of a sum: of a term whose bits are turned 1 - 2^bits less its own."""
        if not self.turns:
            return 0
        return sum(
            (-self.kinds[term.value].max - self.offsets[term.value] if term.negative else self.offsets[term.value])
            << term.shift
            for term in terms
        )

    def _append(self, addition: Addition) -> int:
        self._factors.append(self._sum(addition.terms))
        self.kinds.append(self._kind(addition.terms))
        self.offsets.append(self._offset(addition.terms))
        self.levels.append(1 + max(self.levels[term.value] for term in addition.terms))
        self.additions.append(addition)
        return len(self.kinds) - 1


def _signed(terms: Sequence[Term], negative: bool) -> list[Term]:
    """The terms, or those of the negative of their sum."""
    return [replace(term, negative=term.negative != negative) for term in terms]
