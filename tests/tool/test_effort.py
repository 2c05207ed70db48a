"""The search for a design: what it builds next, what it keeps, and that it ends in time."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from hwflow.board import find_board
from hwflow.errors import ToolError, UserError
from hwflow.project import Project, ProjectFolder
from hwflow.tool import effort
from hwflow.tool.build import Build
from hwflow.tool.effort import TUNINGS, Attempt, Design, Effort, best_build, effort_in
from hwflow.tool.tuning import Tuning, keep_tuning, option_of, tuning_in, tunings

BOARD = find_board("icebreaker")
Fmax = Callable[[int, Tuning], float]


def project(cycles: int) -> Project:
    return Project({"cycles": str(cycles).encode()}, "top", BOARD.name)


class Tools:
    """In place of the tools, which alone are not real here: a design's clock by its cycles and tuning; 0: no room for it.

    seconds: of the one of a single cycle.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, fmax: Fmax, seconds: float = 0.0) -> None:
        self.fmax, self.seconds = fmax, seconds
        monkeypatch.setattr(effort, "build_project", self.build)

    def build(self, folder: ProjectFolder, *_: object, tuning: Tuning | None = None, **__: object) -> Build:
        cycles = int(folder.files["cycles"])
        time.sleep(self.seconds * (cycles == 1))
        clock = self.fmax(cycles, tuning or tuning_in(folder.path, folder.digest, BOARD))
        if not clock:
            raise UserError(f"{cycles} do not fit.")
        (folder.path / "build").mkdir(exist_ok=True)
        return Build(
            folder.digest, BOARD.name, 1000 // cycles, 1, 1, 0, {}, clock, 12.0, clock >= 12.0, "x.bin", False, (), {}
        )


def searched(
    tmp_path: Path, own: int = 8, others: tuple[int, ...] = (1, 2, 4, 16, 32), seconds: float = 60.0
) -> tuple[Build, Effort]:
    project(own).save(tmp_path / "own")

    def made(cycles: int) -> Callable[[Path], ProjectFolder]:
        def make(where: Path) -> ProjectFolder:
            project(cycles).save(where)
            return ProjectFolder.read(where)

        return make

    def install(better: ProjectFolder) -> None:
        better.project.save(tmp_path / "own")

    designs = [Design(cycles, made(cycles)) for cycles in others]
    return best_build(ProjectFolder.read(tmp_path / "own"), own, designs, seconds, lambda *_: None, install)


def order(found: Effort) -> list[int]:
    """The cycles of the designs, in the order in which they were begun."""
    return list(dict.fromkeys(attempt.cycles for attempt in found.attempts))


def test_what_is_met_is_followed_by_the_fastest_that_is_met(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Tools(monkeypatch, lambda cycles, tuning: {1: 0.0, 2: 8.0}.get(cycles, 20.0 + tuning.seed))
    build, found = searched(tmp_path)
    assert order(found) == [8, 1, 2, 4]
    best = found.attempts[found.chosen]
    assert (best.cycles, best.met) == (4, True)
    assert best.fmax_mhz == max(a.fmax_mhz or 0 for a in found.attempts if a.cycles == 4)
    assert ProjectFolder.read(tmp_path / "own").digest == build.project == found.project == project(4).digest
    assert effort_in(tmp_path / "own", found.project) == found and effort_in(tmp_path / "own", "ab") is None
    assert tuning_in(tmp_path / "own", found.project, BOARD) == best.tuning
    assert all("do not fit" in attempt.wrong for attempt in found.attempts if attempt.cycles == 1)


def test_what_is_missed_by_little_is_placed_otherwise_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Tools(monkeypatch, lambda cycles, tuning: 12.5 if tuning.seed == 3 and cycles == 8 else 11.5)
    _, found = searched(tmp_path, others=(16,))
    assert order(found) == [8] and len(found.attempts) == TUNINGS
    assert found.attempts[found.chosen].tuning.seed == 3


@pytest.mark.parametrize("fmax", [5.0, 0.0])
def test_what_is_missed_by_much_or_does_not_fit_is_retried_smaller(
    fmax: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Tools(monkeypatch, lambda cycles, tuning: fmax if cycles < 32 else 30.0)
    _, found = searched(tmp_path)
    assert order(found) == [8, 16, 32] and found.attempts[found.chosen].cycles == 32


def test_nothing_that_holds_leaves_the_project_or_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Tools(monkeypatch, lambda cycles, tuning: 5.0 - cycles / 100)
    build, found = searched(tmp_path / "slow")
    assert not build.timing_met and found.attempts[found.chosen].cycles == 8
    Tools(monkeypatch, lambda cycles, tuning: 0.0)
    with pytest.raises(UserError, match="8 do not fit"):
        searched(tmp_path / "large")


def test_the_bound_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Tools(monkeypatch, lambda cycles, tuning: 20.0 if cycles > 1 else 5.0, seconds=0.9)
    _, found = searched(tmp_path, seconds=0.6)
    assert order(found) == [8, 1] and found.attempts[found.chosen].cycles == 8
    assert all(attempt.fmax_mhz is None and not attempt.wrong for attempt in found.attempts if attempt.cycles == 1)


def test_too_short_a_bound_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Tools(monkeypatch, lambda cycles, tuning: 20.0)
    with pytest.raises(ToolError, match="No build ended within 1e-09 seconds; give --effort more."):
        searched(tmp_path, seconds=1e-9)


def test_a_board_without_open_tools_is_refused(tmp_path: Path) -> None:
    Project({}, "top", "pynq-z2").save(tmp_path)
    with pytest.raises(UserError, match="no open tool builds for pynq-z2"):
        best_build(ProjectFolder.read(tmp_path), 1, (), 1.0, lambda *_: None, lambda _: None)


def test_the_front_is_what_no_other_beats() -> None:
    def attempt(cycles: int, luts: int | None, mhz: float | None) -> Attempt:
        return Attempt(cycles, Tuning(), luts, 1, 1, mhz, True, "", 1.0)

    tried = (
        attempt(8, 100, 30.0),
        attempt(8, 110, 29.0),
        attempt(4, 200, 20.0),
        attempt(2, None, None),
        attempt(4, 190, 19.0),
    )
    assert Effort("", "", 12.0, 1.0, tried, 2).front() == (0, 2, 4)


def test_tunings_are_the_usual_one_first_and_each_another(tmp_path: Path) -> None:
    every = tunings(BOARD)
    some = [next(every) for _ in range(6)]
    assert some[0] == Tuning() and len(set(some)) == 6
    assert option_of(BOARD) == "-device u" and Tuning(1, "-device u") in some


def test_a_tuning_from_elsewhere_is_no_script(tmp_path: Path) -> None:
    keep_tuning(tmp_path, "ab", Tuning(2, "-device u"))
    assert tuning_in(tmp_path, "ab", BOARD) == Tuning(2, "-device u") and tuning_in(tmp_path, "cd", BOARD) == Tuning()
    keep_tuning(tmp_path, "ab", replace(Tuning(), option="; exec -- true"))
    with pytest.raises(UserError, match="options that are none for icebreaker"):
        tuning_in(tmp_path, "ab", BOARD)
    keep_tuning(tmp_path, "ab", Tuning())
    assert tuning_in(tmp_path, "ab", BOARD) == Tuning()
