"""The comparisons of `hwf_threshold` and their memories, bit by bit, where one channel has a lane and no carry chain compares."""

from collections.abc import Hashable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from hwflow.ints import IntArray
from hwflow.quantised.backend.cones import MOST, Function, Word, functions, patterns, renamed, value_of


@dataclass(frozen=True)
class Search:
    """What is searched: levels of each stage, by the comparisons before it; and how a count becomes a result."""

    levels: tuple[tuple[int, ...], ...]
    descending: bool
    steps: int
    base: int
    bits: int

    @property
    def stages(self) -> int:
        return len(self.levels)


@dataclass(frozen=True)
class Found:
    """The functions that tables make of a search, and how many columns of its memories have a register.

    functions: of comparisons, which others read too; flat: the same of registers alone.
    """

    functions: tuple[Function, ...]
    flat: tuple[Function, ...]
    columns: int


def search_of(word: Word, search: Search) -> Found | None:
    """Of a word whose bits are registers; None where a comparison reads too many bits."""
    places = {name: place for place, name in enumerate(word.inputs)}
    return _search(renamed(word, places), len(places), search)


@lru_cache(maxsize=1 << 12)
def _search(word: Word, inputs: int, search: Search) -> Found | None:
    made: list[Function] = []
    flat: list[Function] = []
    columns = 0
    before: list[tuple[Hashable, tuple[int, ...]]] = []  # columns of the stage's memory, and what they hold
    for stage, levels in enumerate(search.levels):
        names: list[Hashable] = [("value", stage, place) for place in range(inputs)]
        if inputs + len(before) > MOST:
            return None
        reached = _reached(word, inputs, levels, [held for _, held in before])
        (comparison,) = functions(reached, 1, [*names, *(name for name, _ in before)])
        made.append(comparison)
        flat.append(comparison)
        if stage + 1 == search.stages:
            break
        before = _columns(search.levels[stage + 1], stage + 1)
        columns += len(before)
        held = [_held(stage, column) for _, column in before]
        made += held
        flat += [_flat(function, ("comparison", stage), comparison) for function in held]
    results = _results(search)
    made += results
    flat += [_flat(function, ("comparison", search.stages - 1), comparison) for function in results]
    return Found(tuple(made), tuple(flat), columns)


def _reached(word: Word, inputs: int, levels: tuple[int, ...], held: list[tuple[int, ...]]) -> IntArray:
    """Whether a value reaches a level, by the patterns of both: of the value's inputs, and of columns that tell the level."""
    value = value_of(word, range(inputs))
    told = {tuple(column[at] for column in held): level for at, level in enumerate(levels)}
    least = min(levels)
    # What no word holds is as the lowest level, which is as good as any.
    level = np.array(
        [told.get(tuple(at >> i & 1 for i in range(len(held))), least) for at in range(1 << len(held))], dtype=np.int64
    )
    return (value[None, :] >= level[:, None]).astype(np.int64).ravel()


def _columns(levels: tuple[int, ...], stage: int) -> list[tuple[Hashable, tuple[int, ...]]]:
    """The columns of a memory that change, equal ones once."""
    span = max(max(levels).bit_length(), (-min(levels)).bit_length()) + 1
    every = (tuple(level >> bit & 1 for level in levels) for bit in range(span))
    changing = dict.fromkeys(column for column in every if len(set(column)) > 1)
    return [(("column", stage, place), column) for place, column in enumerate(changing)]


def _held(stage: int, held: tuple[int, ...]) -> Function:
    """A column's register takes what the next address holds, or, while nothing moves, what the one that was taken holds."""
    depth = stage + 1  # comparisons that address it, the last one first
    names: list[Hashable] = [("comparison", stage), *(("past", stage, place) for place in range(stage))]
    names += [*(("past", stage + 1, place) for place in range(depth)), "enable"]
    every = np.arange(1 << len(names))
    column, last = np.array(held), (1 << depth) - 1
    taken = np.where(every >> 2 * depth & 1, column[every & last], column[every >> depth & last])
    (function,) = functions(taken, 1, names)
    return function


def _results(search: Search) -> list[Function]:
    """Bits of the result that are not comparisons as they are; a comparison's complement is made with it."""
    last = search.stages - 1
    names: list[Hashable] = [("comparison", last), *(("past", last, place) for place in range(last))]
    count = np.arange(1 << search.stages)
    results = functions(search.base + (search.steps - count if search.descending else count), search.bits, names)
    return [result for result in results if result.inputs != (names[0],)]


def _flat(function: Function, name: Hashable, comparison: Function) -> Function:
    """The same of what a comparison reads, and of what tells whether anything moves: there is room, or nothing is kept."""
    room, empty = ("room",), ("empty",)
    inputs = [*(each for each in function.inputs if each not in (name, "enable")), *comparison.inputs]
    inputs += [room, empty] if "enable" in function.inputs else []
    if name not in function.inputs:
        return function
    if len(inputs) > MOST:
        return Function(tuple(inputs), 0)  # no table will be enough anyway
    every = np.arange(1 << len(inputs))
    values = {each: every >> at & 1 for at, each in enumerate(inputs)}
    values[name] = patterns(comparison, inputs)
    if "enable" in function.inputs:
        values["enable"] = values[room] | values[empty]
    at = sum((values[each] << place for place, each in enumerate(function.inputs)), np.zeros_like(every))
    (made,) = functions(patterns(function, function.inputs)[at], 1, inputs)
    return made


def as_read(function: Function, key: Hashable) -> Function:
    """The same of bits that are called otherwise than in other searches."""
    return Function(tuple((key, name) for name in function.inputs), function.table)
