"""The fastest design that a part holds at its clock: builds of a project, and of others of the same net, within a bound of time.

What place and route says decides: estimates only say what is worth a try, and in which order.
"""

import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from hwflow.board import Board
from hwflow.errors import ToolError, UserError
from hwflow.progress import Progress
from hwflow.project import ProjectFolder
from hwflow.records import read_record, write_record
from hwflow.tool.build import Build, build_project
from hwflow.tool.process import Together
from hwflow.tool.tuning import Tuning, keep_tuning, tunings
from hwflow.words import Part, table

EFFORT = "effort.json"
NEAR = 0.1  # of the clock by which timing may be missed for other placements to be worth a try
TUNINGS = 6  # of a design, at most


@dataclass(frozen=True)
class Design:
    """A project that may be built. cycles: between two vectors; make: puts it into a folder."""

    cycles: int
    make: Callable[[Path], ProjectFolder]


@dataclass(frozen=True)
class Attempt:
    """A build that was tried.

    cycles: between two vectors; tuning: options of the tools; luts, ffs, brams, fmax_mhz: by place and route, None where it
    came to no end; met: whether that reaches the clock; wrong: why there is no build; seconds: of wall clock.
    """

    cycles: int
    tuning: Tuning
    luts: int | None
    ffs: int | None
    brams: int | None
    fmax_mhz: float | None
    met: bool
    wrong: str
    seconds: float

    @property
    def became(self) -> str:
        """What became of it, in words."""
        if self.fmax_mhz is None:
            return "no build" if self.wrong else "no time"
        return "met" if self.met else "missed"


@dataclass(frozen=True)
class Effort:
    """All attempts, in their order. project: digest of what was chosen; chosen: which attempt that was; seconds: the bound."""

    project: str
    board: str
    clock_mhz: float
    seconds: float
    attempts: tuple[Attempt, ...]
    chosen: int

    def front(self) -> tuple[int, ...]:
        """The attempts that were placed, and that no other one beats in cycles, LUTs and MHz."""
        costs = {at: _cost(attempt) for at, attempt in enumerate(self.attempts) if attempt.fmax_mhz is not None}
        return tuple(at for at, own in costs.items() if not any(_beats(other, own) for other in costs.values()))

    def words(self) -> tuple[Part, ...]:
        front = self.front()
        rows = [
            (a.cycles, str(a.tuning), a.luts, a.fmax_mhz,
             a.became,
             "chosen" if at == self.chosen else "front" if at in front else "")
            for at, a in enumerate(self.attempts)
        ]  # fmt: skip
        return (table(["cycles", "options", "LUTs", "MHz", f"{self.clock_mhz:g} MHz", ""], rows), "")


def effort_in(folder: Path, project: str) -> Effort | None:
    """What was tried for the project with that digest in its folder; None if nothing was."""
    if not (folder / EFFORT).is_file():
        return None
    found = read_record(Effort, folder / EFFORT, "run `hwflow build --effort` again.")
    return found if found.project == project else None


def best_build(
    folder: ProjectFolder, cycles: int, others: Sequence[Design], seconds: float, progress: Progress,
    install: Callable[[ProjectFolder], None],
) -> tuple[Build, Effort]:  # fmt: skip
    """Build a project, and, until the time is over, others of the same net: those of fewer cycles if its timing is met,
    else its own placed otherwise, then those of more.

    cycles: between two of the project's vectors; others: in any order; install: puts what was found better than the
    project into its place, if anything was. Leaves the project's folder with the build, and `effort.json`.
    Raises UserError for a board that no open tool builds for, and the error of the project's own build if nothing else was built.
    """
    if not folder.board.bitstream:
        raise UserError(f"--effort builds to see what a part holds, and no open tool builds for {folder.board.name}.")
    with TemporaryDirectory(prefix="hwflow-effort-") as scratch:
        search = _Search(folder.board, Path(scratch), time.monotonic() + seconds, progress)
        own = Design(cycles, lambda where: _copied(folder, where))
        for design in _in_turn(search, own, others):
            if search.over:
                break
            search.attempt(design)
        made, chosen = search.made, search.best()
        if chosen is None:
            errors = [each.error for each in made if each.error]
            raise errors[0] if errors else ToolError(f"No build ended within {seconds:g} seconds; give --effort more.")
        best = made[chosen]
        assert best.folder is not None
        if best.folder.digest != folder.digest:
            install(best.folder)
        kept = ProjectFolder.read(folder.path, trust=True)
        shutil.rmtree(folder.path / "build", ignore_errors=True)
        shutil.copytree(best.folder.path / "build", folder.path / "build")
        keep_tuning(folder.path, kept.digest, best.attempt.tuning)
        build = build_project(kept, progress)  # which finds every step done
    attempts = tuple(each.attempt for each in made)
    effort = Effort(kept.digest, folder.board.name, folder.board.clock_hz / 1e6, seconds, attempts, chosen)
    write_record(effort, folder.path / EFFORT)
    return build, effort


def _in_turn(search: "_Search", own: Design, others: Sequence[Design]) -> Iterator[Design]:
    """The designs to attempt, each in view of what came of those before."""
    yield own
    if search.near(own):
        yield own
    met = search.met(own)
    for design in sorted(others, key=lambda each: each.cycles):
        if (design.cycles < own.cycles) == met and design.cycles != own.cycles:
            yield design
            if search.near(design):
                yield design
            if search.met(design):
                return


@dataclass(frozen=True)
class _Made:
    attempt: Attempt
    folder: ProjectFolder | None
    error: UserError | ToolError | None


class _Search:
    """Attempts so far; each call of `attempt` goes on with a design's tunings, as many side by side as there are cores."""

    def __init__(self, board: Board, scratch: Path, end: float, progress: Progress) -> None:
        self._board, self._scratch, self._end, self._progress = board, scratch, end, progress
        self._tunings = tuple(islice(tunings(board), TUNINGS))
        self._tried: dict[int, list[int]] = {}  # by cycles, which a design has alone
        self.made: list[_Made] = []

    @property
    def over(self) -> bool:
        return time.monotonic() >= self._end

    def attempt(self, design: Design) -> None:
        tried = self._tried.setdefault(design.cycles, [])
        cores = os.cpu_count() or 1
        # The first time as many as go side by side, then all that are left.
        some = self._tunings[len(tried) :][: None if tried else cores]
        with ThreadPoolExecutor(cores) as pool, Together() as together:
            begun = [
                pool.submit(self._one, design, tuning, len(self.made) + at, together) for at, tuning in enumerate(some)
            ]
            wait(begun, max(0.0, self._end - time.monotonic()))
            ended = [future.done() for future in begun]
            for future in begun:
                future.cancel()
        for tuning, future, whole in zip(some, begun, ended, strict=True):
            tried.append(len(self.made))
            self.made.append(future.result() if whole else _Made(_without(design, tuning, "", 0.0), None, None))

    def _one(self, design: Design, tuning: Tuning, at: int, together: Together) -> _Made:
        begun = time.monotonic()
        where = self._scratch / str(at)
        self._progress(f"trying {design.cycles:,} cycles, {tuning}")
        try:
            folder = design.make(where)
            build = build_project(folder, together=together, tuning=tuning)
        except (UserError, ToolError) as error:
            return _Made(_without(design, tuning, str(error), time.monotonic() - begun), None, error)
        attempt = Attempt(design.cycles, tuning, build.luts, build.ffs, build.brams, build.fmax_mhz, bool(build.timing_met), "",
                          round(time.monotonic() - begun, 2))  # fmt: skip
        return _Made(attempt, folder, None)

    def met(self, design: Design) -> bool:
        return any(self.made[at].attempt.met for at in self._tried.get(design.cycles, []))

    def near(self, design: Design) -> bool:
        """Whether its timing is missed by so little that another placement may meet it."""
        found = [self.made[at].attempt.fmax_mhz or 0.0 for at in self._tried.get(design.cycles, [])]
        return not self.met(design) and max(found, default=0.0) * 1e6 >= self._board.clock_hz * (1 - NEAR)

    def best(self) -> int | None:
        """Of those that are met, else of those that were placed: of fewest cycles, and then of the highest clock."""
        placed = [at for at, made in enumerate(self.made) if made.folder is not None]
        met = [at for at in placed if self.made[at].attempt.met] or placed
        return min(met, key=self._rank, default=None)

    def _rank(self, at: int) -> tuple[int, float, int]:
        attempt = self.made[at].attempt
        return attempt.cycles, -(attempt.fmax_mhz or 0.0), at


def _without(design: Design, tuning: Tuning, wrong: str, seconds: float) -> Attempt:
    return Attempt(design.cycles, tuning, None, None, None, None, False, wrong, round(seconds, 2))


def _cost(attempt: Attempt) -> tuple[float, ...]:
    return attempt.cycles, attempt.luts or 0, -(attempt.fmax_mhz or 0.0)


def _beats(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one != other and all(a <= b for a, b in zip(one, other, strict=True))


def _copied(folder: ProjectFolder, where: Path) -> ProjectFolder:
    folder.project.save(where)
    return ProjectFolder.read(where, trust=True)
