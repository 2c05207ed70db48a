"""Yosys on a net alone, without link and shell: whoever made its RTL, hwflow or FINN, the synthesis is the same."""

from collections.abc import Callable
from pathlib import Path

from hwflow.backend.dataflow import MODULE
from hwflow.backend.finn import TOP as FINN_TOP
from hwflow.backend.finn import FinnDesign
from hwflow.board import Board
from hwflow.paths import data_folder, whole_folder
from hwflow.project import Project
from hwflow.tool.process import run_tool
from hwflow.tool.simulate import net_files
from hwflow.tool.yosys import Counts, estimate_command, resolve

_FOLDER = "synthesis"
_CELLS = "cells.json"
_PRIMITIVES = "xilinx_primitives.sv"
# FINN's RTL is SystemVerilog beyond Yosys's own front end: slang, which pyosys brings, reads it.
_SLANG = "read_slang --allow-use-before-declare --empty-blackboxes --ignore-timing --ignore-assertions --top"


def synthesise_net(folder: Path, board: Board, progress: Callable[[str], None] = lambda what: None) -> Counts:
    """The cells of a project's net on the board's part, by `synth_xilinx`: an estimate, since nothing is placed.

    Done once, in `synthesis/` of the project's folder. Raises UserError for a board without a Xilinx part or a net of FINN that
    has nodes without RTL, MissingTool without Yosys, ToolError if it cannot read or synthesise a file.
    """
    project = Project.load(folder)
    design = FinnDesign.from_folder(folder) if project.top == FINN_TOP else None
    command = estimate_command(board)
    out, wanted = folder.resolve() / _FOLDER, f"{project.digest} {board.device}\n"
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
    script = "; ".join([read, command.format(top=top), f"tee -q -o {_CELLS} stat -json"])
    with whole_folder(out) as draft:
        for path, content in files.items():
            (draft / path).parent.mkdir(parents=True, exist_ok=True)
            (draft / path).write_bytes(content)
        run_tool([*resolve(), "-p", script], folder.resolve() / f"{_FOLDER}.log", cwd=draft)
        (draft / made_for.name).write_text(wanted)
    return Counts.from_file(out / _CELLS)
