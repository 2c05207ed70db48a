"""A compiled quantised net, as it was read from its project."""

from hwflow.compiled import CompiledNet, read_design
from hwflow.project import ProjectFolder
from hwflow.quantised.backend.design import Design
from hwflow.quantised.network import Network


class Compiled(CompiledNet[Network, Design]):
    @staticmethod
    def of(folder: ProjectFolder) -> "Compiled":
        """Raises UserError if the project's net or its design is damaged."""
        design = read_design(Design, folder)
        return Compiled(folder, Network.from_files(folder.files, folder.path), design)
