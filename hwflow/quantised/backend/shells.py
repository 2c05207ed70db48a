"""What stands around a net, behind one protocol: UART and link, the guard on a CAN bus, and AXI."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from hwflow.board import Board
from hwflow.errors import UserError
from hwflow.quantised.backend.application import dataflow_application
from hwflow.quantised.backend.axi import axi_core, axi_folding
from hwflow.quantised.backend.design import Design, ShellName
from hwflow.quantised.backend.folding import Folding
from hwflow.quantised.backend.goals import Options, folding_for
from hwflow.quantised.backend.guard import (
    ROOMS,
    beside_guard,
    check_guard,
    guard_application,
    guard_need,
    identifiers_of,
    paces,
)
from hwflow.quantised.driver.files import driver_files
from hwflow.quantised.network import Network
from hwflow.resources import Resources
from hwflow.shell import axi
from hwflow.shell.block_design import block_design_files
from hwflow.shell.constraints import PORTS, board_files
from hwflow.shell.library import pll_modules, rtl_library
from hwflow.shell.processor import processor_of
from hwflow.shell.top import TOP, Application, clock_of, top_module

if TYPE_CHECKING:
    from hwflow.quantised.backend.dataflow import Accelerator

_ROOMS = ("uart", "link", "shell")


class Shell(Protocol):
    """What is not said of one is so of the plain link. unloadable: why no net is behind it whose weights the host writes;
    empty if one may be."""

    unloadable: str = ""

    def check(self, network: Network, board: Board, strike: bool) -> None:
        """Raises UserError if the net, or the board, is not for this shell."""
        ...

    def room(self, board: Board) -> Board:
        """The board as the net has it: what is left of its part, and the clock."""
        return board

    def folding(self, network: Network, room: Board, options: Options) -> Folding:
        """The folding that is chosen. Raises UserError as `folding_for`."""
        return folding_for(network, room, options)

    def place(self, board: Board) -> str:
        """Where the net is, for messages."""
        return f"on {board.name}"

    def need(self, board: Board) -> Resources:
        """What it takes beside the net, more than link and UART do."""
        return Resources(0, 0, 0, 0)

    def told(self, design: Design, board: Board, strike: bool) -> Design:
        """The design with what is the shell's."""
        return design

    def files(self, accelerator: "Accelerator", board: Board, design: Design) -> Mapping[str, bytes]:
        """Its RTL, the top, and the board's files. Raises UserError if they cannot be made of the net."""
        ...

    def host(self, accelerator: "Accelerator", board: Board, design: Design, build: str) -> Mapping[str, bytes]:
        """What of the host's side lies in the project, no part of the build with this digest."""
        return {}


class _Stream(Shell):
    """Vectors that the host sends over the link."""

    def check(self, network: Network, board: Board, strike: bool) -> None:
        _check_pins(board)

    def files(self, accelerator: "Accelerator", board: Board, design: Design) -> Mapping[str, bytes]:
        network, sizes = accelerator.network, (design.input_bytes, design.output_bytes)
        told = accelerator.shapes if accelerator.folding.loaded else network.digest
        streams = accelerator.schedule.streams
        application = dataflow_application(network, streams, accelerator.module, *sizes, clock_of(board), told)
        return _behind_link(accelerator, board, design, application)


class _Guard(Shell):
    """The frames of a CAN bus, which the net judges."""

    unloadable = (
        "The guard judges from its first frame on, before a host could load weights: compile it with constant "
        "weights, none of them in large RAMs."
    )

    def check(self, network: Network, board: Board, strike: bool) -> None:
        _check_pins(board)
        check_guard(network, board, strike)

    def room(self, board: Board) -> Board:
        return beside_guard(board)

    def folding(self, network: Network, room: Board, options: Options) -> Folding:
        """One that keeps up with the fastest bus that the board has room for, unless another goal is given."""
        if options.target_fps is None and options.max_latency is None:
            for latency in paces(room):
                try:
                    return folding_for(network, room, replace(options, max_latency=latency))
                except UserError:
                    continue  # no room for that: a slower bus
        return folding_for(network, room, options)

    def place(self, board: Board) -> str:
        return f"beside its guard on {board.name}"

    def need(self, board: Board) -> Resources:
        return guard_need(board)

    def told(self, design: Design, board: Board, strike: bool) -> Design:
        return replace(design, shell="can", strike=strike, identifiers=identifiers_of(board))

    def files(self, accelerator: "Accelerator", board: Board, design: Design) -> Mapping[str, bytes]:
        made = accelerator.network, accelerator.schedule, accelerator.module
        application = guard_application(*made, board, clock_of(board), design.strike)
        return _behind_link(accelerator, board, design, application, *ROOMS)


class _Axi(Shell):
    """Vectors by AXI4-Stream, from a processor or a neighbour in the logic."""

    unloadable = "Over AXI no weights are loaded: compile with constant weights, none of them in large RAMs, or without --shell axi."

    def check(self, network: Network, board: Board, strike: bool) -> None:
        axi.check_axi(board)

    def room(self, board: Board) -> Board:
        return axi.beside_axi(board)

    def folding(self, network: Network, room: Board, options: Options) -> Folding:
        return axi_folding(network, room, options)

    def told(self, design: Design, board: Board, strike: bool) -> Design:
        return replace(design, shell="axi", baud=0)

    def files(self, accelerator: "Accelerator", board: Board, design: Design) -> Mapping[str, bytes]:
        core = axi_core(accelerator, self.room(board), design.input_bytes, design.output_bytes)
        files = rtl_library(*axi.ROOMS) | {f"rtl/{TOP}.sv": axi.axi_top(core).encode()}
        images = any(path.startswith("memory/") for path in accelerator.files)
        processor = processor_of(board)
        assert processor is not None  # as was checked
        return files | block_design_files(core, board, processor, _sources(files, accelerator), images)

    def host(self, accelerator: "Accelerator", board: Board, design: Design, build: str) -> Mapping[str, bytes]:
        core = axi_core(accelerator, self.room(board), design.input_bytes, design.output_bytes)
        return driver_files(accelerator.network, core, accelerator.units[-1].y, build)


_SHELLS: Mapping[ShellName, Shell] = {"stream": _Stream(), "can": _Guard(), "axi": _Axi()}


def shell_named(name: ShellName) -> Shell:
    """The shell that `--shell` and a design name."""
    return _SHELLS[name]


def _check_pins(board: Board) -> None:
    if board.has_part and not board.pins:
        raise UserError(f"The pins and the clock of {board.name} belong to its processor, which FINN's shell brings along, and "
                        "AXI's; compile with --backend finn or --shell axi.")  # fmt: skip


def _behind_link(
    accelerator: "Accelerator", board: Board, design: Design, application: Application, *rooms: str
) -> dict[str, bytes]:
    """rooms: of the RTL, beside those of the link, that the application is made of."""
    files = rtl_library(*_ROOMS, *rooms) | pll_modules(board)
    files[f"rtl/{TOP}.sv"] = top_module(board, design.baud, application).encode()
    return files | board_files(board, TOP, _sources(files, accelerator), (*PORTS, *application.pins))


def _sources(shell: Mapping[str, bytes], accelerator: "Accelerator") -> list[str]:
    """Paths of the RTL of a shell, which is all that its files are so far, and of the net."""
    return sorted({*shell, *(path for path in accelerator.files if path.endswith(".sv"))})
