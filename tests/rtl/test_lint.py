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
