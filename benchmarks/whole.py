"""Whole designs, net and shell, against the estimate made before synthesis: Yosys flattens them, as `hwflow build` does.

python benchmarks/whole.py [--boards icebreaker,ulx3s-12f,arty-a7-35t] [--nets demo,bytes,wide] [--parts]

Nets are random ones of fixed shapes. `--parts` also synthesises the net without its shell, and tells what the shell takes.
"""

import argparse
import json
from itertools import pairwise

import numpy as np

from hwflow.board import find_board
from hwflow.ints import IntType
from hwflow.project import DESIGN, Project
from hwflow.quantised.backend.dataflow import MODULE, compile_network
from hwflow.quantised.network import INPUT, ArgMax, Dense, Network, Node, Threshold
from hwflow.tool.cells import Module, synthesised

SHAPES = {"demo": ((128, 32, 32, 5), 1), "bytes": ((16, 16, 16, 5), 8), "wide": ((64, 32, 32, 10), 2)}
SEED = 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--boards", default="icebreaker,ulx3s-12f,arty-a7-35t")
    parser.add_argument("--nets", default=",".join(SHAPES))
    parser.add_argument("--parts", action="store_true", help="also the net without its shell")
    given = parser.parse_args()
    for name in given.boards.split(","):
        board = find_board(name)
        for net in given.nets.split(","):
            project = compile_network(random_net(net), board)
            design = json.loads(project.files[DESIGN])
            tops = [project.top] + [MODULE] * given.parts
            found = synthesised([_module(project, top) for top in tops], board.family)
            guess, whole = design["estimate"], found[0].luts
            made = ", ".join(
                f"{layer['pe']}x{layer['simd']} {layer['implementation']}".strip() for layer in design["layers"]
            )
            print(f"{name}, {net}: {guess['luts']:,} LUTs estimated, {whole:,} built: {guess['luts'] / whole - 1:+.1%}; flip-flops "
                  f"{guess['ffs']:,} and {found[0].ffs:,}; block RAMs {guess['brams']} and {found[0].brams} ({made})",
                  flush=True)  # fmt: skip
            if given.parts:
                print(f"  the net alone: {found[1].luts:,} LUTs, {found[1].ffs:,} flip-flops; the shell: "
                      f"{whole - found[1].luts:,}, {found[0].ffs - found[1].ffs:,}", flush=True)  # fmt: skip


def _module(project: Project, top: str) -> Module:
    files = {path: content for path, content in project.files.items() if path.startswith(("rtl/", "memory/"))}
    return Module(files, top)


def random_net(name: str) -> Network:
    """A net of ternary weights, one in three of them zero, whose activations are of two bits."""
    sizes, bits = SHAPES[name]
    rng = np.random.default_rng(SEED)
    nodes: list[Node] = []
    last = INPUT
    for i, (columns, rows) in enumerate(pairwise(sizes)):
        weight = rng.choice([-1, 0, 1], (rows, columns)).astype(np.int64)
        nodes.append(Node(f"dense{i}", Dense(weight, IntType(2, True)), (last,)))
        last = f"dense{i}"
        if i < len(sizes) - 2:
            low, high = Network("net", sizes[0], IntType(bits, False), tuple(nodes)).ranges[last]
            spread = rng.normal(0, 0.25, (rows, 3)) * (high - low)[:, None] / 2
            levels = np.sort(np.rint((low + high)[:, None] / 2 + spread), axis=1).astype(np.int64)
            nodes.append(
                Node(f"step{i}", Threshold(levels, np.zeros(rows, dtype=np.bool_), 0, IntType(2, False)), (last,))
            )
            last = f"step{i}"
    nodes.append(
        Node("argmax", ArgMax(np.ones(sizes[-1], dtype=np.int64), np.zeros(sizes[-1], dtype=np.int64)), (last,))
    )
    return Network("net", sizes[0], IntType(bits, False), tuple(nodes))


if __name__ == "__main__":
    main()
