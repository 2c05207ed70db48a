"""Counts for AMD's parts: what a deep memory and what reads it take."""

import json
import random
from pathlib import Path

import pytest

from hwflow.tool.process import run_tool
from hwflow.tool.xilinx import Cells, synthesise
from hwflow.tool.yosys import Counts, resolve

pytestmark = pytest.mark.slow
WORDS, LANES = 64, 12
DENSE = Path(__file__).parents[2] / "rtl/dense"
MEMORY = " ".join(str(DENSE / f"{name}.sv") for name in ("hwf_rom", "hwf_deep_rom"))
# Each input counts by its weight, of two bits, as in a folded layer.
TOP = f"""
module top (input clk, input [5:0] address, input [{LANES - 1}:0] x, output logic signed [5:0] y);
  logic [{2 * LANES - 1}:0] word;
  hwf_rom #(.WIDTH({2 * LANES}), .DEPTH({WORDS}), .FILE("image.hex")) rom (.clk, .en(1'b1), .address, .data(word));
  logic signed [5:0] sum;
  always_comb begin
    sum = '0;
    for (int i = 0; i < {LANES}; i++) if (x[i]) sum += 6'($signed(word[2*i+:2]));
  end
  always_ff @(posedge clk) y <= sum;
endmodule
"""
ELSEWHERE = """
(* blackbox *) module hwf_rom #(parameter WIDTH = 1, DEPTH = 1, FILE = "") (
  input clk, en, input [5:0] address, output [WIDTH-1:0] data
);
endmodule
"""


def luts(memory: str, cells: Cells, folder: Path) -> int:
    """Of the top with this memory; the netlist is flat."""
    script = f"read_verilog -defer -sv -DSYNTHESIS {memory} top.sv; {synthesise('top', cells, pins=False)}"
    run_tool([*resolve(), "-p", f"{script}; tee -q -o cells.json stat -json"], folder / "log", cwd=folder)
    assert not any("deep" in name for name in json.loads((folder / "cells.json").read_text())["modules"])
    return Counts.from_file(folder / "cells.json").luts


@pytest.mark.parametrize("cells", ["xc7", pytest.param("xcup", marks=pytest.mark.long)])
def test_a_deep_memory_takes_a_table_for_each_of_its_columns(cells: Cells, tmp_path: Path) -> None:
    """A table has six inputs, and a column 64 words; what reads them takes as many as if the memory were elsewhere."""
    draw = random.Random(1)
    (tmp_path / "image.hex").write_text("\n".join(f"{draw.getrandbits(2 * LANES):x}" for _ in range(WORDS)))
    (tmp_path / "top.sv").write_text(TOP)
    (tmp_path / "elsewhere.sv").write_text(ELSEWHERE)
    assert luts(MEMORY, cells, tmp_path) == luts("elsewhere.sv", cells, tmp_path) + 2 * LANES
