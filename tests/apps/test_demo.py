"""The builds of a demonstration: side by side, each a stage, and done once."""

from pathlib import Path

import pytest

import hwflow
from hwflow.apps.demo import Demo
from hwflow.apps.stages import Stage
from hwflow.errors import UserError
from hwflow.handles import CompiledProject
from hwflow.progress import silent

BOARDS = ("arty-a7-35t", "sim", "pynq-z1")


def compiled(out: Path, model: Path, told: list[Stage]) -> Demo[CompiledProject]:
    """A demonstration whose net is compiled for the boards."""
    read = hwflow.load(model)
    demo = Demo[CompiledProject]("tiny", out, silent, told.append)
    for board in BOARDS:
        demo.compile(board, lambda to, board=board: read.compile(board, to), str)
    told.clear()
    return demo


@pytest.mark.slow
def test_boards_are_built_once_and_a_failure_is_raised_when_the_others_have_ended(
    tiny_model: Path, tmp_path: Path
) -> None:
    told: list[Stage] = []
    demo = compiled(tmp_path, tiny_model, told)
    (tmp_path / "pynq-z1/build").write_text("a file where a folder must be")
    with pytest.raises(UserError, match="pynq-z1"):
        demo.build(BOARDS)
    assert [(stage.name, stage.kept, stage.right) for stage in told] == [("build arty-a7-35t", False, True)]
    assert "LUTs" in told[0].said and "by estimate" in told[0].said

    (tmp_path / "pynq-z1/build").unlink()
    compiled(tmp_path, tiny_model, told).build(BOARDS)
    assert [(stage.name, stage.kept) for stage in told] == [("build arty-a7-35t", True), ("build pynq-z1", False)]
    assert {path.parent.name for path in tmp_path.glob("*/build.json")} == {"arty-a7-35t", "pynq-z1"}
