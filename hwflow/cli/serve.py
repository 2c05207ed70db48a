"""`hwflow serve`."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from hwflow.cli.console import progress_on_stderr
from hwflow.cli.options import ProjectPath, Trust
from hwflow.cli.outcome import Outcome
from hwflow.words import Done, Part


@dataclass(frozen=True)
class Served(Done):
    """Where the board of a project listens, and how many bits a second it takes there."""

    port: str
    baud: int
    project: Path

    def words(self) -> tuple[Part, ...]:
        return (
            f"{self.port} at {self.baud:,} baud, until Ctrl-C; in another shell: "
            f"hwflow run {self.project} --port {self.port}",
        )


def serve(
    project: ProjectPath,
    tcp: Annotated[
        int | None,
        typer.Option(
            "--tcp", metavar="PORT", min=0, max=65535, help="Listen at this TCP port of this machine, 0: any."
        ),
    ] = None,
    trust: Trust = False,
) -> Outcome:
    """Start the simulated board.

    The whole design, UART pins included, in Verilator: prints the port to open, and stays until it is interrupted.
    """
    from hwflow.api import open_project

    opened = open_project(project, trust)
    with progress_on_stderr() as progress, ExitStack() as entering:
        board = entering.enter_context(opened.serve(tcp, progress))
        staying = entering.pop_all()

    def stay() -> None:
        try:
            with staying:
                board.wait()
        except KeyboardInterrupt:
            return  # that is how it ends

    served = Served(board.port, opened.baud, project)
    return Outcome(served, document={"port": served.port, "baud": served.baud}, then=stay)
