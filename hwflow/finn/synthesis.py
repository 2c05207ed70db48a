"""Yosys on a net alone, without link and shell: whoever made its RTL, hwflow or FINN, the synthesis is the same."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from hwflow.finn.design import TOP as FINN_TOP
from hwflow.paths import data_folder, scratch_folder
from hwflow.progress import Progress, silent
from hwflow.project import ProjectFolder
from hwflow.tool import xilinx
from hwflow.tool.cache import digest_of, kept, state_of
from hwflow.tool.process import run_tool
from hwflow.tool.yosys import Counts, counting, reading, resolve
from hwflow.versions import tools

_LOG = "synthesis.log"
_CELLS = "cells.json"
_PRIMITIVES = "xilinx_primitives.sv"
# FINN's RTL is SystemVerilog beyond Yosys's own front end: slang, which pyosys brings, reads it.
_SLANG = "read_slang --allow-use-before-declare --empty-blackboxes --ignore-timing --ignore-assertions --top"


def commands(top: str) -> str:
    """What Yosys does with either's net. The 7 series stands for UltraScale+ too: its look-up tables have six inputs alike, and Yosys
    maps memories onto them."""
    return xilinx.synthesise(top, pins=False)


def synthesise_net(folder: ProjectFolder, files: Mapping[str, bytes], top: str, progress: Progress = silent) -> Counts:
    """The cells of a project's net, by `commands`: an estimate, since nothing is placed.

    files: RTL and memory images of the net alone, in the order in which they are read; top: its module. Done once for all
    nets of equal files, and kept in the user's cache; Yosys's log is in the project's folder. Raises MissingTool without
    Yosys, ToolError if it cannot read or synthesise a file.
    """
    by_finn = top == FINN_TOP
    read_too = {f"rtl/{_PRIMITIVES}": (data_folder("rtl") / "finn" / _PRIMITIVES).read_bytes()} if by_finn else {}
    files = {**files, **read_too}
    sources = [path for path in files if path.endswith((".sv", ".v"))]
    read = f"{_SLANG} {top} {' '.join(sources)}" if by_finn else reading(sources)
    script = counting(read, commands(top), _CELLS)
    yosys = resolve()

    def make(out: Path) -> None:
        progress(f"synthesising the net of {'FINN' if by_finn else 'hwflow'}")
        with scratch_folder() as scratch:
            for path, content in files.items():
                (scratch / path).parent.mkdir(parents=True, exist_ok=True)
                (scratch / path).write_bytes(content)
            run_tool([*yosys, "-p", script], folder.path.resolve() / _LOG, cwd=scratch)
            shutil.copyfile(scratch / _CELLS, out / _CELLS)

    named = [part for path, content in files.items() for part in (path, content)]
    return Counts.from_file(kept(digest_of([state_of(yosys[0]), tools("pyosys"), script, *named]), make) / _CELLS)
