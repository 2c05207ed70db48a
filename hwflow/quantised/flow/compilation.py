"""The verb `compile`: a model file to a project folder."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hwflow.board import find_board
from hwflow.errors import ToolError, UserError
from hwflow.finn.compilation import STEPS, FinnRecord, build_with_finn
from hwflow.finn.folding import read_any
from hwflow.paths import only_one, whole_folder
from hwflow.progress import Progress
from hwflow.project import MANIFEST, Project
from hwflow.quantised.backend.dataflow import Options, compile_network
from hwflow.quantised.backend.design import Design, Estimate, LayerDesign
from hwflow.quantised.backend.schedule import Prediction
from hwflow.quantised.network import Network
from hwflow.records import to_json

Backend = Literal["dataflow", "finn"]


@dataclass(frozen=True)
class Compilation:
    """What was compiled.

    project: the folder; digest: of the project; kept: whether the folder held the same project before, so that nothing
    was written and what was simulated and built there stays; prediction in cycles (FINN's: an estimate); predicted_fps:
    vectors a second at the clock; estimate: a guess made before synthesis; finn: what FINN did, if it was the backend.
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
    estimate: Estimate
    kept: bool
    backend: Backend = "dataflow"
    finn: FinnRecord | None = None


@dataclass(frozen=True)
class Request:
    """How to compile: folding file or vectors a second (not both), bits a second of the link; None to leave it open."""

    folding: Path | None = None
    target_fps: float | None = None
    baud: int | None = None

    def __post_init__(self) -> None:
        if self.folding is not None and self.target_fps is not None:
            raise UserError("--folding and --target-fps both say how much is done at a time; give one of them.")
        if self.target_fps is not None and not self.target_fps > 0:
            raise UserError(f"--target-fps {self.target_fps:g} cannot be aimed at; give more than 0 vectors a second.")


def compile_to(network: Network, board_name: str, out: Path, request: Request, progress: Progress) -> Compilation:
    """Compile a network for a board into the folder `out`, which appears whole or not at all.

    Raises UserError for an unknown board, a folding that is not legal, options that clash, a net that does not fit the
    board, or a folder that holds something else or is being worked on.
    """
    board = find_board(board_name)
    progress(f"compiling {network.name} for {board_name}")
    folding = read_any(request.folding, network).folding if request.folding else None
    options = Options(folding=folding, target_fps=request.target_fps, baud=request.baud)
    with only_one(out):
        project = compile_network(network, board, options)
        kept = holds(out, project)
        if not kept:
            with whole_folder(out.resolve()) as draft:
                project.save(draft)
    return _compilation(out, project, kept, None)


def compile_with_finn(
    model: Path, network: Network, board_name: str, out: Path, request: Request, progress: Progress
) -> Compilation:
    """Compile a model file, which is the network, through FINN into the folder `out`; as `compile_to`.

    FINN's log is in the folder as `finn.log`; if a step fails, beside it. Raises also MissingTool if FINN is not set up,
    and ToolError if a step of it fails or gives another result.
    """
    board = find_board(board_name)
    if request.baud is not None:
        raise UserError("--baud is of hwflow's own link, and FINN's shell has none; leave it away.")
    progress(f"compiling {network.name} for {board_name} with FINN")
    log = log_of(out)
    with only_one(out), kept_log(log):
        check_replaceable(out)
        project, record = build_with_finn(model, network, board, log, request.folding, request.target_fps, progress)
        kept = holds(out, project)
        if not kept:
            with whole_folder(out.resolve()) as draft:
                project.save(draft)
                (draft / STEPS).write_text(to_json(record))
                shutil.move(log, draft / "finn.log")
    return _compilation(out, project, kept, record)


def _compilation(out: Path, project: Project, kept: bool, finn: FinnRecord | None) -> Compilation:
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
        backend=design.backend,
        finn=finn,
    )


def log_of(out: Path) -> Path:
    """Where FINN's words about the build of a folder are kept while it is no project: beside it."""
    return out.resolve().parent / f"{out.resolve().name}.finn.log"


@contextmanager
def kept_log(log: Path) -> Iterator[None]:
    """Leave the log of a tool that failed; of what ended well, or was the user's fault, nothing stays there."""
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise UserError(f"Cannot write to {log.parent} ({error.strerror}); name another folder with --out.") from None
    except ToolError:
        raise
    except BaseException:
        log.unlink(missing_ok=True)
        raise
    log.unlink(missing_ok=True)


def check_replaceable(out: Path) -> None:
    """Raises UserError if `out` holds something else than a project, which then stays as it is."""
    if out.is_file():
        raise UserError(f"{out} already exists; name another folder with --out.")
    if out.is_dir() and any(out.iterdir()) and not (out / MANIFEST).is_file():
        raise UserError(f"{out} holds other files and no project; name another folder with --out.")


def holds(out: Path, project: Project) -> bool:
    """Whether `out` is this very project. Raises UserError if it is a folder of something else, which stays as it is."""
    if not out.is_dir() or not any(out.iterdir()):
        return False
    check_replaceable(out)
    try:
        return Project.load(out).digest == project.digest
    except UserError:
        return False  # damaged, or changed by hand: it is made anew
