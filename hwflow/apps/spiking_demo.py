"""The applications of the spiking core: net, project, the run on a port in lockstep with the golden model, report."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from hwflow import __version__
from hwflow.apps.demo import DemoRecord, claimed
from hwflow.apps.packets.detection import detect_packets, patterns_activity, sweep_words
from hwflow.apps.packets.headers import BITS, most_frequent, read_headers, write_traffic
from hwflow.apps.packets.patterns import Layout, pattern_network
from hwflow.apps.spiking_digits.competition import Competition, digits_and_a_fifth
from hwflow.apps.spiking_digits.learning import learn_digits, run_digits
from hwflow.apps.stages import Stage, Stages, code_digest, file_digest
from hwflow.board import find_board
from hwflow.errors import UserError
from hwflow.progress import Progress
from hwflow.project import Project
from hwflow.quantised.backend.design import SpikingDesign
from hwflow.quantised.flow.running import SIM, is_simulated, linked
from hwflow.quantised.train.recipes import DIGITS_LEARNT, DIGITS_NIR, SpikingRecipe
from hwflow.report import make_report
from hwflow.spiking.backend.core import SpikingOptions
from hwflow.spiking.flow.compilation import compile_spiking_to
from hwflow.spiking.flow.running import MODEL
from hwflow.spiking.frontend import nir
from hwflow.spiking.frontend.model import SpikingModel, from_network
from hwflow.spiking.host.board import SpikingBoard
from hwflow.spiking.host.lockstep import Lockstep
from hwflow.spiking.report.applications import DIGITS, PATTERNS, DigitsRecord, PatternsRecord, Proof
from hwflow.spiking.train.coding import Spikes, rate_code
from hwflow.tool.build import build_project
from hwflow.versions import tools

_PACKETS = 5_000  # made up, where the user has none
_HEADERS = 16  # that are taught
_TICKS, _SPIKES = 16, 6.0  # of an image shown to the net that was trained elsewhere
_SILENCE = 100  # ticks after it, which bring any state of 16 bits back to rest
_SIM_LANES = 16


@dataclass(frozen=True)
class SpikingPlan:
    """What to do. port: `model`, `sim`, or a real one; boards: to compile for; the first one's project is run."""

    recipe: SpikingRecipe
    seed: int
    data: Path | None
    port: str = SIM
    boards: tuple[str, ...] | None = None


def run_spiking_demo(plan: SpikingPlan, out: Path, progress: Progress, tell: Callable[[Stage], None]) -> DemoRecord:
    """Make the net, compile it, run the application on the port, build for real boards, report: in the folder `out`.

    What is done is not done again; `tell` is called with each stage as it ends. Raises what the steps raise.
    """
    if plan.data is not None and plan.recipe in (DIGITS_LEARNT, DIGITS_NIR):
        raise UserError(f"Recipe {plan.recipe.name} has its own images and cannot use {plan.data}; leave out --data.")
    start = time.monotonic()
    boards = plan.boards or ("sim",)
    families = {name: find_board(name).family for name in boards}
    with claimed(out):
        demo = _Demo(plan, out, progress, Stages(out, tell))
        demo.prepare()
        for board in boards:
            demo.compile(board)
        demo.run(boards[0])
        for board in boards:
            if families[board] != "sim":
                demo.build(board)
        return demo.report(boards, start)


class _Demo:
    def __init__(self, plan: SpikingPlan, out: Path, progress: Progress, stages: Stages) -> None:
        self._plan, self._out, self._progress, self._stages = plan, out, progress, stages
        self._name = plan.recipe.name

    def prepare(self) -> None:
        """Where something is trained or made before the core is."""
        plan, seed = self._plan, str(self._plan.seed)
        if plan.recipe == DIGITS_NIR:
            files = [self._nir]
            self._stages.do("train", [self._name, seed, code_digest("spiking/train", "apps")], files, self._train)
        elif plan.recipe != DIGITS_LEARNT and plan.data is None:
            self._stages.do(
                "traffic", [self._name, seed, code_digest("spiking/train", "apps")], [self._capture], self._traffic
            )

    @property
    def _nir(self) -> Path:
        return self._out / "digits.nir"

    @property
    def _capture(self) -> Path:
        return self._plan.data or self._out / "traffic.pcap"

    def _train(self) -> tuple[str, bool]:
        from hwflow.spiking.train.surrogate import Training, spike_counts, train_layers, write_nir

        data, seed = digits_and_a_fifth(self._plan.seed), self._plan.seed
        x, classes = _images(data.x_train, 2), len(data.class_names)
        layers = train_layers(x, data.y_train, classes, Training(), seed, self._progress)
        said = spike_counts(layers, _images(data.x_test, 2)).argmax(axis=1)
        write_nir(layers, self._nir)
        return f"surrogate gradients, {(said == data.y_test).mean():.2%} in floats, written as NIR", True

    def _traffic(self) -> tuple[str, bool]:
        write_traffic(self._capture, _PACKETS, self._plan.seed)
        return f"{_PACKETS:,} packets made up with seed {self._plan.seed}", True

    @cached_property
    def _model(self) -> SpikingModel:
        match self._plan.recipe:
            case recipe if recipe == DIGITS_LEARNT:
                return from_network(Competition().network(64, self._plan.seed))
            case recipe if recipe == DIGITS_NIR:
                return nir.load(self._nir, 1e-3)
            case _:
                return from_network(pattern_network(Layout(BITS, words=2)))

    def compile(self, board: str) -> None:
        """Always done: it takes a second, and an equal project is left as it is."""
        self._stages.do(f"compile {board}", [], [self._out / "never"], lambda: self._compile(board))

    def _compile(self, board: str) -> tuple[str, bool]:
        lanes = _SIM_LANES if board == "sim" and self._model.network.axons % _SIM_LANES == 0 else None
        made = compile_spiking_to(self._model, board, self._out / board, SpikingOptions(lanes=lanes), self._progress)
        core = made.core
        left = f", without {', '.join(made.left_out)}" if made.left_out else ""
        return f"{core.axons} axons, {core.neurons} neurons, {core.lanes} lanes{left}", True

    def run(self, board: str) -> None:
        """The application on the port, with the project of one board."""
        folder = self._out / board
        result = DIGITS if self._plan.recipe in (DIGITS_LEARNT, DIGITS_NIR) else PATTERNS
        inputs = [Project.load(folder).digest, str(self._plan.seed), self._plan.port]
        inputs += [code_digest("spiking", "apps"), __version__]
        if result == PATTERNS:
            inputs.append(file_digest(self._capture))
        self._stages.do(f"run {board}", inputs, [folder / result], lambda: self._run(folder))

    def _run(self, folder: Path) -> tuple[str, bool]:
        start = time.monotonic()
        with self._lockstep(folder) as lockstep:
            match self._plan.recipe:
                case recipe if recipe == DIGITS_LEARNT:
                    return self._learn(lockstep, folder, start)
                case recipe if recipe == DIGITS_NIR:
                    return self._classify(lockstep, folder, start)
                case _:
                    return self._detect(lockstep, folder, start)

    def _learn(self, lockstep: Lockstep, folder: Path, start: float) -> tuple[str, bool]:
        data, plan = digits_and_a_fifth(self._plan.seed), self._plan
        learnt = learn_digits(lockstep, Competition(), data, plan.seed, self._progress)
        learnt.activity.save(folder)
        samples = (len(data.y_train), learnt.naming, len(data.y_test))
        note = "Labels were used only to name the neurons, after learning."
        record = DigitsRecord(
            self._name, Project.load(folder).digest, plan.seed, True, plan.recipe.least or 0.0, learnt.evaluation,
            learnt.curve, samples, (*data.notes, note), self._proof(lockstep, start), self._tools(),
        )  # fmt: skip
        record.save(folder)
        return self._said(record), record.right

    def _classify(self, lockstep: Lockstep, folder: Path, start: float) -> tuple[str, bool]:
        data, plan = digits_and_a_fifth(self._plan.seed), self._plan
        ran = run_digits(lockstep, self._model.network, _images(data.x_test, _SILENCE), data.y_test, self._progress)
        ran.activity.save(folder)
        record = DigitsRecord(
            self._name, Project.load(folder).digest, plan.seed, False, plan.recipe.least or 0.0, ran.evaluation, (),
            (len(data.y_train), 0, len(data.y_test)), data.notes, self._proof(lockstep, start), self._tools("nir"),
        )  # fmt: skip
        record.save(folder)
        return self._said(record), record.right

    def _detect(self, lockstep: Lockstep, folder: Path, start: float) -> tuple[str, bool]:
        headers, others = read_headers(self._capture)
        sweeps = tuple(sweep_words(lockstep, self._plan.seed, self._progress))
        common = most_frequent(headers, _HEADERS)
        alone, taught, layout = detect_packets(lockstep, headers, [[one] for one in common], self._progress)
        pairs, *_ = detect_packets(
            lockstep, headers, [common[i : i + 2] for i in range(0, len(common), 2)], self._progress
        )
        patterns_activity(lockstep, layout, taught).save(folder)
        record = PatternsRecord(
            recipe=self._name,
            project=Project.load(folder).digest,
            seed=self._plan.seed,
            sweeps=sweeps,
            file=self._capture.name,
            packets=len(headers),
            others=others,
            detectors=(*alone, *pairs),
            notes=("Made-up traffic.",) if self._plan.data is None else (),
            proof=self._proof(lockstep, start),
            tool=self._tools("scapy"),
        )
        record.save(folder)
        words = sweeps[0]
        false = sum(one.false for one in alone)
        said = (
            f"{words.detectors:,} words learnt alone: {words.missed} missed, at most {words.false_most} false of 1,024; "
            f"{len(headers):,} packets, {len(alone)} headers: {sum(one.missed for one in alone)} missed, {false} false; "
            f"{_compared(record.proof)}"
        )
        return said, record.right

    @contextmanager
    def _lockstep(self, folder: Path) -> Iterator[Lockstep]:
        design = SpikingDesign.from_folder(folder)
        if self._plan.port == MODEL:
            yield Lockstep(design.core)
            return
        with linked(folder, self._plan.port, design.baud, self._progress) as link:
            yield Lockstep(design.core, SpikingBoard(link, design.core))

    def _proof(self, lockstep: Lockstep, start: float) -> Proof:
        port = self._plan.port
        return Proof(
            port=port,
            kind="golden model" if port == MODEL else "simulated board" if is_simulated(port) else "serial port",
            ticks=lockstep.ticks,
            spikes=lockstep.spikes,
            cycles=lockstep.cycles,
            compared=lockstep.compared,
            differing=lockstep.differing,
            first=lockstep.first,
            seconds=time.monotonic() - start,
        )

    def _tools(self, *more: str) -> str:
        return tools("numpy", *(["verilator"] if self._plan.port == SIM else []), *more)

    def _said(self, record: DigitsRecord) -> str:
        accuracy, held_out = record.evaluation.accuracy, record.samples[2]
        return f"{accuracy:.2%} of {held_out} held-out digits, at least {record.least:.0%} wanted; {_compared(record.proof)}"

    def build(self, board: str) -> None:
        folder = self._out / board
        files = [folder / "build.json"]
        self._stages.do(f"build {board}", [Project.load(folder).digest], files, lambda: self._build(folder))

    def _build(self, folder: Path) -> tuple[str, bool]:
        record = build_project(folder, self._progress)
        said = f"{record.luts:,} LUTs, {record.ffs:,} flip-flops, {record.brams} block RAMs"
        if record.estimate:
            return f"{said} by estimate; a bitstream takes the vendor's tool", record.right
        return f"{said}; {record.fmax_mhz:.1f} MHz, the board's clock is {record.clock_mhz:g} MHz", record.right

    def report(self, boards: tuple[str, ...], start: float) -> DemoRecord:
        page = self._out / "report.html"
        made = make_report([self._out / board for board in boards], page)
        return DemoRecord(
            recipe=self._name,
            folder=str(self._out),
            stages=tuple(self._stages.done),
            report=str(page),
            checks=made.checks,
            failed=made.failed,
            seconds=round(time.monotonic() - start, 1),
        )


def _images(pixels: np.ndarray, silence: int) -> Spikes:
    return np.stack([rate_code(one / 16, _SPIKES, _TICKS, silence) for one in pixels])


def _compared(proof: Proof) -> str:
    where = f"{proof.ticks:,} ticks on the {proof.kind}"
    if proof.kind == "golden model":
        return where
    return (
        f"{where}, {proof.cycles:,} cycles, {proof.differing} of {proof.compared:,} values differ from the golden model"
    )
