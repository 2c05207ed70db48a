"""The clock of a board: the oscillator's, or one that its PLL makes."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwflow.board import BOARD, Board, board_in, carried, find_board
from hwflow.clock import clock_words, clocked, clocks_of, hertz_of, megahertz, pll_of
from hwflow.errors import UserError

ULX3S = find_board("ulx3s-85f")


def test_a_board_keeps_its_oscillators_clock_and_needs_no_pll_for_it() -> None:
    assert clocked(ULX3S, None) is ULX3S
    assert clocked(ULX3S, 25) == clocked(ULX3S, "25.0") == ULX3S
    assert pll_of(ULX3S) is None


def test_a_chosen_clock_is_the_boards_and_its_oscillator_stays() -> None:
    fast = clocked(ULX3S, "75")
    assert (fast.clock_hz, fast.oscillator_hz) == (75_000_000, 25_000_000)
    assert fast.by_oscillator == ULX3S.by_oscillator == ULX3S
    assert clocked(fast, 50).oscillator_hz == 25_000_000 and clocked(fast, 25) == ULX3S
    pll = pll_of(fast)
    assert pll is not None and pll.hz == 75_000_000


@pytest.mark.parametrize(
    ("name", "clock", "near"),
    [
        ("icebreaker", "100", "99 and 100.5"),
        ("ulx3s-85f", 73.3, "73.214286 and 73.4375"),
        ("tangnano9k", "1000", "580.5 and 594"),
        ("tangnano9k", "3", "3.375 and 3.857143"),
    ],
)
def test_a_clock_that_no_setting_makes_is_refused_with_the_nearest_two(
    name: str, clock: str | float, near: str
) -> None:
    with pytest.raises(UserError, match=f"cannot make {clock} MHz .* the nearest that it can are {near}\\.$"):
        clocked(find_board(name), clock)
    for other in near.split(" and "):
        board = clocked(find_board(name), other)
        pll = pll_of(board)
        assert pll is not None and round(pll.hz) == board.clock_hz


@given(st.sampled_from(["icebreaker", "tangnano9k", "ulx3s-85f"]), st.floats(3, 400))
def test_the_nearest_are_next_to_it(name: str, clock: float) -> None:
    clocks, hz = clocks_of(find_board(name)), round(clock * 1e6)
    near = clocks.nearest(hz)
    assert len(near) == 2
    between = [other for other in clocks.dividers if near[0] < other < near[1]]
    assert between in ([], [hz])
    assert clocks.below(hz) == max((other for other in clocks.dividers if other <= hz), default=None)


def test_the_simulated_board_takes_any_clock_and_has_no_pll() -> None:
    board = clocked(find_board("sim"), 77.7)
    assert board.clock_hz == 77_700_000 and pll_of(board) is None


@pytest.mark.parametrize("text", ["", "fast", "nan", "inf", "-1", "0", "1e9", "1e999999", "4295", "9" * 40, "25 MHz"])
def test_what_is_no_clock_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="is no clock; give one in MHz"):
        hertz_of(text)


@given(st.integers(1, (1 << 32) - 1))
def test_a_clock_as_it_is_written_is_read_again(hz: int) -> None:
    assert hertz_of(megahertz(hz)) == hz


@pytest.mark.parametrize("name", ["kv260", "ultra96-v2"])
def test_a_processors_clock_is_not_chosen(name: str) -> None:
    with pytest.raises(UserError, match="belongs to its processor"):
        clocked(find_board(name), 75)


def test_a_part_without_a_pll_keeps_its_oscillator() -> None:
    board = replace(find_board("icebreaker"), pll="none")
    assert clocked(board, 12) == board
    with pytest.raises(UserError, match="has no PLL"):
        clocked(board, 24)


def test_a_project_carries_its_board_when_another_clock_was_chosen(tmp_path: Path) -> None:
    fast = clocked(ULX3S, 75)
    for name, content in carried(fast).items():
        (tmp_path / name).write_bytes(content)
    assert board_in(tmp_path, ULX3S.name) == fast
    text = (tmp_path / BOARD).read_text()
    (tmp_path / BOARD).write_text(text.replace('"B2"', '"L4"'))
    with pytest.raises(UserError, match="has the name of a board of hwflow's and is another"):
        board_in(tmp_path, ULX3S.name)
    assert carried(ULX3S) == carried(clocked(ULX3S, 25)) == {}


def test_a_board_of_ones_own_may_say_its_clock_itself() -> None:
    board: Board = replace(ULX3S, name="mine", clock_hz=62_500_000, oscillator_hz=25_000_000)
    pll = pll_of(board)
    assert pll is not None and pll.hz == 62_500_000
    with pytest.raises(UserError, match="cannot make 62.6 MHz"):
        pll_of(replace(board, clock_hz=62_600_000))


def test_a_record_says_what_made_the_clock() -> None:
    assert clock_words(25_000_000, 0) == ()
    assert clock_words(75_000_000, 25_000_000) == ("clock: 75 MHz, by the part's PLL of the oscillator's 25 MHz",)
