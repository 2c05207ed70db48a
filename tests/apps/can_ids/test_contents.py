"""What a log is said to hold; the small logs beside the checkout, each with what is right for it."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from apps.can_ids import logs
from apps.can_ids.logs import traffic

from hwflow.apps.can_ids.contents import log_contents
from hwflow.errors import UserError


@dataclass(frozen=True)
class Case:
    name: str
    seconds: float = 11.998907
    frames: int = 6804
    sessions: int = 1
    skipped: tuple[int, ...] = ()
    labels: dict[str, int] = field(default_factory=lambda: {"unknown": 6804})


MARKED = {"normal": 6804, "dos": 3756}
RIGHT = (
    Case("asc_bad_line.asc", skipped=(682,)),
    Case("asc_relative_pause.asc", 14.498599, sessions=2),
    Case("candump_td_pause.log", 13.795893, sessions=2),
    Case("candump_gap.log", 86_411.998907, sessions=2),
    Case("candump_bom.log"),
    Case("candump.log.gz"),
    Case("candump_x.log"),
    Case("pycan.trc"),
    Case("all_attacks_concat.csv", 50.998907, 35_472, 4, labels={"normal": 27_216, "dos": 3758, "spoof-gear": 1501,
                                                                "spoof-rpm": 1502, "fuzzy": 1495}),
    Case("hcrl_padded.csv", frames=10_560, labels=MARKED),
    Case("dosage_spoof_gear.csv", frames=8304, labels={"normal": 6804, "spoof-gear": 1500}),
    Case("challenge2020.csv", frames=10_560, labels=MARKED),
    Case("ctt.csv", frames=10_560, labels=MARKED),
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("case", RIGHT, ids=lambda case: case.name)
def test_small_logs(case: Case, shared: Path) -> None:
    held = log_contents([shared / "cases/can" / case.name])
    assert (held.frames, len(held.sessions), held.labels) == (case.frames, case.sessions, case.labels)
    assert held.seconds == pytest.approx(case.seconds, abs=1e-5)
    assert tuple(skipped.line for skipped in held.skipped) == case.skipped
    assert list(held.buses.values()) == [case.frames]


def test_small_log_of_fd_frames(shared: Path) -> None:
    with pytest.raises(UserError, match="6,804 CAN FD frames"):
        log_contents([shared / "cases/can" / "candump_fd_only.log"])


def write(path: Path, lines: list[str]) -> Path:
    path.write_text("\n".join(lines) + "\n")
    return path


def test_sessions_buses_identifiers(tmp_path: Path) -> None:
    frames = traffic(500, 1000.0, buses=2) + traffic(300, 5000.0)
    held = log_contents([write(tmp_path / "a.log", logs.candump_log(frames))])
    assert [(s.first, s.last, s.frames, s.buses) for s in held.sessions] == [
        (1000.0, 1000.499, 500, {"can0": 250, "can1": 250}),
        (5000.0, 5000.299, 300, {"can0": 300}),
    ]
    assert held.seconds == pytest.approx(4000.299)
    assert held.recorded == pytest.approx(0.798)
    assert (held.first, held.last) == (1000.0, 5000.299)
    assert held.buses == {"can0": 550, "can1": 250}
    assert held.identifiers == dict.fromkeys(("0C2", "1B4", "2D0", "316", "43F"), 160)


def test_a_clock_that_went_back(tmp_path: Path) -> None:
    frames = traffic(500, 5000.0) + traffic(300, 1000.0)
    held = log_contents([write(tmp_path / "a.log", logs.candump(frames))])
    assert (held.first, held.last, len(held.sessions)) == (5000.0, 1000.299, 2)
    assert held.seconds == held.recorded == pytest.approx(0.798)


@pytest.mark.parametrize("pause", [1.8, 45.0])
def test_differences_with_a_pause(pause: float, tmp_path: Path) -> None:
    frames = traffic(500, 1000.0) + traffic(300, 1000.499 + pause)
    for lines in (logs.candump(frames, times="differences"), logs.asc(frames, relative=True)):
        held = log_contents([write(tmp_path / "a.log", lines)])
        assert held.frames == 800
        assert held.seconds == pytest.approx(0.798 + pause)


def test_several_files(tmp_path: Path) -> None:
    one = write(tmp_path / "a.log", logs.candump_log(traffic(500)))
    two = write(tmp_path / "b.csv", [*logs.hcrl(traffic(300)), "odd"])
    held = log_contents([one, two])
    assert (held.frames, held.labels) == (800, {"unknown": 500, "normal": 300})
    assert held.seconds == pytest.approx(0.798)
    assert [(s.file, s.frames) for s in held.sessions] == [("a.log", 500), ("b.csv", 300)]
    assert [(skipped.file, skipped.line) for skipped in held.skipped] == [("b.csv", 301)]
