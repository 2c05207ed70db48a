"""FINN's chain of nodes as one module with hwflow's streams, and its HDL as the open tools read it.

FINN leaves the wiring to Vivado's block design. Here a generated top wires the very modules: `hwf_finn` has the ports of
every net of hwflow. A few lines of FINN's library are not read by Verilator or by Yosys (slang); `EDITS` says which, and
what stands there instead. No edit changes what a module computes, or when.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from hwflow.errors import ToolError, UserError
from hwflow.finn.design import MEMORY, TOP, FinnDesign, FinnNode
from hwflow.project import Project
from hwflow.quantised.backend.bench import BenchNet, Tap
from hwflow.quantised.network import Network, Threshold
from hwflow.quantised.tool.simulate import BenchSource
from hwflow.shell.verilog import instance


@dataclass(frozen=True)
class Edit:
    """A change to a file of FINN's library: the one match of `pattern` becomes `replacement`, for the reason given."""

    file: str
    pattern: str
    replacement: str
    reason: str


EDITS = (
    Edit(
        "add_multi.sv",
        r"(\tuwire \[SUM_WIDTH-1:0\]  sum0;\n.*?)"
        r"(\t\ttypedef int unsigned +leaf_load_t.*?LEAF_LOAD = init_leaf_loads\(\);\n)",
        r"\2\1",
        "a function inside a generate block is no constant function: it stands before the block",
    ),
    Edit(
        "fifo.sv",
        r"typedef struct (\{[^}]*\} *abits_t;)",
        r"typedef struct packed \1",
        "Verilator evaluates no constant function that gives an unpacked structure: it is packed",
    ),
    Edit(
        "mvu.sv",
        r"#100ns;(\s*)Dirty <= 0;",
        r"\1Dirty = 0;",
        "a simulation-only check waits for 100 ns, and neither tool has time: it starts at once",
    ),
    Edit(
        "thresholding.sv",
        r"p\.ptr\[M-1:SN\+1\] < ",
        r"(p.ptr[M-1:SN] >> 1) < ",
        "the first stage selects a range of no bits: it shifts",
    ),
)
_NETTYPE = re.compile(r"^`default_nettype .*$", re.MULTILINE)  # slang reads it between modules only


def readable(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """FINN's HDL, by path, with `EDITS` done. Raises ToolError for a file that is not the one they were made for."""
    edits = {edit.file: edit for edit in EDITS}
    done = {}
    for path, content in files.items():
        name = path.rsplit("/", 1)[-1]
        text = _NETTYPE.sub("", content.decode())
        if edit := edits.get(name):
            text, count = re.subn(edit.pattern, edit.replacement, text, flags=re.DOTALL)
            if count != 1:
                raise ToolError(
                    f"FINN's {name} is not the file that hwflow knows how to read; run `hwflow finn setup`."
                )
        done[path] = text.encode()
    return done


def edits_of(design: FinnDesign) -> tuple[str, ...]:
    """Sentences: which files of the design are read with a change, and why."""
    names = {path.rsplit("/", 1)[-1] for path in design.sources}
    return tuple(f"{edit.file}: {edit.reason}" for edit in EDITS if edit.file in names)


def finn_source(project: Project, design: FinnDesign, network: Network) -> BenchSource:
    """What a bench of FINN's net is made from. Its DSPs are large models that run a few thousand cycles: they are compiled
    without optimisation."""
    return BenchSource(TOP, finn_bench(design, network), finn_files(project, design), optimise=False)


def finn_files(project: Project, design: FinnDesign) -> dict[str, bytes]:
    """The HDL of a project that FINN made, packages first, the top that wires it, and its memory images.

    Raises UserError if a node has no RTL, with its reason.
    """
    module = finn_module(design)
    files = readable({path: project.files[path] for path in design.sources if "fifo_gauge" not in path})
    files[f"rtl/{TOP}.sv"] = module.encode()
    return files | {path: content for path, content in project.files.items() if path.startswith(f"{MEMORY}/")}


def finn_module(design: FinnDesign) -> str:
    """SystemVerilog of `hwf_finn`: FINN's modules in a chain, between streams as every net of hwflow has them.

    Raises UserError if a node has no RTL, with its reason.
    """
    check_rtl(design)
    first, last = design.nodes[0].input, design.nodes[-1].output
    parts = [
        f"// Made by hwflow: {len(design.nodes)} nodes of FINN in a chain.\nmodule {TOP} (\n",
        "    input  logic clk,\n    input  logic rst,\n    input  logic s_valid,\n    output logic s_ready,\n",
        f"    input  logic [{first.bits - 1}:0] s_data,\n    output logic m_valid,\n    input  logic m_ready,\n",
        f"    output logic [{last.bits - 1}:0] m_data\n);\n",
        _wires("input_stream", first.width),
        "  assign input_stream_valid = s_valid;\n  assign s_ready = input_stream_ready;\n",
        f"  assign input_stream_data = {first.width}'(s_data);\n",
    ]
    before, width = "input_stream", first.width
    for node in design.nodes:
        if node.input.width != width:
            raise ToolError(f"FINN's {node.name} takes {node.input.width} bits from {width}; report this to hwflow.")
        parts += ["\n", *_node(node, before)]
        before, width = node.name, node.output.width
    parts += [
        f"\n  assign m_valid = {before}_valid;\n  assign {before}_ready = m_ready;\n",
        f"  assign m_data = {before}_data[{last.bits - 1}:0];\nendmodule\n",
    ]
    return "".join(parts)


def check_rtl(design: FinnDesign) -> None:
    """Raises UserError if a node has no RTL: which, and why."""
    if design.hls:
        node = design.hls[0]
        what = f"{node.name} ({node.layer or node.op})"
        more = f", and {len(design.hls) - 1} more" if len(design.hls) > 1 else ""
        raise UserError(f"FINN has {what}{more} in HLS only, since {node.reason}; without Vitis HLS that is no RTL to "
                        "simulate or to synthesise.")  # fmt: skip


def _node(node: FinnNode, before: str) -> list[str]:
    ports = {
        "ap_clk": "clk",
        "ap_rst_n": "!rst",
        **_stream(node.input.port, before, "T"),
        **_stream(node.output.port, node.name, "T"),
    }
    parts = [_wires(node.name, node.output.width)]
    match node.op:
        case "MVAU":
            ports["ap_clk2x"] = "1'b0"
            if node.weights:
                weights = node.weights
                stream = f"{node.name}_weights"
                ports |= _stream(weights.port, stream, "T")
                memory = {"ap_clk": "clk", "ap_clk2x": "1'b0", "ap_rst_n": "!rst"} | _stream("m_axis_0", stream, "t")
                memory |= _axilite(prot=True) | {"s_axis_0_tvalid": "1'b0", "s_axis_0_tdata": "'0"}
                memory |= {"s_axis_0_tready": ""}
                parts += [_wires(stream, weights.width), instance(weights.module, f"{node.name}_memory", {}, memory)]
        case "Thresholding":
            ports |= _axilite() | {"in1_V_TVALID": "1'b0", "in1_V_TDATA": "'0", "in1_V_TREADY": ""}
        case "StreamingFIFO":
            ports |= {"count": "", "maxcount": ""}
        case "StreamingDataWidthConverter":
            pass
        case _:
            raise UserError(f"FINN's node {node.name} is a {node.op}, which hwflow does not wire.")
    parts.append(instance(node.module, f"{node.name}_node", {}, ports))
    return parts


def _wires(name: str, bits: int) -> str:
    return f"  logic {name}_valid, {name}_ready;\n  logic [{bits - 1}:0] {name}_data;\n"


def _stream(port: str, name: str, case: str) -> dict[str, str]:
    names = ("tvalid", "tready", "tdata")
    cased = [word.upper() if case == "T" else word for word in names]
    return {f"{port}_{word}": f"{name}_{word[1:].lower()}" for word in cased}


def _axilite(prot: bool = False) -> dict[str, str]:
    """The port by which a processor would change weights or thresholds: nobody asks."""
    ports = {f"s_axilite_{name}": "1'b0" for name in ("AWVALID", "WVALID", "BREADY", "ARVALID", "RREADY")}
    ports |= {f"s_axilite_{name}": "'0" for name in ("AWADDR", "WDATA", "WSTRB", "ARADDR")}
    if prot:
        ports |= {"s_axilite_AWPROT": "'0", "s_axilite_ARPROT": "'0"}
    outputs = ("AWREADY", "WREADY", "BVALID", "BRESP", "ARREADY", "RVALID", "RDATA", "RRESP")
    return ports | {f"s_axilite_{name}": "" for name in outputs}


def finn_bench(design: FinnDesign, network: Network) -> BenchNet:
    """The chain as the bench sees it: a boundary behind each MVAU and each Thresholding that computes a layer."""
    first, last = design.nodes[0].input, design.nodes[-1].output
    taps = tuple(_tap(node, network) for node in design.nodes if node.layer)
    return BenchNet(first.lanes, first.type, last.size, last.lanes, last.type, taps)


def _tap(node: FinnNode, network: Network) -> Tap:
    stream = node.output
    return Tap(
        node=node.layer,
        size=stream.size,
        lanes=stream.lanes,
        kind=stream.type,
        valid=f"{node.name}_valid && {{0}}.{node.name}_ready",
        data=(f"{node.name}_data[{stream.bits - 1}:0]",),
        negated=_negated(node.layer, network),
    )


def _negated(layer: str, network: Network) -> tuple[int, ...]:
    """Rows of which FINN computes the sum with the other sign: where the gain behind the matrix is negative, FINN turns
    the weights round, and hwflow the comparison.
    """
    follower = next((node.layer for node in network.nodes if node.inputs == (layer,)), None)
    if not isinstance(follower, Threshold):
        return ()
    return tuple(int(row) for row in follower.descending.nonzero()[0])
