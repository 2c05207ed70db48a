"""Pairs of terms in rows of shifted values, and where each stands: what `adders` shares."""

from collections.abc import Iterator

import numpy as np

Term = tuple[int, int]  # a value and its shift
Pair = tuple[int, int, int, int]  # first value, second value, the second's shift less the first's, product of signs


class Rows:
    """The terms of each row, +1 or -1 by value and shift, and of each value where it stands.

    shifts: all shifts are below it. Places are a set of bits: one for each shift in each row, and as many between two rows,
    so that what is moved by a shift meets no other row.
    """

    def __init__(self, rows: int, shifts: int) -> None:
        self.terms: list[dict[Term, int]] = [{} for _ in range(rows)]
        self._shifts = shifts
        self._places_of: dict[int, list[int]] = {}  # of each value: where it is added, and where it is subtracted

    def put(self, row: int, term: Term, sign: int) -> None:
        """Add a term that the row does not have."""
        self.terms[row][term] = sign
        self._places_of.setdefault(term[0], [0, 0])[sign < 0] |= self._place(row, term[1])

    def take(self, row: int, term: Term) -> int:
        """Remove a term; gives its sign."""
        sign = self.terms[row].pop(term)
        self._places_of[term[0]][sign < 0] ^= self._place(row, term[1])
        return sign

    def _place(self, row: int, shift: int) -> int:
        return 1 << row * 2 * self._shifts + shift

    def count(self, pair: Pair) -> int:
        """In how many places the pair stands."""
        return self._standing(pair).bit_count()

    def places(self, pair: Pair) -> Iterator[tuple[int, int]]:
        """The row and the shift of the first term wherever the pair stands, ascending."""
        standing = self._standing(pair)
        while standing:
            lowest = standing & -standing
            standing ^= lowest
            yield divmod(lowest.bit_length() - 1, 2 * self._shifts)

    def _standing(self, pair: Pair) -> int:
        """The places of the pair's first term, as a set."""
        first, second, apart, signs = pair
        plus, minus = self._places_of[first]
        like, unlike = self._places_of[second][:: 1 if signs > 0 else -1]
        if apart < 0:
            return plus & like << -apart | minus & unlike << -apart
        return plus & like >> apart | minus & unlike >> apart

    def repeated(self) -> Iterator[tuple[Pair, int]]:
        """All pairs that stand in several places, with in how many."""
        values, span = 1 + max(self._places_of, default=0), 2 * self._shifts
        codes = [np.zeros(0, dtype=np.int64)]
        for terms in self.terms:
            listed = sorted((*term, sign) for term, sign in terms.items())
            value, shift, sign = np.array(listed, dtype=np.int64).reshape(-1, 3).T
            one, other = np.triu_indices(len(sign), 1)
            code = (value[one] * values + value[other]) * span + shift[other] - shift[one] + self._shifts
            codes.append(2 * code + (sign[one] == sign[other]))
        found, counts = np.unique(np.concatenate(codes), return_counts=True)
        found, counts = found[counts > 1], counts[counts > 1]
        both, apart = np.divmod(found >> 1, span)
        columns = (*np.divmod(both, values), apart - self._shifts, 2 * (found & 1) - 1)
        pairs = zip(*(column.tolist() for column in columns), strict=True)
        yield from zip(pairs, counts.tolist(), strict=True)

    def beside(self, row: int, term: Term) -> list[Pair]:
        """The pairs of a term with the others of its row."""
        value, shift = term
        terms = self.terms[row]
        sign = terms[term]
        return [
            (other, value, shift - at, sign * its) if (other, at) < term else (value, other, at - shift, sign * its)
            for (other, at), its in terms.items()
            if at != shift or other != value
        ]
