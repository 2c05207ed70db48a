"""A net compiled, and synthesised alone, without link and shell: what several benchmarks count."""

from pathlib import Path

from hwflow.board import Board
from hwflow.finn.synthesis import synthesise_net
from hwflow.project import ProjectFolder
from hwflow.quantised.backend.compiled import Compiled
from hwflow.quantised.backend.dataflow import MODULE, Options, compile_network
from hwflow.quantised.backend.schedule import Prediction
from hwflow.quantised.network import Network
from hwflow.quantised.tool.simulate import net_files
from hwflow.tool.yosys import Counts


def synthesised_alone(network: Network, board: Board, options: Options, folder: Path) -> tuple[Counts, Prediction]:
    """Yosys's count for 7 series, not placed, and the predicted cycles; the project is kept in the folder."""
    compile_network(network, board, options).save(folder)
    project = ProjectFolder.read(folder)
    return synthesise_net(project, net_files(project.files), MODULE), Compiled.of(project).design.prediction
