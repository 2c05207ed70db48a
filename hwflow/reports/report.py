"""A report as a value: what the page shows and the JSON holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hwflow import __version__
from hwflow.family import Family
from hwflow.reports.evidence import Evidence
from hwflow.reports.figures import Figure, Source
from hwflow.reports.sections import COMMON, View
from hwflow.words import Part, plain


@dataclass(frozen=True)
class Column:
    """What one folder gave.

    figures: of the summary; sections: by key, what each section shows; missing: for the sections whose records are not
    there, the command that makes them.
    """

    title: str
    folder: str
    figures: tuple[Figure, ...]
    sections: Mapping[str, View]
    missing: Mapping[str, str]


@dataclass(frozen=True)
class Gathered:
    """A folder's records, and the family whose they are."""

    family: Family
    evidence: Evidence


@dataclass(frozen=True)
class Report:
    """One or more folders side by side.

    checks, failed: how many figures have something that they must be, and the names of those that are not; sources:
    every record that was read, once.
    """

    hwflow: str
    title: str
    checks: int
    failed: tuple[str, ...]
    columns: tuple[Column, ...]
    sources: tuple[Source, ...]

    @property
    def passed(self) -> bool:
        """Whether anything was checked and nothing failed."""
        return self.checks > 0 and not self.failed

    @property
    def right(self) -> bool:
        """Whether no check failed."""
        return not self.failed

    @property
    def wrong(self) -> str:
        """Which failed."""
        return f"These are not as they must be: {', '.join(self.failed)}."

    def words(self) -> tuple[Part, ...]:
        return (f"{self.title}: {self.checks - len(self.failed)} of {self.checks} checks passed",)

    def __str__(self) -> str:
        return plain(self.words())

    def _repr_html_(self) -> str:
        """The page in a frame, as a notebook shows it."""
        from html import escape

        from hwflow.reports.page import render

        page = escape(render(self, ""), quote=True)
        return f'<iframe srcdoc="{page}" style="width: 100%; height: 40em; border: 0"></iframe>'


def report_of(gathered: Sequence[Gathered]) -> Report:
    """Put the folders' records side by side."""
    columns = tuple(_column(one) for one in gathered)
    asked = [figure for column in columns for figure in column.figures if figure.passed is not None]
    failed = [figure.label for figure in asked if not figure.passed]
    evidences = [one.evidence for one in gathered]
    return Report(__version__, _title(evidences), len(asked), tuple(failed), columns, _sources(columns))


def _column(gathered: Gathered) -> Column:
    family, evidence = gathered.family, gathered.evidence
    sections = (*family.sections(), *COMMON)
    views = {section.key: section.view(evidence) for section in sections}
    return Column(
        evidence.title,
        str(evidence.folder),
        family.figures(evidence),
        {key: view for key, view in views.items() if view is not None},
        {
            section.key: remedy
            for section in sections
            if views[section.key] is None and (remedy := section.remedy(evidence))
        },
    )


def _title(evidences: Sequence[Evidence]) -> str:
    nets = dict.fromkeys(evidence.net for evidence in evidences)
    boards = dict.fromkeys(e.board for e in evidences if e.board)
    return listed(list(nets)) + (" on " + listed(list(boards)) if boards else "")


def listed(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def _sources(columns: Sequence[Column]) -> tuple[Source, ...]:
    found = [source for column in columns for view in column.sections.values() for source in view.sources]
    found += [figure.source for column in columns for figure in column.figures]
    return tuple(dict.fromkeys(found))
