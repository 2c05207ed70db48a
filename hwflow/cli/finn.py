"""`hwflow finn`: FINN's own environment."""

import typer

from hwflow.cli.console import progress_on_stderr
from hwflow.cli.outcome import Outcome
from hwflow.cli.verb import verb

finn = typer.Typer(
    name="finn", help="AMD's FINN, in an environment of its own.", no_args_is_help=True, rich_markup_mode=None
)


def setup() -> Outcome:
    """Install FINN, for `hwflow compile --backend finn`.

    Into the folder that HWFLOW_FINN names, else into the user's data folder; from PyPI alone, at pinned versions, and
    tried on a small net at the end. Run again, it does what is not yet done.
    """
    from hwflow.finn.setup import set_up_finn

    with progress_on_stderr() as progress:
        return Outcome(set_up_finn(progress))


finn.command("setup")(verb(setup))


@finn.callback()
def _group() -> None:
    """AMD's FINN, in an environment of its own."""
