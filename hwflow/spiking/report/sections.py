"""What the page shows of a spiking net: views and pictures from the records."""

from dataclasses import dataclass

import numpy as np

from hwflow.reports import plots, views
from hwflow.reports.beside import Line
from hwflow.reports.figures import Source
from hwflow.reports.plots import Bitmap, Plot
from hwflow.reports.sections import Section, nothing
from hwflow.spiking.backend.design import SpikingDesign
from hwflow.spiking.frontend.model import Fidelity, Remarks
from hwflow.spiking.network import EXTRAS, FEATURES
from hwflow.spiking.report.activity import Activity
from hwflow.spiking.report.applications import DigitsRecord, PatternsRecord, Proof, RewardRecord
from hwflow.spiking.report.evidence import SpikingEvidence
from hwflow.spiking.report.lines import core_lines, fidelity_lines, lockstep_lines
from hwflow.spiking.report.records import SpikingRunRecord, SpikingSimulationRecord

_MOST_SPIKES = 20_000  # drawn


class Pictures:
    """Titles, pictures and their kinds; not a dataclass, so that the JSON names them and does not hold them."""

    def __init__(self, *pictures: tuple[str, Plot | Bitmap, str]) -> None:
        self.all = pictures

    def __repr__(self) -> str:
        return f"in the page: {', '.join(title for title, _, _ in self.all)}"


@dataclass(frozen=True)
class CoreView:
    """features: what the core was built with."""

    design: SpikingDesign
    features: tuple[str, ...]
    sources: tuple[Source, ...]


def core_view(evidence: SpikingEvidence) -> CoreView | None:
    design = evidence.design
    features = tuple(name.replace("_", " ") for name in (*FEATURES, *EXTRAS) if name not in design.core.missing)
    return CoreView(design, features, (evidence.compiled("prediction"),))


@dataclass(frozen=True)
class FidelityView:
    """trial: as the compiler made it; run: of the run beside the floats, None if there was none."""

    trial: Remarks
    run: Fidelity | None
    sources: tuple[Source, ...]

    @property
    def rows(self) -> tuple[Line, ...]:
        return fidelity_lines(self.trial, self.run).rows


def fidelity_view(evidence: SpikingEvidence) -> FidelityView | None:
    run = evidence.run.fidelity if evidence.run else None
    if evidence.trial is None or not (evidence.fidelity or run):
        return None
    return FidelityView(evidence.trial, run, (evidence.tried(), *((evidence.on_device(),) if run else ())))


@dataclass(frozen=True)
class DigitsView:
    record: DigitsRecord
    classes: tuple[views.ClassRow, ...]
    pictures: Pictures
    sources: tuple[Source, ...]


def digits_view(evidence: SpikingEvidence) -> DigitsView | None:
    record = evidence.digits
    if record is None:
        return None
    shown: list[tuple[str, Plot | Bitmap, str]] = []
    if record.curve:
        points = [(float(images), accuracy) for images, accuracy in record.curve]
        title = f"Accuracy on the {record.curve_of}, as it grows"
        shown.append((title, plots.curve(points, "images learnt", "accuracy"), "plot"))
    if evidence.activity and record.learnt:
        shown += _weights(evidence.activity)
    return DigitsView(record, views.class_rows(record.evaluation), Pictures(*shown), (evidence.applied(),))


@dataclass(frozen=True)
class PatternsView:
    record: PatternsRecord
    sources: tuple[Source, ...]


def patterns_view(evidence: SpikingEvidence) -> PatternsView | None:
    return PatternsView(evidence.patterns, (evidence.applied(),)) if evidence.patterns else None


@dataclass(frozen=True)
class RewardView:
    record: RewardRecord
    pictures: Pictures
    sources: tuple[Source, ...]


def reward_view(evidence: SpikingEvidence) -> RewardView | None:
    record = evidence.reward
    if record is None:
        return None
    points = [(float(games), share) for games, share in record.curve]
    curve = ("Balls caught, as it learns", plots.curve(points, "games", "share of the last ones"), "plot")
    return RewardView(record, Pictures(curve), (evidence.applied(),))


@dataclass(frozen=True)
class ActivityView:
    about: str
    pictures: Pictures
    sources: tuple[Source, ...]


def activity_view(evidence: SpikingEvidence) -> ActivityView | None:
    activity = evidence.activity
    if activity is None or evidence.proof is None:
        return None
    axons, neurons, ticks = activity.shape.tolist()
    rates = activity.counts[activity.order] / max(activity.counted, 1) * 1000
    names = [f"neuron {number}" for number in activity.traced.tolist()]
    shown: list[tuple[str, Plot | Bitmap, str]] = [
        ("Spikes of the axons", plots.raster(activity.axon_spikes[:_MOST_SPIKES], ticks, axons, "axons"), "plot"),
        ("Spikes of the neurons", plots.raster(activity.spikes[:_MOST_SPIKES], ticks, neurons, "neurons"), "plot"),
        (f"Membranes of {', '.join(names)}; dashed: thresholds", plots.traces(activity.membranes, activity.thresholds, names), "plot"),
        ("Firing rates", plots.bars(rates, "neuron", "per 1,000 ticks"), "plot"),
    ]  # fmt: skip
    if evidence.patterns:
        shown += _weights(activity)
    about = activity.about[:1].upper() + activity.about[1:] + "."
    return ActivityView(about, Pictures(*shown), (evidence.applied(),))


@dataclass(frozen=True)
class LockstepView:
    """proof: of an application; simulation: by `hwflow simulate`; run: by `hwflow run`."""

    proof: Proof | None
    simulation: SpikingSimulationRecord | None
    run: SpikingRunRecord | None
    clock_hz: int
    sources: tuple[Source, ...]


def lockstep_view(evidence: SpikingEvidence) -> LockstepView | None:
    records = (evidence.proof, evidence.simulation, evidence.run)
    if not any(records):
        return None
    made = zip(records, (evidence.applied, evidence.on_rtl, evidence.on_device), strict=True)
    return LockstepView(*records, evidence.design.clock_hz, tuple(source() for record, source in made if record))


def _weights(activity: Activity) -> list[tuple[str, Plot | Bitmap, str]]:
    """Each neuron's weights from the axons of the picture, after learning, and by how much they changed."""
    rows, columns = activity.tile.tolist()
    after, before = (
        weights[: rows * columns].T.astype(np.int64).reshape(-1, rows, columns)[activity.order]
        for weights in (activity.after, activity.before)
    )
    largest, change = int(np.abs(after).max()), after - before
    most = int(np.abs(change).max())
    scale = 3 if len(after) > 64 else 8
    return [
        (f"Learnt weights of each neuron, 0 to {largest}", plots.tiles(after, largest, scale, f"Weights of {len(after)} neurons"), "bitmap"),
        (f"Their change, blue up to +{most}, red down to -{most}", plots.tiles(change, most, scale, "Change of the weights"), "bitmap"),
    ]  # fmt: skip


SECTIONS: tuple[Section, ...] = (
    Section(
        "core",
        "The core",
        "Axons and neurons are sources, neurons are targets, of one matrix of weights; a tick visits the rows of the "
        "sources that have a spike.",
        "core.html.j2",
        core_view,
        nothing,
        lines=lambda view: core_lines(view.design, view.features),
    ),
    Section(
        "fidelity",
        "The integers beside the floats",
        "The net as it was trained and the net in integers, on the same stimuli. Rounding may move a spike, and is no fault.",
        "fidelity.html.j2",
        fidelity_view,
        nothing,
        lines=lambda view: fidelity_lines(view.trial, view.run),
    ),
    Section(
        "digits",
        "How well it classifies",
        "On images that learning did not see.",
        "digits.html.j2",
        digits_view,
        nothing,
        wide=True,
    ),
    Section(
        "patterns",
        "What it detects",
        "A detector learns a word from one presentation with a teacher's spike; its threshold is the smallest score among "
        "the words that it was taught.",
        "patterns.html.j2",
        patterns_view,
        nothing,
        wide=True,
    ),
    Section(
        "reward",
        "How well it plays",
        "Games in which it neither learns nor is made to try anything.",
        "reward.html.j2",
        reward_view,
        nothing,
        wide=True,
    ),
    Section(
        "activity",
        "What its neurons did",
        "Spikes, membranes and rates.",
        "activity.html.j2",
        activity_view,
        nothing,
        wide=True,
    ),
    Section(
        "lockstep",
        "The core against the golden model",
        "Every spike of the core, and every register that was read back, compared with the model in integers: equal or not.",
        "lockstep.html.j2",
        lockstep_view,
        lambda evidence: evidence.command("simulate"),
        lines=lambda view: lockstep_lines(view.proof, view.simulation, view.run),
    ),
)
