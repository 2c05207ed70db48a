"""Mutants that no test can find, since the circuit does the same with them: each with its reason, in equivalents.toml.

A line that is no longer in the file, or has no such mutant, is told, so that no reason outlives its text.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mutant_texts import ROOT, Mutant

LIST = Path(__file__).with_name("equivalents.toml")


@dataclass(frozen=True)
class Equivalent:
    """`place` counts the mutants of this kind in the line, from 1; `line` is its text without what surrounds it."""

    file: str  # below rtl/
    kind: str
    line: str
    reason: str
    place: int = 1


def equivalents(mutants: Sequence[Mutant], path: Path = LIST) -> dict[Mutant, str]:
    """The reason of each mutant that is listed. Raises ValueError for what is listed and is no mutant, or is two."""
    wanted = [Equivalent(**one) for one in tomllib.loads(path.read_text()).get("mutant", [])]
    by_line: dict[tuple[str, str, str], list[Mutant]] = {}
    for mutant in mutants:
        by_line.setdefault((str(mutant.path), mutant.kind, _line(mutant)), []).append(mutant)
    found: dict[Mutant, str] = {}
    for one in wanted:
        here = by_line.get((one.file, one.kind, one.line), [])
        if not 1 <= one.place <= len(here):
            raise ValueError(
                f"{path.name}: rtl/{one.file} has no mutant {one.kind} {one.place} in `{one.line}`: mend or drop it."
            )
        found[here[one.place - 1]] = one.reason
    return found


def _line(mutant: Mutant) -> str:
    text = (ROOT / "rtl" / mutant.path).read_text()
    return text[: text.find("\n", mutant.start)].rpartition("\n")[2].strip()
