"""`hwflow log`."""

from pathlib import Path
from typing import Annotated

import typer

from hwflow.cli.outcome import Outcome


def log(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE…", help="Logs of a CAN bus, in any format that is read.")
    ],
) -> Outcome:
    """What a log of a CAN bus holds.

    Frames, times, buses, sessions, identifiers, labels, and each line that gave no frame, with the reason.
    """
    from hwflow.apps.can_ids.contents import log_contents

    return Outcome(log_contents(files))
