"""All of it in one go: from data to a report, in one folder, each step once."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from hwflow import __version__
from hwflow.apps.stages import STAGES, Stage, Stages, code_digest, file_digest
from hwflow.board import find_board
from hwflow.errors import UserError
from hwflow.progress import Progress
from hwflow.project import Project
from hwflow.quantised.flow.compilation import Request, compile_to
from hwflow.quantised.flow.equality import compare_with_qonnx
from hwflow.quantised.flow.running import SIM, run_folder
from hwflow.quantised.flow.simulation import simulate_folder
from hwflow.quantised.flow.vectors import read_arrays
from hwflow.quantised.frontend import load
from hwflow.quantised.network import Network
from hwflow.quantised.train.recipes import Recipe
from hwflow.report import make_report
from hwflow.tool.build import build_project

BOARDS = ("icebreaker", "ulx3s-85f", "sim")
COMPARED = 300  # vectors that qonnx executes
SIMULATED = 10_000
RUN = 2_000
_LEFT_OUT = "left out: "


@dataclass(frozen=True)
class Plan:
    """What the demo does.

    data: the user's own data or None; boards: by name, None for the usual ones, less those that the net does not fit.
    """

    recipe: Recipe
    bits: int
    seed: int
    data: Path | None
    boards: tuple[str, ...] | None = None


@dataclass(frozen=True)
class DemoRecord:
    """What the demo did: its stages in order, the report's page, and the names of the report's checks that failed."""

    recipe: str
    folder: str
    stages: tuple[Stage, ...]
    report: str
    checks: int
    failed: tuple[str, ...]
    seconds: float

    @property
    def right(self) -> bool:
        """Whether every stage and every check of the report is as it must be."""
        return not self.failed and all(stage.right for stage in self.stages)


def run_demo(plan: Plan, out: Path, progress: Progress, tell: Callable[[Stage], None]) -> DemoRecord:
    """Train, import, compile, simulate, build, run and report in the folder `out`; what is done is not done again.

    `tell` is called with each stage as it ends. Raises what the steps raise.
    """
    start = time.monotonic()
    families = {name: find_board(name).family for name in plan.boards or BOARDS}  # before anything long is done
    with claimed(out):
        demo = _Demo(plan, out, progress, Stages(out, tell))
        demo.train()
        demo.compare()
        boards = [board for board in families if demo.compile(board)]
        for board in boards:
            demo.simulate(board)
        for board in boards:
            if families[board] != "sim":
                demo.build(board)
        for board in boards:
            demo.run(board)
        return demo.report(boards, start)


@contextmanager
def claimed(out: Path) -> Iterator[None]:
    """Make the folder, which goes again if it stays empty. Raises UserError if it holds something else than a demo."""
    if out.is_dir() and any(out.iterdir()) and not (out / STAGES).is_file():
        raise UserError(f"{out} holds other files; name another folder with --out.")
    made = not out.exists()
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{out} cannot be made ({error.strerror}); name another folder with --out.") from None
    try:
        yield
    finally:
        if made and not any(out.iterdir()):
            out.rmdir()


class _Demo:
    def __init__(self, plan: Plan, out: Path, progress: Progress, stages: Stages) -> None:
        self._plan = plan
        self._out = out
        self._progress = progress
        self._stages = stages
        self._model = out / "model.onnx"
        self._vectors = out / "vectors.npz"

    def train(self) -> None:
        plan = self._plan
        data = file_digest(plan.data) if plan.data else "none"
        code = code_digest("quantised/train", "apps")
        files = [self._model, self._vectors, self._out / "training.json"]
        inputs = [plan.recipe.name, str(plan.bits), str(plan.seed), data, code]
        self._stages.do("train", inputs, files, self._train)

    def _train(self) -> tuple[str, bool]:
        from hwflow.quantised.train.run import train_recipe

        plan = self._plan
        result = train_recipe(plan.recipe, plan.bits, plan.data, plan.seed, self._model, self._progress)
        ours, best = result.quantised, max(result.baselines, key=lambda evaluation: evaluation.accuracy)
        missed = max((rate for rate in ours.false_negative_rate[1:] if rate is not None), default=0.0)
        said = (
            f"{result.weights:,} weights of {plan.bits} bits, accuracy {ours.accuracy:.3%} on {ours.samples:,} held-out "
            f"samples (float {result.float_net.accuracy:.3%}, {best.name} {best.accuracy:.3%}), at most {missed:.3%} of a "
            f"class missed. {result.notes[0]}"
        )
        return said, True

    def compare(self) -> None:
        inputs = [file_digest(self._model), file_digest(self._vectors), code_digest("quantised/frontend"), __version__]
        self._stages.do("import", inputs, [self._out / "import.json"], self._compare)

    def _compare(self) -> tuple[str, bool]:
        network = load(self._model)
        record = compare_with_qonnx(self._model, network, self._vectors, COMPARED, self._progress)
        record.save(self._out)
        said = (
            f"{len(network.nodes)} layers in integers; {record.values:,} {record.compared} of {record.vectors} vectors "
            f"compared with execution by qonnx, {record.mismatches} differ"
        )
        return said, record.right

    def compile(self, board: str) -> bool:
        """Whether the net fits the board. Always done: it takes a second, and an equal project is left as it is."""
        stage = self._stages.do(f"compile {board}", [], [self._out / "never"], lambda: self._compile(board))
        return not stage.said.startswith(_LEFT_OUT)

    def _compile(self, board: str) -> tuple[str, bool]:
        try:
            record = compile_to(self._network, board, self._out / board, Request(), self._progress)
        except UserError as error:
            if self._plan.boards is not None:
                raise
            return f"{_LEFT_OUT}{error}", True
        interval, latency = record.prediction.initiation_interval, record.prediction.latency
        said = (
            f"a vector every {interval:,} cycles, latency {latency:,} cycles, {record.predicted_fps:,.0f} vectors a "
            f"second at {record.clock_hz / 1e6:g} MHz{' (unchanged)' if record.kept else ''}"
        )
        return said, True

    @cached_property
    def _network(self) -> Network:
        return load(self._model, argmax=True)

    def _project(self, board: str) -> str:
        return Project.load(self._out / board).digest

    def _count(self, limit: int) -> int:
        return min(limit, len(read_arrays(self._vectors)[0]))

    def simulate(self, board: str) -> None:
        folder = self._out / board
        inputs = [self._project(board), file_digest(self._vectors), str(SIMULATED)]
        self._stages.do(f"simulate {board}", inputs, [folder / "simulation.json"], lambda: self._simulate(folder))

    def _simulate(self, folder: Path) -> tuple[str, bool]:
        record = simulate_folder(folder, self._vectors, self._count(SIMULATED), self._progress)
        values = sum(boundary.values for boundary in record.boundaries)
        said = (
            f"{record.vectors:,} vectors, {values:,} values at {len(record.boundaries)} boundaries, "
            f"{record.mismatches} differ from the reference; cycles "
            f"{'as predicted' if record.as_predicted else 'NOT as predicted'}"
        )
        return said, record.right

    def build(self, board: str) -> None:
        folder = self._out / board
        inputs = [self._project(board)]
        self._stages.do(f"build {board}", inputs, [folder / "build.json"], lambda: self._build(folder))

    def _build(self, folder: Path) -> tuple[str, bool]:
        record = build_project(folder, self._progress)
        said = f"{record.luts:,} LUTs, {record.ffs:,} flip-flops, {record.brams} block RAMs"
        if record.estimate:
            return f"{said} by estimate; a bitstream takes the vendor's tool", record.right
        return f"{said}; {record.fmax_mhz:.1f} MHz, the board's clock is {record.clock_mhz:g} MHz", record.right

    def run(self, board: str) -> None:
        folder = self._out / board
        inputs = [self._project(board), file_digest(self._vectors), str(RUN)]
        self._stages.do(f"run {board}", inputs, [folder / "run.json"], lambda: self._run(folder))

    def _run(self, folder: Path) -> tuple[str, bool]:
        record = run_folder(folder, SIM, self._vectors, self._count(RUN), None, self._progress)
        said = (
            f"{record.vectors:,} vectors over UART to the simulated board, {record.mismatches} differ from the "
            f"reference; latency {record.latency_cycles:,} cycles counted by the device"
        )
        return said, record.right

    def report(self, boards: Sequence[str], start: float) -> DemoRecord:
        page = self._out / "report.html"
        made = make_report([self._out / board for board in boards], page)
        return DemoRecord(
            recipe=self._plan.recipe.name,
            folder=str(self._out),
            stages=tuple(self._stages.done),
            report=str(page),
            checks=made.checks,
            failed=made.failed,
            seconds=round(time.monotonic() - start, 1),
        )
