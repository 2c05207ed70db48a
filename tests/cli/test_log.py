"""The verb `log` as a user runs it."""

from pathlib import Path

import pytest
from commandline import Hwflow


def candump(path: Path, count: int) -> Path:
    lines = [f"({1000 + i / 1000:.6f}) can{i % 2} 1{i % 3}0#{i % 256:02X}" for i in range(count)]
    path.write_text("\n".join([*lines, "odd"]) + "\n")
    return path


@pytest.mark.slow
def test_json(hwflow: Hwflow, tmp_path: Path) -> None:
    done = hwflow("log", candump(tmp_path / "a log", 600), "--json")
    assert done.status == 0, done.err
    held = done.json
    assert (held["frames"], held["seconds"], held["first"], held["last"]) == (600, 0.599, 1000.0, 1000.599)
    assert held["buses"] == {"can0": 300, "can1": 300}
    assert held["labels"] == {"unknown": 600}
    assert held["identifiers"] == {"100": 200, "110": 200, "120": 200}
    assert held["skipped"] == [{"file": "a log", "line": 601, "reason": "not a frame of this format"}]
    assert [session["frames"] for session in held["sessions"]] == [600]


@pytest.mark.slow
def test_for_people(hwflow: Hwflow, tmp_path: Path) -> None:
    done = hwflow("log", candump(tmp_path / "a log", 600))
    assert done.status == 0, done.err
    for said in (
        "600 frames, 0.599000 s",
        "2 buses: can0 300, can1 300",
        "unknown 600",
        "1 line skipped",
        "not a frame",
    ):
        assert said in done.out


@pytest.mark.slow
def test_a_file_that_is_no_log(hwflow: Hwflow, tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("nothing of the kind\n")
    done = hwflow("log", tmp_path / "notes")
    assert (done.status, done.err.count("\n")) == (2, 1)
    assert "no CAN frame" in done.err
