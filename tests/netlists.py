"""RTL as Yosys reads it: a flat netlist, which Verilator simulates in place of the files."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from hwflow.project import Project
from hwflow.tool.process import run_tool
from hwflow.tool.yosys import reading, resolve

# Yosys' own models of the primitives that modules of rtl/chain/ are built of, as it reads them.
MODELS = {"hwf_chain_ccu2c": "-D NO_INCLUDES +/lattice/cells_sim_ecp5.v", "hwf_chain_carry4": "+/xilinx/cells_sim.v"}


def netlist(files: Mapping[str, bytes], top: str, folder: Path) -> bytes:
    """The module `top` of a project's files, flat, memories with their content; Yosys works in `folder`."""
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    sources = sorted(path for path in files if path.endswith(".sv"))
    known = "".join(f"read_verilog {read}; " for module, read in MODELS.items() if f"rtl/{module}.sv" in files)
    script = f"{known}{reading(sources)}; prep -flatten -top {top}"
    run_tool([*resolve(), "-p", f"{script}; write_verilog -noattr netlist.v"], folder / "yosys.log", cwd=folder)
    return (folder / "netlist.v").read_bytes()


def as_yosys_reads_it(project: Project, folder: Path) -> Project:
    """The project with the netlist of its top, pins and all, in the place of its RTL; Yosys works in `folder`."""
    empty = {path: b"" if path.endswith(".sv") else content for path, content in project.files.items()}
    (top,) = [path for path in project.files if path.endswith(f"/{project.top}.sv")]
    return replace(project, files={**empty, top: netlist(project.files, project.top, folder)})
