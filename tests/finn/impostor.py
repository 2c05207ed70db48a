"""Stands in for Vivado and Vitis HLS, under either name: leaves the files that FINN looks for, or fails as asked."""

import re
import sys
from pathlib import Path

TIMING = "    WNS(ns)      TNS(ns)\n    -------      -------\n      {slack}        0.000\n"
HEADS = ("Instance", "Module", "Total LUTs", "SRLs", "FFs", "RAMB36", "RAMB18", "DSP Blocks")
TOP = ("(top)", "top", 4321, 10, 5432, 3, 5, 7)


def put(path: str, text: str = "") -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text)


def row(cells: tuple[object, ...]) -> str:
    return "<tablerow>" + "".join(f'<tablecell contents="{cell}"/>' for cell in cells) + "</tablerow>"


def synthesise_node(script: Path) -> None:
    node = script.stem.removeprefix("hls_syn_")
    (Path(f"project_{node}") / "sol1/impl/ip").mkdir(parents=True)


def stitch(script: Path) -> None:
    block = re.search(r'create_bd_design "?([^\s"]+)', script.read_text())
    assert block
    put(f"finn_vivado_stitch_proj.srcs/sources_1/bd/{block[1]}/hdl/{block[1]}_wrapper.v")
    put("all_verilog_srcs.txt")


def implement(mode: str) -> None:
    put("finn_zynq_link.gen/sources_1/bd/top/hw_handoff/top.hwh")
    runs = "finn_zynq_link.runs/impl_1"
    put(f"{runs}/top_wrapper_timing_summary_routed.rpt", TIMING.format(slack="-1.250" if mode == "timing" else "0.500"))
    put("synth_report.xml", "<report>" + row(HEADS) + row(TOP) + "</report>")
    if mode != "no bitfile":
        put(f"{runs}/top_wrapper.bit", "bits")


def fail(mode: str) -> None:
    log = Path("vivado.log")
    if mode == "licence":
        log.write_text("ERROR: [Common 17-345] A valid license was not found for feature 'Synthesis'.\n")
    elif mode == "disk full":
        log.write_text("ERROR: [Common 17-49] Internal Data Exception: No space left on device\n")
    else:
        log.write_text("#\nAbnormal program termination (11)\n")
    sys.exit(1)


def main(name: str, arguments: list[str], mode: str) -> None:
    if "-version" in arguments:
        print("vivado v2022.2 (64-bit)\nan impostor, for tests")
    elif name == "vitis_hls":
        synthesise_node(Path(arguments[0]))
    elif arguments[-1] == "make_project.tcl":
        stitch(Path(arguments[-1]))
    elif mode in ("licence", "disk full", "crash"):
        fail(mode)
    else:
        implement(mode)


if __name__ == "__main__":
    main(Path(sys.argv[0]).name, sys.argv[1:], Path(sys.argv[0]).with_name("mode").read_text())
