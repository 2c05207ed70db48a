"""What nextpnr reports, and what it says when a design does not fit."""

import json
from pathlib import Path

import pytest

from hwflow.board import board_names, find_board
from hwflow.errors import ToolError
from hwflow.tool.nextpnr import Placement, Use, overfull, place_and_route
from hwflow.tool.toolchains import TOOLCHAINS

REPORT = {
    "fmax": {"clk": {"achieved": 32.114, "constraint": 12.0}, "slow": {"achieved": 30.5, "constraint": 12.0}},
    "utilization": {
        "ICESTORM_LC": {"used": 45, "available": 5280},
        "ICESTORM_RAM": {"used": 1, "available": 30},
        "ICESTORM_PLL": {"used": 0, "available": 0},
    },
}
LOG = """Info: Device utilisation:
Info: \t         ICESTORM_LC:  5642/ 5280   106%
Info: \t        ICESTORM_RAM:    12/   30    40%
ERROR: Unable to place cell 'x', no BELs remaining to implement cell type 'ICESTORM_LC'
"""


def test_the_slowest_clock_counts(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text(json.dumps(REPORT))
    placement = Placement.from_file(tmp_path / "report.json")
    assert placement.fmax_mhz == 30.5
    assert placement.use == {"ICESTORM_LC": Use(45, 5280), "ICESTORM_RAM": Use(1, 30)}
    assert (
        placement.used(TOOLCHAINS["ice40"].cells.luts) == 45 and placement.used(TOOLCHAINS["ice40"].cells.ffs) is None
    )


@pytest.mark.parametrize("text", ["", "{}", '{"fmax": {}, "utilization": {}}', '{"fmax": [], "utilization": 3}'])
def test_a_report_that_cannot_be_read(tmp_path: Path, text: str) -> None:
    (tmp_path / "report.json").write_text(text)
    with pytest.raises(ToolError, match=r"report\.json"):
        Placement.from_file(tmp_path / "report.json")


def test_what_is_overfull_is_read_from_the_log(tmp_path: Path) -> None:
    (tmp_path / "log").write_text(LOG)
    assert overfull(tmp_path / "log") == {"ICESTORM_LC": Use(5642, 5280)}
    assert overfull(tmp_path / "nothing") == {}


@pytest.mark.parametrize("name", [name for name in board_names() if find_board(name).bitstream])
def test_commands_have_a_fixed_seed_and_no_absolute_path(name: str) -> None:
    *cut, place, pack = place_and_route(find_board(name), "constraints/top.x", "top")
    assert place.command[place.command.index("--seed") + 1] == "1"
    assert not any(word.startswith("/") for word in place.command + pack.command)
    (netlist,) = [step.outputs[0] for step in cut] or ["build/netlist.json"]
    assert all(step.inputs == ("build/netlist.json",) for step in cut)
    assert set(place.inputs) == {netlist, "constraints/top.x"} and pack.inputs[0] in place.outputs
    assert place.command[place.command.index("--json") + 1] == netlist
    assert pack.outputs[0] in pack.command
