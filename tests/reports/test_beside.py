"""Several boards side by side: one table, what differs between them, and their waveforms."""

import dataclasses
import shutil
from pathlib import Path

import pytest

from hwflow.quantised.report.records import SimulationRecord
from hwflow.reports import make_report, read_report
from hwflow.reports.beside import Beside
from hwflow.reports.page import Panel, compare, panels_of
from hwflow.reports.sections import COMMON, Section
from hwflow.tool.build import Build


@pytest.fixture
def two(demo: Path) -> list[Path]:
    """Two builds for the same board, of which the second is larger, and simulated something else."""
    shutil.copytree(demo / "icebreaker", demo / "large")
    dataclasses.replace(Build.from_folder(demo / "large"), luts=3960).save(demo / "large")
    dataclasses.replace(SimulationRecord.from_folder(demo / "large"), accuracy=None).save(demo / "large")
    return [demo / "icebreaker", demo / "large"]


def panels(section: Section, folders: list[Path]) -> tuple[Panel, ...]:
    return panels_of(section, read_report(folders).columns)


def test_the_same_section_of_two_boards_is_one_table(two: list[Path], demo: Path) -> None:
    (panel,) = panels(COMMON[0], two)
    assert isinstance(panel.view, Beside)
    assert panel.view.titles == ("icebreaker in icebreaker", "icebreaker in large")
    rows = {label: [line and line.text for line in lines] for label, lines in panel.view.rows}
    assert rows["LUTs"] == ["2,640 of 5,280, 50.00 %", "3,960 of 5,280, 75.00 %"]
    assert rows["Timing"] == ["met", "met"]
    table, missing = panels(COMMON[0], [*two, demo / "ulx3s-85f"])
    assert isinstance(table.view, Beside) and missing.view is None and missing.remedy.startswith("hwflow build")


def test_what_differs_is_told_from_what_does_not(two: list[Path]) -> None:
    rows = {row.label: row for row in compare(read_report(two).columns)}
    assert rows["LUTs"].differs and rows["LUTs"].change == "+50.0 %"
    assert not rows["Flip-flops"].differs
    assert rows["Accuracy of the RTL"].differs and rows["Accuracy of the RTL"].change == ""
    make_report(two, two[0].parent / "r.html")
    html = (two[0].parent / "r.html").read_text()
    _, _, details = html.partition("<details")
    details = details.partition("</details>")[0]
    assert "+50.0 %" in details and ">LUTs<" in details and "Flip-flops" not in details
    make_report(two[:1], two[0].parent / "r.html")
    assert "<details" not in (two[0].parent / "r.html").read_text()


def test_waveforms_in_the_folder_are_linked_from_where_the_page_lies(demo: Path) -> None:
    make_report([demo / "icebreaker"], demo / "pages" / "r.html")
    assert "Waveforms" not in (demo / "pages" / "r.html").read_text()
    (demo / "icebreaker" / "a wave.vcd").write_text("$end\n")
    make_report([demo / "icebreaker"], demo / "pages" / "r.html")
    assert 'href="../icebreaker/a%20wave.vcd"' in (demo / "pages" / "r.html").read_text()
