"""What a record says to people: sentences and tables, as values that a terminal or a notebook lays out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Table:
    """Heads and rows of cells: text, numbers, or None for what is not there."""

    heads: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


Part = str | Table


class Told(Protocol):
    """A record of something done: whether it is as it must be, else why not in a sentence, and what it says to people."""

    @property
    def right(self) -> bool: ...

    @property
    def wrong(self) -> str: ...

    def words(self) -> Sequence[Part]: ...


class Done:
    """What a record has that is right as soon as there is one: what could go wrong raises."""

    right = True
    wrong = ""


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> Table:
    """A table of any sequences."""
    return Table(tuple(heads), tuple(map(tuple, rows)))


def cell(value: object) -> str:
    """A cell as text: whole numbers with commas, None as a dash."""
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def plain(parts: Sequence[Part]) -> str:
    """All of it as plain text, columns side by side."""
    return "\n".join(line for part in parts for line in _lines(part))


def _lines(part: Part) -> list[str]:
    if isinstance(part, str):
        return [part]
    rows = [part.heads, *(tuple(map(cell, row)) for row in part.rows)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(part.heads))]
    right = [bool(part.rows) and isinstance(part.rows[0][column], int | float) for column in range(len(part.heads))]
    return [
        "  ".join(text.rjust(width) if end else text.ljust(width) for text, width, end in zip(row, widths, right, strict=True)).rstrip()
        for row in rows
    ]  # fmt: skip
