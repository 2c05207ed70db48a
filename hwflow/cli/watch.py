"""`hwflow watch`."""

import os
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from hwflow.cli.console import progress_on_stderr
from hwflow.cli.options import Baud, ProjectPath, Trust
from hwflow.cli.outcome import Lines, Outcome
from hwflow.cli.surroundings import tell
from hwflow.words import Told

Bus = Annotated[
    str,
    typer.Option(
        "--bus",
        metavar="BUS",
        help="socketcan:can0, udp_multicast:GROUP, virtual:NAME, another interface of python-can, or log:FILE[@SPEED].",
    ),
]
ProfileFile = Annotated[
    Path | None,
    typer.Option(
        "--profile", metavar="FILE", help="What training learnt of the bus. [default: profile.json in DIR or above]"
    ),
]
Port = Annotated[
    str | None,
    typer.Option("--port", help="Of a board that gives the classes, as for `run`. [default: the integer reference]"),
]
Seconds = Annotated[
    float | None, typer.Option("--seconds", min=0.0, help="So long. [default: until Ctrl-C or the end]")
]
Http = Annotated[
    str | None,
    typer.Option(
        "--http", metavar="[HOST:]PORT", help="Also a live page there; 0: any port. [default host: 127.0.0.1]"
    ),
]


def watch(
    project: ProjectPath,
    bus: Bus,
    profile: ProfileFile = None,
    port: Port = None,
    baud: Baud = None,
    seconds: Seconds = None,
    http: Http = None,
    trust: Trust = False,
) -> Outcome:
    """Detect intrusions on a CAN bus while it runs, or on a log.

    An alarm is a line (with --json a line of JSON): time, identifier, class, and the measures that spoke for it; at the end what was seen.
    """
    # Before numpy is loaded: these products are small, and its threads would take the processor from the one that takes frames.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from hwflow.apps.can_ids.watch.page import live_page
    from hwflow.apps.can_ids.watch.watching import open_watch

    with progress_on_stderr() as progress, ExitStack() as entering:
        opened = open_watch(project, bus, profile=profile, port=port, baud=baud, trust=trust, progress=progress)
        watching = entering.enter_context(opened)
        if http is not None:
            tell(f"live page: {entering.enter_context(live_page(http, watching.state))}")
        staying = entering.pop_all()

    def go_on(lines: Lines) -> Told:
        try:
            with staying:
                return watching.run(lines, seconds)
        except KeyboardInterrupt:
            return watching.record()  # that is how it ends

    return Outcome(during=go_on)
