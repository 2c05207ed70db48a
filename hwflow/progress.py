"""How long work tells that it goes on."""

import time
from typing import Protocol


class Progress(Protocol):
    """Called now and then with what is being done and, where it is known, how much of it is done, 0 … 1."""

    def __call__(self, what: str, share: float | None = None, /) -> None: ...


def silent(what: str, share: float | None = None, /) -> None:
    """For callers who do not want to know."""


class Timed:
    """A Progress that passes everything on, and knows how long the work took whose beginning was told last."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._first = self._last = time.monotonic()

    def __call__(self, what: str, share: float | None = None, /) -> None:
        self._last = time.monotonic()
        self._progress(what, share)

    def seconds(self) -> tuple[float, float]:
        """Of what was told last, until now, and of all before it."""
        return time.monotonic() - self._last, self._last - self._first
