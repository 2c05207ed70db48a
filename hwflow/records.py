"""Frozen dataclasses of plain values to JSON and back, checked on the way in."""

import dataclasses
import json
from pathlib import Path
from typing import Any, TypeVar

from hwflow.errors import UserError

Record = TypeVar("Record")


def to_json(record: Any) -> str:
    """A dataclass as indented JSON; equal records give equal text."""
    return json.dumps(dataclasses.asdict(record), indent=1, default=str) + "\n"


def read_record(kind: type[Record], path: Path, remedy: str) -> Record:
    """Read a record of `kind` from a JSON file. Raises UserError, which ends in `remedy`, if it is not one."""
    from pydantic import TypeAdapter  # costs 0.1 s, which `hwflow --help` need not pay

    try:
        return TypeAdapter(kind).validate_json(path.read_bytes())
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"{path} does not hold a readable {kind.__name__} ({reason}); {remedy}") from None
