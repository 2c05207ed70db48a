"""AMD Vivado, where the user has it: which one it is, the step that runs it, and what its reports say."""

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hwflow.errors import ToolError
from hwflow.project import Project
from hwflow.tool.nextpnr import Use
from hwflow.tool.process import find_program
from hwflow.tool.step import Step

PROGRAM = "vivado"
INSTALL = "AMD's installer for Vivado ML Edition, then `source settings64.sh`"
_SCRIPT, _OUT = "vivado/build.tcl", "build/vivado"
_UTILIZATION, _TIMING = f"{_OUT}/utilization.txt", f"{_OUT}/timing.txt"
_PATIENCE = 60.0  # seconds, for the version alone: it starts slowly
_RELEASE = re.compile(r"v(\d{4}\.\d+)")
_SW_BUILD = re.compile(r"SW Build \d+")
# Names of the same things in 7-series and UltraScale+ reports.
_ROWS = {
    "Slice LUTs": "LUTs",
    "CLB LUTs": "LUTs",
    "Slice Registers": "flip-flops",
    "CLB Registers": "flip-flops",
    "Block RAM Tile": "block RAMs",
    "DSPs": "DSPs",
}


@dataclass(frozen=True)
class Vivado:
    """An installed Vivado. genuine: whether it names its build as AMD's does; a stand-in for tests does not."""

    program: str
    release: str
    genuine: bool


def find_vivado() -> Vivado | None:
    """The Vivado on PATH, or None. Raises ToolError if it does not tell its release."""
    program = find_program(PROGRAM)
    if program is None:
        return None
    try:
        done = subprocess.run([program, "-version"], capture_output=True, text=True, timeout=_PATIENCE, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ToolError(f"{program} does not start ({error}); repair the installation or take it off PATH.") from None
    release = _RELEASE.search(done.stdout)
    if release is None:
        raise ToolError(f"{program} does not tell its release; repair the installation or take it off PATH.")
    return Vivado(program, release[1], bool(_SW_BUILD.search(done.stdout)))


def vivado_step(project: Project) -> Step:
    """The step from the RTL to the bitstream, by the script that `compile` wrote; the bitstream is its last output."""
    wrapped = f"{project.top}_differential"
    top = wrapped if f"vivado/{wrapped}.verilog" in project.files else project.top
    log = f"{_OUT}.log"
    command = (PROGRAM, "-mode", "batch", "-notrace", "-nojournal", "-log", log, "-source", _SCRIPT)
    inputs = tuple(sorted(project.files))
    return Step("vivado", command, inputs, (_UTILIZATION, _TIMING, f"{_OUT}/{top}.bit"), INSTALL)


@dataclass(frozen=True)
class Implementation:
    """What Vivado reports of the routed design: use of each kind of cell; worst slack of setup, in nanoseconds."""

    use: Mapping[str, Use]
    slack_ns: float

    def fmax_mhz(self, clock_hz: float) -> float:
        """The highest clock by its static timing analysis: 1 / (period - worst slack)."""
        return round(1e3 / (1e9 / clock_hz - self.slack_ns), 2)

    def used(self, kind: str) -> int:
        return self.use[kind].used if kind in self.use else 0

    @staticmethod
    def from_folder(folder: Path) -> "Implementation":
        """Read the two reports that the script leaves. Raises ToolError if they cannot be read."""
        try:
            use = read_utilization((folder / _UTILIZATION).read_text())
            return Implementation(use, read_slack((folder / _TIMING).read_text()))
        except (OSError, ValueError) as error:
            raise ToolError(f"Vivado left no readable report in {folder / _OUT} ({error}); build again.") from None


def read_utilization(text: str) -> dict[str, Use]:
    """The rows of `report_utilization` that hwflow knows. Raises ValueError if there is no row of LUTs."""
    found: dict[str, Use] = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        kind = _ROWS.get(cells[0].rstrip("*")) if len(cells) >= 4 else None
        if kind and kind not in found:
            # Between the first number and the last two, available and share, releases differ. Half a block RAM counts up.
            found[kind] = Use(int(-(-float(cells[1]) // 1)), int(float(cells[-2])))
    if "LUTs" not in found:
        raise ValueError("no row of LUTs")
    return found


def read_slack(text: str) -> float:
    """Worst negative slack in the summary of `report_timing_summary`. Raises ValueError if there is none."""
    lines = text.splitlines()
    for i, line in enumerate(lines):
        if line.split()[:1] == ["WNS(ns)"]:
            return float(lines[i + 2].split()[0])
    raise ValueError("no worst negative slack")
