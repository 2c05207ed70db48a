"""`make prove`, of whole nets: the RTL of a small net gives what its specification says, for every input.

python benchmarks/prove_nets.py [NETS] [--faults]

The specification is made of the net's equations alone (`specification`). Two vectors come behind each other after reset, each of any values:
once with no stall, once with both ends standing still in cycles that are drawn. What is asked of yices, one output element at a
time, is whether it can differ from the specification in one of the vectors; and whether both have left. So it is shown for every
input, and of stalls for those that were drawn. A planted fault is a weight that is another one in the RTL, of each matrix; it must be caught.
"""

import argparse
import os
import shutil
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from induction import SolverError, from_reset, solve, solver
from proofs import ROOT, Proof, ProofError
from prove import INSTALL, Design, design
from specification import Ends, specification

from hwflow.ints import IntType
from hwflow.quantised.backend.dataflow import MODULE, Accelerator, build_accelerator
from hwflow.quantised.backend.folding import Fold, Folding
from hwflow.quantised.network import INPUT, Add, ArgMax, Concat, Dense, Network, Node, Threshold, needed_for

REASON = "two vectors from reset"
STALLED = 0.25  # of the cycles, where both ends stand still


@dataclass(frozen=True, eq=False)
class Case:
    """A net with its folding."""

    name: str
    network: Network
    folding: Folding


class _Growing:
    """A net of random ternary weights and activations of two bits, a node at a time."""

    def __init__(self, seed: int, inputs: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.inputs = inputs
        self.nodes: list[Node] = []

    def network(self) -> Network:
        return Network("net", self.inputs, IntType(2, False), needed_for(self.nodes[-1].name, self.nodes))

    def dense(self, name: str, columns: int, rows: int, read: str) -> None:
        weight = self.rng.choice([-1, 0, 1, 1, -1], (rows, columns)).astype(np.int64)
        self.nodes.append(Node(name, Dense(weight, IntType(2, True)), (read,)))

    def step(self, name: str, read: str) -> None:
        low, high = self.network().ranges[read]
        levels = low[:, None] + (high - low)[:, None] * np.array([3, 4, 5]) // 8
        falls = self.rng.random(len(low)) < 0.3
        self.nodes.append(Node(name, Threshold(levels, falls, 0, IntType(2, False)), (read,)))


def chain() -> Case:
    """Two folded matrices, the class behind them."""
    net = _Growing(1, 4)
    net.dense("dense0", 4, 4, INPUT)
    net.step("step0", "dense0")
    net.dense("dense1", 4, 3, "step0")
    net.nodes.append(Node("argmax", ArgMax(np.array([1, 2, 1]), np.array([0, -1, 1])), ("dense1",)))
    return Case("chain", net.network(), Folding({"dense0": Fold(2, 2), "dense1": Fold(1, 4)}))


def residual() -> Case:
    """What a matrix gives is added to what it read."""
    net = _Growing(2, 4)
    net.dense("dense0", 4, 4, INPUT)
    net.step("step0", "dense0")
    net.nodes.append(Node("sum", Add(np.array([[1] * 4, [2] * 4])), ("step0", INPUT)))
    net.step("step1", "sum")
    net.dense("dense1", 4, 2, "step1")
    return Case("residual", net.network(), Folding({"dense0": Fold(4, 4), "dense1": Fold(2, 4)}))


def concat() -> Case:
    """Two matrices read the input, what they give is put one behind the other, and a third reads it."""
    net = _Growing(3, 4)
    for i, rows in enumerate((2, 3)):
        net.dense(f"dense{i}", 4, rows, INPUT)
        net.step(f"step{i}", f"dense{i}")
    net.nodes.append(Node("joined", Concat((2, 3)), ("step0", "step1")))
    net.dense("dense2", 5, 2, "joined")
    return Case("concat", net.network(), Folding({"dense0": Fold(2, 4), "dense1": Fold(3, 4), "dense2": Fold(2, 5)}))


def hardwired() -> Case:
    """Two hardwired layers, the class behind them."""
    net = _Growing(4, 5)
    net.dense("dense0", 5, 3, INPUT)
    net.step("step0", "dense0")
    net.dense("dense1", 3, 3, "step0")
    net.nodes.append(Node("argmax", ArgMax(np.ones(3, dtype=np.int64), np.zeros(3, dtype=np.int64)), ("dense1",)))
    return Case("hardwired", net.network(), Folding({"dense0": Fold(3, 5, 2), "dense1": Fold(3, 3, 2)}))


CASES = {case.__name__: case for case in (chain, residual, concat, hardwired)}


def ends_of(rtl: Accelerator, stalled: bool) -> Ends:
    """The ends of a net, for as long as two vectors take; with stalls, twice as long."""
    first, last, prediction = rtl.schedule.streams[0], rtl.units[-1], rtl.prediction
    cycles = (prediction.fill + prediction.initiation_interval + 2) * (2 if stalled else 1)
    drawn = np.random.default_rng(1).random((2, cycles)) >= (STALLED if stalled else 0)
    sent, taken = (tuple(map(bool, course)) for course in drawn)
    return Ends(first.lanes, last.lanes, last.y, sent, taken)


def net_design(case: Case, rtl: Accelerator, stalled: bool, folder: Path) -> tuple[Design, int]:
    """RTL with the specification of a case's net at its end, which need not be the net that the RTL is of; and the cycles."""
    ends = ends_of(rtl, stalled)
    depth = len(ends.sent)
    proof = Proof(Path(f"{MODULE}.sv"), specification(case.network, ends), 0, REASON, depth, ((),), ())
    modules = {Path(path).stem: content.decode() for path, content in rtl.files.items() if path.endswith(".sv")}
    images = {path: content for path, content in rtl.files.items() if not path.endswith(".sv")}
    return design(proof, (), modules, folder, images), depth


def faulty(case: Case) -> Iterator[tuple[str, Network]]:
    """The net with a weight turned, of each matrix, with its node's name: the first that is not zero gets the other sign."""
    for place, node in enumerate(case.network.nodes):
        if isinstance(node.layer, Dense):
            weight = node.layer.weight.copy()
            row, column = np.argwhere(weight)[0]
            weight[row, column] *= -1
            nodes = list(case.network.nodes)
            nodes[place] = replace(node, layer=replace(node.layer, weight=weight))
            yield node.name, replace(case.network, nodes=tuple(nodes))


def proved(case: Case, folder: Path, options: argparse.Namespace) -> bool:
    """Whether each output element is shown equal and each fault caught; says so in a line."""
    start = time.monotonic()
    sound = build_accelerator(case.network, case.folding)
    made = [net_design(case, sound, stalled, folder / f"stalled{stalled}") for stalled in (False, True)]
    questions = [(each.text, depth, label, number) for each, depth in made for label, number in each.labels]

    def ask(question: tuple[str, int, str, int]) -> str:
        text, depth, _, number = question
        return solve(text, from_reset(depth, [number]), options.seconds)

    def catches(fault: tuple[str, Network]) -> bool:
        name, network = fault
        other, depth = net_design(case, build_accelerator(network, case.folding), False, folder / name)
        return any(solve(other.text, from_reset(depth, [i]), options.seconds) == "sat" for _, i in other.labels)

    with ThreadPoolExecutor(options.jobs) as pool:
        answers = list(pool.map(ask, questions))
        faults = list(faulty(case)) if options.faults else []
        missed = [name for (name, _), caught in zip(faults, pool.map(catches, faults), strict=True) if not caught]
    wrong = [
        f"{label} {'refuted' if answer == 'sat' else 'unknown'} in {depth} cycles"
        for (_, depth, label, _), answer in zip(questions, answers, strict=True)
        if answer != "unsat"
    ]
    wrong += [f"no fault is caught in {name}" for name in missed]
    bits = case.network.input_size * case.network.input_type.bits
    told = ", ".join(wrong) or f"equal for every input of {bits} bits" + f"; {len(faults)} faults caught" * bool(faults)
    print(f"net {case.name}: {told}; {len(questions)} questions, {time.monotonic() - start:.0f} s", flush=True)
    return not wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("nets", nargs="*", help=f"of {', '.join(CASES)}; all without")
    parser.add_argument("--faults", action="store_true", help="also see the proof fail for a weight that is turned")
    parser.add_argument("--seconds", type=float, default=300, help="the most that one question may take")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--out", type=Path, default=ROOT / "build/prove-nets")
    options = parser.parse_args()
    if solver() is None or find_spec("pyosys") is None:
        print(f"Proofs need Yosys and yices, of which one is not installed; run `{INSTALL}`.", file=sys.stderr)
        return 3
    absent = sorted(set(options.nets) - set(CASES))
    if absent:
        print(f"There is no net {', '.join(absent)}; there are {', '.join(CASES)}.", file=sys.stderr)
        return 2
    shutil.rmtree(options.out, ignore_errors=True)
    try:
        right = [proved(CASES[name](), options.out / name, options) for name in options.nets or CASES]
    except (ProofError, SolverError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0 if all(right) else 1


if __name__ == "__main__":
    sys.exit(main())
