"""The Vivado project of a core behind AXI: its script is run by tclsh against a recorder of Vivado's commands.

The recorder (`vivado_recorder.tcl`) is no Vivado, which was not at hand: it refuses what the product guides of the IP exclude.
"""

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from quantised.networks import random_network
from spiking.nets import random_network as random_spiking

from hwflow.board import board_names, find_board
from hwflow.project import Project, ProjectFolder, put
from hwflow.quantised.backend.dataflow import Options, compile_network
from hwflow.quantised.backend.folding import smallest
from hwflow.shell.block_design import SCRIPT
from hwflow.shell.processor import processor_of
from hwflow.spiking.backend.core import SpikingOptions, compile_spiking
from hwflow.spiking.network import Core
from hwflow.tool.build import plan_build
from hwflow.tool.verilator import verilator_command
from hwflow.tool.vivado import vivado_step

HERE = Path(__file__).parent
ZYNQS = [name for name in board_names() if processor_of(find_board(name))]
ASKED = ("pynq-z1", "pynq-z2", "zybo-z7-20", "zcu104", "ultra96-v2", "kv260")
NETWORK = random_network(np.random.default_rng(7), largest=6)


def compiled(board: str) -> Project:
    return compile_network(NETWORK, find_board(board), Options(smallest(NETWORK), shell="axi"))


def run(project: Project, folder: Path, *, presets: bool = True) -> tuple[int, str, list[str]]:
    """The script's status, what it says, and what the recorder tells."""
    where = put(project, folder / "p")[0].path
    board = find_board(project.board)
    driver = folder / "run.tcl"
    known = f"{{{board.preset}:1.0}}" if presets and board.preset else "{}"
    driver.write_text(
        f"set parts {{{board.device}}}\nset presets {known}\nsource {{{HERE / 'vivado_ips.tcl'}}}\n"
        f"source {{{HERE / 'vivado_recorder.tcl'}}}\nsource {{{where / SCRIPT}}}\n"
        f"set channel [open {{{folder / 'told'}}} w]\nputs $channel [join $told \\n]\nclose $channel\n"
    )
    tclsh = shutil.which("tclsh")
    if tclsh:
        done = subprocess.run([tclsh, driver], capture_output=True, text=True, check=False)
        status, said = done.returncode, done.stdout + done.stderr
    else:
        status, said = _by_tkinter(driver)
    told = (folder / "told").read_text().splitlines() if status == 0 else []
    return status, said, told


def _by_tkinter(driver: Path) -> tuple[int, str]:
    tkinter = pytest.importorskip("tkinter", reason="neither tclsh nor Python's own Tcl is there")
    try:
        tkinter.Tcl().eval(f"source {{{driver}}}")
    except tkinter.TclError as error:
        return 1, str(error)
    return 0, ""


def spiking(board: str) -> Project:
    network = random_spiking(np.random.default_rng(2), Core(8, 8, 2))
    return compile_spiking(network, find_board(board), SpikingOptions(shell="axi"))


@pytest.mark.parametrize("name", ZYNQS)
@pytest.mark.parametrize("make", [compiled, spiking])
def test_the_script_is_taken_and_makes_what_a_build_wants(
    make: Callable[[str], Project], name: str, tmp_path: Path
) -> None:
    project = make(name)
    status, said, told = run(project, tmp_path)
    assert status == 0, said
    added = {line.removeprefix("file ") for line in told if line.startswith("file ")}
    assert added == {*project.sources, "vivado/hwf_axi.verilog"}
    assert all((tmp_path / "p" / path).is_file() for path in vivado_step(project).outputs)
    assert f"config processor {megahertz(name)} 100" in told


def megahertz(board: str) -> str:
    processor = processor_of(find_board(board))
    assert processor is not None
    return processor.megahertz


def test_the_boards_that_are_asked_for_are_among_them_and_known_to_vivado() -> None:
    assert set(ASKED) <= set(ZYNQS)
    assert all(find_board(name).preset for name in ASKED)


@pytest.mark.parametrize(("name", "golden"), [("pynq-z1", "zynq"), ("zcu104", "mpsoc")])
def test_the_design_is_the_one_that_is_known(name: str, golden: str, tmp_path: Path) -> None:
    told = run(compiled(name), tmp_path)[2]
    design = [line for line in told if not line.startswith("file ")]
    assert design == (HERE / "golden" / f"{golden}.txt").read_text().splitlines()


def test_a_vivado_without_the_boards_files_is_told_and_goes_on(tmp_path: Path) -> None:
    status, said, told = run(compiled("pynq-z1"), tmp_path, presets=False)
    assert status == 0
    assert "Vivado has no files of PYNQ-Z1" in said
    assert not any(line.startswith("board ") for line in told)


def edited(path: str, old: str, new: str) -> Callable[[Project], Project]:
    def edit(project: Project) -> Project:
        text = project.files[path].decode()
        assert old in text
        return replace(project, files={**project.files, path: text.replace(old, new, 1).encode()})

    return edit


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (edited(SCRIPT, "-offset 0x40010000", "-offset 0x40000000"), "overlaps dma/S_AXI_LITE/Reg"),
        (edited(SCRIPT, "-offset 0x40010000", "-offset 0x40008000"), "cannot be at"),
        (edited(SCRIPT, "-offset 0x40010000", "-offset 0x80010000"), "no port to the logic"),
        (edited(SCRIPT, "[get_bd_pins core/aclk]", "[get_bd_pins core/clk]"), "no pin core/clk"),
        (edited(SCRIPT, "[get_bd_pins core/aclk]", "[get_bd_pins dma/axi_resetn]"), "no signal for"),
        (edited(SCRIPT, "[get_bd_pins core/aclk]", "[get_bd_pins control/aclk]"), "is driven"),
        (edited(SCRIPT, "connect_bd_net [get_bd_pins dma/mm2s_introut]", "# "), "interrupts/In0 is not connected"),
        (edited(SCRIPT, "connect_bd_intf_net [get_bd_intf_pins core/m_axis]", "# "), "is not connected"),
        (edited(SCRIPT, "[get_bd_intf_pins core/s_axis]", "[get_bd_intf_pins core/m_axis]"), "both Master"),
        (edited(SCRIPT, "CONFIG.PCW_USE_S_AXI_HP0 1", "CONFIG.PCW_USE_S_AXI_HP0 0"), "no interface pin"),
        (edited(SCRIPT, "CONFIG.PCW_USE_S_AXI_HP0 1", "CONFIG.PCW_USE_HP0 1"), "has no parameter"),
        (edited(SCRIPT, "CONFIG.c_s_axis_s2mm_tdata_width 32", "CONFIG.c_s_axis_s2mm_tdata_width 64"), "bits wide"),
        (edited(SCRIPT, "CONFIG.c_m_axi_mm2s_data_width 64", "CONFIG.c_m_axi_mm2s_data_width 48"), "cannot be 48"),
        (edited(SCRIPT, "{rtl/hwf_net.sv}", "{rtl/hwf_other.sv}"), "there is no file"),
        (edited(SCRIPT, "-reference hwf_axi core", "-reference hwf_top core"), "is SystemVerilog"),
        (edited(SCRIPT, "set_property STEPS.SYNTH_DESIGN.TCL.PRE", "# "), "synthesis finds no memory/"),
        (edited(SCRIPT, "-to_step write_bitstream", "-to_stop write_bitstream"), "has no option -to_stop"),
        (edited(SCRIPT, "xilinx.com:ip:axi_dma:*", "xilinx.com:ip:axi_cdma:*"), "no IP is called"),
        (edited(SCRIPT, "validate_bd_design\n", ""), "is not validated"),
        (edited("vivado/hwf_axi.verilog", "s_axis TVALID", "s_axis TREADY"), "no interface pin core/s_axis"),
    ],
)
def test_the_recorder_refuses_what_vivado_would(
    fault: Callable[[Project], Project], words: str, tmp_path: Path
) -> None:
    status, said, _ = run(fault(compiled("pynq-z1")), tmp_path)
    assert status != 0
    assert words in said


def test_the_wrapper_fits_the_top(tmp_path: Path) -> None:
    verilator, environment = verilator_command()
    project = compiled("pynq-z1")
    folder = put(project, tmp_path / "p")[0].path
    lint = [verilator, "--lint-only", "-Wall", "-Wno-DECLFILENAME", "--top-module", "hwf_axi"]
    done = subprocess.run(
        [*lint, "vivado/hwf_axi.verilog", *project.sources], cwd=folder, env={**os.environ, **environment},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_a_build_is_at_the_processors_clock(tmp_path: Path) -> None:
    folder: ProjectFolder = put(compiled("pynq-z1"), tmp_path / "p")[0]
    assert (folder.board.clock_hz, plan_build(folder).board.clock_hz) == (125_000_000, 100_000_000)
