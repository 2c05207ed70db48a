"""Samples that are matrices [tokens, channels], against execution by the qonnx package: exact in the integers."""

import itertools
import math
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto
from quantised.qonnx_graphs import Graph, as_integers, execute

from hwflow.errors import UserError
from hwflow.quantised import reference
from hwflow.quantised.axes import transposed
from hwflow.quantised.flow.equality import check
from hwflow.quantised.frontend import load
from hwflow.quantised.frontend.rewiring import of_token, transpositions
from hwflow.quantised.frontend.values import Picked
from hwflow.quantised.network import Add, ArgMax, Concat, Dense, Network, Reduce, Threshold, Transpose

RNG = np.random.default_rng(8)
TOKENS, CHANNELS = 4, 6


def weights(g: Graph, columns: int, rows: int) -> str:
    return g.weights(RNG.normal(0, 1, (columns, rows)), 0.25, 4)


def dense(g: Graph, x: str, columns: int, rows: int) -> str:
    return g.node("MatMul", x, weights(g, columns, rows))


def layers(network: Network, kind: type) -> list[object]:
    return [node.layer for node in network.nodes if isinstance(node.layer, kind)]


def made(g: Graph, output: str, tmp_path: Path) -> Network:
    """The network of the file, whose outputs are what qonnx computes."""
    path = g.save(tmp_path / "net.onnx", output)
    network = load(path)
    size = math.prod(g.shape[1:])
    x = RNG.uniform(-5, 5, (12, *g.shape[1:])).astype(np.float32)
    assert network.input_size == size
    found = reference.run(network, network.quantise(x))
    np.testing.assert_array_equal(found, as_integers(network, execute(path, x).outputs))
    return network


def graph(*shape: int) -> tuple[Graph, str]:
    g = Graph((1, *(shape or (TOKENS, CHANNELS))))
    return g, g.quant("x", 0.25, 5)


def test_all_tokens_share_a_dense_and_its_activation(tmp_path: Path) -> None:
    g, x = graph()
    hidden = g.node("Add", dense(g, x, CHANNELS, 5), g.constant(RNG.normal(0, 2, 5)))
    network = made(g, dense(g, g.quant(g.node("Relu", hidden), 0.5, 4, signed=0), 5, 3), tmp_path)
    shared = network.nodes[0].layer, network.nodes[1].layer
    assert isinstance(shared[0], Dense) and shared[0].weight.shape == (5, CHANNELS) and shared[0].tokens == TOKENS
    assert isinstance(shared[1], Threshold) and shared[1].channels == 5 and shared[1].tokens == TOKENS
    assert network.output_size == TOKENS * 3


def test_an_activation_with_a_bias_of_each_token_is_one_of_all_elements(tmp_path: Path) -> None:
    g, x = graph()
    hidden = g.node("Add", dense(g, x, CHANNELS, 5), g.constant(RNG.normal(0, 2, (TOKENS, 5))))
    network = made(g, dense(g, g.quant(hidden, 0.5, 4), 5, 3), tmp_path)
    (threshold,) = layers(network, Threshold)
    assert isinstance(threshold, Threshold) and (threshold.channels, threshold.tokens) == (TOKENS * 5, 1)


def test_a_mixer_block(tmp_path: Path) -> None:
    g, x = graph()
    turned = g.node("Transpose", x, perm=[0, 2, 1])
    hidden = g.quant(g.node("Relu", dense(g, turned, TOKENS, 5)), 0.5, 4, signed=0)
    mixed = g.quant(dense(g, hidden, 5, TOKENS), 0.25, 5)
    x = g.quant(g.node("Add", x, g.node("Transpose", mixed, perm=[0, 2, 1])), 0.5, 5)
    hidden = g.quant(g.node("Relu", dense(g, x, CHANNELS, 7)), 0.5, 4, signed=0)
    x = g.quant(g.node("Add", x, g.quant(dense(g, hidden, 7, CHANNELS), 0.25, 5)), 0.5, 5)
    pooled = g.quant(g.node("ReduceMean", x, axes=[1], keepdims=0), 0.125, 6)
    network = made(g, dense(g, pooled, CHANNELS, 3), tmp_path)
    assert [layer.tokens for layer in layers(network, Dense)] == [CHANNELS, CHANNELS, TOKENS, TOKENS, 1]  # type: ignore[attr-defined]
    assert layers(network, Transpose) == [Transpose(TOKENS, CHANNELS), Transpose(CHANNELS, TOKENS)]
    assert layers(network, Reduce) == [Reduce(TOKENS, CHANNELS)]
    assert {layer.tokens for layer in layers(network, Add)} <= {TOKENS, CHANNELS}  # type: ignore[attr-defined]
    assert check(tmp_path / "net.onnx", network, count=100).mismatches == 0


def test_weights_at_the_left_mix_tokens(tmp_path: Path) -> None:
    g, x = graph()
    left = g.node("Transpose", weights(g, TOKENS, 5), perm=[1, 0])
    network = made(g, dense(g, g.quant(g.node("MatMul", left, x), 0.5, 5), CHANNELS, 2), tmp_path)
    assert [layer.tokens for layer in layers(network, Dense)] == [CHANNELS, 5]  # type: ignore[attr-defined]


def test_a_matrix_is_flattened_before_a_dense(tmp_path: Path) -> None:
    g, x = graph()
    hidden = g.node("Flatten", g.quant(dense(g, x, CHANNELS, 3), 0.5, 4))
    network = made(g, dense(g, hidden, TOKENS * 3, 2), tmp_path)
    assert [layer.tokens for layer in layers(network, Dense)] == [TOKENS, 1]  # type: ignore[attr-defined]


def test_a_transposition_before_a_flat_dense_costs_nothing(tmp_path: Path) -> None:
    g, x = graph()
    hidden = g.node("Flatten", g.node("Transpose", g.quant(dense(g, x, CHANNELS, 3), 0.5, 4), perm=[0, 2, 1]))
    assert not layers(made(g, dense(g, hidden, TOKENS * 3, 2), tmp_path), Transpose)


@pytest.mark.parametrize("kind", ["ReduceMean", "ReduceSum", "ReduceMax"])
@pytest.mark.parametrize(("axis", "layer"), [(1, Reduce(TOKENS, CHANNELS)), (2, Reduce(CHANNELS, 1, TOKENS))])
def test_reductions(kind: str, axis: int, layer: Reduce, tmp_path: Path) -> None:
    g, x = graph()
    if kind == "ReduceSum":  # whose axes are an input since opset 13
        small = g.node(kind, x, g.constant([axis], np.int64), keepdims=0)
    else:
        small = g.node(kind, x, axes=[axis], keepdims=0)
    network = made(g, dense(g, g.quant(small, 0.5, 6), layer.size, 3), tmp_path)
    (found,) = layers(network, Reduce)
    assert found == Reduce(layer.axis, layer.inner, layer.tokens, kind == "ReduceMax")


def test_a_class_for_each_token(tmp_path: Path) -> None:
    g, x = graph()
    g.result = TensorProto.INT64
    path = g.save(tmp_path / "net.onnx", g.node("ArgMax", dense(g, x, CHANNELS, 5), axis=-1, keepdims=0))
    network = load(path)
    (argmax,) = layers(network, ArgMax)
    assert isinstance(argmax, ArgMax) and (argmax.tokens, argmax.channels) == (TOKENS, 5)
    x_float = RNG.uniform(-5, 5, (12, TOKENS, CHANNELS)).astype(np.float32)
    np.testing.assert_array_equal(reference.run(network, network.quantise(x_float)), execute(path, x_float).outputs)


@pytest.mark.parametrize(("axis", "tokens"), [(2, TOKENS), (1, 1)])
def test_concatenation_of_channels_and_of_tokens(axis: int, tokens: int, tmp_path: Path) -> None:
    g, x = graph()
    parts = [g.quant(dense(g, x, CHANNELS, rows), 0.5, 4) for rows in ((3, 5) if axis == 2 else (4, 4))]
    network = made(g, dense(g, g.node("Concat", *parts, axis=axis), 8 if axis == 2 else 4, 3), tmp_path)
    (concat,) = layers(network, Concat)
    assert isinstance(concat, Concat) and concat.tokens == tokens


def test_patches_of_an_image(tmp_path: Path) -> None:
    g, x = graph(1, 8, 6)
    patches = g.node("Reshape", x, g.constant([1, 4, 2, 3, 2], np.int64))
    patches = g.node("Reshape", g.node("Transpose", patches, perm=[0, 1, 3, 2, 4]), g.constant([1, 12, 4], np.int64))
    network = made(g, dense(g, patches, 4, 3), tmp_path)
    assert layers(network, Transpose) == [Transpose(2, 3, 2, tokens=4)]


@pytest.mark.parametrize("rank", [2, 3, 4])
def test_every_order_of_axes_is_some_transpositions(rank: int) -> None:
    shape = (2, 3, 4, 5)[:rank]
    for order in itertools.permutations(range(rank)):
        places = np.arange(math.prod(shape)).reshape(shape).transpose(order).reshape(-1)
        found = transpositions(Picked(places, len(places)))
        assert found is not None and len(found) < rank
        values = np.arange(len(places))[None]
        for layer in found:
            values = transposed(values, layer)
        np.testing.assert_array_equal(values[0], places)


def test_other_orders_are_no_transpositions() -> None:
    for places in ([1, 0, 2], [2, 1, 0], [0, 2, 1, 3, 5, 4], [0, 0], [0, 2]):
        assert transpositions(Picked(np.array(places), max(places) + 1)) is None, places


def test_scales_that_differ_from_token_to_token_are_refused(tmp_path: Path) -> None:
    g = Graph((1, TOKENS, CHANNELS))
    x = g.quant("x", RNG.uniform(0.2, 0.3, (1, TOKENS, 1)), 5)
    path = g.save(tmp_path / "net.onnx", dense(g, x, CHANNELS, 3))
    with pytest.raises(UserError, match="differ from token to token; use one for all of them"):
        load(path)


def test_a_mean_over_the_samples_of_a_batch_is_refused(tmp_path: Path) -> None:
    g, x = graph()
    path = g.save(tmp_path / "net.onnx", dense(g, g.node("ReduceMean", x, axes=[0]), CHANNELS, 3))
    with pytest.raises(UserError, match=r"ReduceMean.*samples of a batch"):
        load(path)


def test_steps_of_a_token() -> None:
    from hwflow.quantised.elementwise import Step

    same, other = Step("mul", (np.tile(np.float32([1, 2]), 3),)), Step("mul", (np.arange(6, dtype=np.float32),))
    found = of_token((same, Step("relu")), 3)
    assert found is not None and found[0].operands[0].tolist() == [1, 2]
    assert of_token((other,), 3) is None
