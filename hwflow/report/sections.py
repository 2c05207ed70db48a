"""The sections of the page. To add one: a view, a function that makes it, a template, and a line in SECTIONS."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from hwflow.backend.design import Design
from hwflow.report import views
from hwflow.report.evidence import Evidence
from hwflow.report.figures import Source
from hwflow.report.training import Training


class View(Protocol):
    """What a section's template shows; sources: the records it was read from."""

    @property
    def sources(self) -> tuple[Source, ...]: ...


@dataclass(frozen=True)
class Section:
    """A part of the page.

    view: from a folder's records, None if they are not there; remedy: the command that would make them; wide: one
    panel a line; else panels stand side by side.
    """

    key: str
    title: str
    lead: str
    template: str
    view: Callable[[Evidence], View | None]
    remedy: Callable[[Evidence], str]
    wide: bool = False


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


SECTIONS: tuple[Section, ...] = (
    Section(
        "net",
        "The net and its folding",
        "Each unit works on PE rows and SIMD columns of its matrix in a cycle, and stands between two streams.",
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
)
