"""The board behind a port, real or simulated: the host cannot tell which."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from hwflow.host.link import Link, open_link
from hwflow.progress import Progress
from hwflow.project import ProjectFolder
from hwflow.tool.simulated import simulated_board
from hwflow.tool.simulated_board import CanBus

SIM = "sim"  # the port that stands for a simulated board of our own
_PATIENCE = 60.0  # seconds for its answers: it is as slow as the machine is busy


@contextmanager
def linked(
    folder: ProjectFolder,
    port: str,
    clock_hz: int,
    rates: tuple[int, int],
    progress: Progress,
    deadline: float | None = None,
    bus: CanBus | None = None,
) -> Iterator[Link]:
    """A link to the board on the port; the simulated board of `sim` runs as long as the block.

    rates: bits a second that the project was built for, and those to use; deadline: seconds for each answer, None for
    what a real board may take (see Link), and for a minute where the board is simulated; bus: what a simulated guard
    listens to.
    """
    built, baud = rates
    if port != SIM:
        with open_link(port, baud=baud, deadline=deadline) as link:
            yield link
        return
    with (
        simulated_board(folder, clock_hz, built, progress, bus=bus) as board,
        open_link(board.port, baud=baud, deadline=_PATIENCE if deadline is None else deadline) as link,
    ):
        yield link


def is_simulated(port: str) -> bool:
    """A pseudo-terminal or a socket has no board behind it that one could vouch for."""
    return port == SIM or "://" in port or Path(port).resolve().is_relative_to("/dev/pts")


def share(progress: Progress, what: str) -> Callable[[int, int], None]:
    """Progress of `what`, told as done and all."""
    return lambda done, total: progress(what, done / total)
