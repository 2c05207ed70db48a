"""The sections of the page. To add one: a view, a function that makes it, a template, and a line in SECTIONS."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from hwflow.board import board_names, find_board
from hwflow.quantised.backend.design import Design
from hwflow.quantised.report.records import ImportRecord, RunRecord, SimulationRecord
from hwflow.quantised.report.training import Training
from hwflow.report import views
from hwflow.report.evidence import Evidence
from hwflow.report.figures import Source
from hwflow.spiking.report import sections as spiking
from hwflow.tool.build import Build


class View(Protocol):
    """What a section's template shows; sources: the records it was read from."""

    @property
    def sources(self) -> tuple[Source, ...]: ...


@dataclass(frozen=True)
class Section:
    """A part of the page.

    view: from a folder's records, None if they are not there; remedy: the command that would make them, empty if
    there is nothing to be made; wide: one
    panel a line; else panels stand side by side; family: of nets for which something is missing if it is not there.
    """

    key: str
    title: str
    lead: str
    template: str
    view: Callable[[Evidence], View | None]
    remedy: Callable[[Evidence], str]
    wide: bool = False
    family: Literal["quantised", "spiking", "any"] = "quantised"


@dataclass(frozen=True)
class NetView:
    design: Design
    totals: views.Totals
    sources: tuple[Source, ...]


def net_view(evidence: Evidence) -> NetView | None:
    design = evidence.design
    if design is None:
        return None
    return NetView(design, views.totals(design), (evidence.compiled("prediction"),))


@dataclass(frozen=True)
class QualityView:
    training: Training
    classes: tuple[views.ClassRow, ...]
    classifiers: tuple[views.ClassifierRow, ...]
    sources: tuple[Source, ...]


def quality_view(evidence: Evidence) -> QualityView | None:
    training = evidence.training
    if training is None:
        return None
    classifiers = views.classifier_rows(training.quantised, training.others)
    return QualityView(training, views.class_rows(training.quantised), classifiers, (evidence.trained(),))


@dataclass(frozen=True)
class ImportView:
    record: ImportRecord
    sources: tuple[Source, ...]


def import_view(evidence: Evidence) -> ImportView | None:
    return ImportView(evidence.imported, (evidence.executed(),)) if evidence.imported else None


@dataclass(frozen=True)
class EqualityView:
    record: SimulationRecord
    sources: tuple[Source, ...]


def equality_view(evidence: Evidence) -> EqualityView | None:
    return EqualityView(evidence.simulation, (evidence.simulated(),)) if evidence.simulation else None


@dataclass(frozen=True)
class FabricView:
    """part: the board and its part; bitstream: the file, None for an estimate; also: what else place and route counted."""

    build: Build
    part: str
    bars: tuple[views.Bar, ...]
    also: tuple[str, ...]
    sources: tuple[Source, ...]


def fabric_view(evidence: Evidence) -> FabricView | None:
    build = evidence.build
    if build is None:
        return None
    board = find_board(build.board)
    design = evidence.design or evidence.spiking
    bars = views.bars_of(build, design, board.resources)
    also = tuple(f"{name} {use.used:,} of {use.available:,}" for name, use in build.utilisation.items() if use.used)
    guess = (evidence.compiled("estimate"),) if design else ()
    return FabricView(build, f"{board.title}, {board.device}", bars, also, (evidence.built(), *guess))


def fabric_remedy(evidence: Evidence) -> str:
    """Nothing for the simulated board, which has no part."""
    board = evidence.board or ""
    return "" if board in board_names() and find_board(board).family == "sim" else evidence.command("build")


@dataclass(frozen=True)
class SpeedView:
    """device: what counted the device's cycles, empty if nothing ran; notes: sentences to compare the times with."""

    clock_hz: int
    fmax_hz: float | None
    device: str
    cycles: tuple[views.CyclesRow, ...]
    durations: tuple[views.DurationRow, ...]
    notes: tuple[str, ...]
    sources: tuple[Source, ...]


CAN_TIMES = (
    "To compare with: on a CAN bus of 1 Mbit/s the intermission between two frames lasts 3 µs, and a frame of 8 bytes "
    "0.11 to 0.13 ms."
)


def speed_view(evidence: Evidence) -> SpeedView | None:
    design, simulation, build, run = evidence.design, evidence.simulation, evidence.build, evidence.run
    if design is None:
        return None
    fmax = build.fmax_mhz * 1e6 if build and build.fmax_mhz else None
    cycles = views.cycles_rows(design.prediction, simulation, run)
    sources = [evidence.compiled("prediction")]
    sources += [evidence.simulated()] if simulation else []
    sources += [evidence.built()] if fmax else []
    sources += [evidence.ran()] if run else []
    spans = [(row.label, row.simulated if row.simulated is not None else row.predicted or 0) for row in cycles]
    durations = views.duration_rows(spans, design.clock_hz, fmax)
    notes = (CAN_TIMES,) if evidence.training and evidence.training.recipe == "can-ids" else ()
    device = evidence.ran().kind if run else ""
    return SpeedView(design.clock_hz, fmax, device, cycles, durations, notes, tuple(sources))


@dataclass(frozen=True)
class RunView:
    record: RunRecord
    sources: tuple[Source, ...]


def run_view(evidence: Evidence) -> RunView | None:
    return RunView(evidence.run, (evidence.ran(),)) if evidence.run else None


def _nothing(evidence: Evidence) -> str:
    return ""


SECTIONS: tuple[Section, ...] = (
    Section(
        "core",
        "The core",
        "Axons and neurons are sources, neurons are targets, of one matrix of weights; a tick visits the rows of the "
        "sources that have a spike.",
        "core.html.j2",
        spiking.core_view,
        _nothing,
        family="spiking",
    ),
    Section(
        "digits",
        "How well it classifies",
        "On images that learning did not see.",
        "digits.html.j2",
        spiking.digits_view,
        _nothing,
        wide=True,
        family="spiking",
    ),
    Section(
        "patterns",
        "What it detects",
        "A detector learns a word from one presentation with a teacher's spike; its threshold is the smallest score among "
        "the words that it was taught.",
        "patterns.html.j2",
        spiking.patterns_view,
        _nothing,
        wide=True,
        family="spiking",
    ),
    Section(
        "activity",
        "What its neurons did",
        "Spikes, membranes and rates.",
        "activity.html.j2",
        spiking.activity_view,
        _nothing,
        wide=True,
        family="spiking",
    ),
    Section(
        "lockstep",
        "The core against the golden model",
        "Every spike of the core, and every register that was read back, compared with the model in integers: equal or not.",
        "lockstep.html.j2",
        spiking.lockstep_view,
        lambda evidence: evidence.command("simulate"),
        family="spiking",
    ),
    Section(
        "net",
        "The net and its folding",
        "Each unit works on PE rows and SIMD columns of its matrix in a cycle. Pale: the matrix, its sides drawn as square "
        "roots; dark: what is worked on in a cycle; outlined: the slowest units, which set the initiation interval.",
        "net.html.j2",
        net_view,
        lambda evidence: "hwflow compile MODEL --board BOARD --out DIR",
        wide=True,
    ),
    Section(
        "quality",
        "How well it classifies",
        "On samples that training did not see.",
        "quality.html.j2",
        quality_view,
        lambda evidence: "hwflow train RECIPE --out MODEL",
        wide=True,
    ),
    Section(
        "import",
        "The integers against the model file",
        "The net in integers and the model file itself, executed by the qonnx package, on the same vectors.",
        "import.html.j2",
        import_view,
        lambda evidence: "hwflow demo RECIPE",
    ),
    Section(
        "equality",
        "The RTL against the reference",
        "Every value that passes a layer boundary in the simulated RTL, compared with the integer reference: equal or not.",
        "equality.html.j2",
        equality_view,
        lambda evidence: evidence.command("simulate"),
    ),
    Section(
        "speed",
        "Cycles and time",
        "Of the net alone, from the beat that enters to the beat that leaves; the serial link is far slower.",
        "speed.html.j2",
        speed_view,
        lambda evidence: "hwflow compile MODEL --board BOARD --out DIR",
        wide=True,
    ),
    Section(
        "fabric",
        "On the FPGA",
        "Utilisation and timing as the place-and-route tool reports them, or, where no open tool does that, an estimate.",
        "fabric.html.j2",
        fabric_view,
        fabric_remedy,
        family="any",
    ),
    Section(
        "run",
        "Behind the link",
        "The whole design with its UART, driven by the host program over the serial protocol.",
        "run.html.j2",
        run_view,
        lambda evidence: evidence.command("run", "--port sim"),
    ),
)
