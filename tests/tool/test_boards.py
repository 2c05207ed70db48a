"""Constraint files of boards, read by the place and route that they are for: every pin and part is one that it knows."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from hwflow.board import Board, board_names, find_board
from hwflow.clock import clocks_of, pll_of
from hwflow.errors import ToolError
from hwflow.paths import data_folder
from hwflow.plls import Pll
from hwflow.shell.constraints import board_files
from hwflow.tool.nextpnr import REPORT, Placement, place_and_route
from hwflow.tool.process import run_tool
from hwflow.tool.step import program_of
from hwflow.tool.toolchains import TOOLCHAINS
from hwflow.tool.yosys import NETLIST, resolve

OPEN = [name for name in board_names() if find_board(name).bitstream]
OUTPUTS = ("uart_tx", "led", "can_tx")
Netlist = Callable[[Board, Pll | None], bytes]


def pll_for(board: Board) -> Pll | None:
    """A setting of the board's PLL, on iCE40, where it stands in the place of pins, and can take the oscillator's or not."""
    if board.family != "ice40":
        return None
    own = board.by_oscillator
    twice = clocks_of(own).below(2 * own.clock_hz)
    return pll_of(board if board.oscillator_hz else replace(own, clock_hz=twice, oscillator_hz=own.clock_hz))


def top_for(board: Board, pll: Pll | None) -> str:
    """Every port that the board has pins for, so that none of them is taken away, and nothing else."""
    ports = [f"{'output' if port in OUTPUTS else 'input'} logic {port}" for port in board.pins]
    clock = "assign clock = clk;"
    if pll:
        parameters = ", ".join(f".{name}({value})" for name, value in pll.parameters.items())
        clock = f"{pll.module} #({parameters}) pll (.clk_in(clk), .clk_out(clock), .locked());"
    pressed = "".join(f" ^ {port}" for port in ("button", "can_rx") if port in board.pins)
    driven = " assign can_tx = count[1];" if "can_tx" in board.pins else ""
    return (
        f"module top ({', '.join(ports)});\n  logic clock;\n  logic [3:0] count = '0;\n  {clock}\n"
        f"  always_ff @(posedge clock) count <= count + 4'(uart_rx{pressed});\n"
        f"  assign uart_tx = count[3];\n  assign led = count[2];{driven}\nendmodule\n"
    )


@pytest.fixture(scope="module")
def netlist(tmp_path_factory: pytest.TempPathFactory) -> Netlist:
    """Makes the netlist of a board's top, once for all boards whose top is the same."""
    made: dict[tuple[str, str], bytes] = {}

    def make(board: Board, pll: Pll | None) -> bytes:
        key = board.family, top_for(board, pll)
        if key not in made:
            here = tmp_path_factory.mktemp("netlist")
            (here / "build").mkdir()
            (here / "top.sv").write_text(key[1])
            sources = ["top.sv", *([str(data_folder("rtl") / f"shell/pll/{pll.module}.sv")] if pll else [])]
            synthesis = TOOLCHAINS[board.family].synthesise("top", f"-json {NETLIST}")
            script = f"read_verilog -sv -DSYNTHESIS {' '.join(sources)}; {synthesis}"
            run_tool([*resolve(), "-p", script], here / "log", cwd=here)
            made[key] = (here / NETLIST).read_bytes()
        return made[key]

    return make


def place(board: Board, netlist: bytes, here: Path) -> Placement:
    """Place, route and pack. Raises ToolError if a tool takes the board's file or part for wrong."""
    ((path, constraints),) = board_files(board, "top", [], tuple(board.pins)).items()
    for name, content in {path: constraints, NETLIST: netlist}.items():
        (here / name).parent.mkdir(exist_ok=True)
        (here / name).write_bytes(content)
    for step in place_and_route(board, path, "top"):
        run_tool([*program_of(step), *step.command[1:]], here / step.log, cwd=here)
        assert all((here / output).stat().st_size for output in step.outputs)
    return Placement.from_file(here / REPORT)


@pytest.mark.slow
@pytest.mark.parametrize("name", OPEN)
def test_place_and_route_takes_the_boards_pins_and_part(name: str, netlist: Netlist, tmp_path: Path) -> None:
    board = find_board(name)
    pll = pll_for(board)
    placed = place(board, netlist(board, pll), tmp_path)
    assert pll is None or placed.use["ICESTORM_PLL"].used == 1
    has, kinds = board.resources, TOOLCHAINS[board.family].cells
    assert has is not None
    counted = ((has.luts, kinds.luts[:1]), (has.ffs, kinds.ffs), (has.brams, kinds.brams))
    assert all(placed.use[kind].available >= count for count, names in counted for kind in names)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "site"),
    [
        ("alhambra-ii", "145"),
        ("colorlight-i5", "Z99"),
        ("tangprimer20k", "Z99"),
        ("gatemate-evb", "IO_SB_B9"),
        ("crosslink-nx-evn", "Z99"),
        ("tangprimer25k", "Z99"),
    ],
)
def test_a_site_that_the_package_has_not_is_refused(name: str, site: str, netlist: Netlist, tmp_path: Path) -> None:
    board = find_board(name)
    assert board.uart_tx is not None
    wrong = replace(board, uart_tx=replace(board.uart_tx, site=site))
    with pytest.raises(ToolError, match=site):
        place(wrong, netlist(board, pll_for(board)), tmp_path)


@pytest.mark.slow
def test_a_pll_whose_pin_is_the_oscillators_is_refused_as_one_of_the_fabric(netlist: Netlist, tmp_path: Path) -> None:
    board = replace(find_board("icesugar"), pll="core")
    with pytest.raises(ToolError, match="PLL"):
        place(board, netlist(board, pll_for(board)), tmp_path)
