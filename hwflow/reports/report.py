"""A report as a value: what the page shows and the JSON holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hwflow import __version__
from hwflow.family import Family
from hwflow.reports.evidence import Evidence
from hwflow.reports.figures import Figure, Source
from hwflow.reports.sections import COMMON, View
from hwflow.reports.steps import Step, steps_of
from hwflow.words import Part, plain


@dataclass(frozen=True)
class Column:
    """What one folder gave.

    figures: of the summary; steps: how far each has come; sections: by key, what each section shows; missing: for the sections whose records are not
    there, the command that makes them; waveforms: names of the files of waveforms in the folder.
    """

    title: str
    folder: str
    figures: tuple[Figure, ...]
    steps: tuple[Step, ...]
    sections: Mapping[str, View]
    missing: Mapping[str, str]
    waveforms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Gathered:
    """A folder's records, and the family whose they are."""

    family: Family
    evidence: Evidence


@dataclass(frozen=True)
class Report:
    """One or more folders side by side.

    checks: how many figures have something that they must be, and steps have no result; failed: the names of the figures
    that are not so; open: the steps without a result, which nothing is known of; sources: every record that was read, once.
    """

    hwflow: str
    title: str
    checks: int
    failed: tuple[str, ...]
    open: tuple[str, ...]
    columns: tuple[Column, ...]
    sources: tuple[Source, ...]

    @property
    def passed(self) -> bool:
        """Whether anything was checked, nothing failed and nothing is open."""
        return self.checks > 0 and not self.failed and not self.open

    @property
    def right(self) -> bool:
        """Whether no check failed; some may be open."""
        return not self.failed

    @property
    def wrong(self) -> str:
        """Which failed."""
        return f"These are not as they must be: {', '.join(self.failed)}."

    def words(self) -> tuple[Part, ...]:
        return (f"{self.title}: {tally(self.checks, self.failed, self.open)}",)

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
    titles = _titles([one.evidence for one in gathered])
    columns = tuple(_column(one, title) for one, title in zip(gathered, titles, strict=True))
    asked = [figure for column in columns for figure in column.figures if figure.passed is not None]
    failed = tuple(figure.label for figure in asked if not figure.passed)
    undone = tuple(_name(step, column) for column in columns for step in column.steps if step.open)
    title = _title([one.evidence for one in gathered])
    return Report(__version__, title, len(asked) + len(undone), failed, undone, columns, _sources(columns))


def tally(checks: int, failed: Sequence[str], undone: Sequence[str]) -> str:
    """How many of the checks passed, and which steps are open, as one says it."""
    passed = f"{checks - len(failed) - len(undone)} of {checks} checks passed"
    return f"{passed}, {not_done(undone)}" if undone else passed


def not_done(steps: Sequence[str]) -> str:
    """`2 steps not done: …`."""
    return f"{len(steps)} {'step' if len(steps) == 1 else 'steps'} not done: {', '.join(steps)}"


def _name(step: Step, column: Column) -> str:
    return f"{step.verb} {column.title}" + (" (not finished)" if step.state == "not finished" else "")


def _titles(evidences: Sequence[Evidence]) -> list[str]:
    """Of each folder: what it is called, and where two are called the same, its name too."""
    titles = [evidence.title for evidence in evidences]
    return [
        f"{evidence.title} in {evidence.folder.resolve().name}" if titles.count(evidence.title) > 1 else evidence.title
        for evidence in evidences
    ]


def _column(gathered: Gathered, title: str) -> Column:
    family, evidence = gathered.family, gathered.evidence
    sections = (*family.sections(), *COMMON)
    views = {section.key: section.view(evidence) for section in sections}
    return Column(
        title,
        str(evidence.folder),
        family.figures(evidence),
        steps_of(evidence),
        {key: view for key, view in views.items() if view is not None},
        {
            section.key: remedy
            for section in sections
            if views[section.key] is None and (remedy := section.remedy(evidence))
        },
        tuple(sorted(path.name for path in evidence.folder.glob("*.vcd"))),
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
