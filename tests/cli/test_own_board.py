"""A board of the user's own, named by the path of its file: the project carries it through every later verb."""

from pathlib import Path

import pytest
from commandline import Hwflow

from hwflow.paths import data_folder

pytestmark = pytest.mark.slow


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """The iCEBreaker under another name, with its serial port on other pins."""
    text = (data_folder("boards") / "icebreaker.toml").read_text()
    path = tmp_path / "mine.toml"
    path.write_text(text.replace('title = "', 'title = "My '))
    return path


@pytest.mark.long  # the next test takes such a project through a verb
def test_it_is_built_and_reported_without_its_file(
    hwflow: Hwflow, tiny_model: Path, tmp_path: Path, mine: Path
) -> None:
    assert hwflow("compile", tiny_model, "--board", "./mine.toml", "--out", "net").status == 0
    mine.unlink()
    assert (tmp_path / "net/board.toml").is_file()
    built = hwflow("build", "net", "--json")
    assert (built.status, built.json["board"], built.json["timing_met"]) == (0, "mine", True)
    assert hwflow("report", "net", "--out", "page.html").status == 0
    assert "My " in (tmp_path / "page.html").read_text()
    (tmp_path / "net/board.toml").write_text("title = 1\n")
    assert "was changed since it was compiled" in hwflow("build", "net").err


def test_one_without_a_part_is_driven(hwflow: Hwflow, tiny_model: Path, tmp_path: Path) -> None:
    text = (data_folder("boards") / "sim.toml").read_text()
    (tmp_path / "slow.toml").write_text(text.replace("clock_hz = 16_000_000", "clock_hz = 32_000_000"))
    assert hwflow("compile", tiny_model, "--board", tmp_path / "slow.toml", "--out", "net").status == 0
    (tmp_path / "slow.toml").unlink()
    ran = hwflow("run", "net", "--port", "sim", "--count", "5", "--json")
    assert (ran.status, ran.json["vectors"], ran.json["mismatches"]) == (0, 5, 0)


def test_from_the_users_folder_it_is_named_and_listed(
    hwflow: Hwflow, tiny_model: Path, tmp_path: Path, mine: Path
) -> None:
    folder = tmp_path / ".config/hwflow/boards"
    folder.mkdir(parents=True)
    mine.rename(folder / "mine.toml")
    assert "mine" in hwflow("boards").out
    assert hwflow("boards", "mine", "--json").json["title"].startswith("My ")
    assert hwflow("compile", tiny_model, "--board", "mine", "--out", "net").status == 0
    assert (tmp_path / "net/board.toml").is_file()


def test_a_wrong_field_is_named(hwflow: Hwflow, tiny_model: Path, mine: Path) -> None:
    mine.write_text(mine.read_text().replace("clock_hz", "clock_hx"))
    done = hwflow("compile", tiny_model, "--board", "mine.toml", "--out", "net")
    assert done.status == 2 and "field clock_hx: " in done.err


def test_a_project_for_one_of_hwflows_own_does_not_carry_it(hwflow: Hwflow, tiny_model: Path, tmp_path: Path) -> None:
    assert hwflow("compile", tiny_model, "--board", "icebreaker", "--out", "net").status == 0
    assert not (tmp_path / "net/board.toml").exists()
