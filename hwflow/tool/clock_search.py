"""The highest clock that a board's PLL makes and a project meets, found by building the project."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from hwflow.board import Board
from hwflow.clock import AUTO, Clocks, clocks_of, megahertz
from hwflow.errors import ToolError, UserError
from hwflow.progress import Progress
from hwflow.records import read_record, write_record
from hwflow.tool.build import Build
from hwflow.words import Part, table

CLOCK = "clock.json"
MARGIN = 0.03  # of the clock that timing allows: a build for a higher clock is another one, and may reach less
BUILDS = 6


class Buildable(Protocol):
    """A compiled project."""

    def build(self, progress: Progress) -> Build: ...


@dataclass(frozen=True)
class Trial:
    """A build: the clock that it was for, and the highest by its static timing analysis, in Hz and MHz; met: whether
    that reaches it."""

    clock_hz: int
    fmax_mhz: float
    met: bool


@dataclass(frozen=True)
class ClockSearch:
    """What was tried to find a clock. clock_hz: the highest that was built and met; trials: in their order; margin: the share
    of fmax that was left for the next; project: digest of the one that was then compiled."""

    board: str
    clock_hz: int
    margin: float
    trials: tuple[Trial, ...]
    project: str = ""

    def words(self) -> tuple[Part, ...]:
        rows = [(megahertz(t.clock_hz), f"{t.fmax_mhz:.2f}", "met" if t.met else "missed") for t in self.trials]
        return (table(["MHz tried", "fmax", "timing"], rows), "")

    def save(self, folder: Path, project: str) -> None:
        """Beside the project with that digest."""
        write_record(replace(self, project=project), folder / CLOCK)


def search_beside(folder: Path, project: str) -> ClockSearch | None:
    """The search that `compile` left in a folder; None if there is none of the project with that digest."""
    if not (folder / CLOCK).is_file():
        return None
    found = read_record(ClockSearch, folder / CLOCK, "run `hwflow compile` again.")
    return found if found.project == project else None


def find_clock(board: Board, compile_at: Callable[[str, Path], Buildable], progress: Progress) -> ClockSearch:
    """Build for the board's clock, then for the highest that its PLL makes below what timing allowed, and so on.

    compile_at: the project for a clock in MHz, in a folder. Ends when a build cannot be bettered, and after BUILDS of them.
    Raises UserError if the board has no open tools or no PLL, ToolError if no clock was met, and as `build` does.
    """
    if not board.bitstream:
        raise UserError(
            f"--clock {AUTO} builds to see what timing allows, and no open tool builds for {board.name}; give a clock in MHz."
        )
    clocks = clocks_of(board)
    trials: list[Trial] = []
    with TemporaryDirectory(prefix="hwflow-clock-") as folder:
        asked: int | None = board.clock_hz
        while asked is not None and len(trials) < BUILDS:
            progress(f"trying {megahertz(asked)} MHz")
            made = compile_at(megahertz(asked), Path(folder, str(len(trials)))).build(progress)
            if made.fmax_mhz is None:
                raise ToolError(f"Nothing told the highest clock of {board.name}; give --clock in MHz.")
            trials.append(Trial(asked, made.fmax_mhz, bool(made.timing_met)))
            asked = next_clock(clocks, trials)
    met = [trial.clock_hz for trial in trials if trial.met]
    if not met:
        tried = ", ".join(megahertz(trial.clock_hz) for trial in trials)
        raise ToolError(f"None of the clocks that were tried on {board.name} was met ({tried} MHz); compile with less done "
                        "in a cycle, or give a lower --clock.")  # fmt: skip
    return ClockSearch(board.name, max(met), MARGIN, tuple(trials))


def next_clock(clocks: Clocks, trials: list[Trial]) -> int | None:
    """The clock to try after these: the highest that the last one's timing allows, with the margin, if it is higher than any
    that was met and was not tried; else None."""
    goal = clocks.below(trials[-1].fmax_mhz * 1e6 * (1 - MARGIN))
    best = max((trial.clock_hz for trial in trials if trial.met), default=0)
    tried = {trial.clock_hz for trial in trials}
    return goal if goal is not None and goal > best and goal not in tried else None
