"""Stages: done once, again when something changed, and again when they ended wrong."""

from pathlib import Path

import pytest

from hwflow.apps.stages import STAGES, Stage, Stages, code_digest, file_digest
from hwflow.errors import ToolError, UserError


class Work:
    def __init__(self, right: bool = True) -> None:
        self.calls = 0
        self.right = right

    def __call__(self) -> tuple[str, bool]:
        self.calls += 1
        return f"call {self.calls}", self.right


def test_a_stage_is_done_once_and_told_each_time(tmp_path: Path) -> None:
    work, told = Work(), list[Stage]()
    for _ in range(2):
        Stages(tmp_path, told.append).do("train", ["a"], [], work)
    assert work.calls == 1
    assert [stage.kept for stage in told] == [False, True]
    assert told[1].said == "call 1"


def test_a_stage_is_repeated_when_its_inputs_change_or_its_files_are_gone(tmp_path: Path) -> None:
    work, made = Work(), tmp_path / "made"
    made.touch()
    for inputs in (["a"], ["a"], ["b"]):
        Stages(tmp_path, lambda stage: None).do("train", inputs, [made], work)
    assert work.calls == 2
    made.unlink()
    Stages(tmp_path, lambda stage: None).do("train", ["b"], [made], work)
    assert work.calls == 3


def test_a_stage_that_ended_wrong_is_repeated(tmp_path: Path) -> None:
    work = Work(right=False)
    for _ in range(2):
        assert not Stages(tmp_path, lambda stage: None).do("simulate", [], [], work).right
    assert work.calls == 2


def test_stages_before_a_failure_are_kept(tmp_path: Path) -> None:
    def fail() -> tuple[str, bool]:
        raise ToolError("The tool failed.")

    work = Work()
    for _ in range(2):
        stages = Stages(tmp_path, lambda stage: None)
        stages.do("train", [], [], work)
        with pytest.raises(ToolError):
            stages.do("build", [], [], fail)
    assert work.calls == 1


def test_a_damaged_record_repeats_everything(tmp_path: Path) -> None:
    work = Work()
    Stages(tmp_path, lambda stage: None).do("train", [], [], work)
    (tmp_path / STAGES).write_text("{")
    Stages(tmp_path, lambda stage: None).do("train", [], [], work)
    assert work.calls == 2


def test_digests_follow_content(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    (tmp_path / "b").write_text("x")
    assert file_digest(tmp_path / "a") == file_digest(tmp_path / "b")
    (tmp_path / "b").write_text("y")
    assert file_digest(tmp_path / "a") != file_digest(tmp_path / "b")
    with pytest.raises(UserError, match="cannot be read"):
        file_digest(tmp_path / "c")
    assert code_digest("quantised/train") != code_digest("quantised/backend")


def test_a_stage_that_is_cut_off_is_not_taken_for_done_with_earlier_inputs(tmp_path: Path) -> None:
    def cut_off() -> tuple[str, bool]:
        raise KeyboardInterrupt

    work, made = Work(), tmp_path / "made"
    made.touch()
    Stages(tmp_path, lambda stage: None).do("train", ["a"], [made], work)
    with pytest.raises(KeyboardInterrupt):
        Stages(tmp_path, lambda stage: None).do("train", ["b"], [made], cut_off)
    Stages(tmp_path, lambda stage: None).do("train", ["a"], [made], work)
    assert work.calls == 2
