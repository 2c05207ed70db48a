"""A demonstration: an application from its data to a report, in one folder, each stage once."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from hwflow.api import Built, build
from hwflow.apps.stages import STAGES, Stage, Stages
from hwflow.board import Board, find_board
from hwflow.errors import UserError
from hwflow.handles import CompiledProject
from hwflow.progress import Progress
from hwflow.reports import make_report
from hwflow.reports.report import tally
from hwflow.sources import Source
from hwflow.tool.build import BUILD
from hwflow.words import Part

Tell = Callable[[Stage], None]
Compiled = TypeVar("Compiled", bound=CompiledProject)
_ALWAYS = "never"  # a file that is not there, so that the stage is always done


@dataclass(frozen=True)
class Plan:
    """What a demonstration does.

    data: the user's own, none for the application's; boards: by name, None for the usual ones; bits: of weights and
    activations, None for the application's; port: where a spiking application runs, None for the simulated board.
    """

    seed: int = 0
    data: tuple[Source, ...] = ()
    boards: tuple[str, ...] | None = None
    bits: int | None = None
    port: str | None = None


@dataclass(frozen=True)
class DemoRecord:
    """What the demo did: its stages in order, the report's page, and the names of the report's checks that failed or are open."""

    recipe: str
    folder: str
    stages: tuple[Stage, ...]
    report: str
    checks: int
    failed: tuple[str, ...]
    open: tuple[str, ...]
    seconds: float

    @property
    def right(self) -> bool:
        """Whether every stage and every check of the report is as it must be."""
        return not self.failed and all(stage.right for stage in self.stages)

    @property
    def wrong(self) -> str:
        """Which are not."""
        names = [*(stage.name for stage in self.stages if not stage.right), *self.failed]
        return f"These are not as they must be: {', '.join(names)}."

    def words(self) -> tuple[Part, ...]:
        return (f"{self.report}: {tally(self.checks, self.failed, self.open)}; {self.seconds:.0f} s",)


class Demo(Generic[Compiled]):
    """The stages that every demonstration has, in the folder `out`. What is done is not done again.

    projects: by board's name, each opened once.
    """

    def __init__(self, name: str, out: Path, progress: Progress, tell: Tell) -> None:
        self.name, self.out, self.progress = name, out, progress
        self.stages = Stages(out, tell)
        self.projects: dict[str, Compiled] = {}
        self._start = time.monotonic()

    def do(
        self, name: str, inputs: Sequence[str], files: Sequence[Path], work: Callable[[], tuple[str, bool]]
    ) -> Stage:
        """A stage; as `Stages.do`."""
        return self.stages.do(name, inputs, files, work)

    def compile(self, board: str, make: Callable[[Path], Compiled], said: Callable[[Compiled], str]) -> None:
        """Always done: it takes a second, and an equal project is left as it is.

        make: compiles for the board into a folder; said: the stage's line.
        """

        def work() -> tuple[str, bool]:
            project = make(self.out / board)
            self.projects[board] = project
            return said(project), True

        self.do(f"compile {board}", [], [self.out / _ALWAYS], work)

    def build(self, boards: Sequence[str]) -> None:
        """Bitstreams, utilisation and timing, of those boards side by side that have any. Raises the first that failed,
        once the others have ended.
        """
        projects = {board: self.projects[board] for board in boards if self.projects[board].folder.board.has_part}

        def stage(board: str) -> tuple[str, list[str]]:
            return f"build {board}", [projects[board].digest]

        def end(built: Built) -> None:
            if built.build:
                self.stages.end(*stage(built.build.board), built.build.said, built.right, built.seconds)

        todo = [
            project
            for board, project in projects.items()
            if not self.stages.begin(*stage(board), [project.path / BUILD])
        ]
        for built in build(todo, progress=self.progress, tell=end):
            if built.error:
                raise built.error

    def report(self) -> DemoRecord:
        """The page of all projects, and what the demo did."""
        page = self.out / "report.html"
        made = make_report([project.path for project in self.projects.values()], page)
        return DemoRecord(
            recipe=self.name,
            folder=str(self.out),
            stages=tuple(self.stages.done),
            report=str(page),
            checks=made.checks,
            failed=made.failed,
            open=made.open,
            seconds=round(time.monotonic() - self._start, 1),
        )


def boards_of(names: Sequence[str]) -> tuple[Board, ...]:
    """The boards, found before anything long is done. Raises UserError for one that is unknown."""
    return tuple(find_board(name) for name in names)


@contextmanager
def claimed(out: Path) -> Iterator[None]:
    """Make the folder, which goes again if it stays empty. Raises UserError if it holds something else than a demo."""
    if out.is_dir() and any(out.iterdir()) and not (out / STAGES).is_file():
        raise UserError(f"{out} holds other files; name another folder with --out.")
    made = not out.exists()
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{out} cannot be made ({error.strerror}); name another folder with --out.") from None
    try:
        yield
    finally:
        if made and not any(out.iterdir()):
            out.rmdir()
