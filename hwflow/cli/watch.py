"""`hwflow watch`."""

import os
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hwflow.cli.console import progress_on_stderr
from hwflow.cli.options import Baud, ProjectPath, Trust
from hwflow.cli.outcome import Lines, Outcome, Whole
from hwflow.cli.surroundings import tell
from hwflow.errors import UserError
from hwflow.progress import Progress
from hwflow.words import Told

if TYPE_CHECKING:
    from hwflow.apps.can_ids.watch.watching import Watching

Bus = Annotated[
    str | None,
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
Guard = Annotated[
    str | None,
    typer.Option("--guard", metavar="PORT", help="In place of --bus: the guard there, whose verdicts are read."),
]
BitRate = Annotated[
    int | None,
    typer.Option("--bit-rate", metavar="N", help="With --guard: of its bus, in bits a second. [default: as it is set]"),
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


@dataclass(frozen=True)
class Where:
    """What is watched, and what judges it."""

    bus: Bus = None
    guard: Guard = None
    bit_rate: BitRate = None
    port: Port = None
    baud: Baud = None

    def check(self) -> None:
        """Raises UserError for options that mean nothing together."""
        if (self.bus is None) == (self.guard is None):
            raise UserError("What is watched is a bus or a guard; give one of --bus BUS and --guard PORT.")
        if self.guard is not None and self.port is not None:
            raise UserError("A guard judges by itself; leave out --port.")
        if self.guard is None and self.bit_rate is not None:
            raise UserError("--bit-rate means nothing without --guard; leave it out.")

    def opened(
        self, project: Path, profile: Path | None, trust: bool, progress: Progress
    ) -> "AbstractContextManager[Watching]":
        """What watches."""
        from hwflow.apps.can_ids.watch.watching import open_guard_watch, open_watch

        if self.bus is not None:
            return open_watch(
                project, self.bus, profile=profile, port=self.port, baud=self.baud, trust=trust, progress=progress
            )
        assert self.guard is not None
        return open_guard_watch(
            project, self.guard, profile=profile, bit_rate=self.bit_rate, baud=self.baud, trust=trust, progress=progress
        )


def watch(
    project: ProjectPath,
    where: Where,
    profile: ProfileFile = None,
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

    where.check()
    with progress_on_stderr() as progress, ExitStack() as entering:
        watching = entering.enter_context(where.opened(project, profile, trust, progress))
        if http is not None:
            tell(f"live page: {entering.enter_context(live_page(http, watching.state))}")
        staying = entering.pop_all()

    def go_on(lines: Lines, whole: Whole) -> Told:
        try:
            with staying:
                return watching.run(lines, seconds, whole)
        except KeyboardInterrupt:
            return watching.record()  # that is how it ends

    return Outcome(during=go_on)
