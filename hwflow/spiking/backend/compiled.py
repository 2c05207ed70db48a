"""A compiled spiking net, as it was read from its project."""

from dataclasses import dataclass
from pathlib import Path

from hwflow.project import DESIGN, ProjectFolder
from hwflow.records import parse_record
from hwflow.spiking.backend.design import SpikingDesign
from hwflow.spiking.network import SpikingNetwork


@dataclass(frozen=True, eq=False)
class Compiled:
    """A project with the net and the design that its files hold, each decoded once."""

    folder: ProjectFolder
    network: SpikingNetwork
    design: SpikingDesign

    @staticmethod
    def of(folder: ProjectFolder) -> "Compiled":
        """Raises UserError if the project's net or its design is damaged."""
        remedy = "run `hwflow compile` again."
        design = parse_record(SpikingDesign, folder.files.get(DESIGN, b""), folder.path / DESIGN, remedy)
        return Compiled(folder, SpikingNetwork.from_files(folder.files, folder.path), design)

    @property
    def path(self) -> Path:
        return self.folder.path

    @property
    def digest(self) -> str:
        return self.folder.digest
