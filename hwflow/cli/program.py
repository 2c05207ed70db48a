"""`hwflow program`."""

from typing import Annotated

import typer

from hwflow.cli.console import progress_on_stderr
from hwflow.cli.options import ProjectFolder
from hwflow.cli.outcome import Outcome


def program(
    project: ProjectFolder,
    cable: Annotated[
        str | None, typer.Option("--cable", help="As openFPGALoader names it. [default: the board's]")
    ] = None,
) -> Outcome:
    """Load the bitstream into the board."""
    from hwflow.tool.program import program_board

    with progress_on_stderr() as progress:
        record = program_board(project, cable, progress)
    return Outcome(record, [f"{record.bitstream} is in {record.board}, after {record.seconds:g} s"])
