"""`hwflow serve`."""

from contextlib import ExitStack
from dataclasses import dataclass
from typing import Annotated

import typer

from hwflow.cli.console import progress_on_stderr
from hwflow.cli.options import ProjectFolder
from hwflow.cli.outcome import Outcome


@dataclass(frozen=True)
class Served:
    """Where the board listens, and how many bits a second it takes there."""

    port: str
    baud: int


def serve(
    project: ProjectFolder,
    tcp: Annotated[
        int | None,
        typer.Option(
            "--tcp", metavar="PORT", min=0, max=65535, help="Listen at this TCP port of this machine, 0: any."
        ),
    ] = None,
) -> Outcome:
    """Start the simulated board.

    The whole design, UART pins included, in Verilator: prints the port to open, and stays until it is interrupted.
    """
    from hwflow.quantised.backend.design import read_design
    from hwflow.tool.simulated import simulated_board

    with progress_on_stderr() as progress, ExitStack() as entering:
        board = entering.enter_context(simulated_board(project, progress, tcp))
        staying = entering.pop_all()

    def stay() -> None:
        try:
            with staying:
                board.wait()
        except KeyboardInterrupt:
            return  # that is how it ends

    served = Served(board.port, read_design(project).baud)
    show = [
        f"{served.port} at {served.baud:,} baud, until Ctrl-C; in another shell: hwflow run {project} --port {served.port}"
    ]
    return Outcome(served, show, then=stay)
