"""Every RTL module passes Verilator's lint with its default parameters, and Yosys's own front end reads it."""

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from harness import RTL, sources_of

MODULES = sorted(path.stem for path in RTL.rglob("hwf_*.sv"))
# Modules that call C are for simulation only and are not synthesised.
HARDWARE = sorted(path.stem for path in RTL.rglob("hwf_*.sv") if "DPI-C" not in path.read_text())


@pytest.mark.parametrize("module", MODULES)
def test_verilator_lint(module: str) -> None:
    verilator = Path(sysconfig.get_path("scripts"), "verilator")
    sources = [str(path) for path in sources_of(module)]
    command = [str(verilator), "--lint-only", "-Wall", "--assert", "--top-module", module, *sources]
    done = subprocess.run(command, capture_output=True, text=True, cwd=RTL, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_yosys_reads_every_module(tmp_path: Path) -> None:
    """One process for all: reading is quick, starting Yosys is not. Memories are given an image to read."""
    for path in RTL.rglob("hwf_*.sv"):
        (tmp_path / path.name).write_text(path.read_text().replace('= ""', '= "image"'))
    for image in ["image"] + [f"image_{step}.hex" for step in range(16)]:
        (tmp_path / image).write_text("0\n" * 4096)
    program = "from pyosys import libyosys as ys\n" + "\n".join(_yosys_check(module) for module in HARDWARE)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert "Warning" not in done.stdout, [line for line in done.stdout.splitlines() if "Warning" in line]


def _yosys_check(module: str) -> str:
    files = " ".join(path.name for path in sources_of(module))
    commands = [f"read_verilog -sv -DSYNTHESIS {files}", f"hierarchy -check -top {module}", "proc", "check -assert"]
    calls = "\n".join(f"ys.run_pass({command!r}, design)" for command in commands)
    return f"design = ys.Design()\n{calls}"


ILLEGAL = [
    ("hwf_fifo", {"DEPTH": 1}, "hwf_fifo: WIDTH is at least 1 and DEPTH at least 2."),
    ("hwf_pack", {"COUNT": 0}, "hwf_pack: every parameter is at least 1."),
    ("hwf_pack", {"IN": 3, "OUT": 4}, "hwf_pack: OUT is a multiple of IN, or at least COUNT."),
    ("hwf_unpack", {"COUNT": 0}, "hwf_unpack: every parameter is at least 1."),
    ("hwf_unpack", {"IN": 4, "OUT": 3}, "hwf_unpack: IN is a multiple of OUT, or at least COUNT."),
    ("hwf_every", {"COUNT": 0}, "hwf_every: COUNT is at least 1."),
    ("hwf_uart_rx", {"SIXTEENTHS": 63}, "hwf_uart_rx: a bit takes at least 4 clock cycles (SIXTEENTHS at least 64)."),
    ("hwf_uart_tx", {"SIXTEENTHS": 63}, "hwf_uart_tx: a bit takes at least 4 clock cycles (SIXTEENTHS at least 64)."),
    ("hwf_shell", {"BAUD": 3_000_000}, "hwf_shell: BAUD is at most CLOCK_HZ / 8."),
]


@pytest.mark.parametrize(("module", "parameters", "sentence"), ILLEGAL)
def test_illegal_parameters_are_refused(module: str, parameters: dict[str, int], sentence: str) -> None:
    verilator = Path(sysconfig.get_path("scripts"), "verilator")
    given = [f"-G{name}={value}" for name, value in parameters.items()]
    sources = [str(path) for path in sources_of(module)]
    command = [str(verilator), "--lint-only", "--top-module", module, *given, *sources]
    done = subprocess.run(command, capture_output=True, text=True, cwd=RTL, check=False)
    assert done.returncode != 0
    assert sentence in done.stderr
