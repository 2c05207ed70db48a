"""A bitstream into a board, with openFPGALoader."""

import shlex
from ctypes.util import find_library
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hwflow.board import Board
from hwflow.errors import MissingTool, ToolError, UserError, missing
from hwflow.paths import scratch_folder
from hwflow.progress import Progress, silent
from hwflow.project import ProjectFolder
from hwflow.tool.build import Build
from hwflow.tool.own import content_of, is_own
from hwflow.tool.process import find_program, run_tool
from hwflow.words import Done, Part

if TYPE_CHECKING:
    from hwflow.host.devices import Device

PROGRAM = "openfpgaloader-cli"
CABLE = "cable:"  # before the name of a cable, for a board that openFPGALoader knows by no name
_LIBRARIES = {"usb-1.0": "libusb-1.0-0", "ftdi1": "libftdi1-2"}


@dataclass(frozen=True)
class Programming:
    """What was loaded into which board: by which command, in how many seconds; answer: how the board then greeted, None if
    it did not."""

    board: str
    bitstream: str
    command: str
    seconds: float
    answer: "Device | None" = None

    @property
    def right(self) -> bool:
        return self.answer is not None

    @property
    def wrong(self) -> str:
        return (
            f"{self.bitstream} was loaded into {self.board}, and no port answers as this build; connect the board's serial "
            "port, or name it and its rate (--port, --baud)."
        )

    def words(self) -> tuple[Part, ...]:
        loaded = f"{self.bitstream} is in {self.board}, after {self.seconds:g} s"
        if self.answer is None:
            return (loaded,)
        where = self.answer
        return (
            f"{loaded}; on {where.adapter.port} at {where.baud:,} baud answers build {where.build[:12]}, "
            f"at {where.clock_hz / 1e6:g} MHz: {where.net}, {where.sizes}",
        )


def loader_command(
    board: Board, bitstream: str, cable: str | None = None, serial: str | None = None
) -> tuple[str, ...]:
    """The command, in the project's folder; serial: number of the cable, where several are alike.

    Raises UserError if openFPGALoader does not know the board.
    """
    if board.programmer is None:
        raise UserError(f"{board.title} cannot be loaded by openFPGALoader; load it with the vendor's tool.")
    known = ("--board", board.programmer) if not board.programmer.startswith(CABLE) else ()
    by = cable or (board.programmer.removeprefix(CABLE) if not known else None)
    one = ("--ftdi-serial", serial) if serial else ()
    return (PROGRAM, *known, *(("--cable", by) if by else ()), *one, bitstream)


def program_board(
    folder: ProjectFolder, cable: str | None = None, serial: str | None = None, progress: Progress = silent
) -> Programming:
    """Load the bitstream of a project into the FPGA, or on iCE40 boards into the flash beside it.

    cable: as openFPGALoader names it, None for the board's own; serial: the number of one of several cables that are alike
    (`cables` lists them); progress: told what openFPGALoader says.
    Raises UserError if there is no bitstream of this project, or none that this user built, MissingTool, and ToolError if loading fails.
    """
    here, board = folder.path, folder.board
    build = Build.from_folder(here)
    if build.bitstream is None:
        raise UserError(
            f"There is no bitstream for {board.name} in {here}; make one with Vivado from vivado/build.tcl."
        )
    if build.project != folder.digest or not (here / build.bitstream).is_file():
        raise UserError(f"The bitstream in {here} is not of this project; run `hwflow build` again.")
    if not (folder.trust or is_own("bitstream", content_of(here / build.bitstream))):
        raise UserError(f"The bitstream in {here} was not built by this user's hwflow; run `hwflow build`, or load it as it "
                        "is with --trust.")  # fmt: skip
    command = loader_command(board, build.bitstream, cable, serial)
    program = _loader("Loading a board")
    try:
        done = run_tool([program, *command[1:]], here / "build/program.log", cwd=here, on_line=progress)
    except ToolError as error:
        raise ToolError(f"{board.title} was not loaded: {error}") from None
    return Programming(board.name, build.bitstream, shlex.join(command), round(done.seconds, 2))


@dataclass(frozen=True)
class Cables(Done):
    """The lines in which openFPGALoader tells the cables that it sees."""

    lines: tuple[str, ...]

    def words(self) -> tuple[Part, ...]:
        return self.lines or ("openFPGALoader sees no cable; plug the board in.",)


def cables() -> Cables:
    """The cables that openFPGALoader sees on USB. Raises MissingTool, and ToolError if it fails."""
    program = _loader("Listing the cables")
    with scratch_folder() as here:
        log = here / "scan.log"
        run_tool([program, "--scan-usb"], log, cwd=here)
        lines = log.read_text(errors="replace").splitlines()
    return Cables(tuple(line.rstrip() for line in lines if line.strip()))


def _loader(what: str) -> str:
    program = find_program(PROGRAM)
    if program is None:
        raise missing(what, "openFPGALoader", "board")
    packages = [package for library, package in _LIBRARIES.items() if find_library(library) is None]
    if packages:
        names = " ".join(packages)
        raise MissingTool(f"openFPGALoader needs {names.replace(' ', ' and ')}; run `apt-get install {names}`.")
    return program
