"""`hwflow build`."""

from dataclasses import dataclass, replace
from typing import Annotated

import typer

from hwflow.cli.console import progress_on_stderr
from hwflow.cli.options import ProjectPath, Trust
from hwflow.cli.outcome import Outcome
from hwflow.words import Done, Part


@dataclass(frozen=True)
class DryRun(Done):
    """What a build would do, in the project's folder."""

    board: str
    folder: str
    commands: tuple[str, ...]

    def words(self) -> tuple[Part, ...]:
        return (f"# in {self.folder}", *self.commands)


def build(
    project: ProjectPath,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the commands and do nothing.")] = False,
    trust: Trust = False,
) -> Outcome:
    """Bitstream, utilisation and timing.

    On open tools, where there are some for the board; else an estimate of its size, and what the vendor's tool needs.
    """
    from hwflow.api import open_project

    opened = open_project(project, trust)
    if dry_run:
        return Outcome(DryRun(opened.folder.project.board, str(project), opened.commands()))
    with progress_on_stderr() as progress:
        record = opened.build(progress)
    bitstream = record.bitstream and str(project / record.bitstream)  # for whoever stands elsewhere
    return Outcome(replace(record, bitstream=bitstream))
