"""One page of HTML, and the same as JSON, from the records that the other steps leave."""

from collections.abc import Sequence
from pathlib import Path

from hwflow.errors import UserError
from hwflow.paths import whole_file
from hwflow.quantised.backend.design import DESIGN
from hwflow.records import to_json
from hwflow.report.evidence import Evidence, gather
from hwflow.report.page import render
from hwflow.report.report import Report, report_of

__all__ = ["Report", "make_report"]


def make_report(folders: Sequence[Path], out: Path) -> Report:
    """Read the records of the folders, side by side, into the page `out` and, beside it, `out` with suffix .json.

    A folder of projects, as a demo leaves it, stands for these. One that holds only training, which another one shows
    too, gets no column of its own. Raises UserError if there
    is no folder, a folder is not there or holds no record, a record is damaged, or `out` cannot be written.
    """
    if not folders:
        raise UserError("A report needs at least one folder; name one that `hwflow compile` made.")
    if out.is_dir() or out.suffix == ".json":
        raise UserError(f"{out} cannot hold the page; name a file such as {out.parent / 'report.html'}.")
    projects = dict.fromkeys(project for folder in folders for project in _projects(folder))
    report = report_of(_columns([gather(folder) for folder in projects]))
    beside = out.with_suffix(".json")
    with whole_file(out) as page, whole_file(beside) as document:
        page.write_text(render(report, beside.name), encoding="utf-8")
        document.write_text(to_json(report), encoding="utf-8")
    return report


def _projects(folder: Path) -> list[Path]:
    """The folder, or, if it is no project and there are some in it, these."""
    within = sorted(path.parent for path in folder.glob(f"*/{DESIGN}"))
    return within if within and not (folder / DESIGN).exists() else [folder]


def _columns(evidences: Sequence[Evidence]) -> list[Evidence]:
    built = [evidence.training for evidence in evidences if evidence.board]
    return [evidence for evidence in evidences if evidence.board or evidence.training not in built]
