"""Random vectors in floats reach every integer of the input, and stand where they must."""

from pathlib import Path

import numpy as np
import pytest
from quantised.qonnx_graphs import Graph

from hwflow.ints import IntType
from hwflow.quantised.flow.covering import covering_vectors
from hwflow.quantised.frontend import load
from hwflow.quantised.frontend.inputs import InputFormat, input_error
from hwflow.quantised.network import Network

W = np.random.default_rng(0).integers(-3, 4, (8, 5))


def net(path: Path, quantiser: str, **options: object) -> Network:
    g = Graph()
    h = g.node("Sub", g.node("Mul", "x", g.constant(2)), g.constant(1))
    match quantiser:
        case "of all":
            h = g.quant(h, 0.3, 4)
        case "of each":
            h = g.quant(g.node("Neg", h), np.arange(1, 9), 4, signed=0)
        case "bipolar":
            h = g.bipolar(h)
    return load(g.save(path / "net.onnx", g.node("MatMul", h, g.constant(W))), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("quantiser", ["of all", "of each", "bipolar"])
def test_every_integer_of_a_quantiser_is_reached(tmp_path: Path, quantiser: str) -> None:
    network = net(tmp_path, quantiser)
    q = network.quantise(covering_vectors(network, 2000, 0)[0])
    kind = network.input_type
    for column in q.T:
        counts = np.bincount(column - kind.min, minlength=kind.max - kind.min + 1)
        assert counts.min() > 2000 / len(counts) / 4


def test_integers_and_formats_are_met_exactly(tmp_path: Path) -> None:
    for kind in (IntType(8, False), InputFormat.parse("FIXED8.3")):
        network = net(tmp_path, "none", input_type=kind)
        x, step = covering_vectors(network, 2000, 0)
        assert step == 1 and input_error(network, x) < 1e-6
        q = network.quantise(x)
        assert (q.min(), q.max()) == (network.input_type.min, network.input_type.max)


def test_wide_inputs_are_multiples_that_float32_can_add(tmp_path: Path) -> None:
    network = net(tmp_path, "none", input_type=IntType(24, True))
    x, step = covering_vectors(network, 500, 0)
    q = network.quantise(x)
    assert step > 1 and not np.any(q % step) and np.abs(q).max() > 1 << 22
    assert np.abs(q // step @ np.abs(W)).max() < 1 << 24


def test_the_same_seed_gives_the_same(tmp_path: Path) -> None:
    network = net(tmp_path, "of all")
    np.testing.assert_array_equal(covering_vectors(network, 9, 1)[0], covering_vectors(network, 9, 1)[0])
    assert not np.array_equal(covering_vectors(network, 9, 1)[0], covering_vectors(network, 9, 2)[0])
