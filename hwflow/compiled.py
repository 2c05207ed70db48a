"""A compiled net, as it was read from its project, whatever its family."""

from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from hwflow.project import DESIGN, ProjectFolder
from hwflow.records import parse_record


class OnBoard(Protocol):
    """What every design says of the board's clock, in Hz, and of its link, in bits a second."""

    @property
    def clock_hz(self) -> int: ...

    @property
    def baud(self) -> int: ...


Net = TypeVar("Net", covariant=True)
Plan = TypeVar("Plan", bound=OnBoard, covariant=True)


@dataclass(frozen=True, eq=False)
class CompiledNet(Generic[Net, Plan]):
    """A project with the net and the design that its files hold, each decoded once."""

    folder: ProjectFolder
    network: Net
    design: Plan

    @property
    def path(self) -> Path:
        return self.folder.path

    @property
    def digest(self) -> str:
        return self.folder.digest


def read_design(kind: type[Plan], folder: ProjectFolder) -> Plan:
    """The design among a project's files. Raises UserError if it is damaged."""
    remedy = "run `hwflow compile` again."
    return parse_record(kind, folder.files.get(DESIGN, b""), folder.path / DESIGN, remedy)
