"""Progress on standard error, and tables."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console, RenderableType
from rich.markup import escape
from rich.table import Table as Laid

from hwflow.cli.surroundings import tell
from hwflow.progress import Progress
from hwflow.words import Part, cell

_MINUTE = 60.0


class _Lines:
    """For logs and pipes: a line whenever something else is being done, and one a minute while it goes on."""

    def __init__(self) -> None:
        self._last = ""
        self._since = time.monotonic()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._remind, daemon=True)

    def __enter__(self) -> "_Lines":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        self._thread.join()

    def __call__(self, what: str, share: float | None = None, /) -> None:
        if what != self._last:
            self._last, self._since = what, time.monotonic()
            tell(what)

    def _remind(self) -> None:
        told = time.monotonic()
        while not self._ended.wait(1.0):
            now = time.monotonic()
            if self._last and now - max(told, self._since) >= _MINUTE:
                told = now
                tell(f"still {self._last}: {(now - self._since) / _MINUTE:.0f} min")


@contextmanager
def progress_on_stderr() -> Iterator[Progress]:
    """The step under way, its log and the elapsed time on a terminal, which disappear at the end; lines elsewhere."""
    if not sys.stderr.isatty():
        with _Lines() as lines:
            yield lines
        return
    from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (SpinnerColumn(), TimeElapsedColumn(), BarColumn(20), TextColumn("{task.description}", markup=False))
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        last = ""

        def update(what: str, share: float | None = None, /) -> None:
            nonlocal last
            if what != last:
                bar.reset(task, total=None)
                last = what
            bar.update(task, description=what, total=None if share is None else 1.0, completed=share or 0.0)

        yield update


def tell_ended(name: str, seconds: float | None, right: bool, said: str) -> None:
    """A line on standard error about a part of the work that ended, while the rest goes on; no seconds: it was done before."""
    took = "done before" if seconds is None else f"{seconds:.1f} s"
    tell(f"{name:20} {took:>11}  {'' if right else 'WRONG: '}{said}")


def laid_out(part: Part) -> RenderableType:
    """A sentence as it is; a table in columns, of which those whose first cell is a number stand to the right."""
    if isinstance(part, str):
        return part
    made = Laid(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for column, head in enumerate(part.heads):
        first = part.rows[0][column] if part.rows else ""
        made.add_column(head, justify="right" if isinstance(first, int | float) else "left")
    for row in part.rows:
        made.add_row(*(escape(cell(value)) for value in row))
    return made
