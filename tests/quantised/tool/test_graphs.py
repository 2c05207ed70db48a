"""Nets with forks and joins: the RTL against the reference, its cycles against the schedule, and FIFOs one word too short.

A small share of what `benchmarks/graphs.py` runs.
"""

from itertools import count, islice
from pathlib import Path

import pytest
from quantised.graph_runs import accelerator, bench_of, loss, outcome, with_less

from hwflow.quantised.backend.slice_unit import SliceUnit
from hwflow.quantised.network import Reduce, Transpose

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

GRAPHS = 4  # compiling is the cost
VECTORS = 500
TOKENS, SEVERAL = (11, 23, 59), (4, 6)  # seeds


def test_random_graphs_are_bit_exact_at_every_boundary_and_on_time(tmp_path: Path) -> None:
    made = [accelerator(seed) for seed in range(GRAPHS)]
    bench = bench_of(made, tmp_path / "bench")
    for each in made:
        found = outcome(bench, each, VECTORS)
        assert not found.wrong
        assert found.values > 2 * VECTORS * found.nodes


def test_random_graphs_of_tokens_are_bit_exact_at_every_boundary_and_on_time(tmp_path: Path) -> None:
    made = [accelerator(seed, tokens=True) for seed in TOKENS]
    kinds = {type(node.layer) for each in made for node in each.network.nodes}
    assert {Transpose, Reduce} <= kinds
    bench = bench_of(made, tmp_path / "bench")
    for each in made:
        assert not outcome(bench, each, VECTORS).wrong


def test_random_graphs_of_several_inputs_and_outputs_are_bit_exact_and_on_time(tmp_path: Path) -> None:
    made = [accelerator(seed, several=True) for seed in SEVERAL]
    assert any(each.network.outputs for each in made)
    assert {False, True} == {unit.whole for each in made for unit in each.units if isinstance(unit, SliceUnit)}
    bench = bench_of(made, tmp_path / "bench")
    for each in made:
        found = outcome(bench, each, VECTORS)
        assert not found.wrong
        assert len(each.network.inputs) > 1


def test_one_word_less_locks_up_or_loses_cycles_as_predicted(tmp_path: Path) -> None:
    whole = list(islice((each for seed in count() if (each := accelerator(seed)).schedule.tight), GRAPHS))
    less = [with_less(each, each.schedule.tight[0]) for each in whole]
    bench = bench_of(less, tmp_path / "bench")
    for each, shorter in zip(whole, less, strict=True):
        assert loss(bench, each, shorter, VECTORS) in ("a deadlock", "cycles")
