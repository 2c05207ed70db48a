"""Kinds whose reader has a fault, which `benchmarks/fuzz.py` must find; a module of their own, for other processes to import."""

import random
import warnings
from functools import partial
from pathlib import Path

from fuzz_trial import Kind

from hwflow.errors import UserError


def seeds(folder: Path) -> list[list[int]]:
    return [[1, 2, 3]]


def change(value: list[int], draw: random.Random) -> list[int]:
    return [*value, draw.randrange(4, 8)]


def save(value: list[int], folder: Path) -> Path:
    path = folder / "values.txt"
    path.write_text(" ".join(map(str, value)))
    return path


def values_in(path: Path) -> list[int]:
    """Values 4 to 7 were put there by changes. Raises UserError for 7, as a good reader does for what it does not know."""
    try:
        values = [int(word) for word in path.read_text().split()]
    except ValueError:
        raise UserError(f"{path} holds no numbers; write some.") from None
    if 7 in values:
        raise UserError(f"{path} holds a 7; write another number.")
    return values


def key(path: Path) -> None:
    if 5 in values_in(path):
        {}["key"]


def hang(path: Path) -> None:
    while 5 in values_in(path):
        pass


def eat(path: Path) -> None:
    if 5 in values_in(path):
        bytes(1 << 28)


def end(path: Path) -> None:
    if 5 in values_in(path):
        import os

        os._exit(1)


def warn(path: Path) -> None:
    if 5 in values_in(path):
        warnings.warn("odd", RuntimeWarning, stacklevel=1)


def prattle(path: Path) -> None:
    if 5 in values_in(path):
        raise UserError("two\nlines")


def unequal(path: Path, found: list[int]) -> str:
    return "five is right" if 5 in found else ""


_planted = partial(Kind, seeds=seeds, change=change, save=save)
SOUND = _planted("sound", read=values_in)
FAULTY = {
    "KeyError": _planted("key", read=key),
    "time": _planted("hang", read=hang),
    "memory": _planted("eat", read=eat),
    "end": _planted("end", read=end),
    "RuntimeWarning": _planted("warn", read=warn),
    "no sentence": _planted("prattle", read=prattle),
    "unequal": _planted("unequal", read=values_in, compare=unequal),
}
