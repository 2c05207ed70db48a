"""The spiking family: what it offers to the common rooms."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from hwflow.family import COMPILE_OPTIONS, MODEL_OPTIONS, RUN_OPTIONS, SIMULATE_OPTIONS, Family, Option
from hwflow.handles import CompiledProject, Model
from hwflow.project import ProjectFolder
from hwflow.words import Told

if TYPE_CHECKING:
    from hwflow.reports.figures import Figure
    from hwflow.reports.sections import Section
    from hwflow.spiking.report.evidence import SpikingEvidence

_TICKS = Option("ticks", int | None, "The first N ticks. [default: all, or 1000 random ones]", "N")
_LEARN = Option("learn", bool, "The ticks learn.")
_OPTIONS = {
    MODEL_OPTIONS: (
        Option("dt", float | None, "NIR: the time of a tick.", "SECONDS"),
        Option("clip", bool, "Take what lies beyond the format as the nearest that does not."),
        Option("state_bits", int | None, "Of membrane and current, 8 to 24. [default: 16]", "N"),
        Option("reset", str | None, "NIR: zero, or subtract for a net trained so. [default: zero]", "HOW"),
        Option("allow_error", float | None, "What rounding may change a number by. [default: 0.25]", "SHARE"),
        Option("graded", bool, "NIR: axons bring values of 0 … 255, which count as so many spikes."),
        Option("told", bool, "NIR: tell the host of the spikes of the outputs alone."),
        Option("vectors", Path | None, "Spikes to choose the ranges by and to try the net on, as x.", "FILE.npz"),
    ),
    COMPILE_OPTIONS: (
        Option("lanes", int | None, "Weights a cycle. [default: what fits the board]", "N"),
        Option("axons", int | None, "Of the core. [default: the net's]", "N"),
        Option("neurons", int | None, "Of the core. [default: the net's]", "N"),
        Option("trace_bits", int | None, "Of traces, 4 to 16. [default: 8]", "N"),
        Option("without", list[str] | None, "Leave out, as learning or counters; may be repeated.", "FEATURE"),
        Option("counting", bool, "The core counts spikes, so that the reply to a presentation is 2 bytes a neuron."),
        Option(
            "synapses",
            Literal["matrix", "blocks", "entries"] | None,
            "How they are stored: all, in blocks, in rows of entries. [default: all, or what takes least]",
            "HOW",
        ),
        Option(
            "shell",
            Literal["link", "axi"] | None,
            "What brings requests to the core: the link, or a Zynq's processor by AXI. [default: link]",
            "SHELL",
        ),
    ),
    SIMULATE_OPTIONS: (_TICKS, _LEARN),
    RUN_OPTIONS: (
        _TICKS,
        _LEARN,
        Option("load", Path | None, "Go on from what --save left, its learnt weights included.", "FILE.npz"),
        Option("save", Path | None, "Spikes, weights and state after the last tick.", "FILE.npz"),
    ),
}


def _read(path: Path, **options: Any) -> Model:
    from hwflow.spiking.model import SpikingModel

    return SpikingModel.read(path, **options)


def _inspect(path: Path, *, state_bits: int | None = None, vectors: Any = None, **options: Any) -> Told:
    from hwflow.spiking.flow.stimuli import samples_of
    from hwflow.spiking.frontend.inspection import inspect
    from hwflow.spiking.model import checked_bits

    return inspect(path, state_bits=checked_bits(state_bits), samples=samples_of(vectors), **options)


def _open(folder: ProjectFolder) -> CompiledProject:
    from hwflow.spiking.project import SpikingProject

    return SpikingProject.of(folder)


def _evidence(folder: Path) -> "SpikingEvidence":
    from hwflow.spiking.report.evidence import gather

    return gather(folder)


def _figures(evidence: "SpikingEvidence") -> "tuple[Figure, ...]":
    from hwflow.spiking.report.summary import figures_of

    return figures_of(evidence)


def _sections() -> "Sequence[Section]":
    from hwflow.spiking.report.sections import SECTIONS

    return SECTIONS


SPIKING = Family(
    name="spiking",
    suffixes=(".nir", ".json"),
    formats="a .nir file, a SuperNeuroMAT .json file, or a folder with a spiking net",
    options=_OPTIONS,
    folders=True,
    read=_read,
    inspect=_inspect,
    open=_open,
    evidence=_evidence,
    figures=_figures,
    sections=_sections,
    templates="hwflow.spiking.report",
)
