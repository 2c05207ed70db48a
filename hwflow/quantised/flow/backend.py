"""The ways in which a quantised net becomes hardware, behind one protocol: hwflow's own RTL, and FINN."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from hwflow.board import Board
from hwflow.errors import UserError
from hwflow.progress import Progress
from hwflow.project import Project, ProjectFolder
from hwflow.quantised.backend.compiled import Compiled
from hwflow.quantised.flow.request import Request
from hwflow.quantised.network import Network
from hwflow.words import Part

if TYPE_CHECKING:
    from hwflow.quantised.tool.simulate import BenchSource
    from hwflow.tool.build import Build
    from hwflow.tool.process import Together

NAMES = ("dataflow", "finn")


class BackendRecord(Protocol):
    """A frozen dataclass: what a backend did with a net."""

    def words(self) -> Sequence[Part]:
        """What it tells people."""
        ...


class Backend(Protocol):
    """What a backend does with a net, and with a project that it compiled.

    no_argmax: why it takes no net with a class that `argmax` put at its end; empty if it does; no_clock: the same
    of a clock that is asked for.
    """

    no_argmax: str
    no_clock: str

    def compile(
        self, model: Path, network: Network, board: Board, out: Path, request: Request, progress: Progress
    ) -> tuple[ProjectFolder, bool]:
        """The project in the folder `out`, and whether the same was there before. model: the file of the network."""
        ...

    def again(self, compiled: Compiled) -> Project | None:
        """The project that compiling its own net with its own options gives now; None where that is not at hand.

        Raises UserError if it cannot be compiled."""
        ...

    def source(self, compiled: Compiled) -> "BenchSource":
        """What a bench of the net alone is made from. Raises UserError if it cannot be simulated."""
        ...

    def edits(self, compiled: Compiled) -> tuple[str, ...]:
        """Sentences: which files are simulated with a change, and why."""
        ...

    def record(self, folder: ProjectFolder) -> "BackendRecord | None":
        """What it did beside the design, from the project's folder; None if there is nothing to tell."""
        ...

    def build(self, folder: ProjectFolder, progress: Progress, together: "Together | None") -> "Build":
        """Bitstream, utilisation and timing. together: with which other builds' tools its own end."""
        ...

    def commands(self, folder: ProjectFolder) -> tuple[str, ...]:
        """What a build would do."""
        ...


def backend_named(name: str) -> Backend:
    """The backend of that name, as a design and `--backend` have it. Raises UserError if there is none."""
    if name == "dataflow":
        from hwflow.quantised.flow.dataflow import DATAFLOW

        return DATAFLOW
    if name == "finn":
        from hwflow.finn.backend import FINN_BACKEND

        return FINN_BACKEND
    raise UserError(f"There is no backend {name!r}; the backends are {' and '.join(NAMES)}.")
