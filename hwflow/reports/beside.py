"""The same section of several folders, as one table with a column for each."""

from collections.abc import Sequence
from dataclasses import dataclass

from hwflow.reports.figures import Source
from hwflow.reports.views import Bar


@dataclass(frozen=True)
class Line:
    """What one folder has in a row: as people read it, whether that is as it must be, None if nothing is asked, and its bar."""

    label: str
    text: str
    passed: bool | None = None
    bar: Bar | None = None


@dataclass(frozen=True)
class Lines:
    """A section's view as rows, and sentences that stand below them."""

    rows: tuple[Line, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Beside:
    """titles: of the columns; rows: a label and each column's line, None where it has none."""

    titles: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Line | None, ...]], ...]
    notes: tuple[str, ...]
    sources: tuple[Source, ...]


def beside(titles: Sequence[str], columns: Sequence[Lines], sources: Sequence[Source]) -> Beside:
    """Columns side by side: a row for each label that any of them has, in the order of the one with the most."""
    tables = [{line.label: line for line in column.rows} for column in columns]
    labels = dict.fromkeys(label for table in sorted(tables, key=len, reverse=True) for label in table)
    return Beside(
        tuple(titles),
        tuple((label, tuple(table.get(label) for table in tables)) for label in labels),
        tuple(dict.fromkeys(note for column in columns for note in column.notes)),
        tuple(dict.fromkeys(sources)),
    )
