"""`hwflow build`."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hwflow.cli.console import progress_on_stderr, tell_ended
from hwflow.cli.options import Trust
from hwflow.cli.outcome import Outcome
from hwflow.words import Done, Part

if TYPE_CHECKING:
    from hwflow.api import Built
    from hwflow.tool.build import Build
    from hwflow.tool.effort import Effort


@dataclass(frozen=True)
class DryRun(Done):
    """What a build would do, in the project's folder."""

    board: str
    folder: str
    commands: tuple[str, ...]

    def words(self) -> tuple[Part, ...]:
        return (f"# in {self.folder}", *self.commands)


@dataclass(frozen=True)
class DryRuns(Done):
    """The same of several projects."""

    runs: tuple[DryRun, ...]

    def words(self) -> tuple[Part, ...]:
        return tuple(part for run in self.runs for part in run.words())


@dataclass(frozen=True)
class Builds:
    """What became of several projects, in the order in which they were named."""

    built: "tuple[Built, ...]"

    @property
    def right(self) -> bool:
        return all(one.right for one in self.built)

    @property
    def wrong(self) -> str:
        folders = [str(one.folder) for one in self.built if not one.right]
        return f"{len(folders)} of {len(self.built)} are not as they must be: {', '.join(folders)}."

    @property
    def status(self) -> int:
        """The worst exit status of them that are not right."""
        return max((one.error.exit_status if one.error else 1 for one in self.built if not one.right), default=0)

    def words(self) -> tuple[Part, ...]:
        parts: list[Part] = []
        for one in self.built:
            said = () if one.build is None else _seen_from_here(one.folder, one.build).words()
            parts += [f"{one.folder}:", *said, *([] if one.right else [one.wrong]), ""]
        return tuple(parts[:-1])

    def document(self) -> list[dict[str, object]]:
        """Of each what `--json` prints of it alone, and its folder."""
        from hwflow.records import to_json

        return [
            {"folder": str(one.folder)}
            | (json.loads(to_json(_seen_from_here(one.folder, one.build))) if one.build else {})
            | ({} if one.right else {"error": one.wrong})
            for one in self.built
        ]


@dataclass(frozen=True)
class Tried:
    """The build that was found best, and what was tried."""

    build: "Build"
    effort: "Effort"

    @property
    def right(self) -> bool:
        return self.build.right

    @property
    def wrong(self) -> str:
        return self.build.wrong

    def words(self) -> tuple[Part, ...]:
        return (*self.effort.words(), *self.build.words())


def build(
    projects: Annotated[
        list[Path], typer.Argument(metavar="DIR…", help="Folders that `hwflow compile` made; several side by side.")
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the commands and do nothing.")] = False,
    effort: Annotated[
        float | None,
        typer.Option(
            "--effort",
            metavar="SECONDS",
            help="So long, build other foldings of a quantised net and other placements too, and keep the fastest that is met.",
        ),
    ] = None,
    trust: Trust = False,
) -> Outcome:
    """Bitstream, utilisation and timing.

    On open tools, where there are some for the board; else an estimate of its size, and what the vendor's tool needs.
    Of several projects as many are built at once as there are cores; each is told as it ends, and one that fails stops no
    other. The exit status is the worst, and --json prints a list.
    """
    if dry_run:
        return _planned(projects, trust)
    if effort is not None:
        return _best(projects, effort, trust)
    return _one(projects[0], trust) if len(projects) == 1 else _several(projects, trust)


def _planned(folders: Sequence[Path], trust: bool) -> Outcome:
    from hwflow.api import open_project
    from hwflow.records import to_json

    opened = [open_project(folder, trust) for folder in folders]
    runs = tuple(
        DryRun(one.folder.project.board, str(folder), one.commands())
        for folder, one in zip(folders, opened, strict=True)
    )
    if len(runs) == 1:
        return Outcome(runs[0])
    return Outcome(DryRuns(runs), document=[json.loads(to_json(run)) for run in runs])


def _one(folder: Path, trust: bool) -> Outcome:
    from hwflow.api import open_project

    opened = open_project(folder, trust)
    with progress_on_stderr() as progress:
        record = opened.build(progress)
    return Outcome(_seen_from_here(folder, record))


def _best(folders: Sequence[Path], effort: float, trust: bool) -> Outcome:
    from hwflow.api import open_project
    from hwflow.errors import UserError
    from hwflow.tool.effort import effort_in

    if len(folders) > 1:
        raise UserError("--effort is for one project at a time; name one folder.")
    with progress_on_stderr() as progress:
        record = open_project(folders[0], trust).build(progress, effort=effort)
    tried = effort_in(folders[0], record.project)
    return Outcome(Tried(_seen_from_here(folders[0], record), tried) if tried else record)


def _several(folders: Sequence[Path], trust: bool) -> Outcome:
    from hwflow.api import build as build_all

    with progress_on_stderr() as progress:
        builds = Builds(build_all(folders, trust, progress, _tell))
    return Outcome(builds, builds.status, builds.document())


def _tell(one: "Built") -> None:
    tell_ended(str(one.folder), one.seconds, one.right, one.build.said if one.build else one.wrong)


def _seen_from_here(folder: Path, record: "Build") -> "Build":
    """The record with the bitstream's path for whoever stands elsewhere than in the project's folder."""
    return replace(record, bitstream=record.bitstream and str(folder / record.bitstream))
