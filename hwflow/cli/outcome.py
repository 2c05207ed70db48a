"""What a verb gives back to the shell around it."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from hwflow.words import Told

USERS_FAULT = 2


class Line(Protocol):
    """What is printed while a verb goes on: a line for people, or, with --json, a line of JSON."""

    def line(self) -> str: ...

    def document(self) -> dict[str, object]: ...


Lines = Callable[[Sequence[Line]], None]
Whole = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True)
class Outcome:
    """What a verb did.

    record: printed by --json; its words are what people see instead; status: the exit status if it is not right;
    document: what --json prints in place of the record; then: what goes on after all that was printed; during: in place
    of a record, what prints lines by what it is given, and gives the record at its end, which --json prints in a line; it
    also gets a block in which no interrupt comes, for what is to be done whole.
    """

    record: Told | None = None
    status: int = 1
    document: dict[str, object] | list[dict[str, object]] | None = None
    then: Callable[[], None] | None = None
    during: Callable[[Lines, Whole], Told] | None = None
