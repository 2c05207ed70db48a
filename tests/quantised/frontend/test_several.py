"""Models with several inputs and outputs: against qonnx, by name and as one vector, and what is said and refused."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto
from quantised.qonnx_graphs import Graph

import hwflow
from hwflow.errors import UserError
from hwflow.quantised import reference
from hwflow.quantised.flow.equality import check
from hwflow.quantised.frontend import load
from hwflow.quantised.frontend.inputs import InputFormat
from hwflow.quantised.model import QuantisedModel
from hwflow.quantised.network import Concat, Network, Slice

SIZES = {"x": 6, "second": 10}


def two_streams(path: Path, *, scales: tuple[float, float] = (0.5, 0.25), ends: int = 2) -> Path:
    """Inputs of 4 bits without and of 8 bits with a sign, a matrix for each, their sum; the scores and what the first gave."""
    rng = np.random.default_rng(3)
    g = Graph(shape=(1, 6), others={"second": (1, 10)})
    first, second = g.quant("x", scales[0], 4, signed=0), g.quant("second", scales[1], 8)
    hidden = [g.quant(g.node("Relu", g.node("MatMul", x, g.weights(rng.normal(size=(size, 8))))), 0.5, 4, signed=0)
              for x, size in ((first, 6), (second, 10))]  # fmt: skip
    scores = g.node("MatMul", g.quant(g.node("Add", *hidden), 0.5, 4, signed=0), g.weights(rng.normal(size=(8, 5))))
    return g.save(path, [scores, hidden[0]][:ends])


def samples(n: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(5)
    return {name: rng.normal(0, 4, (n, size)) for name, size in SIZES.items()}


def random_file(path: Path, rng: np.random.Generator) -> Path:
    """Two or three inputs, quantised each in its own way, joined at random, and one to three outputs."""
    names = ["x", *[f"in{i}" for i in range(int(rng.integers(1, 3)))]]
    sizes = [int(rng.integers(1, 9)) for _ in names]
    g = Graph(shape=(1, sizes[0]), others=dict(zip(names[1:], [(1, size) for size in sizes[1:]], strict=True)))

    def quantised(x: str) -> str:
        if rng.integers(4) == 0:
            return g.bipolar(x, 2.0 ** -int(rng.integers(3)))
        return g.quant(x, 2.0 ** -int(rng.integers(3)), int(rng.integers(2, 9)), signed=int(rng.integers(2)))

    inputs = [quantised(name) for name in names]
    hidden = [
        quantised(g.node("MatMul", x, g.weights(rng.normal(size=(size, 5)))))
        for x, size in zip(inputs, sizes, strict=True)
    ]
    joined = g.node("Concat", *hidden, axis=1) if rng.integers(2) else g.node("Sum", *hidden)
    width = 5 * len(hidden) if g.nodes[-1].op_type == "Concat" else 5
    scores = g.node("MatMul", quantised(joined), g.weights(rng.normal(size=(width, 4))))
    best = g.node("ArgMax", scores, axis=1, keepdims=1)
    g.results[best] = TensorProto.INT64
    others = [scores, best, hidden[0], inputs[-1], g.node("Relu", scores)]
    return g.save(path, [scores, *rng.permutation(others[1:])[: int(rng.integers(3))].tolist()])


@pytest.mark.parametrize("seed", range(5))
def test_random_files_are_what_qonnx_executes(tmp_path: Path, seed: int) -> None:
    path = random_file(tmp_path / "net.onnx", np.random.default_rng(seed))
    network = load(path)
    record = check(path, network, count=100)
    assert (record.differing, record.random, record.unchecked) == (0, 100, "")
    assert record.values == 100 * network.output_size


def test_a_wrong_weight_behind_one_of_the_outputs_is_found(tmp_path: Path) -> None:
    """Each of the outputs is compared, and not the first alone."""
    path = two_streams(tmp_path / "net.onnx")
    network = load(path)
    at = next(i for i, node in enumerate(network.nodes) if node.name == "dense0")
    weight = network.nodes[at].layer.weight.copy()
    weight[0, 0] += 1 if weight[0, 0] < 0 else -1
    wrong = replace(network.nodes[at], layer=replace(network.nodes[at].layer, weight=weight))
    record = check(path, replace(network, nodes=(*network.nodes[:at], wrong, *network.nodes[at + 1 :])), count=100)
    assert record.differing > 0


def test_each_input_keeps_its_bits_behind_its_slice_and_the_packing_is_told(tmp_path: Path) -> None:
    network = load(two_streams(tmp_path / "net.onnx"))
    cuts = [node for node in network.nodes if isinstance(node.layer, Slice)]
    assert [(node.layer.start, node.layer.size, str(network.types[node.name])) for node in cuts] == [
        (0, 6, "UINT4"),
        (6, 10, "INT8"),
    ]
    assert str(network.input_type) == "INT8"
    assert isinstance(network.nodes[-1].layer, Concat)
    said = " ".join(network.assumptions)
    assert "UINT4 'x', INT8 'second', go to the board as one vector of INT8" in said
    assert "UINT4 't" in said and "come from the board as one vector of INT" in said
    model = QuantisedModel.read(tmp_path / "net.onnx")
    assert "before the first integer of 'second', 10, INT8: div 0.25, clip -128 127, round" in str(model)
    assert [port.name for port in model.inspect().inputs] == ["x", "second"]


def test_by_name_and_as_one_vector_are_the_same(tmp_path: Path) -> None:
    model = hwflow.load(two_streams(tmp_path / "net.onnx"))
    x = samples(20)
    named = model.run(x)
    whole = model.run(np.concatenate(list(x.values()), axis=1))
    assert [y.shape for y in named.values()] == [(20, 5), (20, 8)]
    np.testing.assert_array_equal(np.concatenate(list(named.values()), axis=1), whole)
    assert list(named) == [port.name for port in model.network.outputs]
    np.savez(tmp_path / "named.npz", **x)
    np.savez(tmp_path / "whole.npz", x=np.concatenate(list(x.values()), axis=1))
    for file in ("named.npz", "whole.npz"):
        assert model.check(tmp_path / file, count=20).right


def test_an_only_input_and_output_have_names_too(tmp_path: Path) -> None:
    g = Graph(shape=(1, 4))
    model = hwflow.load(g.save(tmp_path / "net.onnx", g.node("MatMul", g.quant("x", 0.5, 4), g.weights(np.eye(4)))))
    x = np.ones((3, 4))
    np.testing.assert_array_equal(model.run({"x": x})["y"], model.run(x))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"second": None}, "lacks 'second'; it should hold x, second"),
        ({"second": np.zeros((20, 9))}, "second in .* holds 9 values for a sample, and the model's input 10"),
        ({"second": np.zeros((19, 10))}, "20 samples of x and 19 of second"),
        ({"second": np.full((20, 10), np.nan)}, "second in .* holds NaN"),
        ({"x": np.full((20, 6), 1e9), "second": None, "z": np.zeros(3)}, "lacks 'second'"),
    ],
)  # fmt: skip
def test_inputs_that_do_not_fit(tmp_path: Path, change: dict[str, Any], sentence: str) -> None:
    model = hwflow.load(two_streams(tmp_path / "net.onnx"))
    given = {name: array for name, array in (samples(20) | change).items() if array is not None}
    with pytest.raises(UserError, match=sentence):
        model.run(given)
    np.savez(tmp_path / "x.npz", **given)
    with pytest.raises(UserError, match=sentence):
        model.check(tmp_path / "x.npz")


def test_no_class_of_several_outputs(tmp_path: Path) -> None:
    path = two_streams(tmp_path / "net.onnx")
    with pytest.raises(UserError, match="has 2 outputs and not one class; use run"):
        hwflow.load(path).infer(samples(2))
    with pytest.raises(UserError, match="has 2 outputs, of which none is the class; leave the argmax out"):
        load(path, argmax=True)
    one = two_streams(tmp_path / "one.onnx", ends=1)
    assert hwflow.load(one, argmax=True).infer(samples(2)).tolist() == hwflow.load(one).infer(samples(2)).tolist()


def test_files_and_back(tmp_path: Path) -> None:
    network = load(two_streams(tmp_path / "net.onnx"))
    again = Network.from_files(network.to_files(), tmp_path)
    assert again.digest == network.digest
    assert again.to_files() == network.to_files()
    x = np.concatenate(list(samples(20).values()), axis=1)
    np.testing.assert_array_equal(network.quantise(x), again.quantise(x))
    y = reference.run(network, network.quantise(x))
    np.testing.assert_array_equal(network.dequantise(y), again.dequantise(y))
    other = load(two_streams(tmp_path / "other.onnx", scales=(0.5, 0.5)))
    assert other.digest != network.digest  # which lies in the steps of the second input alone


def test_the_format_of_an_input_that_the_file_leaves_open(tmp_path: Path) -> None:
    g = Graph(shape=(1, 4), others={"second": (1, 3)})
    sums = [
        g.node("MatMul", x, g.weights(np.ones((size, 2)), 1.0))
        for x, size in (("x", 4), (g.quant("second", 1.0, 4), 3))
    ]
    joined = g.node("Concat", *[g.quant(each, 1.0, 8) for each in sums], axis=1)
    path = g.save(tmp_path / "net.onnx", g.node("MatMul", joined, g.weights(np.ones((4, 2)), 1.0)))
    assert [str(port.kind) for port in load(path).inputs] == ["INT16", "INT4"]
    given = load(path, input_type=InputFormat.parse("UINT5"))
    assert [str(port.kind) for port in given.inputs] == ["UINT5", "INT4"]
    x = {"x": np.arange(8).reshape(2, 4) / 4, "second": np.zeros((2, 3))}
    chosen = load(path, samples=x)
    np.testing.assert_array_equal(chosen.inputs[0].quantise(np.float32(x["x"]), "net"), x["x"] * 4)
    with pytest.raises(UserError, match="lacks 'second'"):
        load(path, samples={"x": x["x"]})
