"""make_report: which folders it takes, and what it writes."""

import json
from pathlib import Path

import pytest
from markupsafe import escape

from hwflow.errors import UserError
from hwflow.reports import make_report


def test_the_json_holds_what_the_page_shows(demo: Path, tmp_path: Path) -> None:
    report = make_report([demo / "icebreaker", demo / "ulx3s-85f"], tmp_path / "r.html")
    document = json.loads((tmp_path / "r.json").read_text())
    assert [column["title"] for column in document["columns"]] == ["icebreaker", "ulx3s-85f"]
    html = (tmp_path / "r.html").read_text()
    for column in report.columns:
        for figure in column.figures:
            assert escape(figure.text) in html and escape(figure.label) in html and figure.source.file in html
    shown = document["columns"][0]["sections"]["net"]["design"]["layers"][0]
    assert (shown["pe"], shown["simd"], shown["cycles"]) == (4, 2, 376)
    assert document["columns"][0]["sections"]["quality"]["training"]["quantised"]["confusion"][2] == [2, 0, 498]


def test_every_figure_says_where_it_came_from(demo: Path, tmp_path: Path) -> None:
    report = make_report([demo / "icebreaker"], tmp_path / "r.html")
    for figure in report.columns[0].figures:
        assert figure.source in report.sources
        assert figure.source.file and figure.source.command.startswith("hwflow ") and figure.source.tool
    kinds = {figure.key: figure.source.kind for figure in report.columns[0].figures}
    assert (
        kinds["estimated_luts"] == "estimate" and kinds["interval"] == "prediction" and kinds["accuracy"] == "test set"
    )


def test_training_is_found_above_the_project(demo: Path, tmp_path: Path) -> None:
    report = make_report([demo / "icebreaker"], tmp_path / "r.html")
    assert "quality" in report.columns[0].sections


def test_a_folder_with_nothing_but_the_same_training_gets_no_column(demo: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "training.json").write_text((demo / "training.json").read_text())
    assert [column.title for column in make_report([alone], tmp_path / "r.html").columns] == ["alone"]
    assert len(make_report([alone, demo / "icebreaker"], tmp_path / "r.html").columns) == 1


def test_a_folder_of_projects_stands_for_them(demo: Path, tmp_path: Path) -> None:
    report = make_report([demo], tmp_path / "r.html")
    assert [column.title for column in report.columns] == ["icebreaker", "ulx3s-85f"]
    assert report == make_report([demo / "icebreaker", demo], tmp_path / "r.html")


def test_nothing_is_written_for_folders_that_hold_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for folders, words in (
        ([], "at least one folder"),
        ([tmp_path / "none"], "no folder"),
        ([tmp_path / "empty"], "holds no record"),
    ):
        with pytest.raises(UserError, match=words):
            make_report(folders, tmp_path / "out" / "r.html")
    assert not (tmp_path / "out").exists()


def test_a_damaged_record_is_named(demo: Path, tmp_path: Path) -> None:
    (demo / "icebreaker" / "design.json").write_text("{}")
    with pytest.raises(UserError, match="design.json"):
        make_report([demo / "icebreaker"], tmp_path / "r.html")
    assert not (tmp_path / "r.html").exists()


@pytest.mark.parametrize("name", [".", "r.json"])
def test_the_page_needs_a_file_of_its_own(demo: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match="name a file"):
        make_report([demo / "icebreaker"], tmp_path / name)


def test_a_page_is_replaced_by_the_next(demo: Path, tmp_path: Path) -> None:
    for folder in ("icebreaker", "ulx3s-85f"):
        make_report([demo / folder], tmp_path / "r.html")
    assert "ulx3s-85f" in (tmp_path / "r.html").read_text() and sorted(p.name for p in tmp_path.glob("r.*")) == [
        "r.html",
        "r.json",
    ]
