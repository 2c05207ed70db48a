"""Counting cells, and scripts that no file name can break."""

import dataclasses
import json
from pathlib import Path

import pytest

from hwflow.board import find_board
from hwflow.errors import ToolError, UserError
from hwflow.project import Project
from hwflow.tool.yosys import Counts, count_cells, synthesis


@pytest.mark.parametrize(
    ("cells", "counts"),
    [
        ({"SB_LUT4": 42, "SB_DFF": 20, "SB_DFFESR": 6, "SB_CARRY": 23, "SB_RAM40_4K": 2}, Counts(42, 26, 2, 0)),
        ({"LUT4": 10, "CCU2C": 3, "TRELLIS_DPR16X4": 1, "TRELLIS_FF": 7, "DP16KD": 1, "PFUMX": 9}, Counts(20, 7, 1, 0)),
        (
            {"LUT2": 1, "LUT4": 2, "ALU": 3, "DFFRE": 4, "SDPB": 1, "pROMX9": 1, "DPX9B": 1, "IBUF": 2},
            Counts(6, 4, 3, 0),
        ),
        ({"LUT1": 1, "LUT6": 2, "RAM32M": 1, "SRL16E": 1, "FDRE": 5, "RAMB18E1": 3, "RAMB36E1": 1}, Counts(8, 5, 3, 0)),
        ({"RAMB36E2": 2, "FDSE": 1, "DSP48E2": 4, "CARRY8": 2}, Counts(0, 1, 2, 4)),
    ],
)
def test_cells_are_counted_by_what_they_are(cells: dict[str, int], counts: Counts) -> None:
    assert count_cells(cells) == counts


def test_a_count_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "cells.json"
    path.write_text(json.dumps({"modules": {}}))
    with pytest.raises(ToolError, match=r"cells\.json"):
        Counts.from_file(path)


@pytest.mark.parametrize("name", ["rtl/a b.sv", 'rtl/a".sv', "rtl/a;exec.sv", "rtl/$(x).sv", "rtl/a\n.sv"])
def test_a_name_that_would_break_a_script_is_refused(name: str) -> None:
    with pytest.raises(UserError, match="has a name that tools cannot read"):
        synthesis(Project({name: b""}, "top", "icebreaker"), find_board("icebreaker"), multipliers=False)


@pytest.mark.parametrize("top", ["top; exec touch x", "-x", "a b", "", "top\n", "1top"])
def test_a_top_that_would_break_a_script_is_refused(top: str) -> None:
    with pytest.raises(UserError, match="is no name of a module"):
        synthesis(Project({}, top, "icebreaker"), find_board("icebreaker"), multipliers=False)


def test_a_part_that_yosys_has_no_cells_of_is_refused() -> None:
    versal = dataclasses.replace(find_board("kv260"), device="xcvc1902-vsva2197-2MP-e-S")
    with pytest.raises(UserError, match="no estimate for xcvc1902"):
        synthesis(Project({"rtl/top.sv": b""}, "top", "kv260"), versal, multipliers=False)


def test_only_what_yosys_reads_is_its_input() -> None:
    files = {"rtl/top.sv": b"", "memory/x.hex": b"", "vivado/build.tcl": b"", "constraints/top.pcf": b""}
    step = synthesis(Project(files, "top", "zcu104"), find_board("zcu104"), multipliers=False)
    assert step.inputs == ("memory/x.hex", "rtl/top.sv")
    assert "-family xcup" in step.command[2] and "-nolutram" in step.command[2]


def test_no_proof_of_hours_follows_the_mapping() -> None:
    """ABC's, whose outcome Yosys would only write into its log."""
    (_, _, script) = synthesis(
        Project({"rtl/top.sv": b""}, "top", "x"), find_board("ulx3s-85f"), multipliers=False
    ).command
    assert script.index("abc9.verify 0") < script.index("synth_ecp5")
