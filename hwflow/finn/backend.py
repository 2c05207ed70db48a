"""FINN as a backend of quantised nets: compiled by its own steps, for Zynq."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hwflow.board import Board
from hwflow.errors import ToolError, UserError
from hwflow.finn.build import STEPS as BUILD_STEPS
from hwflow.finn.build import build_finn_project
from hwflow.finn.compilation import CLOCK_NS, STEPS, FinnRecord, build_with_finn
from hwflow.finn.design import FinnDesign
from hwflow.finn.net import edits_of, finn_source
from hwflow.paths import only_one
from hwflow.progress import Progress
from hwflow.project import ProjectFolder, check_replaceable, put
from hwflow.quantised.backend.compiled import Compiled
from hwflow.quantised.flow.request import Request
from hwflow.quantised.network import Network
from hwflow.quantised.tool.simulate import BenchSource
from hwflow.records import read_record, to_json
from hwflow.tool.build import Build
from hwflow.tool.own import mark
from hwflow.tool.process import Together

KEPT = (STEPS, "finn.log")  # files that a project's folder holds beside the project


class _Finn:
    no_argmax = "FINN has a class at the end in HLS only; compile without --argmax, and the host takes the class."
    no_clock = f"FINN builds for a clock of {1e3 / CLOCK_NS:g} MHz, which its shell brings along; leave --clock out."

    def compile(
        self, model: Path, network: Network, board: Board, out: Path, request: Request, progress: Progress
    ) -> tuple[ProjectFolder, bool]:
        """FINN's log is in the folder as `finn.log`; if a step fails, beside it. Raises also MissingTool if FINN is not
        set up, and ToolError if a step of it fails or gives another result."""
        if request.baud is not None:
            raise UserError("--baud is of hwflow's own link, and FINN's shell has none; leave it away.")
        progress(f"compiling {network.name} for {board.name} with FINN")
        log = log_of(out)
        with only_one(out), _kept_log(log):
            check_replaceable(out)
            project, record = build_with_finn(model, network, board, log, request.folding, request.target_fps, progress)
            mark("project", project.digest)
            made = dict(zip(KEPT, (to_json(record).encode(), log.read_bytes()), strict=True))
            folder, kept = put(project, out, {**made, **request.beside})
        return folder, kept

    def again(self, compiled: Compiled) -> None:
        """None: FINN takes minutes, and the model file is not at hand."""

    def source(self, compiled: Compiled) -> BenchSource:
        return finn_source(compiled.folder.project, FinnDesign.of(compiled.folder), compiled.network)

    def edits(self, compiled: Compiled) -> tuple[str, ...]:
        return edits_of(FinnDesign.of(compiled.folder))

    def record(self, folder: ProjectFolder) -> FinnRecord:
        return read_record(FinnRecord, folder.path / STEPS, "run `hwflow compile --backend finn` again.")

    def build(self, folder: ProjectFolder, progress: Progress, together: Together | None) -> Build:
        return build_finn_project(folder, progress, together)

    def commands(self, folder: ProjectFolder) -> tuple[str, ...]:
        """The steps of FINN's own build, which has no commands."""
        return tuple(f"FINN: {step}" for step in BUILD_STEPS)


FINN_BACKEND = _Finn()


def log_of(out: Path) -> Path:
    """Where FINN's words about the build of a folder are kept while it is no project: beside it."""
    return out.resolve().parent / f"{out.resolve().name}.finn.log"


@contextmanager
def _kept_log(log: Path) -> Iterator[None]:
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
