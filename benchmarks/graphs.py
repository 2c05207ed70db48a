"""`make bench`, random nets in the RTL, in volume: graphs, FIFOs in front of joins with one word less, and hardwired layers.

Each graph, under a random legal folding, gets 1,000 vectors in a row, some alone, and 1,000 with random stalls at both ends: every
value at every boundary is compared with the reference, and latency and interval with the prediction. Then one word is taken from a
FIFO of which the schedule says that its depth matters. The graphs are those of tests/quantised/tool/test_graphs.py; some are of
models with several inputs and outputs. Chains with hardwired layers, those of tests/quantised/tool/test_hardwired.py, get the
same. Last, how long the import of a QONNX file of 500 nodes takes.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import count, islice
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import numpy as np
from quantised.graph_runs import Outcome, accelerator, bench_of, hardwired, loss, outcome, with_less
from quantised.qonnx_graphs import Graph
from run import Row, timed

from hwflow.quantised.backend.dataflow import Accelerator
from hwflow.quantised.frontend import load
from hwflow.quantised.tool.simulate import Bench

T = TypeVar("T")
IN_A_BENCH = 10  # nets that are compiled together


def in_benches(made: Sequence[Accelerator], run: Callable[[Bench, int], T]) -> Iterator[T]:
    """What `run` gives of each accelerator, by its place."""
    for at in range(0, len(made), IN_A_BENCH):
        some = made[at : at + IN_A_BENCH]
        with tempfile.TemporaryDirectory() as scratch:
            bench = bench_of(some, Path(scratch) / "bench")
            yield from (run(bench, place) for place in range(at, at + len(some)))
        tell(f"{at + len(some):,} of {len(made):,} nets")


def volume(graphs: int, vectors: int, first: int, *, several: bool = False) -> Iterator[Row]:
    """Graphs as the schedule makes them; several: of models with several inputs and outputs."""
    begun = time.perf_counter()
    # Every other one works on matrices of tokens.
    made = [accelerator(seed, tokens=seed % 2 == 1, several=several) for seed in range(first, first + graphs)]
    yield from _compared(made, vectors, f"{graphs:,} random graphs{' of several inputs' * several}", begun)


def hardwired_volume(nets: int, vectors: int, first: int) -> Iterator[Row]:
    """Chains whose layers are hardwired, all or some."""
    begun = time.perf_counter()
    made = [hardwired(seed) for seed in range(first, first + nets)]
    yield from _compared(made, vectors, f"{nets:,} random nets with hardwired layers", begun)


def _compared(made: Sequence[Accelerator], vectors: int, name: str, begun: float) -> Iterator[Row]:
    if made:
        found = list(in_benches(made, lambda bench, place: outcome(bench, made[place], vectors)))
        yield from rows(found, name, time.perf_counter() - begun)


def rows(found: Sequence[Outcome], name: str, seconds: float) -> Iterator[Row]:
    for each in found:
        for sentence in each.wrong:
            tell(sentence)
    nodes = [each.nodes for each in found]
    differ, locked = sum(each.mismatches for each in found), sum(each.locked for each in found)
    wrong = sum(bool(each.wrong) for each in found)
    values = sum(each.values for each in found)
    yield Row(f"{name} of {min(nodes)} to {max(nodes)} nodes: mismatches", f"{differ} of {values:,}", "0", differ == 0)
    yield Row(f"{name}: deadlocks", f"{locked}", "0", locked == 0)
    yield Row(f"{name}: not exact or not on time, {seconds:.0f} s", f"{wrong}", "0", wrong == 0)


def one_word_less(graphs: int, vectors: int, first: int) -> Iterator[Row]:
    """Graphs whose schedule says that a FIFO's depth matters, with one word less in it."""
    whole = list(islice((each for seed in count(first) if (each := accelerator(seed)).schedule.tight), graphs))
    less = [with_less(each, each.schedule.tight[0]) for each in whole]
    losses = list(in_benches(less, lambda bench, place: loss(bench, whole[place], less[place], vectors)))
    counts = Counter(losses)
    for sentence in counts.keys() - {"a deadlock", "cycles"}:
        tell(sentence)
    locked, late = counts["a deadlock"], counts["cycles"]
    yield Row(f"{graphs} graphs, a FIFO one word shorter: as predicted", f"{locked} lock up, {late} late", "all",
              locked + late == graphs)  # fmt: skip


def importing(nodes: int, width: int) -> Iterator[Row]:
    """A file of so many nodes: residual blocks, each with a batch norm."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "residuals.onnx"
        held = _residuals(path, nodes, width)
        seconds = min(timed(lambda: load(path))[0] for _ in range(3))
    yield Row(f"import of {held} nodes, residual blocks of width {width}", f"{seconds:.2f} s", "<= 2 s", seconds <= 2)


def _residuals(path: Path, nodes: int, width: int) -> int:
    """How many nodes the file has: of matrices, batch norms, joins, and quantisers of activations and weights."""
    rng, graph = np.random.default_rng(0), Graph(shape=(1, width))
    x = graph.quant("x", 1.0, 4, signed=0)
    while len(graph.nodes) < nodes - 2:
        first, second = (graph.weights(rng.integers(-3, 4, (width, width)) / 4) for _ in range(2))
        gain, bias, mean, variance = (graph.constant(rng.uniform(0.5, 2, width)) for _ in range(4))
        branch = graph.node("BatchNormalization", graph.node("MatMul", x, first), gain, bias, mean, variance)
        branch = graph.quant(graph.node("Relu", branch), 0.5, 4, signed=0)
        branch = graph.quant(graph.node("MatMul", branch, second), 0.5, 4)
        x = graph.quant(graph.node("Relu", graph.node("Add", x, branch)), 0.5, 4, signed=0)
    graph.save(path, graph.node("MatMul", x, graph.weights(rng.integers(-3, 4, (width, 10)) / 4)))
    return len(graph.nodes)


def tell(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--graphs", type=int, default=200)
    parser.add_argument("--vectors", type=int, default=1000)
    parser.add_argument("--several", type=int, default=50, help="more graphs, of several inputs and outputs")
    parser.add_argument("--shorter", type=int, default=20, help="graphs with one word less in a FIFO")
    parser.add_argument("--hardwired", type=int, default=200, help="nets with hardwired layers")
    parser.add_argument("--seed", type=int, default=0, help="of the first graph; the others follow")
    options = parser.parse_args()
    missed = 0
    for part in (
        volume(options.graphs, options.vectors, options.seed),
        hardwired_volume(options.hardwired, options.vectors, options.seed),
        volume(options.several, options.vectors, options.seed, several=True),
        one_word_less(options.shorter, options.vectors, options.seed),
        importing(500, 64),
    ):
        for row in part:
            print(row, flush=True)
            missed += not row.met
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
