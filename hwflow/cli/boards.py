"""`hwflow boards`."""

from typing import Annotated

import typer

from hwflow.cli.outcome import Outcome


def boards(name: Annotated[str | None, typer.Argument(metavar="NAME", help="One board, with its pins.")] = None) -> Outcome:
    """The boards that hwflow knows.

    With NAME: its part, clock and pins, and which tools make its bitstream.
    """
    return Outcome(None, [])
