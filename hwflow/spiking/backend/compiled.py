"""A compiled spiking net, as it was read from its project."""

from hwflow.compiled import CompiledNet, read_design
from hwflow.project import ProjectFolder
from hwflow.spiking.backend.design import SpikingDesign
from hwflow.spiking.network import SpikingNetwork


class Compiled(CompiledNet[SpikingNetwork, SpikingDesign]):
    @staticmethod
    def of(folder: ProjectFolder) -> "Compiled":
        """Raises UserError if the project's net or its design is damaged."""
        design = read_design(SpikingDesign, folder)
        return Compiled(folder, SpikingNetwork.from_files(folder.files, folder.path), design)
