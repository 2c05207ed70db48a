"""Frozen dataclasses of plain values to JSON and back, checked on the way in."""

import dataclasses
import json
from pathlib import Path
from typing import Any, TypeVar

from hwflow.errors import UserError, in_a_line, placed
from hwflow.paths import whole_file

Record = TypeVar("Record")


def to_json(record: Any) -> str:
    """A dataclass as indented JSON; equal records give equal text."""
    return json.dumps(dataclasses.asdict(record), indent=1, default=str) + "\n"


def write_record(record: Any, path: Path) -> None:
    """A dataclass into a JSON file, which appears whole or not at all."""
    with whole_file(path) as draft:
        draft.write_text(to_json(record))


def read_record(kind: type[Record], path: Path, remedy: str) -> Record:
    """Read a record of `kind` from a JSON file. Raises UserError, which ends in `remedy`, if it is not one."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _unreadable(kind, path, error, remedy) from None
    return parse_record(kind, content, path, remedy)


def parse_record(kind: type[Record], content: bytes, path: Path, remedy: str) -> Record:
    """The same of a file's content; `path` says in errors where it is from."""
    from pydantic import TypeAdapter  # costs 0.1 s, which `hwflow --help` need not pay

    try:
        return TypeAdapter(kind).validate_json(content)
    except ValueError as error:
        raise _unreadable(kind, path, error, remedy) from None


def _unreadable(kind: type, path: Path, error: Exception, remedy: str) -> UserError:
    """The first of what is wrong, and where in the record."""
    from pydantic import ValidationError

    reason = str(error).splitlines()[0]
    if isinstance(error, ValidationError):
        reason = in_a_line(placed(error.errors(include_url=False, include_input=False)[0]))
    return UserError(f"{path} does not hold a readable {kind.__name__} ({reason}); {remedy}")
