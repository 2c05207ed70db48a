"""A recipe as a whole application: train, check, compile, simulate, build, run over UART, report."""

from pathlib import Path

from hwflow import __version__
from hwflow.apps.demo import Demo, DemoRecord, Plan, Tell, boards_of, claimed
from hwflow.apps.stages import code_digest, file_digest
from hwflow.errors import UserError
from hwflow.host.linked import SIM
from hwflow.progress import Progress
from hwflow.quantised.model import QuantisedModel
from hwflow.quantised.project import QuantisedProject
from hwflow.quantised.report.check import CHECK
from hwflow.quantised.train.recipes import Recipe

BOARDS = ("icebreaker", "ulx3s-85f", "sim")
COMPARED = 300  # vectors of the recipe that the net is checked on, beside random ones
SIMULATED = 10_000
RUN = 2_000


class RecipeApp:
    """A recipe that trains a quantised net. takes: the options of `hwflow demo` that mean something to it."""

    takes = frozenset({"data", "bits"})

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.name, self.description = recipe.name, recipe.description

    def demo(self, plan: Plan, out: Path, progress: Progress, tell: Tell) -> DemoRecord:
        """All of it in the folder `out`; `tell` is called with each stage as it ends. Raises what the steps raise.

        Without boards in the plan: the usual ones, less those that the net does not fit.
        """
        from hwflow.quantised.train.run import check_training

        boards = boards_of(plan.boards or BOARDS)
        check_training()
        with claimed(out):
            demo = _RecipeDemo(self.recipe, plan, out, progress, tell)
            demo.train()
            demo.check()
            for board in boards:
                demo.fit(board.name)
            fitting = [board for board in boards if board.name in demo.projects]
            for board in fitting:
                demo.simulate(board.name)
            demo.build([board.name for board in fitting])
            for board in fitting:
                demo.run(board.name)
            return demo.report()


class _RecipeDemo(Demo[QuantisedProject]):
    def __init__(self, recipe: Recipe, plan: Plan, out: Path, progress: Progress, tell: Tell) -> None:
        super().__init__(recipe.name, out, progress, tell)
        self._recipe, self._plan = recipe, plan
        self._bits = recipe.bits if plan.bits is None else plan.bits
        self._path = out / "model.onnx"
        self._vectors = out / "vectors.npz"
        self._model: QuantisedModel | None = None

    def train(self) -> None:
        plan = self._plan
        data = [f"{source.label} {file_digest(source.path)}" for source in plan.data]
        inputs = [self.name, str(self._bits), str(plan.seed), *data, code_digest("quantised/train", "apps")]
        files = [self._path, self._vectors, self.out / "training.json"]
        self.do("train", inputs, files, self._train)

    def _train(self) -> tuple[str, bool]:
        from hwflow.quantised.train.run import train_recipe

        plan = self._plan
        result = train_recipe(self._recipe, self._bits, plan.data, plan.seed, self._path, self.progress)
        ours, best = result.quantised, max(result.baselines, key=lambda evaluation: evaluation.accuracy)
        missed = max((rate for rate in ours.false_negative_rate[1:] if rate is not None), default=0.0)
        said = (
            f"{result.weights:,} weights of {self._bits} bits, accuracy {ours.accuracy:.3%} on {ours.samples:,} held-out "
            f"samples (float {result.float_net.accuracy:.3%}, {best.name} {best.accuracy:.3%}), at most {missed:.3%} of a "
            f"class missed. {result.notes[0]}"
        )
        return said, True

    def check(self) -> None:
        code = code_digest("quantised/frontend")
        inputs = [file_digest(self._path), file_digest(self._vectors), code, __version__]
        self.do("check", inputs, [self.out / CHECK], self._check)

    def _check(self) -> tuple[str, bool]:
        from hwflow.samples import read_samples

        model = self._read()
        record = model.check(read_samples(self._vectors)[0][:COMPARED], progress=self.progress)
        record.save(self.out)
        said = (
            f"{len(model.network.nodes)} layers in integers; {record.values:,} {record.compared} of {record.vectors} vectors "
            f"compared with execution by qonnx, {record.mismatches} differ"
        )
        return said, record.right

    def fit(self, board: str) -> None:
        """Compile for a board; one that the user did not name is left out if the net does not fit it."""
        try:
            model = self._read()
            self.compile(board, lambda out: model.compile(board, out, no_check=True, progress=self.progress), _compiled)
        except UserError as error:
            if self._plan.boards is not None:
                raise
            reason = str(error)
            self.do(f"compile {board}", [], [], lambda: (f"left out: {reason}", True))

    def _read(self) -> "QuantisedModel":
        if self._model is None:
            self._model = QuantisedModel.read(self._path, argmax=True)
        return self._model

    def simulate(self, board: str) -> None:
        project = self.projects[board]
        inputs = [project.digest, file_digest(self._vectors), str(SIMULATED)]
        self.do(f"simulate {board}", inputs, [project.path / "simulation.json"], lambda: self._simulate(project))

    def _simulate(self, project: QuantisedProject) -> tuple[str, bool]:
        record = project.simulate(self._vectors, count=self._count(SIMULATED), progress=self.progress)
        values = sum(boundary.values for boundary in record.boundaries)
        said = (
            f"{record.vectors:,} vectors, {values:,} values at {len(record.boundaries)} boundaries, "
            f"{record.mismatches} differ from the reference; cycles "
            f"{'as predicted' if record.as_predicted else 'NOT as predicted'}"
        )
        return said, record.right

    def run(self, board: str) -> None:
        project = self.projects[board]
        inputs = [project.digest, file_digest(self._vectors), str(RUN)]
        self.do(f"run {board}", inputs, [project.path / "run.json"], lambda: self._run(project))

    def _run(self, project: QuantisedProject) -> tuple[str, bool]:
        record = project.run(SIM, self._vectors, count=self._count(RUN), progress=self.progress)
        said = (
            f"{record.vectors:,} vectors over UART to the simulated board, {record.mismatches} differ from the "
            f"reference; latency {record.latency_cycles:,} cycles counted by the device"
        )
        return said, record.right

    def _count(self, limit: int) -> int:
        from hwflow.samples import read_samples

        return min(limit, len(read_samples(self._vectors)[0]))


def _compiled(project: QuantisedProject) -> str:
    record = project.compilation()
    interval, latency = record.prediction.initiation_interval, record.prediction.latency
    return (
        f"a vector every {interval:,} cycles, latency {latency:,} cycles, {record.predicted_fps:,.0f} vectors a "
        f"second at {record.clock_hz / 1e6:g} MHz{' (unchanged)' if record.kept else ''}"
    )
