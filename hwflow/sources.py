"""The user's own data: files, and what he calls them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hwflow.errors import UserError


@dataclass(frozen=True)
class Source:
    """A file of the user's data, and what he calls all of it, if he does."""

    path: Path
    label: str | None = None


def source_of(text: str) -> Source:
    """`FILE`, or `LABEL=FILE`; a file of the whole name goes first. Raises UserError if label or file are empty."""
    label, sign, name = text.partition("=")
    if not sign or Path(text).exists() or "/" in label:
        return Source(Path(text))
    if not label.strip() or not name:
        raise UserError(f"{text!r} names no label and file; give --data FILE or --data LABEL=FILE.")
    return Source(Path(name), label.strip())


def one_file(sources: Sequence[Source], recipe: str) -> Path | None:
    """The file of a recipe that takes one, without a label. Raises UserError for more."""
    if len(sources) > 1:
        raise UserError(f"Recipe {recipe} takes one file; give --data once.")
    for source in sources:
        if source.label is not None:
            raise UserError(f"Recipe {recipe} takes no label; give --data {source.path} without {source.label}=.")
    return sources[0].path if sources else None
