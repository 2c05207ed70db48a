"""What the page shows of a quantised net. To add a section: a view, a function that makes it, a template, a line in SECTIONS."""

from dataclasses import dataclass

from hwflow.board import board_in
from hwflow.quantised.backend.design import Design
from hwflow.quantised.report.check import CheckRecord
from hwflow.quantised.report.drawing import Picture, draw_net
from hwflow.quantised.report.evidence import QuantisedEvidence
from hwflow.quantised.report.graph import draw_graph
from hwflow.quantised.report.lines import check_lines, equality_lines, run_lines, speed_lines, switching_lines
from hwflow.quantised.report.records import RunRecord, SimulationRecord
from hwflow.quantised.report.switching import SwitchingRecord
from hwflow.quantised.report.training import Training
from hwflow.quantised.report.views import CyclesRow, Totals, cycles_rows, totals
from hwflow.reports import views
from hwflow.reports.beside import Line
from hwflow.reports.figures import Source
from hwflow.reports.sections import Section
from hwflow.tool.switching import PartEnergy, part_energy


@dataclass(frozen=True)
class NetView:
    design: Design
    totals: Totals
    sources: tuple[Source, ...]

    def picture(self) -> Picture:
        """The net, drawn; a method, so that the JSON does not hold it."""
        return draw_graph(self.design) if self.design.wires else draw_net(self.design)


def net_view(evidence: QuantisedEvidence) -> NetView | None:
    design = evidence.design
    if design is None:
        return None
    return NetView(design, totals(design), (evidence.compiled("prediction"),))


@dataclass(frozen=True)
class QualityView:
    training: Training
    classes: tuple[views.ClassRow, ...]
    classifiers: tuple[views.ClassifierRow, ...]
    sources: tuple[Source, ...]


def quality_view(evidence: QuantisedEvidence) -> QualityView | None:
    training = evidence.training
    if training is None:
        return None
    classifiers = views.classifier_rows(training.quantised, training.others)
    return QualityView(training, views.class_rows(training.quantised), classifiers, (evidence.trained(),))


@dataclass(frozen=True)
class CheckView:
    """record: None where the check was left out; rows: what it says beside the mismatches."""

    record: CheckRecord | None
    sources: tuple[Source, ...]

    @property
    def rows(self) -> tuple[Line, ...]:
        return check_lines(self.record).rows[2:]


def check_view(evidence: QuantisedEvidence) -> CheckView | None:
    if evidence.check is None and evidence.design is None:
        return None
    return CheckView(evidence.check, (evidence.checked(),))


@dataclass(frozen=True)
class EqualityView:
    record: SimulationRecord
    sources: tuple[Source, ...]


def equality_view(evidence: QuantisedEvidence) -> EqualityView | None:
    return EqualityView(evidence.simulation, (evidence.on_rtl(),)) if evidence.simulation else None


@dataclass(frozen=True)
class SpeedView:
    """device: what counted the device's cycles, empty if nothing ran; notes: sentences to compare the times with."""

    clock_hz: int
    fmax_hz: float | None
    device: str
    cycles: tuple[CyclesRow, ...]
    durations: tuple[views.DurationRow, ...]
    notes: tuple[str, ...]
    sources: tuple[Source, ...]


CAN_TIMES = (
    "To compare with: on a CAN bus of 1 Mbit/s the intermission between two frames lasts 3 µs, and a frame of 8 bytes "
    "0.11 to 0.13 ms."
)


def speed_view(evidence: QuantisedEvidence) -> SpeedView | None:
    design, simulation, build, run = evidence.design, evidence.simulation, evidence.build, evidence.run
    if design is None:
        return None
    fmax = build.fmax_mhz * 1e6 if build and build.fmax_mhz else None
    cycles = cycles_rows(design.prediction, simulation, run)
    sources = [evidence.compiled("prediction")]
    sources += [evidence.on_rtl()] if simulation else []
    sources += [evidence.built()] if fmax else []
    sources += [evidence.on_device()] if run else []
    spans = [(row.label, row.simulated if row.simulated is not None else row.predicted or 0) for row in cycles]
    durations = views.duration_rows(spans, design.clock_hz, fmax)
    notes = (CAN_TIMES,) if evidence.training and evidence.training.recipe == "can-ids" else ()
    device = evidence.on_device().kind if run else ""
    return SpeedView(design.clock_hz, fmax, device, cycles, durations, notes, tuple(sources))


@dataclass(frozen=True)
class RunView:
    record: RunRecord
    sources: tuple[Source, ...]


def run_view(evidence: QuantisedEvidence) -> RunView | None:
    return RunView(evidence.run, (evidence.on_device(),)) if evidence.run else None


@dataclass(frozen=True)
class SwitchingView:
    """energy: of the part, None where nobody measured one; flip_flops: built, or by estimate, None where
    neither counts them."""

    record: SwitchingRecord
    energy: PartEnergy | None
    clock_hz: int
    flip_flops: int | None
    sources: tuple[Source, ...]

    @property
    def rows(self) -> tuple[Line, ...]:
        return switching_lines(self.record, self.energy, self.clock_hz, self.flip_flops).rows

    @property
    def notes(self) -> tuple[str, ...]:
        return switching_lines(self.record, self.energy, self.clock_hz, self.flip_flops).notes


def switching_view(evidence: QuantisedEvidence) -> SwitchingView | None:
    record, design, build = evidence.switching, evidence.design, evidence.build
    if record is None or design is None:
        return None
    energy = part_energy(board_in(evidence.folder, design.board).device)
    flip_flops = build.ffs if build else design.estimate.ffs
    return SwitchingView(record, energy, design.clock_hz, flip_flops, (evidence.on_waveforms(),))


SECTIONS: tuple[Section, ...] = (
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
        "check",
        "The integers against the model file",
        "The net in integers and the model file itself, executed by the qonnx package, on the same vectors.",
        "check.html.j2",
        check_view,
        lambda evidence: "hwflow check MODEL",
        lines=lambda view: check_lines(view.record),
    ),
    Section(
        "equality",
        "The RTL against the reference",
        "Every value that passes a layer boundary in the simulated RTL, compared with the integer reference: equal or not.",
        "equality.html.j2",
        equality_view,
        lambda evidence: evidence.command("simulate"),
        lines=lambda view: equality_lines(view.record),
    ),
    Section(
        "speed",
        "Cycles and time",
        "Of the net alone, from the beat that enters to the beat that leaves; the serial link is far slower.",
        "speed.html.j2",
        speed_view,
        lambda evidence: "hwflow compile MODEL --board BOARD --out DIR",
        wide=True,
        lines=lambda v: speed_lines(
            v.clock_hz, v.fmax_hz, v.device, tuple(zip(v.cycles, v.durations, strict=True)), v.notes
        ),
    ),
    Section(
        "switching",
        "Switching, and an estimate of the energy",
        "Bits of the net's RTL that change in the simulation, the clock apart, and what they take where the part's currents were "
        "measured by anybody: an estimate, not a measurement.",
        "switching.html.j2",
        switching_view,
        lambda evidence: evidence.command("simulate", "--vcd FILE"),
        lines=lambda v: switching_lines(v.record, v.energy, v.clock_hz, v.flip_flops),
    ),
    Section(
        "run",
        "Behind the link",
        "The whole design with its UART, driven by the host program over the serial protocol.",
        "run.html.j2",
        run_view,
        lambda evidence: evidence.command("run", "--port sim"),
        lines=lambda view: run_lines(view.record),
    ),
)
