"""The simulated board of a project: compiled once, then started as often as it is asked for."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hwflow.paths import whole_folder
from hwflow.progress import Progress
from hwflow.project import ProjectFolder
from hwflow.tool.simulated_board import TOP, SimulatedBoard, build_simulated_board
from hwflow.tool.verilator import made_for

_FOLDER = "simulated-board"


def board_program(folder: ProjectFolder, progress: Progress) -> Path:
    """The project's simulated board as a program in its folder, made if it is not there.

    Raises MissingTool and ToolError as Verilator needs.
    """
    here = folder.path.resolve()
    out = here / _FOLDER
    stamp, wanted = out / "made-for", made_for(folder.digest)
    if not (stamp.is_file() and stamp.read_text() == wanted):
        progress("compiling the simulated board")
        with whole_folder(out) as draft:
            build_simulated_board([here / path for path in folder.project.sources], draft)
            (draft / stamp.name).write_text(wanted)
    return out / TOP


@contextmanager
def simulated_board(
    folder: ProjectFolder, clock_hz: int, baud: int, progress: Progress, tcp: int | None = None
) -> Iterator[SimulatedBoard]:
    """The running board of a project, with the name of its port; it ends with the block.

    clock_hz, baud: what the project was built for; tcp: as `SimulatedBoard`.
    """
    program = board_program(folder, progress)
    button = folder.board.button
    with SimulatedBoard(
        program,
        clocks_per_bit=clock_hz / baud,
        folder=folder.path.resolve(),
        tcp=tcp,
        reset_level=0 if button and button.active_low else 1,
    ) as board:
        yield board
