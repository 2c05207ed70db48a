"""Projects from anybody: what is no project is one sentence, and nothing is read elsewhere."""

import json
import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hwflow import project as module
from hwflow.errors import UserError
from hwflow.project import MANIFEST, Project, is_plain_path

GOOD = Project({"rtl/top.sv": b"module top; endmodule\n", "design.json": b"{}"}, "top", "icebreaker")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    here = tmp_path / "p"
    here.mkdir()
    GOOD.save(here)
    return here


def write(folder: Path, **fields: Any) -> None:
    document = json.loads((folder / MANIFEST).read_text()) | fields
    (folder / MANIFEST).write_text(json.dumps(document))


def test_what_was_saved_is_read(folder: Path) -> None:
    assert Project.load(folder) == GOOD


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "../x", "rtl/../../x", "rtl\\top.sv", "rtl//top.sv", "./rtl/top.sv", "rtl/a b.sv", "rtl/a;b.sv", "",
     "-rtl/top.sv", "rtl/-top.sv", "rtl/$(x).sv", "rtl/a\nb.sv", "rtl/top.sv\n", "rtl/ä.sv", "a/" * 150 + "a"],
)  # fmt: skip
def test_a_path_that_is_not_plain_is_refused(folder: Path, path: str) -> None:
    assert not is_plain_path(path)
    write(folder, files=["design.json", path])
    with pytest.raises(UserError, match="is no plain path inside the project"):
        Project.load(folder)


def test_paths_that_are_made_are_plain() -> None:
    for path in ("rtl/finn/MVAU_rtl_0_axi.sv", "finn/00_qonnx.onnx", "memory/hwf_net_dense0_weights.hex", ".x/a..b"):
        assert is_plain_path(path)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"top": "top; exec touch marker"}, "is no name of a module"),
        ({"top": "top -flatten"}, "is no name of a module"),
        ({"top": "top\n"}, "is no name of a module"),
        ({"top": ["top"]}, "is not a readable manifest"),
        ({"board": None}, "is not a readable manifest"),
        ({"board": 7}, "is not a readable manifest"),
        ({"board": "ice\nbreaker"}, "is no name of a board"),
        ({"board": "/tmp/mine.toml"}, "is no name of a board"),
        ({"board": "mine.toml"}, "is no name of a board"),
        ({"digest": 1}, "is not a readable manifest"),
        ({"files": 3}, "is not a readable manifest"),
        ({"files": [["rtl/top.sv"]]}, "is not a readable manifest"),
        ({"files": ["design.json", "design.json"]}, "lists design.json twice"),
        ({"files": [f"rtl/{i}.sv" for i in range(10_001)]}, "lists 10,001 files, more than 10,000"),
        ({"files": ["design.json"]}, "was changed since"),
    ],
)
def test_what_compile_never_writes_is_refused(folder: Path, fields: dict[str, Any], said: str) -> None:
    write(folder, **fields)
    with pytest.raises(UserError, match=said):
        Project.load(folder)


@pytest.mark.parametrize("text", ["[]", "7", "{", "[" * 100_000, '{"top": "\\ud800"}', "\xff", " " * (5 << 20)])
def test_a_manifest_that_is_none(folder: Path, text: str) -> None:
    (folder / MANIFEST).write_text(text, encoding="latin-1")
    with pytest.raises(UserError, match="is not a readable manifest"):
        Project.load(folder)


def link(path: Path) -> None:
    outside = path.parents[2] / "outside.sv"
    outside.write_bytes(GOOD.files["rtl/top.sv"])
    path.symlink_to(outside)


def linked_folder(path: Path) -> None:
    path.parent.rename(path.parents[2] / "outside")
    path.parent.symlink_to(path.parents[2] / "outside")
    (path.parents[2] / "outside" / path.name).write_bytes(GOOD.files["rtl/top.sv"])


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (link, "is a link that leads out of it"),
        (linked_folder, "is a link that leads out of it"),
        (lambda path: path.symlink_to(path), "cannot be read|leads out"),
        (os.mkfifo, "it is no file"),
        (Path.mkdir, "cannot be read"),
        (lambda path: None, "lacks its file"),
    ],
)
def test_a_file_that_is_none_of_the_projects_is_refused(folder: Path, make: Callable[[Path], None], said: str) -> None:
    (folder / "rtl/top.sv").unlink()
    make(folder / "rtl/top.sv")
    with pytest.raises(UserError, match=said):
        Project.load(folder)


def test_reading_is_bounded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (folder / "rtl/top.sv").open("wb") as file:
        file.truncate(2 << 30)  # a hole, which takes no room
    with pytest.raises(UserError, match="too large"):
        Project.load(folder)
    GOOD.save(folder)
    monkeypatch.setattr(module, "MOST_BYTES", 20)  # all files together
    with pytest.raises(UserError, match="too large"):
        Project.load(folder)


def test_memory_is_taken_for_what_is_there(folder: Path) -> None:
    tracemalloc.start()
    try:
        Project.load(folder)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_a_link_inside_is_followed(folder: Path) -> None:
    (folder / "rtl/top.sv").rename(folder / "rtl/it.sv")
    (folder / "rtl/top.sv").symlink_to("it.sv")
    assert Project.load(folder) == GOOD


def test_what_differs_is_named() -> None:
    other = Project({"rtl/top.sv": b"", "new": b""}, "top", "icebreaker")
    assert GOOD.differing(GOOD) == ()
    assert GOOD.differing(other) == ("design.json", "new", "rtl/top.sv")
    assert GOOD.differing(Project(GOOD.files, "top", "sim")) == (MANIFEST,)
