"""A report as a value: what the page shows and the JSON holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hwflow import __version__
from hwflow.report.evidence import Evidence
from hwflow.report.figures import Figure, Source
from hwflow.report.sections import SECTIONS, View
from hwflow.report.summary import figures_of


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


def report_of(evidences: Sequence[Evidence]) -> Report:
    """Put the folders' records side by side."""
    columns = tuple(_column(evidence) for evidence in evidences)
    asked = [figure for column in columns for figure in column.figures if figure.passed is not None]
    failed = [figure.label for figure in asked if not figure.passed]
    return Report(__version__, _title(evidences), len(asked), tuple(failed), columns, _sources(columns))


def _column(evidence: Evidence) -> Column:
    views = {section.key: section.view(evidence) for section in SECTIONS}
    return Column(
        evidence.title,
        str(evidence.folder),
        figures_of(evidence),
        {key: view for key, view in views.items() if view is not None},
        {
            section.key: remedy
            for section in SECTIONS
            if views[section.key] is None
            and section.family in ("any", evidence.family)
            and (remedy := section.remedy(evidence))
        },
    )


def _title(evidences: Sequence[Evidence]) -> str:
    nets = dict.fromkeys(_net(evidence) for evidence in evidences)
    boards = dict.fromkeys(e.board for e in evidences if e.board)
    return listed(list(nets)) + (" on " + listed(list(boards)) if boards else "")


def _net(evidence: Evidence) -> str:
    """What the net is called: its recipe, else the model's own name."""
    if evidence.training:
        return evidence.training.recipe
    design = evidence.design or evidence.spiking
    return design.network if design else evidence.title


def listed(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def _sources(columns: Sequence[Column]) -> tuple[Source, ...]:
    found = [source for column in columns for view in column.sections.values() for source in view.sources]
    found += [figure.source for column in columns for figure in column.figures]
    return tuple(dict.fromkeys(found))
