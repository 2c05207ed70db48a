"""Families of open tools: what they are called with, and that what Yosys makes for Nexus is what the RTL says."""

from pathlib import Path

import pytest
from needs import needs_pyosys

from hwflow.board import board_names, find_board
from hwflow.paths import data_folder
from hwflow.tool.process import run_tool
from hwflow.tool.toolchains import TOOLCHAINS, extra_of
from hwflow.tool.yosys import resolve

SUMS = """
module sums (input logic [11:0] a, b, c, output logic [12:0] s, d, output logic [11:0] k, output logic less);
  assign s = a + b;
  assign d = a - c;
  assign k = a + 12'd77 - b;
  assign less = a < b;
endmodule
"""


def test_every_board_with_a_bitstream_has_a_toolchain_whose_words_are_filled_in() -> None:
    for board in map(find_board, board_names()):
        assert board.bitstream == (board.family in TOOLCHAINS)
        if board.bitstream:
            tools = TOOLCHAINS[board.family]
            words = tools.place(board, "top.x", "placed") + tools.pack(board, "placed", "packed")
            assert all(word and "{" not in word for word in words) and {"top.x", "placed", "packed"} <= {
                word.partition("=")[2] or word for word in words
            }


def test_extras_are_of_the_project() -> None:
    text = (data_folder("boards").parent / "pyproject.toml").read_text()
    assert all(f"\n{extra_of(family)} = [" in text for family in TOOLCHAINS)
    assert extra_of("gw5a") == "gowin" and extra_of("nexus") == "nexus" and extra_of("xilinx") == "xilinx"


def test_commands_for_tables_stand_between_the_labels() -> None:
    assert TOOLCHAINS["ecp5"].synthesise("t", "-json n") == "synth_ecp5 -nodsp -top t -json n"
    assert TOOLCHAINS["ecp5"].synthesise("t", multipliers=True) == "synth_ecp5 -top t"
    assert TOOLCHAINS["gowin"].synthesise("t", pins=False) == "synth_gowin -nodsp -noiopads -top t"
    command = "synth_nexus -nodsp -noiopad -top t"
    nexus = TOOLCHAINS["nexus"].synthesise("t", "-json n", pins=False)
    assert nexus == f"{command} -run :map_luts; abc -lut 4:5 -dress; clean; {command} -run map_cells: -json n"


@pytest.mark.slow
def test_carry_chains_of_nexus_are_the_sums_whatever_their_open_carry_in_is(tmp_path: Path) -> None:
    needs_pyosys("synthesis needs pyosys")
    (tmp_path / "sums.sv").write_text(SUMS)
    made = TOOLCHAINS["nexus"].synthesise("sums", pins=False)
    cells = "read_verilog -sv gate.v; read_verilog -sv +/lattice/cells_sim_nexus.v; rename sums gate; prep -flatten -top gate"
    script = (
        f"read_verilog -sv sums.sv; {made}; select -assert-min 20 t:CCU2; write_verilog -noattr gate.v; design -reset; "
        f"{cells}; design -stash gate; read_verilog -sv sums.sv; prep -top sums; design -copy-from gate -as gate gate; "
        "miter -equiv -flatten -make_outputs sums gate miter; "
        "sat -enable_undef -set-def-inputs -prove trigger 0 -verify miter"
    )
    run_tool([*resolve(), "-p", script], tmp_path / "log", cwd=tmp_path)
    assert "no model found: SUCCESS!" in (tmp_path / "log").read_text()
