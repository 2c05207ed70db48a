"""Projects whose clock a PLL makes: what is in them, simulated whole, and built by the open tools for that clock."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from quantised.networks import random_network
from spiking.nets import random_core
from spiking.nets import random_network as random_spiking

import hwflow
from hwflow.board import BOARD, find_board
from hwflow.clock import clocked, pll_of
from hwflow.family import CompiledProject
from hwflow.project import Project, put
from hwflow.quantised.backend.dataflow import Options, compile_network
from hwflow.quantised.backend.folding import smallest
from hwflow.records import to_json
from hwflow.shell.build_digest import build_of
from hwflow.spiking.backend.core import compile_spiking
from hwflow.tool.nextpnr import REPORT

CLOCKS = {"icebreaker": "24", "ulx3s-85f": "75", "tangnano9k": "54", "arty-a7-35t": "125", "zcu104": "250"}


def quantised(name: str, clock: str | None) -> Project:
    network = random_network(np.random.default_rng(7), largest=6, bits=2)
    return compile_network(network, clocked(find_board(name), clock), Options(smallest(network)))


def spiking(name: str, clock: str | None) -> Project:
    rng = np.random.default_rng(2)
    network = random_spiking(rng, random_core(rng), extreme=False)
    return compile_spiking(network, clocked(find_board(name), clock))


MAKERS = (quantised, spiking)


def opened(project: Project, folder: Path) -> CompiledProject:
    """Not by the verb, which compiles by its own options: so it is trusted by name."""
    put(project, folder)
    return hwflow.open_project(folder, trust=True)


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("name", CLOCKS)
def test_a_pll_stands_before_everything(make: Callable[[str, str | None], Project], name: str) -> None:
    board = clocked(find_board(name), CLOCKS[name])
    project, pll = make(name, CLOCKS[name]), pll_of(board)
    assert pll is not None
    assert {f"rtl/{pll.module}.sv", "rtl/hwf_pll_model.sv", BOARD} <= set(project.files)
    top = project.files["rtl/hwf_top.sv"].decode()
    assert f".CLOCK_HZ({board.clock_hz})" in top
    assert "|| !locked)" in top
    # The oscillator goes to the PLL and nowhere else.
    assert top.count("(clk)") == 1 and ".clk_in(clk)" in top
    assert build_of(project) != build_of(make(name, None))
    oscillator = find_board(name).clock_hz
    constraints = b"".join(project.files[path] for path in project.files if path.endswith((".lpf", ".xdc"))).decode()
    if board.family == "ecp5":
        assert f"{oscillator / 1e6:.6f} MHZ" in constraints
    if board.family == "xilinx":
        assert f"-period {1e9 / oscillator:.3f} " in constraints
        script = project.files["vivado/build.tcl"].decode()
        assert f"rtl/{pll.module}.sv" in script and "SYNTHESIS=1" in script


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("name", ["ulx3s-85f", "icebreaker"])
def test_without_a_clock_nothing_is_added(make: Callable[[str, str | None], Project], name: str) -> None:
    own = f"{find_board(name).clock_hz / 1e6:g}"
    project = make(name, None)
    assert make(name, own).digest == project.digest
    assert BOARD not in project.files and not any("pll" in path for path in project.files)
    assert b"pll" not in project.files["rtl/hwf_top.sv"] and b"locked" not in project.files["rtl/hwf_top.sv"]


@pytest.mark.parametrize("make", MAKERS)
def test_every_time_follows_the_clock_and_compiling_again_gives_the_same(
    make: Callable[[str, str | None], Project], tmp_path: Path
) -> None:
    project = opened(make("ulx3s-85f", "75"), tmp_path / "fast")
    assert (project.clock_hz, project.folder.oscillator_hz) == (75_000_000, 25_000_000)
    assert json.loads(to_json(project.compilation()))["oscillator_hz"] == 25_000_000
    assert "clock: 75 MHz, by the part's PLL of the oscillator's 25 MHz" in str(project)
    assert "predicted at 75 MHz" in str(project)
    assert [path for path in project.differs() or () if not path.endswith("finn_folding.json")] == []
    slow = opened(make("ulx3s-85f", None), tmp_path / "slow")
    assert slow.folder.oscillator_hz == 0 and "clock:" not in str(slow)
    command = next(line for line in project.commands() if "nextpnr" in line)
    assert "--freq 75 " in command


@pytest.mark.slow
@pytest.mark.parametrize(("make", "name", "clock"), [(quantised, "ulx3s-85f", "75"), (spiking, "icebreaker", "24")])
def test_the_whole_top_is_simulated_at_the_clock(
    make: Callable[[str, str | None], Project], name: str, clock: str, tmp_path: Path
) -> None:
    project = opened(make(name, clock), tmp_path / "project")
    run = project.run("sim")
    assert run.right, run.wrong
    assert json.loads(to_json(run))["clock_hz"] == project.clock_hz == int(clock) * 1_000_000


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["icebreaker", *(pytest.param(name, marks=pytest.mark.long) for name in ("ulx3s-85f", "tangnano9k"))]
)
def test_the_open_tools_meet_the_clock_that_the_pll_makes(name: str, tmp_path: Path) -> None:
    project = opened(quantised(name, CLOCKS[name]), tmp_path / "project")
    build = project.build()
    assert build.right and build.timing_met and build.bitstream and build.clock_mhz == float(CLOCKS[name])
    # One clock has registers, the PLL's, and it is the one that was asked for (in whole picoseconds).
    clocks = json.loads((tmp_path / "project" / REPORT).read_text())["fmax"]
    (timing,) = clocks.values()
    assert abs(timing["constraint"] / build.clock_mhz - 1) < 1e-3
    assert timing["achieved"] >= build.clock_mhz
    log = (tmp_path / "project/build/place-and-route.log").read_text()
    assert any(f"{cell}:" in line and " 1/" in line.replace("  ", " ") for line in log.splitlines() for cell in PLLS)


PLLS = ("ICESTORM_PLL", "EHXPLLL", "RPLLA", "rPLL")


@pytest.mark.slow
def test_an_estimate_for_a_vivado_project_counts_no_pll_as_unknown(tmp_path: Path) -> None:
    project = opened(quantised("arty-a7-35t", "125"), tmp_path / "project")
    build = project.build()
    assert build.estimate and build.clock_mhz == 125.0
    cells = json.loads((tmp_path / "project/build/cells.json").read_text())["design"]["num_cells_by_type"]
    assert cells["MMCME2_BASE"] == 1
