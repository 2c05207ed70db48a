"""The simulated board of a project."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hwflow.progress import Progress
from hwflow.project import Project, ProjectFolder
from hwflow.tool.simulated_board import CanBus, SimulatedBoard, build_simulated_board


def board_program(project: Project, progress: Progress) -> Path:
    """The program of a project's simulated board. Raises as `build_model` does."""
    sources = {Path(path).name: project.files[path] for path in project.sources}
    return build_simulated_board(sources, progress=lambda: progress("compiling the simulated board"))


@contextmanager
def simulated_board(
    folder: ProjectFolder,
    clock_hz: int,
    baud: int,
    progress: Progress,
    tcp: int | None = None,
    bus: CanBus | None = None,
) -> Iterator[SimulatedBoard]:
    """The running board of a project, with the name of its port; it ends with the block.

    clock_hz, baud: what the project was built for; tcp, bus: as `SimulatedBoard`.
    """
    program = board_program(folder.project, progress)
    button = folder.board.button
    with SimulatedBoard(
        program,
        clocks_per_bit=clock_hz / baud,
        folder=folder.path.resolve(),
        tcp=tcp,
        reset_level=0 if button and button.active_low else 1,
        bus=bus,
    ) as board:
        yield board
