"""Yosys on a net alone, without link and shell: whoever made its RTL, hwflow or FINN, the synthesis is the same."""

from collections.abc import Callable
from pathlib import Path

from hwflow.finn.design import TOP as FINN_TOP
from hwflow.finn.design import FinnDesign
from hwflow.paths import data_folder, whole_folder
from hwflow.project import Project
from hwflow.quantised.backend.dataflow import MODULE
from hwflow.quantised.tool.simulate import net_files
from hwflow.tool.process import run_tool
from hwflow.tool.yosys import Counts, resolve

_FOLDER = "synthesis"
_CELLS = "cells.json"
_PRIMITIVES = "xilinx_primitives.sv"
# The 7 series stands for UltraScale+ too: its look-up tables have six inputs alike, and Yosys maps memories onto them.
SYNTHESIS = "synth_xilinx -family xc7 -nodsp -noiopad"
# FINN's RTL is SystemVerilog beyond Yosys's own front end: slang, which pyosys brings, reads it.
_SLANG = "read_slang --allow-use-before-declare --empty-blackboxes --ignore-timing --ignore-assertions --top"


def synthesise_net(folder: Path, progress: Callable[[str], None] = lambda what: None) -> Counts:
    """The cells of a project's net, by `SYNTHESIS`: an estimate, since nothing is placed.

    Done once, in `synthesis/` of the project's folder. Raises UserError for a net of FINN that has nodes without RTL,
    MissingTool without Yosys, ToolError if it cannot read or synthesise a file.
    """
    project = Project.load(folder)
    design = FinnDesign.from_folder(folder) if project.top == FINN_TOP else None
    out, wanted = folder.resolve() / _FOLDER, f"{project.digest} {SYNTHESIS}\n"
    made_for = out / "made-for"
    if made_for.is_file() and made_for.read_text() == wanted:
        return Counts.from_file(out / _CELLS)
    progress(f"synthesising the net of {'FINN' if design else 'hwflow'}")
    files = net_files(project, design)
    if design:
        files[f"rtl/{_PRIMITIVES}"] = (data_folder("rtl") / "finn" / _PRIMITIVES).read_bytes()
    sources = " ".join(path for path in files if path.endswith((".sv", ".v")))
    top = FINN_TOP if design else MODULE
    read = f"{_SLANG} {top} {sources}" if design else f"read_verilog -defer -sv -DSYNTHESIS {sources}"
    script = "; ".join([read, f"{SYNTHESIS} -top {top}", f"tee -q -o {_CELLS} stat -json"])
    with whole_folder(out) as draft:
        for path, content in files.items():
            (draft / path).parent.mkdir(parents=True, exist_ok=True)
            (draft / path).write_bytes(content)
        run_tool([*resolve(), "-p", script], folder.resolve() / f"{_FOLDER}.log", cwd=draft)
        (draft / made_for.name).write_text(wanted)
    return Counts.from_file(out / _CELLS)
