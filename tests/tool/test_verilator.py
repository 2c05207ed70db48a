"""What a compiled simulation is stamped with."""

from pathlib import Path

import pytest

from hwflow.tool.verilator import made_for


def test_a_stamp_is_of_a_project_and_of_a_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    here = made_for("one")
    assert here == made_for("one") != made_for("other")
    monkeypatch.setattr(Path, "read_text", lambda _: "model name: another\nflags\t\t: none\n")
    there = made_for("one")
    assert there != here
    monkeypatch.setattr(Path, "read_text", lambda _: "flags\t\t: none\ncpu MHz: 12\n")  # which changes all the time
    assert made_for("one") == there
