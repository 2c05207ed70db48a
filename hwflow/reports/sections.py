"""A section of the page, and those that every family has; a family brings its own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from hwflow.board import board_in
from hwflow.reports import views
from hwflow.reports.beside import Line, Lines
from hwflow.reports.evidence import Evidence
from hwflow.reports.figures import Source, show
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
    panel a line; else panels stand side by side; lines: a view as rows, so that two or more stand in one table.
    """

    key: str
    title: str
    lead: str
    template: str
    view: Callable[[Any], View | None]
    remedy: Callable[[Any], str]
    wide: bool = False
    lines: Callable[[Any], Lines] | None = None


@dataclass(frozen=True)
class FabricView:
    """part: the board and its part; bitstream: the file, None for an estimate; also: what else place and route counted; tried:
    what else was built to find it."""

    build: Build
    part: str
    bars: tuple[views.Bar, ...]
    also: tuple[str, ...]
    tried: views.Trials | None
    sources: tuple[Source, ...]


def fabric_view(evidence: Evidence) -> FabricView | None:
    build = evidence.build
    if build is None:
        return None
    board = board_in(evidence.folder, build.board)
    bars = views.bars_of(build, evidence.estimate, board.resources)
    also = tuple(f"{name} {use.used:,} of {use.available:,}" for name, use in build.utilisation.items() if use.used)
    guess = (evidence.compiled("estimate"),) if evidence.estimate else ()
    return FabricView(build, f"{board.title}, {board.device}", bars, also, views.trials_of(evidence.effort),
                      (evidence.built(), *guess))  # fmt: skip


def fabric_lines(view: FabricView) -> Lines:
    """The same as rows."""
    build, met = view.build, view.build.timing_met
    clock = [Line("Highest clock, fmax", show(build.fmax_mhz * 1e6, "Hz"), met)] if build.fmax_mhz is not None else []
    rows = [
        Line("Part", view.part),
        Line("Timing", "not known, an estimate by synthesis alone" if met is None else "met" if met else "missed", met),
        *clock,
        Line("Clock of the board", show(build.clock_mhz * 1e6, "Hz")),
    ]
    for bar in view.bars:
        share = "" if bar.available is None else f" of {bar.available:,}"
        share += "" if bar.share is None else f", {show(bar.share, '1')}"
        rows += [Line(bar.label, f"{show(bar.used)}{share}", None, bar)]
    rows += [
        Line(f"{bar.label}, before synthesis", show(bar.estimate)) for bar in view.bars if bar.estimate is not None
    ]
    rows += [Line("Bitstream", build.bitstream)] if build.bitstream else []
    rows += [Line(f"Seconds of {step.name}", show(step.seconds, "s")) for step in build.steps]
    rows += [Line("Counted", ", ".join(view.also))] if view.also else []
    rows += [Line("Chosen of", f"{len(view.tried.rows)} builds")] if view.tried else []
    return Lines(tuple(rows), ("The line across a bar is the compiler's estimate before synthesis.",))


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
        lines=fabric_lines,
    ),
)
