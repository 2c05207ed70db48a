"""Yosys: RTL to the cells of a family, and how many of each."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from hwflow.board import Board
from hwflow.errors import MissingTool, ToolError, UserError, install
from hwflow.identifiers import is_identifier
from hwflow.project import Project, is_plain_path
from hwflow.tool import xilinx
from hwflow.tool.process import find_program, python_command
from hwflow.tool.step import Step
from hwflow.tool.toolchains import TOOLCHAINS, extra_of

NETLIST = "build/netlist.json"
COUNTS = "build/cells.json"
PROGRAM = "yosys"
# That ABC's netlist is what it was given, ABC proves after it has written it, and Yosys goes on whatever it finds; with many levels of
# additions between registers that takes hours. Netlists are compared with the reference in simulation (`make gates`).
UNPROVED = "scratchpad -set abc9.verify 0"

# By which cells Yosys counts what is Vivado's to build, by the first letters of the part.
_ESTIMATE: dict[str, xilinx.Cells] = {"xc7": "xc7", "xcz": "xcup", "xck": "xcup"}
_LUT_RAM = {
    "RAM32M": 4,
    "RAM64M": 4,
    "RAM32M16": 8,
    "RAM64M8": 8,
    "RAM32X1S": 1,
    "RAM64X1S": 1,
    "RAM128X1S": 2,
    "RAM32X1D": 2,
    "RAM64X1D": 2,
    "RAM128X1D": 4,
    "RAM256X1S": 4,
    "SRL16E": 1,
    "SRLC32E": 1,
}
# Carries of two tables, a wide table of two, and tables as memory.
_LATTICE = {"CCU2C": 2, "CCU2": 2, "WIDEFN9": 2, "TRELLIS_DPR16X4": 4, "DPR16X4": 4}
# Of GateMate, in halves of a CPE, which nextpnr calls CPE_LT.
_HALF_CPES = {"CC_LUT1": 1, "CC_LUT2": 1, "CC_L2T4": 1, "CC_ADDF": 1, "CC_MX2": 1, "CC_L2T5": 2, "CC_MX4": 2}
_FFS = ("CC_DFF", "SB_DFF", "TRELLIS_FF", "FD1P3", "DFF", "FDRE", "FDSE", "FDCE", "FDPE")
_BRAMS = {
    "CC_BRAM_20K": 1.0,
    "CC_BRAM_40K": 2.0,
    "SB_RAM40": 1.0,
    "DP16KD": 1.0,
    "PDPW16KD": 1.0,
    "PDPSC16K": 1.0,
    "PDP16K": 1.0,
    "DP16K": 1.0,
    "SP": 1.0,
    "SDP": 1.0,
    "DP": 1.0,
    "pROM": 1.0,
    "RAMB36": 1.0,
    "RAMB18": 0.5,
}
_DSPS = ("SB_MAC16", "MULT", "DSP48")


@dataclass(frozen=True)
class Counts:
    """Cells of a netlist: look-up tables, those used as memory with them; flip-flops; block RAMs; multipliers."""

    luts: int
    ffs: int
    brams: int
    dsps: int

    @staticmethod
    def from_file(path: Path) -> "Counts":
        """Read what `stat -json` wrote. Raises ToolError if it cannot be."""
        try:
            cells: dict[str, int] = json.loads(path.read_text())["design"]["num_cells_by_type"]
        except (OSError, ValueError, KeyError) as error:
            raise ToolError(f"Yosys left no readable count of cells in {path} ({error}); build again.") from None
        return count_cells(cells)


def count_cells(cells: Mapping[str, int]) -> Counts:
    """Sum cells by what they are. Half a block RAM counts as one half; the sum is rounded up.

    An INV counts as a look-up table: synth_xilinx makes one of each LUT1 that inverts, after ABC has drawn all inverters it
    could into other tables, so what is left feeds a carry, a register or a multiplier. A packer may spare some of them.
    """
    luts = sum(
        n
        for kind, n in cells.items()
        if kind in {"SB_LUT4", "LUT1", "LUT2", "LUT3", "LUT4", "LUT5", "LUT6", "LUT6_2", "INV", "ALU"}
    )
    luts += sum(n * _LUT_RAM[kind] for kind, n in cells.items() if kind in _LUT_RAM)
    luts += sum(n * _LATTICE[kind] for kind, n in cells.items() if kind in _LATTICE)
    luts += sum(n * _HALF_CPES[kind] for kind, n in cells.items() if kind in _HALF_CPES)
    brams = sum(n * next((w for name, w in _BRAMS.items() if _is(kind, name)), 0.0) for kind, n in cells.items())
    return Counts(
        luts=luts,
        ffs=sum(n for kind, n in cells.items() if kind.startswith(_FFS)),
        brams=int(-(-brams // 1)),
        dsps=sum(n for kind, n in cells.items() if kind.startswith(_DSPS)),
    )


def _is(kind: str, name: str) -> bool:
    """Gowin's names are short, so they must be whole (or end in B or X9); the others carry a size behind them."""
    return kind in {name, f"{name}B", f"{name}X9", f"{name}X9B"} if len(name) <= 4 else kind.startswith(name)


def reading(sources: Iterable[str]) -> str:
    """The command that reads files of SystemVerilog."""
    return f"read_verilog -defer -sv -DSYNTHESIS {' '.join(sources)}"


def counting(read: str, synthesise: str, counts: str) -> str:
    """A script: modules are read, become cells by these commands, and these are counted into a file, for `Counts`."""
    return "; ".join([read, UNPROVED, synthesise, f"tee -q -o {counts} stat -json"])


def synthesis(project: Project, board: Board, *, multipliers: bool, option: str = "") -> Step:
    """The step that makes the netlist, or for Xilinx only the counts, in the project's folder.

    multipliers: whether products become the part's multipliers. It has few, which a net of many small products would
    use up first, and by whose look-up tables its folding was chosen; a design with few and wide ones counts on them. option:
    one more of the synthesis command.

    Raises UserError if the top's or a file's name cannot be written into a script, or Yosys has no cells of the part.
    """
    if not is_identifier(project.top):
        raise UserError(f"The project's top {project.top!r:.60} is no name of a module; compile it again.")
    for path in project.files:
        if not is_plain_path(path):
            raise UserError(f"The project's file {path!r} has a name that tools cannot read; compile it again.")
    outputs: tuple[str, ...]
    tools = TOOLCHAINS.get(board.family)
    if tools is None:
        cells = _ESTIMATE.get(board.device[:3])
        if cells is None:
            raise UserError(f"Yosys makes no estimate for {board.device} of {board.name}; build with Vivado, from "
                            "vivado/build.tcl.")  # fmt: skip
        synthesise = xilinx.synthesise(project.top, cells, multipliers=multipliers, option=option)
        outputs = (COUNTS,)
    else:
        synthesise = f"{tools.synthesise(project.top, f'-json {NETLIST}', multipliers=multipliers)} {option}".rstrip()
        outputs = (NETLIST, COUNTS)
    script = counting(reading(project.sources), synthesise, COUNTS)
    inputs = tuple(sorted(path for path in project.files if not path.startswith(("vivado/", "constraints/"))))
    return Step("synthesis", (PROGRAM, "-p", script), inputs, outputs, install(extra_of(board.family)))


def resolve(remedy: str = install("xilinx")) -> tuple[str, ...]:
    """The command behind `yosys`: the package's, else the one on PATH.

    remedy: the command that installs it. Raises MissingTool if there is neither.
    """
    if find_spec("pyosys"):
        return python_command("hwflow.tool.run_yosys")
    found = find_program(PROGRAM)
    if found is None:
        raise MissingTool(f"Synthesis needs Yosys, which is not installed; run `{remedy}`.")
    return (found,)
