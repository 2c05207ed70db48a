"""Nets of tables: the RTL against the reference and its cycles against the schedule; what a KAN layer takes of a part."""

from pathlib import Path

import numpy as np
import pytest
from needs import needs_pyosys
from quantised.networks import random_vectors

from hwflow.ints import IntType
from hwflow.quantised.backend.bench import bench_net
from hwflow.quantised.backend.dataflow import Accelerator, build_accelerator
from hwflow.quantised.backend.folding import Fold, Folding
from hwflow.quantised.backend.lookups import TableSumUnit
from hwflow.quantised.network import INPUT, Dense, Network, Node, Table, TableSum, Threshold
from hwflow.quantised.tool.simulate import build_bench
from hwflow.quantised.tool.unit_cost import unit_costs

VECTORS = 300


def kan(
    rng: np.random.Generator, rows: int, columns: int, kind: IntType, bits: int, threshold: bool
) -> tuple[Network, Fold]:
    """Sums of tables, perhaps behind a table of each channel, and an activation behind them."""
    span = IntType(bits, True)
    first = Table(
        rng.integers(kind.min, kind.max + 1, (int(rng.choice([1, columns])), 1 << kind.bits)), kind.min, columns
    )
    edges = TableSum(rng.integers(span.min, span.max + 1, (rows, columns, 1 << kind.bits)), kind.min)
    nodes = [Node("table0", first, (INPUT,)), Node("edges0", edges, ("table0",))]
    if threshold:
        levels = np.sort(rng.integers(-20, 20, (rows, 6)), axis=1)
        nodes.append(Node("threshold0", Threshold(levels, rng.random(rows) < 0.3, -3, IntType(3, True)), ("edges0",)))
        nodes.append(Node("dense0", Dense(rng.integers(-2, 3, (3, rows)), IntType(3, True)), ("threshold0",)))
    return Network("kan", columns, kind, tuple(nodes)), Fold(rows, columns)


def accelerators() -> list[Accelerator]:
    made = []
    for seed, (rows, columns, kind, fold) in enumerate(
        [
            (4, 5, IntType(3, True), Fold(4, 5)),
            (5, 6, IntType(2, False), Fold(2, 4)),
            (3, 7, IntType(6, True), Fold(1, 1)),
            (1, 1, IntType(1, False), Fold(1, 1)),
            (6, 3, IntType(5, False), Fold(6, 2)),
            (4, 4, IntType(9, True), Fold(2, 4)),
        ]
    ):
        network, _ = kan(np.random.default_rng(seed), rows, columns, kind, 5, bool(seed % 2))
        folds = {"edges0": fold} | ({"dense0": Fold(1, 1)} if seed % 2 else {})
        made.append(build_accelerator(network, Folding(folds), f"hwf_kan{seed}"))
    return made


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_tables_are_bit_exact_at_every_boundary_and_on_time(tmp_path: Path) -> None:
    made = accelerators()
    files = {path: content for each in made for path, content in each.files.items()}
    bench = build_bench(
        {each.module: bench_net(each.units) for each in made}, files, tmp_path / "bench", optimise=False
    )
    for each in made:
        x = random_vectors(np.random.default_rng(1), each.network, VECTORS)
        flowing, alone = (
            bench.run(each.module, each.network, x),
            bench.run(each.module, each.network, x[:5], spaced=True),
        )
        assert flowing.mismatches == alone.mismatches == 0, (each.module, flowing.boundaries)
        assert len(flowing.boundaries) == len(each.network.nodes)
        assert flowing.initiation_interval_cycles == each.prediction.initiation_interval, each.module
        assert (alone.latency_cycles, alone.fill_cycles) == (each.prediction.latency, each.prediction.fill), each.module
        assert bench.run(each.module, each.network, x, stall=100, seed=2).mismatches == 0


def kan_layer() -> TableSumUnit:
    """16 × 8 edges, tables of 6 bits in and out, a vector in each cycle."""
    rng = np.random.default_rng(0)
    layer = TableSum(rng.integers(-32, 32, (8, 16, 64)), -32)
    network = Network("kan", 16, IntType(6, True), (Node("edges", layer, (INPUT,)),))
    (unit,) = build_accelerator(network, Folding({"edges": Fold(8, 16)})).units
    assert isinstance(unit, TableSumUnit)
    return unit


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_kan_layer_takes_a_look_up_table_for_each_bit() -> None:
    needs_pyosys("Yosys is not installed")
    unit = kan_layer()
    tables = 16 * 8 * 6
    added = 8 * sum((6 + level) * (16 >> level) for level in range(1, 5))
    (cost,) = unit_costs([unit], "xilinx")
    print(f"KAN layer of 16 x 8 edges, 6 bits: {cost.luts} LUTs, {tables} of tables and {added} of sums", cost)
    assert cost.brams == 0
    assert cost.luts <= 1.1 * (tables + added), cost
