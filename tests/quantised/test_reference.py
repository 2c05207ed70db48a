"""The reference against plain integer loops."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from quantised.networks import random_graph, random_network, random_vectors

from hwflow.ints import IntType
from hwflow.quantised import reference
from hwflow.quantised.network import (
    INPUT,
    Add,
    ArgMax,
    Concat,
    Dense,
    Layer,
    Network,
    Node,
    Product,
    Reduce,
    Table,
    TableSum,
    Threshold,
    Transpose,
)


def plain(layer: Layer, *inputs: list[int]) -> list[int]:
    """One sample through one layer, as the docstrings of the layers say."""
    if not isinstance(layer, Product | Table | TableSum) and layer.tokens > 1:
        one = replace(layer, tokens=1)
        parts = [
            [own[i * len(own) // layer.tokens : (i + 1) * len(own) // layer.tokens] for own in inputs]
            for i in range(layer.tokens)
        ]
        return [value for part in parts for value in plain(one, *part)]
    x = inputs[0]
    match layer:
        case Dense(weight=weight):
            return [sum(int(w) * v for w, v in zip(row, x, strict=True)) for row in weight]
        case Threshold():
            return [
                layer.base + sum((v < int(t)) if down else (v >= int(t)) for t in levels)
                for v, levels, down in zip(x, layer.levels, layer.descending, strict=True)
            ]
        case ArgMax():
            scores = [int(g) * v + int(o) for g, v, o in zip(layer.gain, x, layer.offset, strict=True)]
            return [scores.index(max(scores))]
        case Add(gain=gain):
            return [sum(int(gain[b, c]) * own[c] for b, own in enumerate(inputs)) for c in range(len(x))]
        case Table(entries=entries, low=low):
            return [int(entries[c if len(entries) > 1 else 0, v - low]) for c, v in enumerate(x)]
        case TableSum(entries=entries, low=low):
            return [sum(int(row[c, v - low]) for c, v in enumerate(x)) for row in entries]
        case Product():
            return [math.prod(own[c] for own in inputs) for c in range(len(x))]
        case Concat():
            return [value for own in inputs for value in own]
        case Transpose(rows=rows, columns=columns, inner=inner):
            return [x[(r * columns + c) * inner + i] for c in range(columns) for r in range(rows) for i in range(inner)]
        case Reduce(axis=axis, inner=inner):
            make = max if layer.greatest else sum
            return [make(x[a * inner + i] for a in range(axis)) for i in range(inner)]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.booleans(), st.booleans())
def test_random_networks(seed: int, graph: bool, tokens: bool) -> None:
    rng = np.random.default_rng(seed)
    assert_plain(random_graph(rng, largest=8, tokens=tokens) if graph else random_network(rng, largest=12), rng)


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_random_networks_of_up_to_16_bits(seed: int) -> None:
    rng = np.random.default_rng(seed)
    assert_plain(random_network(rng, largest=4, widest=16), rng)


def assert_plain(network: Network, rng: np.random.Generator) -> None:
    x = random_vectors(rng, network, 5)
    trace = reference.trace(network, x)
    assert set(trace) == {INPUT, *(node.name for node in network.nodes)}
    np.testing.assert_array_equal(trace[INPUT], x)
    for i, sample in enumerate(x.tolist()):
        values = {INPUT: sample}
        for node in network.nodes:
            values[node.name] = plain(node.layer, *(values[name] for name in node.inputs))
            assert trace[node.name][i].tolist() == values[node.name]
            low, high = network.ranges[node.name]
            assert np.all(low <= trace[node.name][i]) and np.all(trace[node.name][i] <= high)
    np.testing.assert_array_equal(reference.run(network, x), trace[network.nodes[-1].name])


@pytest.mark.parametrize("greatest", [1 << 6, 1 << 16, 1 << 28])
def test_products_are_exact_at_any_size(greatest: int) -> None:
    """Sums beyond 2^24 and 2^53 leave float32 and float64."""
    columns = 40
    weight = np.full((2, columns), greatest - 1)
    weight[1, ::2] *= -1
    x = np.full((3, columns), greatest - 1)
    x[1] -= np.arange(columns)
    layer = Dense(weight, IntType(32, True))
    assert reference.step(layer, x).tolist() == [plain(layer, row) for row in x.tolist()]


def test_few_and_many_levels_count_alike() -> None:
    rng = np.random.default_rng(0)
    for steps in (1, 15, 16, 255):
        levels = np.sort(rng.integers(-40, 40, (3, steps)), axis=1)
        layer = Threshold(levels, np.array([False, True, False]), -2, IntType(10, True))
        x = rng.integers(-50, 50, (60, 3))
        assert reference.step(layer, x).tolist() == [plain(layer, row) for row in x.tolist()]


def test_batches_of_any_size() -> None:
    dense = Dense(np.array([[1, -1]]), IntType(2, True))
    network = Network("n", 2, IntType(8, True), (Node("dense0", dense, (INPUT,)),))
    for n in (0, 1, 4096, 4097, 10_000):
        x = np.random.default_rng(n).integers(-128, 128, (n, 2))
        y = reference.run(network, x)
        assert y.shape == (n, 1) and np.array_equal(y[:, 0], x[:, 0] - x[:, 1])


def test_argmax_takes_the_first_of_equal_ones() -> None:
    layer = ArgMax(np.array([1, 1, 2]), np.array([0, 1, 0]))
    assert reference.step(layer, np.array([[1, 0, 0], [0, 0, 0], [2, 1, 1], [0, 0, 1]])).tolist() == [
        [0],
        [1],
        [0],
        [2],
    ]
