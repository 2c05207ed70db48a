"""The search for a clock: what it tries next, when it ends, and that what it gives was built and met."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from hwflow.board import find_board
from hwflow.clock import clocked, clocks_of, hertz_of
from hwflow.errors import ToolError, UserError
from hwflow.progress import Progress, silent
from hwflow.tool.build import Build
from hwflow.tool.clock_search import BUILDS, MARGIN, ClockSearch, Trial, find_clock, next_clock, search_beside

ULX3S = find_board("ulx3s-85f")
CLOCKS = clocks_of(ULX3S)


@dataclass(frozen=True)
class Design:
    """A project whose timing is known; what builds it is the only thing that is not real here."""

    clock: str
    fmax: Callable[[float], float]

    def build(self, progress: Progress) -> Build:
        mhz, fmax = float(self.clock), self.fmax(float(self.clock))
        return Build("", "", 1, 1, 1, 1, {}, fmax, mhz, fmax >= mhz, "x.bit", False, (), {})


def searched(fmax: Callable[[float], float]) -> ClockSearch:
    return find_clock(ULX3S, lambda at, where: Design(at, fmax), silent)


def test_the_oscillators_clock_is_tried_first_and_then_what_timing_allows() -> None:
    found = searched(lambda clock: 80.0)
    assert [trial.clock_hz for trial in found.trials] == [25_000_000, CLOCKS.below(80e6 * (1 - MARGIN))]
    assert found.clock_hz == found.trials[1].clock_hz and all(trial.met for trial in found.trials)
    assert found.clock_hz in CLOCKS.dividers


def test_a_better_build_is_followed_upwards_so_far_as_the_bound() -> None:
    found = searched(lambda clock: clock * 1.2)
    assert len(found.trials) == BUILDS
    assert [t.clock_hz for t in found.trials] == sorted(t.clock_hz for t in found.trials)
    assert found.clock_hz == found.trials[-1].clock_hz


def test_a_clock_that_is_missed_is_followed_downwards_and_never_chosen() -> None:
    found = searched(lambda clock: 80.0 if clock < 70 else 75.0)
    assert [trial.met for trial in found.trials] == [True, False, True]
    assert found.clock_hz == CLOCKS.below(75e6 * (1 - MARGIN)) == found.trials[2].clock_hz


def test_an_oscillator_that_is_too_fast_is_divided() -> None:
    found = searched(lambda clock: 18.0)
    assert not found.trials[0].met and found.trials[1].met and found.clock_hz < 18_000_000


def test_when_nothing_is_met_it_is_told() -> None:
    with pytest.raises(ToolError, match="None of the clocks that were tried on ulx3s-85f was met \\(25, .* MHz\\)"):
        searched(lambda clock: clock * 0.9)


def test_nothing_is_tried_twice() -> None:
    low = CLOCKS.below(60e6)
    assert low is not None
    again = [Trial(25_000_000, 50.0, True), Trial(low, low / 1e6 / (1 - MARGIN) + 0.01, False)]
    assert next_clock(CLOCKS, again) is None


@pytest.mark.parametrize("name", ["sim", "arty-a7-35t"])
def test_boards_that_no_open_tool_builds_for_are_refused(name: str) -> None:
    with pytest.raises(UserError, match=f"no open tool builds for {name}; give a clock"):
        find_clock(find_board(name), lambda at, where: Design(at, float), silent)


def test_a_board_whose_clock_is_a_plls_begins_with_that() -> None:
    board = clocked(ULX3S, 50)
    found = find_clock(board, lambda at, where: Design(at, lambda clock: 51.0), silent)
    assert found.trials == (Trial(50_000_000, 51.0, True),) and hertz_of("50") == found.clock_hz


def test_the_record_belongs_to_one_project(tmp_path: Path) -> None:
    found = searched(lambda clock: 80.0)
    assert search_beside(tmp_path, "ab") is None
    found.save(tmp_path, "ab")
    assert search_beside(tmp_path, "ab") == replace(found, project="ab")
    assert search_beside(tmp_path, "cd") is None
