"""`hwflow program`."""

from pathlib import Path
from typing import Annotated

import typer

from hwflow.cli.console import progress_on_stderr
from hwflow.cli.options import Baud, Trust
from hwflow.cli.outcome import Outcome
from hwflow.errors import UserError


def program(
    project: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="A folder that `hwflow compile` made.", show_default=False)
    ] = None,
    cable: Annotated[
        str | None, typer.Option("--cable", help="As openFPGALoader names it. [default: the board's]")
    ] = None,
    serial: Annotated[
        str | None, typer.Option("--serial", help="The number of one of several boards that are alike.")
    ] = None,
    listed: Annotated[
        bool, typer.Option("--list", help="List the cables that are plugged in, and load nothing.")
    ] = False,
    port: Annotated[
        str | None, typer.Option("--port", help="Where the board answers once it is loaded. [default: looked for]")
    ] = None,
    baud: Baud = None,
    trust: Trust = False,
) -> Outcome:
    """Load the bitstream into the board, and greet it over its port."""
    from hwflow.api import open_project
    from hwflow.tool.program import cables

    if listed:
        return Outcome(cables())
    if project is None:
        raise UserError("Which project is to be loaded? Name its folder, or list the cables with --list.")
    with progress_on_stderr() as progress:
        opened = open_project(project, trust)
        return Outcome(opened.program(cable, progress, serial=serial, port=port, baud=baud))
