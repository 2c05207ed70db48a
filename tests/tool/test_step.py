"""Steps: done once, done again when anything they stand on changes, and all or nothing."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from hwflow.errors import ToolError
from hwflow.progress import silent
from hwflow.tool.cache import VARIABLE
from hwflow.tool.process import Silent
from hwflow.tool.step import RECORD, DoneStep, Step, run_steps

COPY = "import sys, pathlib; pathlib.Path(sys.argv[2]).write_text(pathlib.Path(sys.argv[1]).read_text() + 'x')"


def copy_step(name: str, source: str, target: str, code: str = COPY) -> Step:
    return Step(name, ("python", "-c", code, source, target), (source,), (target,), "")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "build").mkdir()
    (tmp_path / "a").write_text("a")
    return tmp_path


def run(folder: Path, *steps: Step, version: str = "1") -> tuple[list[str], tuple[DoneStep, ...]]:
    told: list[str] = []

    def tell(what: str, share: float | None = None, /) -> None:
        name, _, log = what.partition(" (log: ")
        assert log == f"{folder / 'build' / name.replace(' ', '-')}.log)"
        told.append(name)

    done = run_steps(folder, steps, lambda step: [sys.executable], {"tool": version}, tell)
    return told, done


CHAIN = (copy_step("first", "a", "b"), copy_step("second", "b", "c"))


def test_steps_are_done_once(folder: Path) -> None:
    told, done = run(folder, *CHAIN)
    assert told == ["first", "second"] and (folder / "c").read_text() == "axx"
    assert run(folder, *CHAIN) == ([], done)


def test_a_step_that_falls_silent_is_done_another_way(folder: Path) -> None:
    asleep = copy_step("first", "a", "b", "import time; time.sleep(60)")
    with pytest.raises(Silent, match="said nothing for 0.5 s"):
        run(folder, replace(asleep, silence=0.5))
    step = replace(asleep, silence=0.5, instead=copy_step("first", "a", "b").command)
    done = run_steps(folder, [step], lambda _: [sys.executable], {}, silent)
    assert (folder / "b").read_text() == "ax" and done[0].command == step.instead
    assert run_steps(folder, [step], lambda _: [sys.executable], {}, silent) == done


def test_a_changed_input_repeats_what_stands_on_it(folder: Path) -> None:
    run(folder, *CHAIN)
    (folder / "a").write_text("A")
    assert run(folder, *CHAIN)[0] == ["first", "second"] and (folder / "c").read_text() == "Axx"


def test_a_changed_output_is_made_again(folder: Path) -> None:
    run(folder, *CHAIN)
    (folder / "b").write_text("q")
    assert run(folder, *CHAIN)[0] == ["first"] and (folder / "c").read_text() == "axx"


def test_what_came_with_a_folder_is_not_taken_for_done(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(folder, *CHAIN)
    monkeypatch.setenv(VARIABLE, str(folder / "another user's cache"))
    assert run(folder, *CHAIN)[0] == ["first", "second"] and run(folder, *CHAIN)[0] == []


def test_nothing_is_written_through_a_link(folder: Path) -> None:
    (folder / "elsewhere").write_text("kept")
    for name in ("b", "build/first.log"):
        (folder / name).symlink_to(folder / "elsewhere")
    run(folder, *CHAIN)
    assert (folder / "elsewhere").read_text() == "kept" and (folder / "c").read_text() == "axx"


def test_a_lost_output_is_made_again(folder: Path) -> None:
    run(folder, *CHAIN)
    (folder / "c").unlink()
    assert run(folder, *CHAIN)[0] == ["second"] and (folder / "c").is_file()


def test_another_command_or_version_repeats(folder: Path) -> None:
    run(folder, *CHAIN)
    assert run(folder, *CHAIN, version="2")[0] == ["first", "second"]
    assert run(folder, CHAIN[0], copy_step("second", "b", "c", COPY + "#"), version="2")[0] == ["second"]


def test_a_record_that_cannot_be_read_costs_only_time(folder: Path) -> None:
    run(folder, *CHAIN)
    (folder / RECORD).write_text("{")
    assert run(folder, *CHAIN)[0] == ["first", "second"]


def test_a_step_that_fails_leaves_no_output_and_its_log(folder: Path) -> None:
    bad = "import sys, pathlib; pathlib.Path(sys.argv[2]).write_text('half'); print('ERROR: cut off'); sys.exit(1)"
    with pytest.raises(ToolError, match="cut off"):
        run(folder, CHAIN[0], copy_step("second step", "b", "c", bad))
    assert not (folder / "c").exists() and "cut off" in (folder / "build/second-step.log").read_text()
    assert run(folder, *CHAIN)[0] == ["second"]


def test_a_step_that_is_cut_off_is_not_taken_for_done_with_earlier_inputs(folder: Path) -> None:
    run(folder, *CHAIN)
    (folder / "a").write_text("A")
    cut_off = copy_step("first", "a", "b", "import os; os.abort()")
    with pytest.raises(ToolError):
        run(folder, cut_off, CHAIN[1])
    (folder / "b").write_text("half")  # as by a kill, after which nothing removes it
    (folder / "a").write_text("a")
    assert run(folder, *CHAIN)[0] == ["first", "second"] and (folder / "c").read_text() == "axx"
