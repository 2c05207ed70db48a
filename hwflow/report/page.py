"""The page: sections and summary put into the templates."""

from collections.abc import Sequence
from dataclasses import dataclass

from hwflow import __version__
from hwflow.report.evidence import Evidence
from hwflow.report.figures import Figure, Source, percent, show
from hwflow.report.sections import SECTIONS, Section
from hwflow.report.summary import figures_of, tiles_of


@dataclass(frozen=True)
class Summary:
    """A folder's figures, and those of them that are shown large."""

    title: str
    figures: tuple[Figure, ...]
    tiles: tuple[Figure, ...]


@dataclass(frozen=True)
class Row:
    """The same figure of every folder; None where a folder has none."""

    label: str
    bar: str
    figures: tuple[Figure | None, ...]


@dataclass(frozen=True)
class Panel:
    """A section's content for one folder, or the command that would make it."""

    title: str
    view: object | None
    remedy: str


@dataclass(frozen=True)
class Shown:
    """A section with its panels."""

    key: str
    title: str
    lead: str
    template: str
    wide: bool
    panels: tuple[Panel, ...]


@dataclass(frozen=True)
class Banner:
    """The verdict over all figures that have a bar. state: pass, fail or open."""

    state: str
    text: str


def render(evidences: Sequence[Evidence], json_name: str) -> str:
    """The page as HTML with nothing to load. Names and notes come from files and are escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # costs 0.1 s, which `hwflow --help` need not pay

    environment = Environment(
        loader=PackageLoader("hwflow.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"show": show, "percent": percent}
    summaries = tuple(Summary(e.title, figures := figures_of(e), tiles_of(figures)) for e in evidences)
    return environment.get_template("page.html.j2").render(
        version=__version__,
        title=title_of(evidences),
        style=_style(),
        banner=banner_of(summaries),
        summaries=summaries,
        comparison=compare(summaries),
        sections=[shown for section in SECTIONS if (shown := _shown(section, evidences)).panels],
        sources=sources_of(evidences, summaries),
        json_name=json_name,
    )


def title_of(evidences: Sequence[Evidence]) -> str:
    """The nets and their boards, in one line."""
    nets = list(dict.fromkeys(e.design.network if e.design else e.title for e in evidences))
    boards = list(dict.fromkeys(e.design.board for e in evidences if e.design))
    return ", ".join(nets) + (" on " + " and ".join(boards) if boards else "")


def banner_of(summaries: Sequence[Summary]) -> Banner:
    """One sentence: how many figures are as they must be."""
    asked = [figure for summary in summaries for figure in summary.figures if figure.passed is not None]
    wrong = [figure for figure in asked if not figure.passed]
    if wrong:
        return Banner("fail", f"✗ {len(wrong)} of {len(asked)} checks not passed: " + ", ".join(
            dict.fromkeys(figure.label for figure in wrong)))  # fmt: skip
    if not asked:
        return Banner("open", "Nothing has been checked yet")
    return Banner("pass", f"✓ {'All ' if len(asked) > 1 else ''}{len(asked)} check{'s' if len(asked) > 1 else ''} passed")


def compare(summaries: Sequence[Summary]) -> tuple[Row, ...]:
    """One row for each figure that any folder has, in the order of the first that has it."""
    tables = [{figure.key: figure for figure in summary.figures} for summary in summaries]
    firsts = {figure.key: figure for table in reversed(tables) for figure in table.values()}
    order = list(dict.fromkeys(key for table in tables for key in table))
    return tuple(Row(firsts[k].label, firsts[k].bar, tuple(table.get(k) for table in tables)) for k in order)


def sources_of(evidences: Sequence[Evidence], summaries: Sequence[Summary]) -> tuple[Source, ...]:
    """Every record that was read, once."""
    views = [view for e in evidences for section in SECTIONS if (view := section.view(e))]
    found = [source for view in views for source in view.sources]
    found += [figure.source for summary in summaries for figure in summary.figures]
    return tuple(dict.fromkeys(found))


def _shown(section: Section, evidences: Sequence[Evidence]) -> Shown:
    panels = [Panel(e.title, section.view(e), section.remedy(e)) for e in evidences]
    distinct = [panel for i, panel in enumerate(panels) if panel.view not in [p.view for p in panels[:i]]]
    if len(distinct) == 1 and distinct[0].view is not None:  # the same for every folder, such as its training
        panels = [Panel("", distinct[0].view, "")]
    return Shown(section.key, section.title, section.lead, section.template, section.wide, tuple(panels))


def _style() -> str:
    from importlib.resources import files

    from markupsafe import Markup

    return Markup((files("hwflow.report") / "templates" / "style.css").read_text())  # our own file, no names in it
