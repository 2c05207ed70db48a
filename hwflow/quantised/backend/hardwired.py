"""A layer with constant weights as a pipeline: the graph of its additions, the comparisons at its ends, and where registers lie.

Levels of arithmetic are counted from the inputs: an addition is one, the comparisons of a row with its thresholds, side
by side, are one more, and so is what makes a sum of its bits where there are no thresholds. Registers lie behind some levels
and behind the last one; or there are none, and the layer that reads this one has them.
"""

import math
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from hwflow.ints import IntArray, IntType
from hwflow.quantised.backend.adders import AdderGraph, adder_graph
from hwflow.quantised.backend.carries import CARRY4, CCU2C, TERMS
from hwflow.quantised.backend.terms import Term
from hwflow.quantised.layers import Dense, Threshold

# Bits of the terms of a sum that is no carry chain, with registers and without: each chain of CCU2C has one more at its beginning
# when it is placed; and where many sums follow each other without a register, ABC doubles tables of them for speed, but no chain.
_NARROW, _NARROW_THROUGH = 6, 4


@dataclass(frozen=True)
class Result:
    """What a row gives: outputs[n], where its value reaches n of the ascending `reached`; with no threshold, none of both.

    root: the term that is its sum, None for a sum of nothing. reached holds each threshold once that the value can lie on both
    sides of, in terms of the number that the value's bits are, not of the sum.
    """

    root: Term | None
    reached: tuple[int, ...] = ()
    outputs: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Hardwired:
    """A layer's graph, its results and its registers.

    bits: of an output; depth: levels, at least one; cuts: those behind which registers lie, ascending, `depth` the last one;
    chain: the carry chain that additions are written for (`carries.CHAINS`), empty for none.
    """

    graph: AdderGraph
    results: tuple[Result, ...]
    bits: int
    depth: int
    cuts: tuple[int, ...]
    chain: str

    @property
    def stages(self) -> int:
        """Registers from an input to its result."""
        return len(self.cuts)

    @property
    def last_stage(self) -> int:
        """The one from which results leave."""
        return max(0, self.stages - 1)

    def stage(self, level: int) -> int:
        """In which stage a level of arithmetic is: 0 is in front of the first register."""
        return sum(cut < level for cut in self.cuts)

    def result_level(self, result: Result) -> int:
        """The level at which a result is known."""
        if result.outputs:
            return self.graph.levels[result.root.value] + 1 if result.root and result.reached else 0
        return self.depth

    def is_chained(self, value: int) -> bool:
        """Whether an addition is written as places of the chain: not where its terms have so few bits that tables are better, nor
        where CARRY4 is what synthesis makes of the sum."""
        added = self.graph.operands(value)
        wide = sum(self.graph.bits[each] for each in added) > (_NARROW if self.cuts else _NARROW_THROUGH)
        return wide and (self.chain == CCU2C or (self.chain == CARRY4 and len(added) == TERMS))

    @property
    def last_read(self) -> tuple[int, ...]:
        """For each value the greatest level that reads it; 0 where none does."""
        return _last_read(self.graph, self.results, self.depth)

    @cached_property
    def waits(self) -> tuple[bool, ...]:
        """For each value whether it may come a level later, in its stage, and nothing would be deeper."""
        graph, ends = self.graph, [*self.cuts, self.depth]
        latest = [ends[self.stage(level)] for level in graph.levels]
        for result in self.results:
            if result.root and _comes_last(graph, result):
                end = ends[self.stage(self.result_level(result))]
                latest[result.root.value] = min(latest[result.root.value], end - 1)
        for value in reversed(range(graph.inputs, len(latest))):
            for operand in graph.operands(value):
                if self.stage(graph.levels[operand]) == self.stage(graph.levels[value]):
                    latest[operand] = min(latest[operand], latest[value] - 1)
        return tuple(last > level for last, level in zip(latest, graph.levels, strict=True))

    @property
    def registers(self) -> int:
        """Bits of all registers but those of the handshake."""
        crossing = _crossing(self.graph, self.results, self.bits, self.depth)
        return sum(crossing[cut] for cut in self.cuts)


def hardwired(
    dense: Dense,
    threshold: Threshold | None,
    x: IntType,
    low: IntArray,
    high: IntArray,
    bits: int,
    levels: int,
    chain: str = "",
) -> Hardwired:
    """A layer for inputs of a type whose elements lie in low … high, with registers behind every `levels` levels at most.

    bits: of an output; levels: 0 for no registers; chain: as of `Hardwired`.
    """
    graph = adder_graph(dense.weight, x, low, high, TERMS if chain else 2)
    results = tuple(_result(graph, row, root, threshold) for row, root in enumerate(graph.roots))
    depth = max(1, graph.depth + any(_comes_last(graph, result) for result in results))
    return Hardwired(graph, results, bits, depth, _cuts(graph, results, bits, depth, levels) if levels else (), chain)


def _comes_last(graph: AdderGraph, result: Result) -> bool:
    """Whether a level of arithmetic follows the row's sum: comparisons, or an addition of its offset."""
    return bool(result.reached) or bool(result.root and not result.outputs and graph.offsets[result.root.value])


def _result(graph: AdderGraph, row: int, root: Term | None, threshold: Threshold | None) -> Result:
    if threshold is None:
        return Result(root)
    levels, base = threshold.levels[row].tolist(), threshold.base
    low, high = graph.low[row], graph.high[row]
    met = bisect_right(levels, low)
    reached = sorted(set(levels[met : bisect_right(levels, high)]))
    counts = [met, *(bisect_right(levels, at) for at in reached)]
    outputs = [base + (len(levels) - count if threshold.descending[row] else count) for count in counts]
    if root is None or not reached:
        return Result(root, (), (outputs[0],))
    offset = graph.offsets[root.value]
    own = [-(-level >> root.shift) - offset for level in reached]
    if root.negative:  # -v reaches a level where v does not reach one above its negative
        own = [(-level >> root.shift) + 1 - offset for level in reversed(reached)]
        outputs.reverse()
    return Result(root, *_distinct(own, outputs))


def _distinct(levels: list[int], outputs: list[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Without levels that equal the next one, or behind which nothing changes."""
    kept, given = list[int](), [outputs[0]]
    for i, level in enumerate(levels):
        if outputs[i + 1] == given[-1]:
            continue
        if kept and kept[-1] == level:
            given[-1] = outputs[i + 1]
            continue
        kept.append(level)
        given.append(outputs[i + 1])
    return tuple(kept), tuple(given)


def _last_read(graph: AdderGraph, results: tuple[Result, ...], depth: int) -> tuple[int, ...]:
    last = [0] * len(graph.bits)
    for value in range(graph.inputs, len(last)):
        for operand in graph.operands(value):
            last[operand] = max(last[operand], graph.levels[value])
    for result in results:
        if result.root and (result.reached or not result.outputs):
            at = graph.levels[result.root.value] + 1 if result.outputs else depth
            last[result.root.value] = max(last[result.root.value], at)
    return tuple(last)


def _crossing(graph: AdderGraph, results: tuple[Result, ...], bits: int, depth: int) -> dict[int, int]:
    """Bits of the registers behind each level, from 1 to depth."""
    last = _last_read(graph, results, depth)
    changes = [0] * (depth + 1)  # of what is behind a level, from the one before it to it
    for width, level, end in zip(graph.bits, graph.levels, last, strict=True):
        if level < end:
            changes[level] += width
            changes[end] -= width
    for result in results:
        if result.reached and result.root and graph.levels[result.root.value] < depth:
            changes[graph.levels[result.root.value] + 1] += bits
    behind = list(accumulate(changes))
    behind[depth] = bits * sum(1 for result in results if result.root and (result.reached or not result.outputs))
    return dict(enumerate(behind[1:], 1))


def _cuts(graph: AdderGraph, results: tuple[Result, ...], bits: int, depth: int, levels: int) -> tuple[int, ...]:
    """As few cuts as there may be, where they take fewest registers."""
    count = math.ceil(depth / levels)
    cost = _crossing(graph, results, bits, depth)
    best: dict[int, tuple[int, tuple[int, ...]]] = {0: (0, ())}
    for _ in range(count):
        best = {
            cut: min((best[last][0] + cost[cut], (*best[last][1], cut)) for last in _within(cut, levels, best))
            for cut in range(1, depth + 1)
            if any(True for _ in _within(cut, levels, best))
        }
    return best[depth][1]


def _within(cut: int, levels: int, best: dict[int, tuple[int, tuple[int, ...]]]) -> Iterator[int]:
    return (last for last in best if last < cut <= last + levels)
