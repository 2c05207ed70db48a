"""Vivado by an impostor on PATH: its reports are read, each of its failures told, and its build never counts."""

import sys
from pathlib import Path

import pytest

from hwflow.board import find_board
from hwflow.errors import ToolError
from hwflow.project import Project, ProjectFolder
from hwflow.shell.constraints import board_files
from hwflow.tool.build import Build, build_project, plan_build
from hwflow.tool.vivado import find_vivado, read_slack, read_utilization

TOP = "module top (input logic clk, input logic uart_rx, output logic uart_tx); assign uart_tx = uart_rx; endmodule\n"

# In the form of Vivado 2024.2's and 2019.1's reports.
UTILIZATION = """\
1. CLB Logic
+----------------------------+------+-------+------------+-----------+-------+
|          Site Type         | Used | Fixed | Prohibited | Available | Util% |
+----------------------------+------+-------+------------+-----------+-------+
| CLB LUTs                   | 2711 |     0 |          0 |    230400 |  1.18 |
|   LUT as Logic             | 2519 |     0 |          0 |    230400 |  1.09 |
| CLB Registers              | 4102 |     0 |          0 |    460800 |  0.89 |
| Block RAM Tile             |  3.5 |     0 |          0 |       312 |  1.12 |
| DSPs                       |    7 |     0 |          0 |      1728 |  0.41 |
+----------------------------+------+-------+------------+-----------+-------+
"""
OLDER = """\
| Slice LUTs*             |  812 |     0 |     20800 |  3.90 |
| Slice Registers         | 1033 |     0 |     41600 |  2.48 |
"""
TIMING = """\
| Design Timing Summary
    WNS(ns)      TNS(ns)  TNS Failing Endpoints  TNS Total Endpoints      WHS(ns)
    -------      -------  ---------------------  -------------------      -------
      {slack}        0.000                      0                 9313        0.012
"""

IMPOSTOR = """\
#!{python}
import pathlib, sys
if "-version" in sys.argv:
    print("vivado v2024.2 (64-bit)\\nan impostor, for tests")
    sys.exit(0)
mode = pathlib.Path(__file__).with_name("mode").read_text()
if mode == "licence":
    print("ERROR: [Common 17-345] A valid license was not found for feature 'Synthesis' and/or device 'xc7a35t'.")
    sys.exit(1)
if mode == "crash":
    print("Abnormal program termination (11)")
    sys.exit(139)
if mode == "disk full":
    print("ERROR: [Common 17-49] Internal Data Exception: No space left on device")
    sys.exit(1)
out = pathlib.Path("build/vivado")
out.mkdir(exist_ok=True)
(out / "utilization.txt").write_text({utilization!r})
(out / "timing.txt").write_text({timing!r}.format(slack="-1.250" if mode == "timing" else "1.333"))
if mode != "no bitstream":
    (out / "top.bit").write_bytes(b"bits")
"""


@pytest.fixture
def impostor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Vivado on PATH that does what the file beside it says."""
    programs = tmp_path / "bin"
    programs.mkdir()
    text = IMPOSTOR.format(python=sys.executable, utilization=UTILIZATION, timing=TIMING)
    (programs / "vivado").write_text(text)
    (programs / "vivado").chmod(0o755)
    (programs / "mode").write_text("well")
    monkeypatch.setenv("PATH", str(programs), prepend=":")
    return programs / "mode"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project for the Arty, in a folder with a name that no script should meet."""
    board = find_board("arty-a7-35t")
    project = Project({"rtl/top.sv": TOP.encode()} | board_files(board, "top", ["rtl/top.sv"]), "top", board.name)
    target = tmp_path / 'a "place" of [exec rm] $(own)'
    target.mkdir()
    project.save(target)
    return target


def test_the_reports_of_two_releases_are_read() -> None:
    used = read_utilization(UTILIZATION)
    assert {kind: use.used for kind, use in used.items()} == {
        "LUTs": 2711,
        "flip-flops": 4102,
        "block RAMs": 4,
        "DSPs": 7,
    }
    assert used["LUTs"].available == 230400
    assert read_utilization(OLDER)["LUTs"].used == 812 and read_utilization(OLDER)["flip-flops"].available == 41600
    assert read_slack(TIMING.format(slack="-0.250")) == -0.25
    with pytest.raises(ValueError, match="LUTs"):
        read_utilization("")
    with pytest.raises(ValueError, match="slack"):
        read_slack("")


@pytest.mark.slow
def test_an_impostor_runs_the_road_and_is_no_build(impostor: Path, folder: Path) -> None:
    told: list[str] = []
    build = build_project(
        ProjectFolder.read(folder), lambda what, share=None: told.append(what.partition(" (log: ")[0])
    )
    assert told == ["synthesis", "vivado"]
    assert (build.luts, build.ffs, build.brams, build.dsps) == (2711, 4102, 4, 7)
    assert build.bitstream == "build/vivado/top.bit" and not build.estimate and build.tools["vivado"] == "2024.2"
    assert build.fmax_mhz == 115.38 and build.timing_met  # 100 MHz, 1.333 ns to spare
    assert build.impostor and not build.right
    assert Build.from_folder(folder) == build

    impostor.write_text("crash")
    assert (
        build_project(ProjectFolder.read(folder), lambda what, share=None: told.append(what.partition(" (log: ")[0]))
        == build
        and len(told) == 2
    )  # done before, so not done again


@pytest.mark.slow
def test_timing_that_is_not_met_is_told(impostor: Path, folder: Path) -> None:
    impostor.write_text("timing")
    build = build_project(ProjectFolder.read(folder))
    assert build.timing_met is False and build.fmax_mhz == 88.89


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mode", "cause"),
    [
        ("licence", "A valid license was not found"),
        ("crash", r"status 139: Abnormal program termination \(11\)"),
        ("disk full", "No space left on device"),
        ("no bitstream", "left no build/vivado/top.bit"),
    ],
)
def test_each_failure_is_told_with_the_vendors_cause(impostor: Path, folder: Path, mode: str, cause: str) -> None:
    impostor.write_text(mode)
    with pytest.raises(ToolError, match=cause):
        build_project(ProjectFolder.read(folder))
    assert not (folder / "build.json").exists() and not (folder / "build/vivado/top.bit").exists()
    impostor.write_text("well")
    told: list[str] = []
    build_project(ProjectFolder.read(folder), lambda what, share=None: told.append(what.partition(" (log: ")[0]))
    assert told == ["vivado"]  # goes on from the last good step


def test_without_vivado_there_is_an_estimate_and_no_more(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert find_vivado() is None
    assert [step.name for step in plan_build(ProjectFolder.read(folder)).steps] == ["synthesis"]


def test_a_vivado_that_does_not_start_is_told(impostor: Path) -> None:
    impostor.with_name("vivado").write_text("#!/nowhere\n")
    with pytest.raises(ToolError, match="does not start"):
        find_vivado()
    impostor.with_name("vivado").write_text("#!/bin/sh\necho nothing\n")
    with pytest.raises(ToolError, match="does not tell its release"):
        find_vivado()
