"""The handles of the Python API, whatever the family: a model that was read, and a project in its folder."""

import sys
from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from hwflow.errors import UserError
from hwflow.progress import Progress, silent
from hwflow.project import Project, ProjectFolder
from hwflow.tool.own import is_own, links_outside
from hwflow.words import Told, plain

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from hwflow.compiled import CompiledNet, OnBoard
    from hwflow.export.write import Export
    from hwflow.tool.build import Build
    from hwflow.tool.process import Together
    from hwflow.tool.program import Programming
    from hwflow.tool.simulated_board import CanBus, SimulatedBoard

_ANSWER_SECONDS = 10.0  # for a board that was loaded to greet


class Net(Protocol):
    """A net in integers, of whatever family."""

    @property
    def name(self) -> str: ...

    @property
    def digest(self) -> str: ...


class Model(ABC):
    """A model that was read: the net in integers, exactly as it will be built. `print` tells what it is.

    network: what is built, and what the reference executes.
    """

    network: Net

    @property
    def name(self) -> str:
        """Of the net."""
        return self.network.name

    @property
    def digest(self) -> str:
        """SHA-256, in hex, of everything that decides an output."""
        return self.network.digest

    @abstractmethod
    def inspect(self) -> Told:
        """Its layers, types, and what was assumed or rounded, as a record."""

    @abstractmethod
    def run(self, x: "ArrayLike") -> Any:
        """What the net gives for `x`, by the integer reference; the hardware gives the same, bit for bit.

        Raises UserError for `x` that does not fit."""

    @abstractmethod
    def check(self, x: Any = None, *, progress: Progress = silent) -> Told:
        """The net in integers against what its file means: on random vectors, and on `x`, what the net takes or an .npz.

        Raises UserError for `x` that does not fit, MissingTool without what executes the file.
        """

    @abstractmethod
    def compile(
        self,
        board: str | Path,
        out: str | Path,
        *,
        baud: int | None = None,
        clock: str | float | None = None,
        progress: Progress = silent,
        **options: Any,
    ) -> "CompiledProject":
        """Hardware for a board, into the folder `out`, which appears whole or not at all.

        board: a board's name, or the path of a .toml of one's own; baud: bits a second of the link, None for the
        board's; clock: in MHz, made by the part's PLL; `auto` builds to find the highest; None for the oscillator's. Raises
        UserError for an unknown board, a clock that its PLL cannot make, options that are not legal, a net that does
        not fit, or a folder that holds something else.
        """

    def __str__(self) -> str:
        return plain(self.inspect().words())


class CompiledProject(ABC):
    """A project in its folder: a handle on files that were read once, without state of its own.

    compiled: its net, design and files; kept: whether the folder held the same project before it was compiled.
    """

    def __init__(self, compiled: "CompiledNet[Any, OnBoard]", *, kept: bool = True) -> None:
        self.compiled = compiled
        self.kept = kept

    @abstractmethod
    def compilation(self) -> Told:
        """What was compiled, as a record."""

    @abstractmethod
    def simulate(
        self, x: Any = None, *, vcd: str | Path | None = None, progress: Progress = silent, **options: Any
    ) -> Told:
        """The RTL in Verilator against the reference, bit for bit, and its cycles against the prediction.

        x: what the net takes, an .npz that holds it as `x`, or None for random ones; vcd: a file for the waveforms.
        Leaves `simulation.json`. Raises UserError for x that does not fit, MissingTool and ToolError as Verilator needs.
        """

    @abstractmethod
    def run(
        self,
        port: str,
        x: Any = None,
        *,
        baud: int | None = None,
        deadline: float | None = None,
        progress: Progress = silent,
        **options: Any,
    ) -> Told:
        """Drive the board on `port` over UART and compare all it gives with the reference.

        port: a serial port, socket://host:port, or `sim` for a simulated board; x: as for `simulate`; baud: None for
        the rate that the project was built for; deadline: seconds for each answer, None for what the device's own limit
        asks for. Leaves `run.json`. Raises also the errors of `hwflow.host.errors`.
        """

    @abstractmethod
    def open(
        self, port: str = "sim", *, baud: int | None = None, progress: Progress = silent
    ) -> AbstractContextManager[Any]:
        """The board on `port`, as for `run`, until the block ends: `with project.open("sim") as board: …`.

        Raises as `run`."""

    @abstractmethod
    def build(
        self, progress: Progress = silent, together: "Together | None" = None, *, effort: float | None = None
    ) -> "Build":
        """Bitstream, utilisation and timing; leaves `build.json`. together: with which other builds' tools its own end.
        effort: seconds in which other foldings of a quantised net, and other placements, are built too; the fastest whose
        timing is met is then the project in the folder, to be opened anew, and `effort.json` tells what was tried.

        Raises UserError if the net does not fit the board, MissingTool, and ToolError if a tool fails."""

    @abstractmethod
    def commands(self) -> tuple[str, ...]:
        """What a build would do."""

    @abstractmethod
    def again(self) -> Project | None:
        """What compiling its own net with its own options gives by this version of hwflow; None where another program
        compiled it. Raises UserError if it cannot be compiled."""

    def differs(self) -> tuple[str, ...] | None:
        """The files that are not what `again` gives; empty if it is the very same, None if there is none. Raises as it."""
        again = self.again()
        return None if again is None else self.folder.project.differing(again)

    def vouch(self, port: str = "sim") -> None:
        """See to it that tools may be run on the project's files, as a simulated board does, and no other `port`: this
        user compiled them, or they are what compiling its own net gives. Raises UserError if not; where the user trusts
        it, says so on standard error instead."""
        from hwflow.host.linked import SIM

        if port != SIM:
            return
        doubt = self._doubt
        if doubt and not self.folder.trust:
            raise UserError(
                f"The project in {self.path} {doubt}; compile it yourself, or take it as it is with --trust."
            )
        if doubt:
            sys.stderr.write(
                f"The project in {self.path} {doubt}; it is taken as it is.\n"
            )  # whole, also from a thread

    @cached_property
    def _doubt(self) -> str:
        """Why tools should not be run on its files; empty if they may."""
        if outside := links_outside(self.path):
            return f"holds {outside[0]!r}, a link that leads out of it"
        if is_own("project", self.digest):
            return ""
        given = "is not what compiling its own net gives by this version of hwflow"
        try:
            wrong = self.differs()
        except (UserError, ValueError) as error:
            return f"{given} ({str(error).rstrip('.').replace('; ', ', '):.200})"
        if wrong is None:
            return "was compiled elsewhere by another program, so hwflow cannot compile it again to compare it"
        others = f" and {len(wrong) - 1:,} more differ" if len(wrong) > 1 else " differs"
        return f"{given} ({wrong[0]}{others})" if wrong else ""

    @abstractmethod
    def export(self, out: str | Path, as_: str = "filelist", x: Any = None, *, count: int | None = None) -> "Export":
        """The accelerator without its shell, to embed in another design, into the folder `out`, which appears whole or not
        at all: RTL, memory images, an instance to copy, and a testbench with the reference's answers.

        as_: `filelist`, `fusesoc`, `ipxact`, `litex`, or, of a net behind AXI, `vivado-ip`, which has its ports; x: the
        testbench's vectors, what the net takes, an .npz, or None for random ones; count: the first so many. Raises
        UserError for a net that cannot be exported, x that does not fit, or a folder that holds something else."""

    @property
    def folder(self) -> ProjectFolder:
        """Its files, and where they lie."""
        return self.compiled.folder

    @property
    def clock_hz(self) -> int:
        """Of everything on the board, in Hz."""
        return self.compiled.design.clock_hz

    @property
    def baud(self) -> int:
        """Bits a second of its link."""
        return self.compiled.design.baud

    @property
    def path(self) -> Path:
        """The folder."""
        return self.folder.path

    @property
    def digest(self) -> str:
        """SHA-256, in hex, of all of the project's files."""
        return self.folder.digest

    @property
    def listens(self) -> bool:
        """Whether it is a guard on a CAN bus."""
        return False

    def demand_link(self) -> None:
        """Raises UserError if a processor drives the net by AXI, and no host by UART."""
        if not self.baud:
            raise UserError(f"The net of the project in {self.path} is behind AXI and no UART; compile it without --shell axi, or "
                            "drive it on the board (docs/how-to/zynq.md).")  # fmt: skip

    def serve(
        self, tcp: int | None = None, progress: Progress = silent, bus: "CanBus | None" = None
    ) -> "AbstractContextManager[SimulatedBoard]":
        """The simulated board, whose `port` can be opened until the block ends. tcp: a TCP port to listen at, 0: any; bus:
        what a guard listens to.

        Raises MissingTool and ToolError as Verilator needs, UserError for a bus of what is no guard."""
        from hwflow.tool.simulated import simulated_board

        self.demand_link()
        self.vouch()
        if bus is not None and not self.listens:
            raise UserError(f"The project in {self.path} listens to no CAN bus; compile it with --shell can.")
        return simulated_board(self.folder, self.clock_hz, self.baud, progress, tcp, bus)

    def program(
        self,
        cable: str | None = None,
        progress: Progress = silent,
        *,
        serial: str | None = None,
        port: str | None = None,
        baud: int | None = None,
    ) -> "Programming":
        """Load the bitstream into the board, and greet the board until it answers as this build, for at most 10 s.

        cable: as openFPGALoader names it, None for the board's own; serial: the number of one of several that are alike; port:
        where the board answers, None: looked for on USB; baud: bits a second there, None: what the project was built for.
        Raises UserError if there is no bitstream of this project, or another user or machine built it and it is not trusted;
        MissingTool, ToolError. That nothing answers is in the record.
        """
        from hwflow.host.devices import wait_for_build
        from hwflow.shell.build_digest import build_of
        from hwflow.tool.program import program_board

        self.vouch()
        done = program_board(self.folder, cable, serial, progress)
        progress("waiting for the board's answer")
        bauds = (self.baud if baud is None else baud,)
        answer = wait_for_build(build_of(self.folder.project), (port,) if port else (), bauds, _ANSWER_SECONDS)
        return replace(done, answer=answer)

    def __str__(self) -> str:
        return plain(self.compilation().words())
