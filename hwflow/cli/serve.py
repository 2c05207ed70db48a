"""`hwflow serve`."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hwflow.cli.console import progress_on_stderr
from hwflow.cli.options import ProjectPath, Trust
from hwflow.cli.outcome import Outcome
from hwflow.errors import UserError
from hwflow.paths import scratch_folder
from hwflow.shell.bit_timing import bit_timing
from hwflow.words import Done, Part

if TYPE_CHECKING:
    from hwflow.tool.simulated_board import CanBus


@dataclass(frozen=True)
class Served(Done):
    """Where the board of a project listens, and how many bits a second it takes there."""

    port: str
    baud: int
    project: Path

    def words(self) -> tuple[Part, ...]:
        return (
            f"{self.port} at {self.baud:,} baud, until Ctrl-C; in another shell: "
            f"hwflow run {self.project} --port {self.port}",
        )


@contextmanager
def _played(log: Path, clock_hz: int, bit_rate: int, speed: float) -> "Iterator[CanBus]":
    """The largest trace of a log, in the form that a simulated board plays."""
    from hwflow.apps.can_ids.guard import write_candump
    from hwflow.apps.can_ids.readers import read_log
    from hwflow.tool.simulated_board import CanBus

    if not (bit_rate > 0 and speed > 0):
        raise UserError(f"A bus of {bit_rate:,} bit/s at {speed:g} times its pace cannot be; give more than 0 of each.")
    bit_timing(clock_hz, bit_rate)
    with scratch_folder() as folder:
        played = folder / "played.log"
        write_candump(max((trace.log for trace in read_log(log).traces), key=len), played)
        yield CanBus(played, clock_hz, bit_rate, speed)


def serve(
    project: ProjectPath,
    tcp: Annotated[
        int | None,
        typer.Option(
            "--tcp", metavar="PORT", min=0, max=65535, help="Listen at this TCP port of this machine, 0: any."
        ),
    ] = None,
    can: Annotated[
        Path | None,
        typer.Option("--can", metavar="LOG", help="A CAN log that plays on the bus of a guard, over and over."),
    ] = None,
    bit_rate: Annotated[int, typer.Option("--bit-rate", metavar="N", help="Of that bus, in bits a second.")] = 500_000,
    speed: Annotated[float, typer.Option("--speed", metavar="X", help="How much faster the log plays.")] = 1.0,
    trust: Trust = False,
) -> Outcome:
    """Start the simulated board.

    The whole design, UART pins included, in Verilator: prints the port to open, and stays until it is interrupted.
    """
    from hwflow.api import open_project

    opened = open_project(project, trust)
    with progress_on_stderr() as progress, ExitStack() as entering:
        bus = entering.enter_context(_played(can, opened.clock_hz, bit_rate, speed)) if can else None
        board = entering.enter_context(opened.serve(tcp, progress, bus))
        staying = entering.pop_all()

    def stay() -> None:
        try:
            with staying:
                board.wait()
        except KeyboardInterrupt:
            return  # that is how it ends

    served = Served(board.port, opened.baud, project)
    return Outcome(served, document={"port": served.port, "baud": served.baud}, then=stay)
