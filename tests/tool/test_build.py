"""Real bitstreams of a small design: the same twice and in two folders, not made again, and refused when too large."""

import shutil
from pathlib import Path

import pytest

from hwflow.board import find_board
from hwflow.errors import ToolError, UserError
from hwflow.project import Project, ProjectFolder
from hwflow.shell.constraints import board_files
from hwflow.tool.build import Build, build_project, plan_build

ECHO = """
module top (input logic clk, input logic button, input logic uart_rx, output logic uart_tx, output logic led);
  // Several modules with a memory image whose name is a parameter, as in a project of ours.
  logic [15:0] count = '0;
  logic [7:0] word;
  rom #(.FILE("memory/rom.hex")) rom (.clk, .address(count[10:0]), .data(word));
  always_ff @(posedge clk) count <= button ? '0 : count + 16'(word) + 16'(uart_rx);
  assign uart_tx = uart_rx;
  assign led = count[15];
endmodule
"""
ROM = """
module rom #(parameter FILE = "") (input logic clk, input logic [10:0] address, output logic [7:0] data);
  logic [7:0] memory[0:2047];
  initial $readmemh(FILE, memory);
  always_ff @(posedge clk) data <= memory[address];
endmodule
"""


def project_for(name: str, top: str = ECHO) -> Project:
    files = {"rtl/top.sv": top.encode(), "rtl/rom.sv": ROM.encode()}
    files["memory/rom.hex"] = "".join(f"{i * i * 37 % 251:02x}\n" for i in range(2048)).encode()
    return Project(files | board_files(find_board(name), "top", ["rtl/top.sv", "rtl/rom.sv"]), "top", name)


def saved(folder: Path, project: Project) -> Path:
    folder.mkdir(parents=True)
    project.save(folder)
    return folder


def test_a_plan_is_made_without_touching_the_disk() -> None:
    plan = plan_build(ProjectFolder(Path(), project_for("icebreaker")))
    assert [step.name for step in plan.steps] == ["synthesis", "place and route", "pack"]
    assert plan.commands[0].startswith("yosys -p 'read_verilog ") and "--up5k" in plan.commands[1]
    assert [step.name for step in plan_build(ProjectFolder(Path(), project_for("arty-a7-35t"))).steps] == ["synthesis"]
    plan = plan_build(ProjectFolder(Path(), project_for("ulx3s-85f")))
    assert [step.name for step in plan.steps] == ["synthesis", "chain ends", "place and route", "pack"]


def test_the_simulated_board_has_no_bitstream() -> None:
    with pytest.raises(UserError, match="--port sim"):
        plan_build(ProjectFolder(Path(), project_for("sim")))


def test_a_project_without_constraints_is_refused() -> None:
    files = {path: content for path, content in project_for("icebreaker").files.items() if "constraints" not in path}
    with pytest.raises(UserError, match="0 constraint files"):
        plan_build(ProjectFolder(Path(), Project(files, "top", "icebreaker")))


@pytest.mark.slow
def test_the_same_ice40_bitstream_twice_and_in_two_folders(tmp_path: Path) -> None:
    project = project_for("icebreaker")
    first = saved(tmp_path / "one", project)
    second = saved(tmp_path / "another place, with 'quotes' and $(x)", project)
    told: list[str] = []
    build = build_project(ProjectFolder.read(first), lambda what, share=None: told.append(what))
    assert [line.partition(" (log: ")[0] for line in told] == ["synthesis", "place and route", "pack"]
    assert build.bitstream == "build/top.bin" and build.timing_met and not build.estimate and build.right
    assert build.luts > 0 and build.ffs >= 16 and build.brams == 4 and build.dsps == 0
    assert build.fmax_mhz is not None and build.fmax_mhz > build.clock_mhz == 12.0
    assert Build.from_folder(first) == build

    bitstream = (first / build.bitstream).read_bytes()
    assert (
        build_project(ProjectFolder.read(first), lambda what, share=None: told.append(what)) == build and len(told) == 3
    )
    shutil.rmtree(first / "build")
    build_project(ProjectFolder.read(first))
    build_project(ProjectFolder.read(second))
    assert (first / build.bitstream).read_bytes() == (second / build.bitstream).read_bytes() == bitstream


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "ending", "places"),
    [
        ("ulx3s-85f", ".bit", ("a", "b c")),
        ("tangnano9k", ".fs", ("a", "b c")),
        ("tangnano20k", ".fs", ("a",)),
        ("gatemate-evb", ".bit", ("a",)),
        pytest.param(
            "crosslink-nx-evn", ".bit", ("a", "b c"), marks=pytest.mark.long
        ),  # placed by tests/tool/test_boards.py
    ],
)
def test_other_families_give_the_same_bitstream_in_two_folders(
    tmp_path: Path, name: str, ending: str, places: tuple[str, ...]
) -> None:
    project = project_for(name)
    folders = [saved(tmp_path / place, project) for place in places]
    builds = [build_project(ProjectFolder.read(folder)) for folder in folders]
    assert builds[0].bitstream == f"build/top{ending}" and builds[0].timing_met and builds[0].brams == 1
    assert builds[0].ffs == 16
    contents = [(folder / str(build.bitstream)).read_bytes() for folder, build in zip(folders, builds, strict=True)]
    assert len(set(contents)) == 1 and len(contents[0]) > 1000


@pytest.mark.slow
@pytest.mark.parametrize("name", ["cmod-a7-35t", "zcu104"])
def test_xilinx_is_estimated_and_nothing_is_pretended(tmp_path: Path, name: str) -> None:
    build = build_project(ProjectFolder.read(saved(tmp_path / "p", project_for(name))))
    assert build.estimate and build.bitstream is None and build.fmax_mhz is None and build.timing_met is None
    assert build.luts > 0 and build.ffs >= 16 and build.brams == 1
    assert (tmp_path / "p/vivado/build.tcl").is_file()


@pytest.mark.slow
def test_what_does_not_fit_is_refused_by_how_much(tmp_path: Path) -> None:
    wide = ECHO.replace(
        "logic [15:0] count",
        "logic [5999:0] big; always_ff @(posedge clk) big <= {big[5998:0], uart_rx ^ big[99]};\n logic [15:0] count",
    )
    wide = wide.replace("assign led = count[15]", "assign led = count[15] ^ big[5999]")
    folder = saved(tmp_path / "p", project_for("icebreaker", wide))
    with pytest.raises(
        UserError, match=r"does not fit icebreaker: it takes 6,0\d\d ICESTORM_LC of 5,280 \(7\d\d too many\)"
    ):
        build_project(ProjectFolder.read(folder))
    assert not (folder / "build.json").exists() and not (folder / "build/top.asc").exists()


@pytest.mark.slow
def test_a_design_that_yosys_refuses_says_where(tmp_path: Path) -> None:
    folder = saved(tmp_path / "p", project_for("icebreaker", ECHO.replace("endmodule", "endmodul")))
    with pytest.raises(ToolError, match=r"rtl/top\.sv:\d+: ERROR.*synthesis\.log"):
        build_project(ProjectFolder.read(folder))
    assert not (folder / "build.json").exists()
