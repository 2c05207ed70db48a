"""Yosys on a net alone, without link and shell: whoever made its RTL, hwflow or FINN, the synthesis is the same."""

from collections.abc import Mapping

from hwflow.finn.design import TOP as FINN_TOP
from hwflow.paths import data_folder, whole_folder
from hwflow.progress import Progress, silent
from hwflow.project import ProjectFolder
from hwflow.tool.process import run_tool
from hwflow.tool.yosys import Counts, resolve

_FOLDER = "synthesis"
_CELLS = "cells.json"
_PRIMITIVES = "xilinx_primitives.sv"
# The 7 series stands for UltraScale+ too: its look-up tables have six inputs alike, and Yosys maps memories onto them.
SYNTHESIS = "synth_xilinx -family xc7 -nodsp -noiopad"
# FINN's RTL is SystemVerilog beyond Yosys's own front end: slang, which pyosys brings, reads it.
_SLANG = "read_slang --allow-use-before-declare --empty-blackboxes --ignore-timing --ignore-assertions --top"


def synthesise_net(folder: ProjectFolder, files: Mapping[str, bytes], top: str, progress: Progress = silent) -> Counts:
    """The cells of a project's net, by `SYNTHESIS`: an estimate, since nothing is placed.

    files: RTL and memory images of the net alone, in the order in which they are read; top: its module. Done once, in
    `synthesis/` of the project's folder. Raises MissingTool without Yosys, ToolError if it cannot read or synthesise a
    file.
    """
    here = folder.path.resolve()
    out, wanted = here / _FOLDER, f"{folder.digest} {SYNTHESIS}\n"
    made_for = out / "made-for"
    if made_for.is_file() and made_for.read_text() == wanted:
        return Counts.from_file(out / _CELLS)
    by_finn = top == FINN_TOP
    progress(f"synthesising the net of {'FINN' if by_finn else 'hwflow'}")
    read_too = {f"rtl/{_PRIMITIVES}": (data_folder("rtl") / "finn" / _PRIMITIVES).read_bytes()} if by_finn else {}
    files = {**files, **read_too}
    sources = " ".join(path for path in files if path.endswith((".sv", ".v")))
    read = f"{_SLANG} {top} {sources}" if by_finn else f"read_verilog -defer -sv -DSYNTHESIS {sources}"
    script = "; ".join([read, f"{SYNTHESIS} -top {top}", f"tee -q -o {_CELLS} stat -json"])
    with whole_folder(out) as draft:
        for path, content in files.items():
            (draft / path).parent.mkdir(parents=True, exist_ok=True)
            (draft / path).write_bytes(content)
        run_tool([*resolve(), "-p", script], here / f"{_FOLDER}.log", cwd=draft)
        (draft / made_for.name).write_text(wanted)
    return Counts.from_file(out / _CELLS)
