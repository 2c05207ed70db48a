"""The documents: links lead somewhere, files that are named exist, commands are ones that the programs take."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)#\s]+)(#[^)]*)?\)")
_CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_ROOMS = ("hwflow/", "rtl/", "tests/", "docs/", "boards/", "docker/", "benchmarks/")
_CHEAP = {"doctor", "boards"}  # verbs that a document's line runs as it is


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def commands(path: Path) -> list[str]:
    """Lines of fenced blocks without a language, their remarks cut off: two spaces or # and what follows."""
    blocks = (body for language, body in _FENCE.findall(path.read_text()) if language in {"", "sh"})
    lines = (re.split(r"\s{2,}|\s#", line.strip())[0] for block in blocks for line in block.splitlines())
    return [line for line in lines if line]


def all_commands(program: str) -> list[tuple[str, str]]:
    return [(name_of(p), line) for p in DOCUMENTS for line in commands(p) if line.split()[0] == program]


def test_the_documents_are_all_there() -> None:
    wanted = {
        "README.md",
        "CHANGELOG.md",
        "docs/architecture.md",
        "docs/link.md",
        "docs/rtl-style.md",
        "docs/decisions.md",
    }
    wanted |= {f"docs/adding-a-{thing}.md" for thing in ("board", "layer", "recipe")}
    assert wanted <= {name_of(path) for path in DOCUMENTS}


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    for target, _ in _LINK.findall(path.read_text()):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (path.parent / target).exists(), f"{name_of(path)} links to {target}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_files_that_are_named_exist(path: Path) -> None:
    text = _FENCE.sub("", path.read_text())
    for name in _CODE.findall(text):
        if name.startswith(_ROOMS) and not re.search(r"[<>*{} ]|NAME", name):
            assert (ROOT / name).exists(), f"{name_of(path)} names {name}"


def test_pictures_are_small() -> None:
    pictures = sorted((ROOT / "docs").glob("*.png"))
    assert pictures and all(path.stat().st_size < 200_000 for path in pictures)


def test_the_documents_hold_commands_of_each_kind() -> None:
    assert len(all_commands("hwflow")) >= 10 and len(all_commands("make")) >= 3


@pytest.mark.parametrize(("where", "line"), all_commands("hwflow"))
def test_the_command_line_takes_every_command(
    where: str, line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from typer.main import get_command

    from hwflow.cli import app

    monkeypatch.chdir(tmp_path)
    words = shlex.split(line)[1:]
    for word in words:  # what a document's earlier lines made, for options that ask whether their file is there
        if "/" in word or re.search(r"\.\w+$", word):
            (tmp_path / word).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / word).touch() if re.search(r"\.\w+$", word) else (tmp_path / word).mkdir(exist_ok=True)
    verbs = get_command(app).commands  # type: ignore[attr-defined]
    assert words[0] in verbs, f"{where}: {line}"
    verbs[words[0]].make_context(words[0], words[1:]).close()


@pytest.mark.slow
@pytest.mark.parametrize(("where", "line"), [case for case in all_commands("hwflow") if case[1].split()[1] in _CHEAP])
def test_cheap_commands_run(where: str, line: str, tmp_path: Path) -> None:
    words = [sys.executable, "-m", "hwflow", *shlex.split(line)[1:]]
    done = subprocess.run(
        words, cwd=tmp_path, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert done.returncode == 0, f"{where}: {line}\n{done.stderr}"
    assert done.stdout.strip()


def test_the_board_in_the_document_is_one(tmp_path: Path) -> None:
    from hwflow.board import read_board

    blocks = [
        body for language, body in _FENCE.findall((ROOT / "docs/adding-a-board.md").read_text()) if language == "toml"
    ]
    assert len(blocks) == 1
    (tmp_path / "my-board.toml").write_text(blocks[0])
    board = read_board(tmp_path / "my-board.toml")
    assert (board.name, board.title, board.bitstream) == ("my-board", "My board", True)


@pytest.mark.parametrize(("where", "line"), all_commands("make"))
def test_make_has_every_target(where: str, line: str) -> None:
    targets = re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(line.split()[1:]) <= set(targets), f"{where}: {line}"


def test_the_floors_in_the_document_are_those_that_are_kept() -> None:
    from test_floors import COMMON, INSIDE

    tables = (ROOT / "docs/architecture.md").read_text().split("| floor |")[1:]
    for table, kept in zip(tables, (COMMON, INSIDE), strict=True):
        rows = re.findall(r"^\| (\d+) \| ([^|]+) \|", table, re.MULTILINE)
        said = {room: int(floor) for floor, rooms in rows for room in re.findall(r"`(\w+)`", rooms)}
        assert said == {room: floor for room, floor in kept.items() if not room.startswith("__")}


def test_nothing_is_called_measured_on_a_board_that_was_not() -> None:
    assert "No board was at hand" in (ROOT / "README.md").read_text()
