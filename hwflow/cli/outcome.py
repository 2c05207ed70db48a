"""What a verb gives back to the shell around it."""

from collections.abc import Callable
from dataclasses import dataclass

from hwflow.words import Told

USERS_FAULT = 2


@dataclass(frozen=True)
class Outcome:
    """What a verb did.

    record: printed by --json; its words are what people see instead; status: the exit status if it is not right;
    document: what --json prints in place of the record; then: what goes on after all that was printed.
    """

    record: Told
    status: int = 1
    document: dict[str, object] | list[dict[str, object]] | None = None
    then: Callable[[], None] | None = None
