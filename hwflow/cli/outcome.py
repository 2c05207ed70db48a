"""What a verb gives back to the shell around it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.console import RenderableType


@dataclass(frozen=True)
class Outcome:
    """What a verb did.

    record: a frozen dataclass, or its JSON document, printed by --json; show: what people see instead; right: whether
    the result is as it must be; else `wrong` says why in a sentence and `status` is the exit status; then: what goes on
    after all that was printed.
    """

    record: object
    show: Sequence[RenderableType]
    right: bool = True
    wrong: str = ""
    status: int = 1
    then: Callable[[], None] | None = None
