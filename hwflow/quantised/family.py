"""The quantised family: what it offers to the common rooms."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from hwflow.family import COMPILE_OPTIONS, MODEL_OPTIONS, RUN_OPTIONS, SIMULATE_OPTIONS, Family, Option
from hwflow.handles import CompiledProject, Model
from hwflow.project import ProjectFolder
from hwflow.words import Told

if TYPE_CHECKING:
    from hwflow.quantised.report.evidence import QuantisedEvidence
    from hwflow.reports.figures import Figure
    from hwflow.reports.sections import Section

_COUNT = Option("count", int | None, "The first N vectors. [default: all, or 1000 random ones]", "N")
_OPTIONS = {
    MODEL_OPTIONS: (
        Option("argmax", bool, "End in the class instead of the model's own outputs."),
        Option("input_type", str | None, "Of the input, as UINT8 or FIXED16.10, if the file does not say.", "TYPE"),
        Option("vectors", Path | None, "Samples x by whose range the input is rounded, if not.", "FILE.npz"),
    ),
    COMPILE_OPTIONS: (
        Option(
            "backend",
            Literal["dataflow", "finn"] | None,
            "How the net becomes hardware: hwflow's own RTL, or AMD's FINN (for Zynq). [default: dataflow]",
        ),
        Option(
            "shell",
            Literal["stream", "can", "axi"] | None,
            "What feeds the net: vectors over the link, the frames of a CAN bus, or a Zynq's processor by AXI. [default: stream]",
        ),
        Option("strike", bool, "With --shell can: a guard that can end frames by an error flag."),
        Option("target_fps", float | None, "Vectors a second. [default: what fits the board]", "N"),
        Option("max_luts", int | None, "Of the whole design, by estimate. [default: what fits the board]", "N"),
        Option("max_brams", int | None, "Block RAMs of the whole design, by estimate.", "N"),
        Option(
            "max_latency",
            float | None,
            "Microseconds from a vector's last word to its last result, as predicted.",
            "US",
        ),
        Option(
            "weights",
            Literal["constant", "loaded"] | None,
            "Part of the hardware, or written over the link: one bitstream for all nets of the same shapes. [default: constant]",
        ),
        Option("measure", bool, "Synthesise the layers of the best foldings alone, and choose by that."),
        Option("folding", Path | None, "PE and SIMD of each layer, by its name.", "FILE.json"),
        Option("no_check", bool, "Do not compare the net with its file first."),
    ),
    SIMULATE_OPTIONS: (_COUNT,),
    RUN_OPTIONS: (_COUNT,),
}


def _read(path: Path, **options: Any) -> Model:
    from hwflow.quantised.model import QuantisedModel

    return QuantisedModel.read(path, **options)


def _inspect(path: Path, *, argmax: bool = False, input_type: str | None = None, vectors: Path | None = None) -> Told:
    from hwflow.quantised.frontend.inputs import InputFormat
    from hwflow.quantised.frontend.inspection import inspect

    kind = InputFormat.parse(input_type) if input_type else None
    return inspect(path, argmax=argmax, input_type=kind, samples=vectors)


def _open(folder: ProjectFolder) -> CompiledProject:
    from hwflow.quantised.project import QuantisedProject

    return QuantisedProject.of(folder)


def _evidence(folder: Path) -> "QuantisedEvidence":
    from hwflow.quantised.report.evidence import gather

    return gather(folder)


def _figures(evidence: "QuantisedEvidence") -> "tuple[Figure, ...]":
    from hwflow.quantised.report.summary import figures_of

    return figures_of(evidence)


def _sections() -> "Sequence[Section]":
    from hwflow.quantised.report.sections import SECTIONS

    return SECTIONS


QUANTISED = Family(
    name="quantised",
    suffixes=(".onnx",),
    formats="an .onnx file (QONNX)",
    options=_OPTIONS,
    folders=False,
    read=_read,
    inspect=_inspect,
    open=_open,
    evidence=_evidence,
    figures=_figures,
    sections=_sections,
    templates="hwflow.quantised.report",
)
