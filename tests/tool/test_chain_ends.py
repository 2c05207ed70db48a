"""Carries that nothing reads: off a netlist, and then off the part."""

import json
from pathlib import Path
from typing import Any

import pytest
from needs import needs_pyosys

from hwflow.board import find_board
from hwflow.shell.constraints import board_files
from hwflow.tool.chain_ends import main, without_unread_carries
from hwflow.tool.nextpnr import REPORT, Placement, place_and_route
from hwflow.tool.process import run_tool
from hwflow.tool.step import program_of
from hwflow.tool.toolchains import TOOLCHAINS
from hwflow.tool.yosys import NETLIST, resolve

TOP = """
module top (input logic clk, uart_rx, button, output logic uart_tx, led);
  logic [9:0] a, b, sum, held;
  logic less;
  always_ff @(posedge clk) begin
    a <= {a[8:0], uart_rx};
    b <= {b[8:0], button};
    sum <= a + b;
    held <= sum;
    less <= a < b;
  end
  assign uart_tx = ^held;
  assign led = less;
endmodule
"""


def cell(carry_in: Any, carry_out: Any) -> dict[str, Any]:
    directions = {"CIN": "input", "COUT": "output", "S0": "output"}
    return {
        "type": "CCU2C",
        "port_directions": directions,
        "connections": {"CIN": [carry_in], "COUT": [carry_out], "S0": [100]},
    }


def netlist(*cells: dict[str, Any], leaves: int = 100) -> dict[str, Any]:
    ports = {"y": {"direction": "output", "bits": [leaves]}, "x": {"direction": "input", "bits": [7]}}
    return {"modules": {"top": {"ports": ports, "cells": {f"c{i}": each for i, each in enumerate(cells)}}}}


def test_only_the_carry_that_nothing_reads_is_taken_off() -> None:
    one = netlist(cell("0", 2), cell(2, 3))
    assert without_unread_carries(one) == 1 and without_unread_carries(one) == 0
    outs = [each["connections"]["COUT"] for each in one["modules"]["top"]["cells"].values()]
    assert outs == [[2], ["x"]]


def test_a_carry_that_is_read_or_leaves_stays() -> None:
    table = {"type": "LUT4", "port_directions": {"A": "input", "Z": "output"}, "connections": {"A": [3], "Z": [4]}}
    assert without_unread_carries(netlist(cell("0", 3), table)) == 0
    assert without_unread_carries(netlist(cell("0", 3), leaves=3)) == 0
    assert without_unread_carries(netlist(cell("0", 3))) == 1


def test_other_cells_stay_as_they_are(tmp_path: Path) -> None:
    table = {"type": "LUT4", "port_directions": {"A": "input", "Z": "output"}, "connections": {"A": [3], "Z": [4]}}
    (tmp_path / "in").write_text(json.dumps(netlist(table)))
    assert main([str(tmp_path / "in"), str(tmp_path / "out")]) == 0
    assert json.loads((tmp_path / "out").read_text()) == netlist(table)
    assert main([]) == 2


@pytest.mark.slow
def test_a_sum_takes_two_tables_less_and_a_comparison_keeps_its_carry(tmp_path: Path) -> None:
    needs_pyosys("pyosys makes the netlist")
    board = find_board("ulx3s-85f")
    ((path, constraints),) = board_files(board, "top", [], ("clk", "uart_rx", "uart_tx", "led", "button")).items()
    for folder in ("build", Path(path).parent):
        (tmp_path / folder).mkdir()
    (tmp_path / path).write_bytes(constraints)
    (tmp_path / "top.sv").write_text(TOP)
    script = f"read_verilog -sv top.sv; {TOOLCHAINS['ecp5'].synthesise('top', f'-json {NETLIST}')}"
    run_tool([*resolve(), "-p", script], tmp_path / "log", cwd=tmp_path)
    cut, place, _ = place_and_route(board, path, "top")
    used = []
    for taken_off in (True, False):
        run_tool([*program_of(cut), *cut.command[1:]], tmp_path / cut.log, cwd=tmp_path)
        if not taken_off:
            (tmp_path / cut.outputs[0]).write_bytes((tmp_path / NETLIST).read_bytes())
        run_tool([*program_of(place), *place.command[1:]], tmp_path / place.log, cwd=tmp_path)
        used.append(Placement.from_file(tmp_path / REPORT).use["TRELLIS_COMB"].used)
    assert "1 carries" in (tmp_path / cut.log).read_text() and used[0] == used[1] - 2
