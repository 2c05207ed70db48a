"""`hwflow report`."""

from pathlib import Path
from typing import Annotated

import typer

from hwflow.cli.outcome import Outcome


def report(
    folders: Annotated[list[Path], typer.Argument(metavar="DIR…", help="Folders that `hwflow compile` made.")],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="PAGE.html", help="[default: report.html in the first folder]")
    ] = None,
) -> Outcome:
    """One page of HTML, and the same as JSON.

    From the records that the other verbs left in the folders, side by side.
    """
    from hwflow.reports import make_report

    return Outcome(make_report(folders, out or folders[0] / "report.html"))
