"""Boards as data: every file reads, every pin is its own, and a wrong file says what is wrong."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwflow.board import BAUD_TOLERANCE, CYCLES, Board, board_names, find_board, read_board
from hwflow.errors import UserError
from hwflow.paths import data_folder

ALL = ("arty-a7-35t", "cmod-a7-35t", "icebreaker", "kv260", "pynq-z1", "pynq-z2", "sim", "tangnano20k", "tangnano9k",
       "ultra96-v2", "ulx3s-85f", "zcu104")  # fmt: skip
REAL = tuple(name for name in ALL if name != "sim")


def test_the_boards_are_there() -> None:
    assert board_names() == ALL


@pytest.mark.parametrize("name", ALL)
def test_a_board_reads_and_makes_its_own_rate(name: str) -> None:
    board = find_board(name)
    assert board.name == name and board.title
    assert board.baud_error(board.baud) <= BAUD_TOLERANCE
    board.check_baud(board.baud)


@pytest.mark.parametrize("name", REAL)
def test_a_real_board_has_a_part_and_distinct_pins(name: str) -> None:
    board = find_board(name)
    # On boards that only FINN's shell can use, clock and ports are the processor's.
    assert {"clk", "uart_rx", "uart_tx"} <= set(board.pins) or (board.finn and not board.pins)
    sites = [site for pin in board.pins.values() for site in (pin.site, pin.negative) if site]
    assert len(sites) == len(set(sites))
    assert board.resources is not None and board.device
    assert board.bitstream == (board.family != "xilinx")


@pytest.mark.parametrize("name", REAL)
def test_each_pin_and_the_capacity_have_a_source(name: str) -> None:
    text = (data_folder("boards") / f"{name}.toml").read_text()
    assert text.startswith("# Pins: ")
    assert re.search(r"^# .*\n\[resources\]", text, re.MULTILINE)


def test_the_simulated_board_has_no_limits() -> None:
    board = find_board("sim")
    assert board.resources is None and not board.pins and not board.bitstream


def test_an_unknown_board_gets_a_hint_and_the_names() -> None:
    with pytest.raises(UserError, match="did you mean icebreaker") as error:
        find_board("icebraker")
    assert all(name in str(error.value) for name in ALL)
    with pytest.raises(UserError, match="there are arty"):
        find_board("../../etc/passwd")


SMALL = """
title = "Small"
family = "ice40"
device = "up5k"
clock_hz = 12_000_000
baud = 1_000_000
clock = { site = "1" }
uart_rx = { site = "2" }
uart_tx = { site = "3" }
resources = { luts = 1, ffs = 1, brams = 1, bram_bits = 1, dsps = 0 }
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "small.toml"
    path.write_text(text)
    return path


def test_a_new_board_is_one_file(tmp_path: Path) -> None:
    board = read_board(write(tmp_path, SMALL))
    assert board.name == "small" and list(board.pins) == ["clk", "uart_rx", "uart_tx"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('family = "ice40"', 'family = "ice41"', "ice41|family"),
        ("clock_hz = 12_000_000", 'clock_hz = "fast"', "clock_hz"),
        ("clock_hz = 12_000_000", "clock_hz = 1_000_000", "1000000 baud cannot be made"),
        ('clock = { site = "1" }', "", "clk"),
        ("uart_tx", "uart_xt", "uart_xt"),
        ('site = "2"', 'place = "2"', "uart_rx"),
        ("title", "title = = ", "line|Invalid|Expected"),
        ("resources = {", "capacity = {", "capacity"),
    ],
)
def test_a_wrong_file_says_what_is_wrong(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in SMALL
    with pytest.raises(UserError, match=said) as error:
        read_board(write(tmp_path, SMALL.replace(old, new)))
    assert "small" in str(error.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nothing.toml"):
        read_board(tmp_path / "nothing.toml")


@given(st.integers(1_000_000, 200_000_000), st.integers(300, 4_000_000))
def test_a_rate_is_taken_if_and_only_if_the_bit_is_long_enough_and_close(clock: int, baud: int) -> None:
    board = Board("b", "B", "sim", clock, baud)
    bit = round(clock * 16 / baud)
    close = bit > 0 and abs(clock * 16 / bit - baud) <= BAUD_TOLERANCE * baud
    if clock >= CYCLES * baud and close:
        board.check_baud(baud)
    else:
        with pytest.raises(UserError, match="cannot be made"):
            board.check_baud(baud)


def test_boards_that_finn_builds_for() -> None:
    finn = {name: find_board(name).finn for name in ALL if find_board(name).finn}
    assert finn == {
        "kv260": "KV260_SOM",
        "pynq-z1": "Pynq-Z1",
        "pynq-z2": "Pynq-Z2",
        "ultra96-v2": "Ultra96-V2",
        "zcu104": "ZCU104",
    }
