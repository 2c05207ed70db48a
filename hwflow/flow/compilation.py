"""The verb `compile`: a model file to a project folder."""

from dataclasses import dataclass
from pathlib import Path

from hwflow.backend.dataflow import Options, compile_network
from hwflow.backend.design import Design, LayerDesign, Resources
from hwflow.backend.folding import read_folding
from hwflow.backend.schedule import Prediction
from hwflow.board import find_board
from hwflow.errors import UserError
from hwflow.flow.progress import Progress
from hwflow.network import Network
from hwflow.paths import whole_folder
from hwflow.project import MANIFEST, Project


@dataclass(frozen=True)
class Compilation:
    """What was compiled.

    project: the folder; digest: of the project; kept: whether the folder held the same project before, so that nothing
    was written and what was simulated and built there stays; prediction in cycles; predicted_fps: vectors a second at
    the board's clock; estimate: a guess made before synthesis.
    """

    project: str
    digest: str
    board: str
    network: str
    network_digest: str
    layers: tuple[LayerDesign, ...]
    prediction: Prediction
    predicted_fps: float
    clock_hz: int
    estimate: Resources
    kept: bool


@dataclass(frozen=True)
class Request:
    """How to compile: folding file or vectors a second (not both), bits a second of the link; None to leave it open."""

    folding: Path | None = None
    target_fps: float | None = None
    baud: int | None = None


def compile_to(network: Network, board_name: str, out: Path, request: Request, progress: Progress) -> Compilation:
    """Compile a network for a board into the folder `out`, which appears whole or not at all.

    Raises UserError for an unknown board, a folding that is not legal, options that clash, a net that does not fit the
    board, or a folder that holds something else.
    """
    if request.folding is not None and request.target_fps is not None:
        raise UserError("--folding and --target-fps both say how much is done at a time; give one of them.")
    if request.target_fps is not None and not request.target_fps > 0:
        raise UserError(f"--target-fps {request.target_fps:g} cannot be aimed at; give more than 0 vectors a second.")
    board = find_board(board_name)
    progress(f"compiling {network.name} for {board_name}")
    folding = read_folding(request.folding, network) if request.folding else None
    options = Options(folding=folding, target_fps=request.target_fps, baud=request.baud)
    project = compile_network(network, board, options)
    kept = holds(out, project)
    if not kept:
        with whole_folder(out.resolve()) as draft:
            project.save(draft)
    design = Design.from_folder(out)
    return Compilation(
        project=str(out),
        digest=project.digest,
        board=project.board,
        network=design.network,
        network_digest=design.network_digest,
        layers=design.layers,
        prediction=design.prediction,
        predicted_fps=design.predicted_fps,
        clock_hz=design.clock_hz,
        estimate=design.estimate,
        kept=kept,
    )


def holds(out: Path, project: Project) -> bool:
    """Whether `out` is this very project. Raises UserError if it is a folder of something else, which stays as it is."""
    if not out.is_dir() or not any(out.iterdir()):
        return False
    if not (out / MANIFEST).is_file():
        raise UserError(f"{out} holds other files and no project; name another folder with --out.")
    try:
        return Project.load(out).digest == project.digest
    except UserError:
        return False  # damaged, or changed by hand: it is made anew
