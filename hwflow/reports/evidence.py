"""The records of a folder: what is known about one build of a net, whatever its family."""

import json
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from hwflow import __version__
from hwflow.errors import UserError
from hwflow.project import DESIGN, MANIFEST, RUN, SIMULATION
from hwflow.reports.figures import Kind, Source
from hwflow.resources import Estimate
from hwflow.tool.build import BUILD, Build
from hwflow.tool.effort import Effort, effort_in

Record = TypeVar("Record")
KINDS: dict[str, Kind] = {"golden model": "reference", "simulated board": "simulated board"}  # of what ran


class OfProject(Protocol):
    """A record that names the project it was made for."""

    @property
    def project(self) -> str: ...


class Result(OfProject, Protocol):
    """Such a record of a step, which says whether all is as it must be."""

    @property
    def right(self) -> bool: ...

    @property
    def tool(self) -> str: ...


class RunResult(Result, Protocol):
    """The same of a run: what stood behind the link, and its port."""

    @property
    def kind(self) -> str: ...

    @property
    def port(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One folder's records; None where a step has not been done. Each family adds its own.

    title: what the folder is called on the page; folder: its path as it was given; net: what the net is called; project:
    digest of the project; board: its name; estimate: made before synthesis; effort: what was built beside the build; simulation, run: each family has its own kind.
    """

    title: str
    folder: Path
    net: str
    project: str | None = None
    board: str | None = None
    estimate: Estimate | None = None
    build: Build | None = None
    effort: Effort | None = None
    simulation: Result | None = None
    run: RunResult | None = None

    @property
    def results(self) -> Mapping[str, bool]:
        """The steps that left a result, by their verb, and whether it is as it must be."""
        records = {"simulate": self.simulation, "build": self.build, "run": self.run}
        return {verb: record.right for verb, record in records.items() if record is not None}

    def compiled(self, kind: Kind) -> Source:
        """Where the compiler's figures came from."""
        command = f"hwflow compile --board {self.board} --out {self.name}"
        return Source(kind, command, self.file(DESIGN), f"hwflow {__version__}")

    def on_rtl(self) -> Source:
        """Where the figures of the RTL in Verilator came from."""
        assert self.simulation
        return Source("simulation", f"hwflow simulate {self.name}", self.file(SIMULATION), self.simulation.tool)

    def built(self) -> Source:
        """Where utilisation and timing came from."""
        assert self.build
        kind: Kind = "estimate" if self.build.estimate else "place and route"
        tool = ", ".join(f"{package} {version}" for package, version in self.build.tools.items())
        return Source(kind, f"hwflow build {self.name}", self.file(BUILD), tool)

    def on_device(self) -> Source:
        """Where figures of the device behind the link came from."""
        assert self.run
        kind = KINDS.get(self.run.kind, "measured")
        return Source(kind, f"hwflow run {self.name} --port {self.run.port}", self.file(RUN), self.run.tool)

    def command(self, verb: str, options: str = "") -> str:
        """The command that makes a record of this folder."""
        return f"hwflow {verb} {shlex.quote(str(self.folder))} {options}".rstrip()

    def file(self, name: str) -> str:
        """A record of the folder, as the page names it."""
        return f"{self.folder.name}/{name}"

    @property
    def name(self) -> str:
        """The folder, as a shell takes it."""
        return shlex.quote(self.folder.name or str(self.folder))


def refuse_others(evidence: Evidence, made: Mapping[tuple[str, str], OfProject | None]) -> None:
    """Raises UserError if a record is of another project: its numbers would be wrong here, however good they look.

    made: the records, by file and verb.
    """
    for (name, verb), record in made.items():
        if record is not None and evidence.project is not None and record.project != evidence.project:
            raise UserError(
                f"{evidence.folder / name} is of another project than the one in its folder; run `hwflow {verb}` again."
            )


def digest_in(folder: Path) -> str | None:
    """The digest of the project in a folder, by its manifest; None if there is no project."""
    return if_there(folder / MANIFEST, _digest)


def build_in(folder: Path) -> Build | None:
    """What a build left in a folder."""
    return if_there(folder / BUILD, lambda path: Build.from_folder(path.parent))


def effort_of(folder: Path, build: Build | None) -> Effort | None:
    """What was built beside the build of a folder, to find it."""
    return effort_in(folder, build.project) if build else None


def if_there(path: Path, read: Callable[[Path], Record]) -> Record | None:
    """What is read of a file, if it is there."""
    return read(path) if path.exists() else None


def _digest(path: Path) -> str:
    try:
        return str(json.loads(path.read_text())["digest"])
    except (OSError, ValueError, KeyError, TypeError):
        raise UserError(f"{path} is not a readable manifest; run `hwflow compile` again.") from None
