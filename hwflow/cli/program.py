"""`hwflow program`."""

from typing import Annotated

import typer

from hwflow.cli.options import ProjectFolder
from hwflow.cli.outcome import Outcome


def program(
    project: ProjectFolder,
    cable: Annotated[
        str | None, typer.Option("--cable", help="As openFPGALoader names it. [default: the board's]")
    ] = None,
) -> Outcome:
    """Load the bitstream into the board."""
    return Outcome(None, [])
