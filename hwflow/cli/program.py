"""`hwflow program`."""

from typing import Annotated

import typer

from hwflow.cli.console import progress_on_stderr
from hwflow.cli.options import ProjectPath, Trust
from hwflow.cli.outcome import Outcome


def program(
    project: ProjectPath,
    cable: Annotated[
        str | None, typer.Option("--cable", help="As openFPGALoader names it. [default: the board's]")
    ] = None,
    trust: Trust = False,
) -> Outcome:
    """Load the bitstream into the board."""
    from hwflow.api import open_project

    with progress_on_stderr() as progress:
        return Outcome(open_project(project, trust).program(cable, progress))
