"""Logic in front of a register as look-up tables: a function of few bits is one table, however it is written, and one of
more bits is several, some of which make a bit that other functions read too.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from hwflow.ints import IntArray

MOST = 10  # inputs of a function that is looked at
_Step = tuple[tuple[int, ...], int, bool]  # inputs, truth table, whether it is a multiplexer between tables


@dataclass(frozen=True)
class Function:
    """A bit: inputs, each of which it depends on, and the truth table of 2^inputs bits: bit a is what it is where input i is
    bit i of a. An input is the name of a register's bit, or the function that makes it."""

    inputs: tuple[Hashable, ...]
    table: int

    @property
    def wire(self) -> bool:
        """Whether it is a bit as it is, or a constant, so no logic."""
        return not self.inputs or self.is_input

    @property
    def is_input(self) -> bool:
        """Whether it is a bit as it is."""
        return len(self.inputs) == 1 and self.table == 0b10


ZERO = Function((), 0)


def of_input(name: Hashable) -> Function:
    """The function that is an input."""
    return Function((name,), 0b10)


@dataclass(frozen=True)
class Word:
    """A number: its bits, the lowest first, the top one the sign if it has one."""

    bits: tuple[Function, ...]
    signed: bool

    @property
    def width(self) -> int:
        return len(self.bits)

    @property
    def inputs(self) -> list[Hashable]:
        """What its bits depend on, in the order in which these do."""
        return inputs_of([self])


def inputs_of(words: Iterable[Word]) -> list[Hashable]:
    """What bits of words depend on, in the order in which these do."""
    return list(dict.fromkeys(name for word in words for bit in word.bits for name in bit.inputs))


def turned(function: Function) -> Function:
    """The complement."""
    return Function(function.inputs, function.table ^ ((1 << (1 << len(function.inputs))) - 1))


def functions(values: IntArray, width: int, inputs: Sequence[Hashable]) -> list[Function]:
    """The lowest bits of values [2^inputs] as functions, each of those inputs that it depends on."""
    ones = (values[None, :] >> np.arange(width)[:, None] & 1).astype(np.uint8)
    found = []
    for row in np.packbits(ones, axis=1, bitorder="little"):
        places, table = _reduced(row.tobytes(), len(inputs))
        found.append(Function(tuple(inputs[place] for place in places), table))
    return found


def patterns(function: Function, inputs: Sequence[Hashable]) -> IntArray:
    """What a function is under each pattern of more inputs [2^inputs]."""
    every = np.arange(1 << len(inputs))
    at = sum((((every >> inputs.index(name)) & 1) << i for i, name in enumerate(function.inputs)), np.zeros_like(every))
    return _unpacked(function.table, len(function.inputs)).astype(np.int64)[at]


def tables_of(function: Function, size: int, wide: int) -> list[tuple[Function, bool]]:
    """The look-up tables that make it, each with whether one was enough. A table and its complement are one.

    size: inputs of a table; wide: inputs up to which multiplexers, which cost nothing, join tables: by these ABC makes a function
    about as fast as one table, even where fewer tables would be enough.
    """
    if function.wire:
        return []
    names: list[Hashable] = list(function.inputs)
    if size < len(names) <= wide:
        return [(Function((function, part), 0), False) for part in range(1 << len(names) - size)]
    made = []
    steps = _steps(_positive(function.table, len(names)), len(names), size, wide)
    for inputs, table, free in steps:
        step = Function(tuple(names[at] for at in inputs), table)
        names.append(step)
        if not free:
            made.append((step, len(steps) == 1))
    return made


def _positive(table: int, inputs: int) -> int:
    """The one of a function and its complement that is 0 where all inputs are."""
    return table ^ ((1 << (1 << inputs)) - 1) if table & 1 and inputs > 1 else table


def _unpacked(table: int, inputs: int) -> NDArray[np.uint8]:
    packed = np.frombuffer(table.to_bytes(max(1, (1 << inputs) // 8), "little"), dtype=np.uint8)
    return np.unpackbits(packed, bitorder="little", count=1 << inputs)


def _packed(ones: NDArray[np.uint8]) -> int:
    return int.from_bytes(np.packbits(ones.ravel(), bitorder="little").tobytes(), "little")


@lru_cache(maxsize=1 << 16)
def _reduced(packed: bytes, inputs: int) -> tuple[tuple[int, ...], int]:
    """The inputs that a truth table depends on, and the table of these alone."""
    ones = np.unpackbits(np.frombuffer(packed, dtype=np.uint8), bitorder="little", count=1 << inputs)
    kept = []
    for place in reversed(range(inputs)):
        halves = ones.reshape(-1, 2, 1 << place)
        if (halves[:, 0] == halves[:, 1]).all():
            ones = halves[:, 0].ravel()
        else:
            kept.append(place)
    return tuple(reversed(kept)), _packed(ones)


@lru_cache(maxsize=1 << 14)
def _steps(table: int, inputs: int, size: int, wide: int) -> tuple[_Step, ...]:
    """Tables of at most `size` inputs, the last of which is the function; inputs beyond its own are earlier tables."""
    if inputs <= size:
        return ((tuple(range(inputs)), table, False),)
    ones = _unpacked(table, inputs)
    bound = _bound(ones, inputs, size)
    if bound is None:
        return _halves(ones, inputs, size, wide)
    first, code, rest = bound
    others = [at for at in range(inputs) if at not in first]
    step: _Step = (first, _packed(code), False)
    places, table = _reduced(np.packbits(rest.ravel(), bitorder="little").tobytes(), len(others) + 1)
    names = [[*others, inputs][place] for place in places]
    return (step, *_renamed(_steps(table, len(places), size, wide), names, inputs + 1))


def _renamed(steps: tuple[_Step, ...], names: Sequence[int], first: int) -> list[_Step]:
    """Steps of inputs that are called otherwise; the steps' own results are numbers from `first` up."""
    own = [*names, *range(first, first + len(steps))]
    return [(tuple(own[at] for at in inputs), table, free) for inputs, table, free in steps]


def _bound(
    ones: NDArray[np.uint8], inputs: int, size: int
) -> tuple[tuple[int, ...], NDArray[np.uint8], NDArray[np.uint8]] | None:
    """As many inputs as there may be that a function depends on by one bit of them; that bit [2^bound], and the function of it
    and of the other inputs [2, 2^others]; None where there are none."""
    grid = ones.reshape((2,) * inputs)
    for count in range(size, 1, -1):
        for first in combinations(range(inputs), count):
            axes = [inputs - 1 - at for at in reversed(first)]
            columns = np.moveaxis(grid, axes, range(count)).reshape(1 << count, -1)
            code = (columns != columns[0]).any(axis=1)
            other = columns[code.argmax()]
            if (columns[code] == other).all():
                return first, code.astype(np.uint8), np.stack([columns[0], other])
    return None


def _halves(ones: NDArray[np.uint8], inputs: int, size: int, wide: int) -> tuple[_Step, ...]:
    """By the input that leaves functions of fewest inputs: both functions that are left, and what chooses one."""

    def halves(place: int) -> list[tuple[tuple[int, ...], int]]:
        both = ones.reshape(-1, 2, 1 << place)
        return [_reduced(np.packbits(both[:, at].ravel(), bitorder="little").tobytes(), inputs - 1) for at in (0, 1)]

    place = min(range(inputs), key=lambda each: sum(len(places) for places, _ in halves(each)))
    steps: list[_Step] = []
    ends: list[int] = []
    chosen = 0b11001010  # of inputs 0 and 1 by input 2
    for last, (places, table) in enumerate(halves(place)):
        names = [at + (at >= place) for at in places]
        if not places:
            chosen = (0b1000, 0b1011)[table] if last == 0 else (0b0010, 0b1110)[table]
        elif len(places) == 1 and table == 0b10:
            ends.append(names[0])
        else:
            steps += _renamed(_steps(table, len(places), size, wide), names, inputs + len(steps))
            ends.append(inputs + len(steps) - 1)
    return (*steps, ((*ends, place), chosen, inputs <= wide and len(ends) == 2))


def value_of(word: Word, inputs: Sequence[Hashable]) -> IntArray:
    """What a number is under each pattern of the inputs [2^inputs]."""
    value = np.zeros(1 << len(inputs), dtype=np.int64)
    for place, bit in enumerate(word.bits):
        weight = -(1 << place) if word.signed and place == word.width - 1 else 1 << place
        value += weight * patterns(bit, inputs)
    return value


def sum_of(words: Sequence[Word], width: int, factors: Sequence[int] = ()) -> tuple[Function, ...]:
    """The lowest bits of a sum of words, each times its factor, as functions of what the words read."""
    names = inputs_of(words)
    places = {name: place for place, name in enumerate(names)}
    local = tuple(renamed(word, places) for word in words)
    summed = _sum_of(local, len(names), width, tuple(factors) or (1,) * len(words))
    return renamed(Word(summed, signed=False), dict(enumerate(names))).bits


def renamed(word: Word, names: Mapping[Hashable, Hashable]) -> Word:
    """The same of inputs that are called otherwise."""
    return Word(tuple(Function(tuple(names[name] for name in bit.inputs), bit.table) for bit in word.bits), word.signed)


@lru_cache(maxsize=1 << 14)
def _sum_of(words: tuple[Word, ...], inputs: int, width: int, factors: tuple[int, ...]) -> tuple[Function, ...]:
    total = np.zeros(1 << inputs, dtype=np.int64)
    for word, factor in zip(words, factors, strict=True):
        total += factor * value_of(word, range(inputs))
    return tuple(functions(total, width, range(inputs)))
