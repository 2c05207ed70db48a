"""nextpnr and what packs its result: a netlist to a bitstream, utilisation and timing."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hwflow.board import Board
from hwflow.errors import ToolError, install
from hwflow.tool import chain_ends
from hwflow.tool.step import Step
from hwflow.tool.toolchains import TOOLCHAINS, extra_of
from hwflow.tool.yosys import NETLIST

REPORT = "build/report.json"
_WITHOUT_ENDS = "build/placeable.json"
# nextpnr's router of iCE40 may look for ever for a way that there is not, where a part is full; with another placement it ends.
_SILENCE, _APART = 600.0, 1000
_USE = re.compile(r"^Info:\s+(\w+):\s*(\d+)/\s*(\d+)\s+\d+%")


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
    clock, tools = f"{board.clock_hz / 1e6:g}", TOOLCHAINS[board.family]
    netlist = _WITHOUT_ENDS if tools.chain_ends else NETLIST
    common = ("--json", netlist, "--report", REPORT, "--freq", clock, "--timing-allow-fail", "--seed")
    placed, packed = f"build/{top}{tools.placed}", f"build/{top}{tools.packed}"
    place, pack = tools.place(board, constraints, placed), tools.pack(board, placed, packed)
    remedy = install(extra_of(board.family))
    ends = Step("chain ends", (*chain_ends.PROGRAM, NETLIST, netlist), (NETLIST,), (netlist,), remedy)
    return (
        *((ends,) if tools.chain_ends else ()),
        Step(
            "place and route",
            (*place, *common, str(seed)),
            (netlist, constraints),
            (placed, REPORT),
            remedy,
            _SILENCE,
            (*place, *common, str(seed + _APART)),
        ),
        Step("pack", pack, (placed,), (packed,), remedy),
    )


def overfull(log: Path) -> dict[str, Use]:
    """Kinds of cells of which the log counts more than there are."""
    found = [_USE.match(line) for line in log.read_text().splitlines()] if log.is_file() else []
    uses = {hit[1]: Use(int(hit[2]), int(hit[3])) for hit in found if hit}
    return {kind: use for kind, use in uses.items() if use.used > use.available > 0}
