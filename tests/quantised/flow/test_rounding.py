"""Differences that come of float32 are told from those that a wrong net makes."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from quantised.qonnx_graphs import Graph

from hwflow.progress import silent
from hwflow.quantised import reference
from hwflow.quantised.flow.covering import covering_vectors
from hwflow.quantised.flow.equality import COUNT, check
from hwflow.quantised.flow.execution import Execution
from hwflow.quantised.frontend import load
from hwflow.quantised.network import Dense, Network, Threshold

pytestmark = pytest.mark.slow  # qonnx takes two seconds to load

TIES = (0.01, 0.07, 0.35, 0.9)  # sums of the first layer are multiples of 0.0007, and many lie at ties of 0.35
W = np.random.default_rng(0).normal(0, 1, (8, 6))
PLAIN = (0.0371, 0.0127, 0.31, 0.7)


def save(path: Path, scales: tuple[float, ...]) -> Path:
    rng = np.random.default_rng(0)
    first, weight, hidden, second = scales
    graph = Graph(shape=(1, 64))
    x = graph.quant("x", first, 8)
    for scale, rows, columns in ((hidden, 64, 48), (second, 48, 32)):
        weights = graph.weights(rng.normal(size=(rows, columns)) * 3 * weight, weight)
        x = graph.quant(graph.node("MatMul", x, weights), scale, 4)
    return graph.save(path, graph.node("MatMul", x, graph.weights(rng.normal(size=(32, 5)), 0.3)))


def with_another_level(network: Network) -> Network:
    """One level of a threshold is another, so that a few of the random vectors, under a hundredth, differ."""
    x = network.quantise(covering_vectors(network, COUNT, seed=0)[0])
    right = reference.run(network, x)
    for i, node in enumerate(network.nodes):
        if not isinstance(node.layer, Threshold):
            continue
        for channel, level in np.ndindex(node.layer.levels.shape):
            levels = node.layer.levels.copy()
            levels[channel, level] += 1
            if level + 1 < levels.shape[1] and levels[channel, level] > levels[channel, level + 1]:
                continue
            other = dataclasses.replace(node, layer=dataclasses.replace(node.layer, levels=levels))
            wrong = dataclasses.replace(network, nodes=(*network.nodes[:i], other, *network.nodes[i + 1 :]))
            if 0 < np.count_nonzero((reference.run(wrong, x) != right).any(axis=1)) <= COUNT // 100:
                return wrong
    raise AssertionError("no level decides so few")


def test_what_float32_rounds_is_excused_and_counted(tmp_path: Path) -> None:
    model = save(tmp_path / "m.onnx", TIES)
    record = check(model, load(model))
    assert record.right and (record.mismatches, record.differing, record.exact) == (0, 0, False)
    assert record.rounded > 0
    said = " ".join(str(part) for part in record.words())
    assert f"in {record.rounded:,} more vectors float32 rounds" in said and ("lies at a tie" in said) == (
        record.tied > 0
    )


@pytest.mark.parametrize("scales", [PLAIN, TIES])
def test_a_level_that_a_few_vectors_see_is_found(tmp_path: Path, scales: tuple[float, ...]) -> None:
    model = save(tmp_path / "m.onnx", scales)
    wrong = with_another_level(load(model))
    record = check(model, wrong)
    assert not record.right and 0 < record.differing <= COUNT // 100
    assert "differ from execution by qonnx in" in record.wrong


def test_a_wrong_weight_of_the_last_layer_is_found_among_large_sums(tmp_path: Path) -> None:
    """Where float32 no longer holds a sum, one more or less is still told from the sum."""
    rng = np.random.default_rng(1)
    graph = Graph(shape=(1, 64))
    weights = graph.weights(rng.normal(size=(64, 3)) * 40, 0.37, 8)
    model = graph.save(tmp_path / "m.onnx", graph.node("MatMul", graph.quant("x", 0.0123, 16), weights))
    network = load(model)
    record = check(model, network)
    assert record.right and record.rounded > 100
    node = network.nodes[-1]
    assert isinstance(node.layer, Dense)
    weight = node.layer.weight.copy()
    weight[0, 0] += 1 if weight[0, 0] < node.layer.weight_type.max else -1
    other = dataclasses.replace(node, layer=Dense(weight, node.layer.weight_type))
    wrong = check(model, dataclasses.replace(network, nodes=(*network.nodes[:-1], other)))
    assert not wrong.right and wrong.differing > 400


def test_float64_gives_the_sums_and_says_where_a_tie_lies(tmp_path: Path) -> None:
    graph = Graph(shape=(1, 4))
    x = graph.quant("x", 0.1, 8)
    model = graph.save(tmp_path / "m.onnx", graph.quant(graph.node("MatMul", x, graph.weights(np.eye(4), 1.0)), 0.2, 8))
    execution = Execution(model)
    q = np.array([[1, 2, 4, 6], [2, 4, 6, 8], [8, 8, 8, 5], [0, 0, 0, 0]])  # an odd one lies between two of 0.2
    execution.outputs(q * np.float32(0.1), silent)
    found = execution.in_float64(q * np.float32(0.1))
    assert found.tied.tolist() == [True, False, True, False]
    assert np.array_equal(np.rint(found.outputs[[1, 3]] / 0.2), q[[1, 3]] / 2)


def normalised(g: Graph) -> str:
    statistics = [g.constant(np.random.default_rng(seed).uniform(0.5, 2, 6)) for seed in range(4)]
    return g.node("BatchNormalization", g.node("MatMul", g.quant("x", 0.3, 4), g.weights(W)), *statistics)


def dequantised(g: Graph) -> str:
    zero = g.constant(0, np.int8)
    x = g.node("DequantizeLinear", g.node("QuantizeLinear", "x", g.constant(0.3), zero), g.constant(0.3), zero)
    return g.node("MatMul", x, g.weights(W))


def column(g: Graph) -> str:
    return g.quant(g.node("MatMul", g.weights(W.T), g.quant("x", 0.3, 4)), 0.7123, 5)


@pytest.mark.parametrize(("form", "shape"), [(normalised, (1, 8)), (dequantised, (1, 8)), (column, (8, 1))])
def test_every_form_gives_in_float64_what_it_gives_in_float32(
    tmp_path: Path, form: Callable[[Graph], str], shape: tuple[int, int]
) -> None:
    graph = Graph(shape=shape)
    x = np.random.default_rng(1).normal(0, 2, (20, 8)).astype(np.float32)
    execution = Execution(graph.save(tmp_path / "m.onnx", form(graph)))
    outputs = execution.outputs(x, silent)
    found = execution.in_float64(x)
    assert outputs.shape == (20, 6) and not found.tied.any()
    np.testing.assert_allclose(found.outputs, outputs, rtol=1e-5, atol=1e-5)
