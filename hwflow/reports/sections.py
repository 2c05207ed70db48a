"""A section of the page, and those that every family has; a family brings its own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from hwflow.board import board_in
from hwflow.reports import views
from hwflow.reports.evidence import Evidence
from hwflow.reports.figures import Source
from hwflow.reports.steps import has_part
from hwflow.tool.build import Build


class View(Protocol):
    """What a section's template shows; sources: the records it was read from."""

    @property
    def sources(self) -> tuple[Source, ...]: ...


@dataclass(frozen=True)
class Section:
    """A part of the page.

    view: from a folder's records, which are of the section's family, None if they are not there; remedy: the command that would make them, empty if
    there is nothing to be made; wide: one
    panel a line; else panels stand side by side.
    """

    key: str
    title: str
    lead: str
    template: str
    view: Callable[[Any], View | None]
    remedy: Callable[[Any], str]
    wide: bool = False


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
    board = board_in(evidence.folder, build.board)
    bars = views.bars_of(build, evidence.estimate, board.resources)
    also = tuple(f"{name} {use.used:,} of {use.available:,}" for name, use in build.utilisation.items() if use.used)
    guess = (evidence.compiled("estimate"),) if evidence.estimate else ()
    return FabricView(build, f"{board.title}, {board.device}", bars, also, (evidence.built(), *guess))


def fabric_remedy(evidence: Evidence) -> str:
    """Nothing for the simulated board, which has no part."""
    return evidence.command("build") if has_part(evidence) else ""


def nothing(evidence: Evidence) -> str:
    """No command makes it."""
    return ""


COMMON: tuple[Section, ...] = (
    Section(
        "fabric",
        "On the FPGA",
        "Utilisation and timing as the place-and-route tool reports them, or, where no open tool does that, an estimate.",
        "fabric.html.j2",
        fabric_view,
        fabric_remedy,
    ),
)
