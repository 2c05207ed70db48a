"""Progress on standard error, and tables."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table

from hwflow.progress import Progress


@dataclass
class _Lines:
    """For logs and pipes: one line whenever something else is being done."""

    last: str = field(default="")

    def __call__(self, what: str, share: float | None = None, /) -> None:
        if what != self.last:
            self.last = what
            print(what, file=sys.stderr, flush=True)


@contextmanager
def progress_on_stderr() -> Iterator[Progress]:
    """A bar on a terminal, which disappears at the end; lines elsewhere."""
    if not sys.stderr.isatty():
        yield _Lines()
        return
    from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def update(what: str, share: float | None = None, /) -> None:
            bar.update(task, description=what[:60], total=None if share is None else 1.0, completed=share or 0.0)

        yield update


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> Table:
    """Columns of text; those whose first cell is a number stand to the right. None reads as a dash."""
    made = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for column, head in enumerate(heads):
        first = rows[0][column] if rows else ""
        made.add_column(head, justify="right" if isinstance(first, int | float) else "left")
    for row in rows:
        made.add_row(*(_cell(value) for value in row))
    return made


def _cell(value: object) -> str:
    from rich.markup import escape

    if value is None:
        return "–"
    return escape(f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value))
