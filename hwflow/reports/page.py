"""A report as a page of HTML: one file with nothing to load."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from hwflow.family import families
from hwflow.reports.beside import beside
from hwflow.reports.figures import Figure, Kind, Source, percent, show
from hwflow.reports.plots import Plot
from hwflow.reports.report import Column, Report, listed, not_done, tally
from hwflow.reports.sections import COMMON, Section, View
from hwflow.reports.summary import tiles_of
from hwflow.reports.views import but_ordinary, tint

if TYPE_CHECKING:
    from jinja2 import Environment


@dataclass(frozen=True)
class Row:
    """The same figure of every folder; None where a folder has none."""

    label: str
    bar: str
    figures: tuple[Figure | None, ...]

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of evidence that the figures are, each once."""
        return tuple(dict.fromkeys(figure.source.kind for figure in self.figures if figure))

    @property
    def differs(self) -> bool:
        """Whether the folders do not all have the same."""
        return len({figure and (figure.text, figure.samples) for figure in self.figures}) > 1

    @property
    def change(self) -> str:
        """Of two numbers, by how much of the first the second is greater or less; empty for anything else."""
        values = [figure.value for figure in self.figures if figure and not isinstance(figure.value, str)]
        if len(values) != 2 or len(self.figures) != 2 or not values[0]:
            return ""
        return f"{values[1] / values[0] - 1:+.1%}".replace("-", "−").replace("%", " %")


@dataclass(frozen=True)
class Origin:
    """A record, and every kind of evidence that was taken from it."""

    file: str
    kinds: tuple[Kind, ...]
    command: str
    tool: str


@dataclass(frozen=True)
class Panel:
    """A section's content for one folder, or the command that would make it; begun: whether that was given and did not finish;
    template: the one that shows the view."""

    title: str
    view: View | None
    remedy: str
    begun: bool = False
    template: str = ""


@dataclass(frozen=True)
class Banner:
    """The verdict over all figures. state: pass, fail or open."""

    state: str
    text: str


def render(report: Report, json_name: str, base: Path | None = None) -> str:
    """The page. Names and notes come from files and are escaped. base: the folder it will lie in, for links from there."""
    from markupsafe import Markup

    style = (files("hwflow.reports") / "templates" / "style.css").read_text()
    page = _environment().get_template("page.html.j2")
    return page.render(
        report=report,
        style=Markup(style),  # our own file, in which no name stands
        banner=banner_of(report),
        comparison=compare(report.columns),
        waveforms=[_waveforms(column, base) for column in report.columns],
        sections=[(section, panels) for section in _sections() if (panels := panels_of(section, report.columns))],
        sources=origins_of(report.sources),
        json_name=json_name,
    )


def draw(pictures: Sequence[tuple[str, Plot]]) -> str:
    """Pictures under their titles as HTML that stands alone."""
    from markupsafe import Markup

    style = (files("hwflow.reports") / "templates" / "style.css").read_text()
    text = (
        '{% import "macros.html.j2" as m with context %}<style>{{ style }}</style><div class="card">'
        '{% for title, picture in pictures %}{{ m.titled(title, picture, "plot") }}{% endfor %}</div>'
    )
    return _environment().from_string(text).render(style=Markup(style), pictures=pictures)


def _sections() -> list[Section]:
    """Of all families, in their order; what all have comes last."""
    return [*(section for family in families() for section in family.sections()), *COMMON]


@cache
def _environment() -> "Environment":
    from jinja2 import (  # costs 0.1 s, which `hwflow --help` need not pay
        ChoiceLoader,
        Environment,
        PackageLoader,
        StrictUndefined,
    )

    environment = Environment(
        loader=ChoiceLoader([PackageLoader(room) for room in ("hwflow.reports", *(f.templates for f in families()))]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "show": show,
        "percent": percent,
        "tint": tint,
        "tiles": tiles_of,
        "but_ordinary": but_ordinary,
        "verbs": verbs_of,
        "listed": listed,
    }
    return environment


def banner_of(report: Report) -> Banner:
    """One sentence: how many checks are as they must be, and which steps were not done."""
    if report.failed:
        names = ", ".join(dict.fromkeys(report.failed))
        undone = f"; {not_done(report.open)}" if report.open else ""
        return Banner("fail", f"✗ {len(report.failed)} of {report.checks} checks failed: {names}{undone}")
    if report.checks == 0:
        return Banner("open", "Nothing has been checked yet")
    passed = tally(report.checks, report.failed, report.open)
    return Banner("open", passed) if report.open else Banner("pass", f"✓ {passed}")


def verbs_of(columns: Sequence[Column]) -> tuple[str, ...]:
    """The steps that any folder has, in the order of the flow."""
    longest = sorted((column.steps for column in columns), key=len, reverse=True)
    return tuple(dict.fromkeys(step.verb for steps in longest for step in steps))


def compare(columns: Sequence[Column]) -> tuple[Row, ...]:
    """One row for each figure that any folder has."""
    tables = [{figure.key: figure for figure in column.figures} for column in columns]
    firsts = {figure.key: figure for table in reversed(tables) for figure in table.values()}
    order = list(dict.fromkeys(key for table in sorted(tables, key=len, reverse=True) for key in table))
    return tuple(Row(firsts[k].label, firsts[k].bar, tuple(table.get(k) for table in tables)) for k in order)


def origins_of(sources: Sequence[Source]) -> tuple[Origin, ...]:
    """One line for each record."""
    records = dict.fromkeys((source.file, source.command, source.tool) for source in sources)
    return tuple(
        Origin(
            file, tuple(s.kind for s in sources if (s.file, s.command, s.tool) == (file, command, tool)), command, tool
        )
        for file, command, tool in records
    )


def panels_of(section: Section, columns: Sequence[Column]) -> tuple[Panel, ...]:
    """One panel for each folder, or one in all where every folder shows or lacks the same, such as its training."""
    views = [column.sections.get(section.key) for column in columns]
    if views[0] is not None and all(view == views[0] for view in views):
        return (Panel("", views[0], "", template=section.template),)
    remedies = {column.missing.get(section.key) for column in columns}
    if len(remedies) == 1 and (remedy := remedies.pop()):
        return (Panel("", None, remedy, any(_begun(column, remedy) for column in columns)),)
    panels = [
        Panel(
            column.title, view, remedy := column.missing.get(section.key, ""), _begun(column, remedy), section.template
        )
        for column, view in zip(columns, views, strict=True)
        if view is not None or section.key in column.missing
    ]
    return _side_by_side(section, panels)


def _side_by_side(section: Section, panels: Sequence[Panel]) -> tuple[Panel, ...]:
    """Where two or more folders have a section that can be shown as rows: one panel of them, and those that lack it."""
    shown = [panel for panel in panels if panel.view is not None]
    if section.lines is None or len(shown) < 2:
        return tuple(panels)
    sources = [source for panel in shown if panel.view for source in panel.view.sources]
    table = beside([panel.title for panel in shown], [section.lines(panel.view) for panel in shown], sources)
    return (Panel("", table, "", template="beside.html.j2"), *(panel for panel in panels if panel.view is None))


def _waveforms(column: Column, base: Path | None) -> tuple[tuple[str, str], ...]:
    """The folder's waveforms by name, and where they lie as seen from the page; nowhere without a page's folder."""
    if base is None:
        return ()
    folder = os.path.relpath(Path(column.folder).resolve(), base.resolve())
    return tuple((name, quote(f"{folder}/{name}")) for name in column.waveforms)


def _begun(column: Column, command: str) -> bool:
    return any(step.state == "not finished" and step.command == command for step in column.steps)
