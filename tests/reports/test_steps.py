"""What was not done is counted, shown, and not passed."""

import dataclasses
import json
from pathlib import Path

import pytest
from commandline import Hwflow

from hwflow.quantised.report.records import SimulationRecord
from hwflow.reports import make_report, read_report
from hwflow.reports.page import banner_of
from hwflow.tool.build import BUILD
from hwflow.tool.step import RECORD


def states(folder: Path) -> dict[str, str]:
    (column,) = read_report([folder]).columns
    return {step.verb: step.state for step in column.steps}


def begin_build(folder: Path) -> None:
    """As `hwflow build` leaves it when its first step fails, or is killed."""
    (folder / BUILD).unlink(missing_ok=True)
    (folder / RECORD).parent.mkdir(exist_ok=True)
    (folder / RECORD).write_text('{"steps": []}')


def test_steps_without_a_result_are_open_checks(demo: Path) -> None:
    all_done = read_report([demo / "icebreaker"])
    assert all_done.passed and all_done.open == () and banner_of(all_done).state == "pass"
    report = read_report([demo])
    assert report.open == ("simulate ulx3s-85f", "build ulx3s-85f", "run ulx3s-85f")
    assert report.right and not report.passed
    known = sum(figure.passed is not None for column in report.columns for figure in column.figures)
    assert report.checks == known + 3
    words = (
        f"{known} of {known + 3} checks passed, 3 steps not done: simulate ulx3s-85f, build ulx3s-85f, run ulx3s-85f"
    )
    assert str(report).endswith(words)
    banner = banner_of(report)
    assert (banner.state, banner.text) == ("open", words)


def test_a_build_that_was_begun_is_not_finished(demo: Path, tmp_path: Path) -> None:
    begin_build(demo / "icebreaker")
    assert states(demo / "icebreaker") == {"simulate": "done", "build": "not finished", "run": "done"}
    report = make_report([demo / "icebreaker"], tmp_path / "r.html")
    assert report.open == ("build icebreaker (not finished)",)
    html = (tmp_path / "r.html").read_text()
    assert "○ not finished" in html and "1 step not done: build icebreaker (not finished)" in html
    assert "A build was begun and did not finish" in html
    assert json.loads((tmp_path / "r.json").read_text())["open"] == list(report.open)


def test_a_finished_build_keeps_its_steps(demo: Path) -> None:
    (demo / "icebreaker" / RECORD).parent.mkdir()
    (demo / "icebreaker" / RECORD).write_text('{"steps": []}')
    assert states(demo / "icebreaker")["build"] == "done"


def test_what_ended_wrong_is_told_from_what_is_open(demo: Path, simulated: SimulationRecord) -> None:
    record = SimulationRecord.from_folder(demo / "icebreaker")
    dataclasses.replace(record, mismatches=3).save(demo / "icebreaker")
    report = read_report([demo])
    assert report.columns[0].steps[0].state == "wrong" and len(report.open) == 3
    banner = banner_of(report)
    assert banner.state == "fail" and banner.text.startswith(f"✗ 1 of {report.checks} checks failed: Mismatches, RTL")
    assert banner.text.endswith("; 3 steps not done: simulate ulx3s-85f, build ulx3s-85f, run ulx3s-85f")


def test_training_alone_and_the_simulated_board_have_nothing_to_build(demo: Path, tmp_path: Path) -> None:
    (tmp_path / "alone").mkdir()
    (tmp_path / "alone" / "training.json").write_text((demo / "training.json").read_text())
    assert states(tmp_path / "alone") == {}


def test_two_builds_for_the_same_board_have_names_of_their_own(demo: Path) -> None:
    (demo / "icebreaker").rename(demo / "fast")
    small = demo / "small"
    small.mkdir()
    for path in (demo / "fast").glob("*.json"):
        (small / path.name).write_bytes(path.read_bytes())
    begin_build(small)
    report = read_report([demo / "fast", small])
    assert [column.title for column in report.columns] == ["icebreaker in fast", "icebreaker in small"]
    assert report.open == ("build icebreaker in small (not finished)",)


@pytest.mark.slow
def test_the_verb_says_what_is_open_and_ends_well(hwflow: Hwflow, demo: Path) -> None:
    done = hwflow("report", str(demo), "--json")
    assert done.status == 0 and len(done.json["open"]) == 3
    assert "3 steps not done: simulate ulx3s-85f" in hwflow("report", str(demo)).out
