"""`hwflow build`."""

from typing import Annotated

import typer

from hwflow.cli.options import ProjectFolder
from hwflow.cli.outcome import Outcome


def build(
    project: ProjectFolder,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the commands and do nothing.")] = False,
) -> Outcome:
    """Bitstream, utilisation and timing."""
    return Outcome(None, [])
