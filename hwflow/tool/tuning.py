"""Options of the tools that leave a design what it is, and may make more of the part."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from hwflow.board import Board
from hwflow.errors import UserError
from hwflow.records import read_record, write_record
from hwflow.tool.toolchains import TOOLCHAINS

TUNING = "tuning.json"


@dataclass(frozen=True)
class Tuning:
    """seed: of the placement; option: one more of Yosys's synthesis, as it stands in its command; empty: none."""

    seed: int = 1
    option: str = ""

    def __str__(self) -> str:
        return f"seed {self.seed}" + f", {self.option}" * bool(self.option)


@dataclass(frozen=True)
class _Tuned:
    project: str
    tuning: Tuning


def option_of(board: Board) -> str:
    """What Yosys's synthesis knows for the board's part, and does not do unasked; empty if there is nothing."""
    tools = TOOLCHAINS.get(board.family)
    options = tools.unasked if tools else {}
    return next((option for part, option in options.items() if board.device.startswith(part)), "")


def tunings(board: Board) -> Iterator[Tuning]:
    """All there are: the usual one, then others, whose seeds rise without end."""
    option = option_of(board)
    for seed in count(1):
        yield Tuning(seed)
        if option:
            yield Tuning(seed, option)


def tuning_in(folder: Path, project: str, board: Board) -> Tuning:
    """The tuning that was found best for the project with that digest in its folder; else the usual one.

    Raises UserError if what is kept there cannot be read, or is no tuning for the board.
    """
    if not (folder / TUNING).is_file():
        return Tuning()
    remedy = "delete it, or run `hwflow build --effort` again."
    kept = read_record(_Tuned, folder / TUNING, remedy)
    if kept.project != project:
        return Tuning()
    # It may have come with a project from elsewhere, and stands in a script.
    if kept.tuning.seed < 1 or kept.tuning.option not in ("", option_of(board)):
        raise UserError(f"{folder / TUNING} has options that are none for {board.name}; {remedy}")
    return kept.tuning


def keep_tuning(folder: Path, project: str, tuning: Tuning) -> None:
    """So that later builds of the project are made with it."""
    if tuning == Tuning():
        (folder / TUNING).unlink(missing_ok=True)
    else:
        write_record(_Tuned(project, tuning), folder / TUNING)
