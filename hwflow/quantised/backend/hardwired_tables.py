"""What a hardwired layer takes, counted before synthesis: carry chains of its wide sums, and for the rest look-up tables of what
the bits behind it are as functions of the bits before it, however they are written."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from hwflow.ints import IntType
from hwflow.quantised.backend.carries import CCU2C, Bit, chain_of, columns
from hwflow.quantised.backend.cones import (
    MOST,
    ZERO,
    Function,
    Word,
    functions,
    inputs_of,
    of_input,
    sum_of,
    tables_of,
    turned,
    value_of,
)
from hwflow.quantised.backend.counts import Mapping
from hwflow.quantised.backend.hardwired import Hardwired, Result

_Bits = tuple[Function, ...]


@dataclass(frozen=True)
class HardwiredCount:
    """chained: bits of carry chains that synthesis makes of sums; tables: look-up tables, those of several for a function with them;
    alone: registers behind registers, or behind what others read too. In a layer that is written for a carry chain: places, of
    chains where something is added; offsets: bits of chains that add a row's offset."""

    chained: int
    tables: int
    alone: int
    places: int
    offsets: int


@dataclass(frozen=True)
class HardwiredPrices:
    """Look-up tables for one of each of these counts, and of what moves the registers; how far off the sum was, as a share of what
    synthesis counted, on layers that were left out of the fit."""

    chained: float
    tables: float
    alone: float = 0.0
    fixed: float = 0.0
    places: float = 0.0
    offsets: float = 0.0
    mean_error: float = 0.0
    worst_error: float = 0.0

    def of(self, count: HardwiredCount) -> int:
        numbers: dict[str, int] = vars(count)
        return round(self.fixed + sum(float(getattr(self, name)) * number for name, number in numbers.items()))


# Of twenty-eight random layers (benchmarks/hardwired_cost.py); a logic cell of iCE40 holds a flip-flop too.
PRICES = {
    "ecp5": HardwiredPrices(0.99, 0.99, places=1.05, offsets=0.81, mean_error=0.114, worst_error=0.377),
    "ice40": HardwiredPrices(1.10, 0.73, 1.24, 4.94, mean_error=0.062, worst_error=0.231),
    "gowin": HardwiredPrices(0.99, 1.05, mean_error=0.059, worst_error=0.238),
    "xilinx": HardwiredPrices(0.83, 1.10, places=1.00, offsets=0.53, mean_error=0.083, worst_error=0.261),
}


def count_hardwired(wired: Hardwired, mapping: Mapping) -> HardwiredCount:
    return _Counter(wired, mapping).count()


class _Counter:
    """Bits have names: of a value (value, bit), of a comparison (row, "reaches", n)."""

    def __init__(self, wired: Hardwired, mapping: Mapping) -> None:
        self._wired, self._graph, self._mapping = wired, wired.graph, mapping
        self._chained = self._taken = self._offsets = self._more = 0
        self._odd: Counter[int] = Counter()  # chains of an odd number of places, by level
        self._made: dict[Function, None] = {}
        self._bits: list[_Bits] = []  # of each value, in the stage where it is made
        self._last_read = wired.last_read

    def count(self) -> HardwiredCount:
        graph, wired = self._graph, self._wired
        for value, level in enumerate(graph.levels):
            bits = self._names(value) if value < graph.inputs else self._sum(value)
            self._bits.append(bits)
            if value >= graph.inputs and wired.stage(level) < wired.stage(self._last_read[value]):
                self._make(bits)  # a register keeps it
        for row, result in enumerate(wired.results):
            self._result(row, result)
        places = self._taken + sum(odd % 2 for odd in self._odd.values())
        tables = self._cost(self._made) + self._more
        return HardwiredCount(self._chained, tables, self._alone(), places, self._offsets)

    def _alone(self) -> int:
        wired, graph = self._wired, self._graph
        stages = [wired.stage(level) for level in graph.levels]
        at_once = set(range(graph.inputs))  # values that are read in front of a register too, or are inputs
        for value in range(graph.inputs, len(stages)):
            at_once.update(each for each in graph.operands(value) if stages[each] == stages[value])
        alone = 0
        for value, (bits, stage, last) in enumerate(zip(graph.bits, stages, self._last_read, strict=True)):
            alone += bits * max(0, wired.stage(last) - stage - (value not in at_once))
        given = (wired.last_stage - wired.stage(wired.result_level(each)) for each in wired.results if each.reached)
        return alone + wired.bits * sum(given)

    def _names(self, value: int) -> _Bits:
        return tuple(of_input((value, bit)) for bit in range(self._graph.bits[value]))

    def _make(self, bits: Sequence[Function]) -> _Bits:
        """The bits as tables, of which others read what comes out."""
        self._made.update(dict.fromkeys(bit for bit in bits if not bit.wire))
        return tuple(bit if bit.wire else of_input(bit) for bit in bits)

    def _in_stage(self, value: int, stage: int) -> Word:
        """A value, as functions of the registers in front of a stage."""
        kept = self._wired.stage(self._graph.levels[value]) < stage
        return Word(self._names(value) if kept else self._bits[value], self._graph.kinds[value].signed)

    def _sum(self, value: int) -> _Bits:
        terms, stage = self._graph.terms(value), self._wired.stage(self._graph.levels[value])
        if self._wired.is_chained(value):
            return self._places(value, stage)
        words = [self._in_stage(term.value, stage) for term in terms]
        down = terms[1].shift
        low = words[0].bits[:down] if len(words) == 2 and down < words[0].width else ()
        words[0] = Word(words[0].bits[len(low) :], words[0].signed)
        width = self._graph.bits[value] - len(low)
        chains = len(words) == 2 and width > self._mapping.narrow
        turns = self._mapping.turns if chains else self._graph.turns
        factors = [1 << max(0, term.shift - len(low)) for term in terms]
        for at, term in enumerate(terms):
            if term.negative and turns:
                words[at] = Word(tuple(turned(bit) for bit in words[at].bits), words[at].signed)
            elif term.negative:
                factors[at] *= -1
        if chains:
            if self._graph.turns:
                self._taken += sum(map(bool, columns(self._graph, value)[len(low) :]))
            else:
                self._chained += self._mapping.chain(width)
            return (*low, *self._chain(words, value, width, len(low)))
        if len(inputs_of(words)) > self._mapping.table:
            words = [Word(self._make(word.bits), word.signed) for word in words]
        return (*low, *sum_of(words, width, factors))

    def _places(self, value: int, stage: int) -> _Bits:
        """A sum on a carry chain of its family, with tables of the parities that it adds."""
        made = chain_of(self._graph, value, self._wired.chain)
        low = tuple(self._parity(met, stage) for met in made.low)
        for place in made.places:
            if self._wired.chain == CCU2C and len(place.added) > 1:
                self._make([self._parity(place.added, stage)])
                added: tuple[Bit, ...] = ()
            else:
                added = place.added
            self._make([self._in_stage(bit.value, stage).bits[bit.bit] for bit in (*added, *place.carried)])
        self._taken += sum(self._wired.chain == CCU2C or bool(place.added) for place in made.places)
        if self._wired.chain == CCU2C:
            self._odd[self._graph.levels[value]] += len(made.places) % 2
        return (*low, *(of_input((value, len(low) + place)) for place in range(len(made.places))))

    def _parity(self, bits: Sequence[Bit], stage: int) -> Function:
        words = []
        for bit in bits:
            function = self._in_stage(bit.value, stage).bits[bit.bit]
            words.append(Word((turned(function) if bit.turned else function,), False))
        if len(inputs_of(words)) > self._mapping.table:
            words = [Word(self._make(word.bits), False) for word in words]
        return sum_of(words, 1)[0] if words else ZERO

    def _chain(self, words: Sequence[Word], value: Hashable, width: int, first: int) -> _Bits:
        for word in words:
            self._make(word.bits)
        return tuple(of_input((value, first + bit)) for bit in range(width))

    def _result(self, row: int, result: Result) -> None:
        """A row's sum as it is, or what its comparisons give."""
        wired = self._wired
        if result.root is None or (result.outputs and not result.reached):
            return
        word = self._in_stage(result.root.value, wired.stage(wired.result_level(result)))
        kind = IntType.holding(self._graph.low[row], self._graph.high[row])
        width, offset = max(1, kind.bits - result.root.shift), self._graph.offsets[result.root.value]
        if result.reached:
            self._compared(row, result, word)
        elif not result.root.negative and not offset:
            self._make(word.bits)
        elif width > self._mapping.narrow:
            self._chain((word,), (row, "sum"), width, 0)
            if offset:
                self._offsets += self._mapping.chain(width)
            else:
                self._chained += self._mapping.chain(width)
        else:
            sign = -1 if result.root.negative else 1
            one = Word((Function((), 1),), False)
            self._make(sum_of((word, one), width, (sign, sign * offset)))

    def _compared(self, row: int, result: Result, word: Word) -> None:
        """As functions of what the sum's bits are, or of these bits, whichever takes fewer tables; each by comparisons, or not."""
        made = Word(self._make(word.bits), word.signed) if len(word.inputs) > self._mapping.table else word
        if len(made.inputs) > MOST:
            size = self._mapping.table
            self._more += sum(max(1, -(-(made.width - 1) // (size - 1))) for _ in result.reached)
            self._made.update(dict.fromkeys(self._chosen(row, result)))
            return
        reaches = value_of(made, made.inputs)[:, None] >= np.array(result.reached)
        outputs = np.array(result.outputs)[reaches.sum(axis=1)]
        at_once = functions(outputs, self._wired.bits, made.inputs)
        compared = [functions(column.astype(np.int64), 1, made.inputs)[0] for column in reaches.T]
        apart = [*compared, *self._chosen(row, result)]
        # Of more inputs the tables of one bit of the output are more than comparisons take.
        few = len(made.inputs) <= self._mapping.table + 2
        self._made.update(dict.fromkeys(at_once if few and self._cost(at_once) < self._cost(apart) else apart))

    def _chosen(self, row: int, result: Result) -> list[Function]:
        """Bits of the output that are no comparison nor its complement, as functions of those at which they change: whether an
        odd number of them is reached."""
        found = []
        for bit in range(self._wired.bits):
            ones = [output >> bit & 1 for output in result.outputs]
            names = [(row, "reaches", n) for n, (one, other) in enumerate(pairwise(ones)) if one != other]
            for first in range(0, len(names) - 1, MOST - 1):
                some = names[first : first + MOST]  # the first of them for what comes before
                found += functions(np.bitwise_count(np.arange(1 << len(some))).astype(np.int64), 1, some)
        return found

    def _cost(self, made: Iterable[Function]) -> int:
        """Tables that make functions, those that several have once."""
        size = self._mapping.table
        return len({table for function in made for table, _ in tables_of(function, size, 0)})
