"""Boards as data: every file reads, every pin is its own, and a wrong file says what is wrong."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwflow.board import (
    BAUD_TOLERANCE,
    CYCLES,
    Board,
    Capacity,
    Pin,
    board_in,
    board_names,
    board_text,
    carried,
    find_board,
    parse_board,
    read_board,
    users_boards,
)
from hwflow.errors import UserError
from hwflow.paths import data_folder

ALL = (
    "alchitry-au", "alchitry-cu", "alhambra-ii", "arty-a7-100t", "arty-a7-35t", "arty-s7-25", "arty-s7-50",
    "arty-z7-10", "arty-z7-20", "basys3", "cmod-a7-15t", "cmod-a7-35t", "cmod-s7-25", "colorlight-i5",
    "colorlight-i9", "cora-z7-07s", "cora-z7-10", "crosslink-nx-evn", "ecpix-5-45f", "ecpix-5-85f", "gatemate-evb",
    "genesys-2", "ice40-hx8k-breakout", "icebreaker", "icepi-zero", "icesugar", "icesugar-pro", "kv260", "nexys-a7-100t",
    "nexys-a7-50t", "nexys-video", "pynq-z1", "pynq-z2", "qmtech-wukong", "sim", "tangnano20k", "tangnano9k",
    "tangprimer20k", "tangprimer25k", "tec0117", "ultra96-v2", "ulx3s-12f", "ulx3s-25f", "ulx3s-45f", "ulx3s-85f", "upduino-3",
    "usb104-a7-100t", "versa-5g", "zcu104", "zedboard", "zybo-z7-10", "zybo-z7-20",
)  # fmt: skip
REAL = tuple(name for name in ALL if name != "sim")


@pytest.fixture(autouse=True)
def users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of boards of the user's own, with nothing in it yet."""
    folder = tmp_path / "users"
    folder.mkdir()
    monkeypatch.setenv("HWFLOW_BOARDS", str(folder))
    return folder


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


def test_the_document_lists_each_board_once() -> None:
    text = (Path(__file__).parents[1] / "docs/reference/boards.md").read_text()
    assert sorted(re.findall(r"^\| `([\w-]+)` \|", text, re.MULTILINE)) == list(REAL)
    readme = (Path(__file__).parents[1] / "README.md").read_text()
    named = "iCEBreaker|ULX3S-85F|Tang Nano 9K, Tang Nano 20K|Tang Primer 25K|GateMateA1-EVB|CrossLink-NX Evaluation Board|Cmod A7-35T, Arty A7-35T|PYNQ-Z1, PYNQ-Z2, ZCU104|Ultra96-V2, KV260"
    assert all(f"| {words} |" in readme for words in named.split("|"))
    assert f"| {len(REAL) - len(named.replace('|', ', ').split(', '))} more, " in readme


def test_the_simulated_board_has_no_limits() -> None:
    board = find_board("sim")
    assert board.resources is None and not board.pins and not board.bitstream


def test_an_unknown_board_gets_a_hint_and_the_names() -> None:
    with pytest.raises(UserError, match="did you mean icebreaker") as error:
        find_board("icebraker")
    assert all(name in str(error.value) for name in ALL)
    with pytest.raises(UserError, match="there are alchitry"):
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
        ('device = "up5k"', 'device = "up5k; exec rm"', "field device: 'up5k; exec rm' has a character"),
        ('site = "2"', "site = '2\"'", r"field uart_rx\.site: "),
        ("luts = 1,", "luts = -1,", r"field resources\.luts: -1 is below 0"),
        ("luts = 1,", "lutz = 1,", r"field resources\.lutz: "),
        ("luts = 1,", f"luts = 1{'0' * 400},", r"field resources\.luts: 10+ is more than 63 bits"),
        ("clock_hz = 12_000_000", f"clock_hz = 1{'0' * 400}", "field clock_hz: 10+ is more than 63 bits"),
        ("luts = 1,", f"luts = {'[' * 5000}", "nested too deep"),
        ('family = "ice40"', 'family = "ice40"\n"a\\nb" = 1', r"field a\\nb: "),
        ('device = "up5k"', 'device = "up5k"\npack_options = ["--x", "a b"]', "field pack_options: 'a b'"),
        ('device = "up5k"', 'device = "up5k"\npack_options = ["-o", "/tmp/x"]', "field pack_options: '-o'"),
        ('device = "up5k"', 'device = "run=evil.py"', "field device: 'run=evil.py'"),
        ('device = "up5k"', 'device = "-up5k"', "field device: '-up5k'"),
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
    assert "small" in str(error.value) and "\n" not in str(error.value)


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


def test_a_board_is_taken_by_its_path(tmp_path: Path) -> None:
    path = write(tmp_path, SMALL)
    board = find_board(str(path))
    assert board == read_board(path) and board.name == "small"
    with pytest.raises(UserError, match="nothing.toml"):
        find_board(str(tmp_path / "nothing.toml"))
    with pytest.raises(UserError, match="'small' is unknown"):
        find_board("small")


def test_a_board_in_the_users_folder_is_found_and_listed_by_name(users: Path) -> None:
    write(users, SMALL)
    assert set(board_names()) == {*ALL, "small"}
    assert find_board("small").title == "Small"


def test_the_users_folder_lies_where_settings_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert users_boards() == tmp_path / "users"
    monkeypatch.delenv("HWFLOW_BOARDS")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    assert users_boards() == tmp_path / "settings/hwflow/boards"
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert users_boards() == tmp_path / ".config/hwflow/boards"


def test_no_other_board_takes_a_name_of_hwflows_own(users: Path, tmp_path: Path) -> None:
    impostor = tmp_path / "icebreaker.toml"
    impostor.write_text(SMALL)
    with pytest.raises(UserError, match="has the name of the board in .* give the file a new name"):
        find_board(str(impostor))
    (users / "icebreaker.toml").write_text(SMALL)
    with pytest.raises(UserError, match="users/icebreaker.toml has the name of the board in"):
        find_board("icebreaker")


def test_hwflows_own_file_by_its_path_is_the_board_itself() -> None:
    path = data_folder("boards") / "icebreaker.toml"
    assert find_board(str(path)) == find_board("icebreaker")


WORDS = st.text("Az09_.:/+-", min_size=1, max_size=8).filter(lambda word: word[0] != "-")
OPTIONS = st.text("az09_", max_size=7).map(lambda rest: f"--o{rest}")
SENTENCES = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
PINS = st.builds(Pin, WORDS, WORDS, st.booleans(), st.sampled_from(["", "up", "down"]), WORDS)
BOARDS = st.builds(
    Board,
    name=st.just("b"),
    title=SENTENCES,
    family=st.sampled_from(["ice40", "ecp5", "gowin", "gw5a", "gatemate", "nexus", "xilinx"]),
    clock_hz=st.just(12_000_000),
    baud=st.just(1_000_000),
    device=WORDS,
    package=WORDS,
    bitstream=st.booleans(),
    programmer=st.none() | WORDS,
    pack_options=st.lists(OPTIONS, max_size=3).map(tuple),
    note=SENTENCES,
    clock=PINS,
    uart_rx=PINS,
    uart_tx=PINS,
    led=st.none() | PINS,
    resources=st.builds(Capacity, *[st.integers(0, 10**9)] * 7),
)


@pytest.mark.parametrize("name", ALL)
def test_a_project_does_not_carry_a_board_of_hwflows_own(name: str, tmp_path: Path) -> None:
    assert carried(find_board(name)) == {}
    assert board_in(tmp_path, name) == find_board(name)


def test_a_project_carries_any_other_board(tmp_path: Path) -> None:
    board = find_board(str(write(tmp_path, SMALL)))
    project = tmp_path / "project"
    project.mkdir()
    for name, content in carried(board).items():
        (project / name).write_bytes(content)
    (tmp_path / "small.toml").unlink()
    assert board_in(project, "small") == board
    (project / "board.toml").write_bytes(b"\xff")
    with pytest.raises(UserError, match="project/board.toml does not describe a board"):
        board_in(project, "small")


@pytest.mark.slow
@settings(max_examples=50)
@given(BOARDS)
def test_the_text_of_a_board_makes_the_same_board_again(board: Board) -> None:
    assert parse_board("b", board_text(board), Path("b.toml")) == board


@pytest.mark.parametrize("name", ALL)
def test_the_text_of_hwflows_own_boards_makes_them_again(name: str) -> None:
    assert parse_board(name, board_text(find_board(name)), Path("b.toml")) == find_board(name)
