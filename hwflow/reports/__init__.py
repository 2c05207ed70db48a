"""One page of HTML, and the same as JSON, from the records that the other steps leave."""

from collections.abc import Sequence
from pathlib import Path

from hwflow.errors import UserError
from hwflow.family import family_of_net
from hwflow.paths import read_files, whole_file
from hwflow.project import DESIGN
from hwflow.records import to_json
from hwflow.reports.page import render
from hwflow.reports.report import Gathered, Report, report_of

__all__ = ["Report", "make_report", "read_report"]


def make_report(folders: Sequence[Path], out: Path) -> Report:
    """Read the records of the folders, side by side, into the page `out` and, beside it, `out` with suffix .json.

    Raises UserError as `read_report`, or if `out` cannot be written.
    """
    if out.is_dir() or out.suffix == ".json":
        raise UserError(f"{out} cannot hold the page; name a file such as {out.parent / 'report.html'}.")
    report = read_report(folders)
    beside = out.with_suffix(".json")
    with whole_file(out) as page, whole_file(beside) as document:
        page.write_text(render(report, beside.name, out.parent), encoding="utf-8")
        document.write_text(to_json(report), encoding="utf-8")
    return report


def read_report(folders: Sequence[Path]) -> Report:
    """The records of the folders, side by side.

    A folder of projects, as a demo leaves it, stands for these. One that holds only training, which another one shows
    too, gets no column of its own. Raises UserError if there is no folder, a folder is not there or holds no record, or a
    record is damaged or of another project.
    """
    if not folders:
        raise UserError("A report needs at least one folder; name one that `hwflow compile` made.")
    projects = dict.fromkeys(project for folder in folders for project in _projects(folder))
    return report_of(_columns([_gathered(folder) for folder in projects]))


def _gathered(folder: Path) -> Gathered:
    if not folder.is_dir():
        raise UserError(f"There is no folder {folder}; make one with `hwflow compile`.")
    family = family_of_net(read_files(folder, ("network.json",)))
    return Gathered(family, family.evidence(folder))


def _projects(folder: Path) -> list[Path]:
    """The folder, or, if it is no project and there are some in it, these."""
    within = sorted(path.parent for path in folder.glob(f"*/{DESIGN}"))
    return within if within and not (folder / DESIGN).exists() else [folder]


def _columns(gathered: Sequence[Gathered]) -> list[Gathered]:
    """Without those that hold only training: the folders above or beside them show it too."""
    built = [one for one in gathered if one.evidence.board]
    alone = [one for one in gathered if not one.evidence.board and not any(_shares(one, other) for other in built)]
    return [one for one in gathered if one in built or one in alone]


def _shares(one: Gathered, other: Gathered) -> bool:
    return one.evidence.net == other.evidence.net
