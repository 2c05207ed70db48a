"""How long work tells that it goes on."""

from typing import Protocol


class Progress(Protocol):
    """Called now and then with what is being done and, where it is known, how much of it is done, 0 … 1."""

    def __call__(self, what: str, share: float | None = None, /) -> None: ...


def silent(what: str, share: float | None = None, /) -> None:
    """For callers who do not want to know."""
