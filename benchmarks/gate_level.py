"""The netlist that synthesis makes, cell by cell in simulation, against the reference in integers.

python benchmarks/gate_level.py [--vectors 10000] [--families ice40,ecp5,gowin,xilinx] [--faults 2]

The net is a random one of the demo's shape, 128-32-32-5 of two bits with its ArgMax, folded as for the board of the family that
`hwflow demo` or the README names. It is synthesised by the very script of `hwflow build`, with the net in place of the
top as the module that is synthesised; the netlist is simulated in Verilator with Yosys' own models of the part's cells,
with both ends standing still in a quarter of the cycles at random. The same is done for the net without its ArgMax, whose five
sums are seen then, and, where hardwired layers are written for a carry chain, for that with registers behind the sums alone. A planted fault is one entry of one look-up table that is turned; some must be seen. One is not where no input
reaches the entry.
"""

import argparse
import re
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from whole import random_net

from hwflow.board import Board, find_board
from hwflow.errors import ToolError
from hwflow.ints import IntArray
from hwflow.project import Project
from hwflow.quantised import reference
from hwflow.quantised.backend.bench import BenchNet, bench_net
from hwflow.quantised.backend.carries import CHAINS
from hwflow.quantised.backend.dataflow import FOLDING, MODULE, Options, compile_network
from hwflow.quantised.backend.folding import MOST_LEVELS, Fold, Folding, folded_layers, parse_folding
from hwflow.quantised.backend.units import units_of
from hwflow.quantised.network import Network
from hwflow.quantised.tool.simulate import Bench, build_bench, net_files
from hwflow.tool.process import run_tool
from hwflow.tool.yosys import PROGRAM, resolve, synthesis

BOARDS = {
    "ice40": "icebreaker",
    "ecp5": "ulx3s-85f",
    "gowin": "tangnano20k",
    "gatemate": "gatemate-evb",
    "xilinx": "arty-a7-35t",
}
STALL = 64  # of 256 cycles in which each end stands still
SEED = 1
NETLIST = "netlist.v"
HANGS = "nothing moved for a million cycles"  # rtl/sim/vectors.cpp
_INCLUDE = re.compile(r'^`include "(\w+\.vh)"', re.MULTILINE)
_TABLE = re.compile(r"\b(?:SB_LUT4|LUT[1-6]|CC_LUT[12])\b\s*#\(\s*\.(?:LUT_)?INIT\((\d+)'h([0-9a-f]+)\)")


@dataclass(frozen=True, eq=False)
class Netlist:
    """A net as cells of a family: the text, its streams, and the models of the cells by file name."""

    network: Network
    net: BenchNet
    text: str
    cells: Mapping[str, bytes]

    @property
    def tables(self) -> tuple[re.Match[str], ...]:
        """Its look-up tables, each with its width and content."""
        return tuple(_TABLE.finditer(self.text))

    def with_fault(self, table: int, entry: int) -> "Netlist":
        """One entry of one look-up table turned, both counted from 0 and modulo what there is."""
        found = self.tables[table % len(self.tables)]
        turned = int(found[2], 16) ^ (1 << entry % int(found[1]))
        begin, end = found.span(2)
        return replace(self, text=f"{self.text[:begin]}{turned:x}{self.text[end:]}")

    def mismatches(self, x: IntArray, folder: Path) -> int:
        """Output values that differ from the reference, of input vectors [n, input_size], with random stalls."""
        files = {NETLIST: self.text.encode(), **self.cells}
        bench: Bench = build_bench({MODULE: self.net}, files, folder, optimise=False)
        outputs = bench.run(MODULE, self.network, x, stall=STALL, seed=SEED).outputs
        return int(np.count_nonzero(outputs != reference.run(self.network, x)))

    def is_seen(self, table: int, entry: int, x: IntArray, folder: Path) -> bool:
        """Whether a fault, as of `with_fault`, changes what leaves for these vectors, or lets nothing leave any more."""
        try:
            return self.with_fault(table, entry).mismatches(x, folder) > 0
        except ToolError as error:
            if HANGS in str(error):
                return True
            raise


def netlist(network: Network, board: Board, folder: Path, folding: Folding | None = None) -> Netlist:
    """What the synthesis of `hwflow build` makes of a net, without its shell, for a board; Yosys works in `folder`.

    folding: None for that which is chosen.
    """
    project = compile_network(network, board, Options(folding=folding))
    alone = Project(net_files(project.files), MODULE, board.name)
    for path, content in alone.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    (folder / "build").mkdir()
    program, option, script = synthesis(alone, board, multipliers=False).command
    assert program == PROGRAM
    run_tool([*resolve(), option, f"{script}; write_verilog -noattr {NETLIST}"], folder / "yosys.log", cwd=folder)
    units = units_of(network, parse_folding(project.files[FOLDING], network, FOLDING))
    streams = replace(bench_net(units), taps=())  # what is inside has other names, or is gone
    return Netlist(network, streams, (folder / NETLIST).read_text(), cell_models(board.family))


def cell_models(family: str) -> dict[str, bytes]:
    """Yosys' models of a family's cells for simulation, with what they include in its place."""
    pyosys = find_spec("pyosys")  # not imported, since torch cannot be behind it
    assert pyosys and pyosys.origin
    share = Path(pyosys.origin).parent / "share" / family

    def whole(name: str) -> str:
        return _INCLUDE.sub(lambda found: whole(found[1]), (share / name).read_text())

    # A default of an input is a first value to Verilator, which would then write it into the reset that drives it.
    return {"cells_sim.v": f"`define NO_ICE40_DEFAULT_ASSIGNMENTS\n{whole('cells_sim.v')}".encode()}


def vectors(network: Network, count: int) -> IntArray:
    """Integers over the whole range of the input."""
    kind = network.input_type
    return np.random.default_rng(SEED).integers(kind.min, kind.max + 1, (count, network.input_size))


def registers_last(network: Network) -> Folding:
    """Every layer hardwired, and registers behind the last one alone."""
    layers = folded_layers(network)
    last = list(layers)[-1]
    return Folding(
        {name: Fold(layer.rows, layer.columns, MOST_LEVELS if name == last else 0) for name, layer in layers.items()}
    )


def compared(name: str, network: Network, folding: Folding | None, board: Board, options: argparse.Namespace) -> bool:
    """Whether a net's netlist gives what the reference gives, and planted faults are seen at all; says so in a line."""
    start = time.monotonic()
    x = vectors(network, options.vectors)
    rng = np.random.default_rng(SEED)
    with tempfile.TemporaryDirectory() as scratch:
        made = netlist(network, board, Path(scratch), folding)
        wrong = made.mismatches(x, Path(scratch, "sound"))
        seen = sum(
            made.is_seen(int(table), int(entry), x, Path(scratch, f"fault{i}"))
            for i, (table, entry) in enumerate(rng.integers(1 << 30, size=(options.faults, 2)))
        )
    print(f"{board.family}, {board.name}, {name}: {len(made.tables):,} look-up tables, {wrong:,} of {len(x) * network.output_size:,} "
          f"values differ; {seen} of {options.faults} planted faults seen; {time.monotonic() - start:.0f} s",
          flush=True)  # fmt: skip
    return wrong == 0 and (seen > 0 or not options.faults)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vectors", type=int, default=10_000)
    parser.add_argument("--families", default=",".join(BOARDS), help="of " + ", ".join(BOARDS))
    parser.add_argument("--faults", type=int, default=2, help="planted in each netlist, one at a time")
    options = parser.parse_args()
    whole = random_net("demo")
    sums = replace(whole, nodes=whole.nodes[:-1])
    right = []
    for family in options.families.split(","):
        nets: list[tuple[str, Network, Folding | None]] = [("class", whole, None), ("sums", sums, None)]
        if family in CHAINS:
            nets.append(("sums, registers behind them alone", sums, registers_last(sums)))
        right += [compared(*net, find_board(BOARDS[family]), options) for net in nets]
    return 0 if all(right) else 1


if __name__ == "__main__":
    sys.exit(main())
