"""Networks against execution of their files: equal ones are, others are not."""

import dataclasses
import gc
import sys
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest
from quantised.qonnx_graphs import Graph

from hwflow.errors import MissingTool, UserError
from hwflow.quantised import reference
from hwflow.quantised.flow.equality import check, read_outputs
from hwflow.quantised.frontend import load
from hwflow.quantised.network import ArgMax, Dense, Network
from hwflow.quantised.report.check import CheckRecord

pytestmark = pytest.mark.slow  # qonnx takes two seconds to load


def save_model(path: Path, *, softmax: bool = False) -> Path:
    rng = np.random.default_rng(2)
    graph = Graph(shape=(1, 8))
    x = graph.quant("x", 1.0, 4, signed=0)
    hidden = graph.quant(graph.node("MatMul", x, graph.weights(rng.normal(size=(8, 5)))), 0.5, 3)
    y = graph.node("Add", graph.node("MatMul", hidden, graph.weights(rng.normal(size=(5, 3)))), graph.constant(0.3))
    return graph.save(path, graph.node("Softmax", y) if softmax else y)


def changed(network: Network) -> Network:
    """One weight of the last matrix is another."""
    node = network.nodes[-1]
    assert isinstance(node.layer, Dense)
    weight = node.layer.weight.copy()
    weight[0, 0] += 1 if weight[0, 0] < node.layer.weight_type.max else -1
    other = dataclasses.replace(node, layer=Dense(weight, node.layer.weight_type))
    return dataclasses.replace(network, nodes=(*network.nodes[:-1], other))


def test_outputs_of_another_scale_are_not_equal(tmp_path: Path) -> None:
    model = save_model(tmp_path / "m.onnx")
    network = load(model)
    shifted = dataclasses.replace(network, decode=tuple(
        dataclasses.replace(step, operands=tuple(operand * np.float32(1.4) for operand in step.operands))
        for step in network.decode
    ))  # fmt: skip
    assert check(model, shifted, count=25).mismatches > 0


def test_classes_are_compared_where_integers_cannot_be(tmp_path: Path) -> None:
    model = save_model(tmp_path / "m.onnx", softmax=True)
    record = check(model, load(model), count=40)
    assert (record.compared, record.values, record.mismatches) == ("classes", 40, 0)


def test_a_check_finds_nothing_and_keeps_its_record(tmp_path: Path) -> None:
    model = save_model(tmp_path / "m.onnx")
    record = check(model, load(model), count=60)
    assert (record.vectors, record.values, record.mismatches, record.exact) == (60, 180, 0, True)
    assert record.compared == "integers"
    assert record.right and record.wrong == "" and record.unchecked == "" and record.class_agreement == 1
    assert record.largest_error < 1e-6
    record.save(tmp_path)
    assert CheckRecord.from_folder(tmp_path) == record


def test_one_wrong_weight_is_found(tmp_path: Path) -> None:
    model = save_model(tmp_path / "m.onnx")
    record = check(model, changed(load(model)), count=60)
    assert record.exact and not record.right and record.differing > 30
    assert "m.onnx differ from execution by qonnx in" in record.wrong


def wide(path: Path) -> Path:
    """12 and 16 bits, whose sums float32 rounds: activations near a threshold come out a step beside."""
    rng = np.random.default_rng(4)
    graph = Graph(shape=(1, 64))
    w1, w2 = (graph.weights(rng.normal(size=shape), 1e-4, 16) for shape in ((64, 16), (16, 5)))
    hidden = graph.quant(graph.node("MatMul", graph.quant("x", 0.0013, 12), w1), 0.0021, 14)
    return graph.save(path, graph.node("MatMul", hidden, w2))


def test_what_float32_rounds_is_no_difference_and_a_wrong_weight_is(tmp_path: Path) -> None:
    model = wide(tmp_path / "m.onnx")
    network = load(model)
    record = check(model, network, count=200)
    assert not record.exact and record.right and record.mismatches == 0
    assert check(model, changed(network), count=200).mismatches > 50


def test_a_class_is_another_only_where_float32_may_tell_them_apart(tmp_path: Path) -> None:
    model = wide(tmp_path / "m.onnx")
    network = load(model, argmax=True)
    assert check(model, network, count=200).mismatches == 0
    turned = network.nodes[-1].layer
    assert isinstance(turned, ArgMax)
    other = dataclasses.replace(
        network.nodes[-1], layer=ArgMax(turned.gain[::-1].copy(), turned.offset + np.arange(5) * 10**7)
    )
    wrong = dataclasses.replace(network, nodes=(*network.nodes[:-1], other))
    assert 0 < check(model, wrong, count=200).mismatches < 200


@pytest.mark.parametrize("kind", ["ReduceMax", "Tanh"])
def test_values_behind_the_last_sums_are_compared(tmp_path: Path, kind: str) -> None:
    rng = np.random.default_rng(2)
    graph = Graph(shape=(1, 8))
    hidden = graph.quant(graph.node("MatMul", graph.quant("x", 0.5, 4), graph.weights(rng.normal(size=(8, 5)))), 0.5, 3)
    y = graph.node("MatMul", hidden, graph.weights(rng.normal(size=(5, 3)), 0.11))
    model = graph.save(tmp_path / "m.onnx", graph.node(kind, y, **({"axes": [1]} if kind == "ReduceMax" else {})))
    network = load(model)
    right = check(model, network, count=60)
    assert (right.mismatches, right.compared) == (0, "values")
    wrong = check(model, changed(network), count=60)
    assert not wrong.right and wrong.mismatches > 2


def test_a_class_at_the_end_is_compared_with_the_scores(tmp_path: Path) -> None:
    model = save_model(tmp_path / "m.onnx")
    record = check(model, load(model, argmax=True), count=60)
    assert (record.values, record.mismatches, record.class_agreement) == (60, 0, 1)


def unquantised(path: Path) -> Path:
    graph = Graph(shape=(1, 8))
    hidden = graph.quant(graph.node("MatMul", "x", graph.constant(np.eye(8)[:, :5])), 1e-4, 4)
    return graph.save(path, graph.node("MatMul", hidden, graph.weights(np.eye(5), 1.0)))


def test_what_the_inputs_rounding_does_is_stated_and_not_counted(tmp_path: Path) -> None:
    model = unquantised(tmp_path / "m.onnx")
    x = np.random.default_rng(1).normal(0, 3e-4, (50, 8)).astype(np.float32)
    record = check(model, load(model), x, count=60)
    assert record.values == 60 * 5 and record.mismatches == 0 and record.largest_error > 0.1
    assert (
        record.input_error > 0.1 and not record.right and "--vectors" in record.wrong and "--input-type" in record.wrong
    )
    assert record.assumptions == load(model).assumptions != ()
    chosen = check(model, load(model, samples=x), x, count=60)
    assert chosen.right and 0 < chosen.input_error < 1e-4


def test_what_the_author_got_is_compared_too(tmp_path: Path) -> None:
    model = save_model(tmp_path / "m.onnx")
    network, x = load(model), np.random.default_rng(3).integers(0, 16, (20, 8))
    y = network.dequantise(reference.run(network, network.quantise(x)))
    record = check(model, network, x, y, count=30)
    assert (
        record.author and (record.random, record.given, record.values) == (30, 20, 150) and record.largest_error < 1e-6
    )
    assert check(model, network, x, y + 1, count=30).largest_error > 0.01
    with pytest.raises(UserError, match="y_float holds 19 outputs for 20 vectors"):
        check(model, network, x, y[:19])


def test_a_file_that_qonnx_does_not_execute(tmp_path: Path) -> None:
    graph = Graph(shape=(1, 8))
    widths = np.tile([3.0, 4.0], (8, 2))
    graph.save(tmp_path / "m.onnx", graph.node("MatMul", graph.quant("x", 0.5, 4),
                                               graph.weights(np.eye(8)[:, :4], 0.5, widths)))  # fmt: skip
    network, x = load(tmp_path / "m.onnx"), np.random.default_rng(3).integers(-8, 8, (20, 8)) / 2
    record = check(tmp_path / "m.onnx", network, count=30)
    assert "does not execute m.onnx (" in record.unchecked and record.values == 0 and record.class_agreement is None
    y = network.dequantise(reference.run(network, network.quantise(x)))
    assert check(tmp_path / "m.onnx", network, x, y, count=30).values == 80
    assert check(tmp_path / "m.onnx", network, x, y + 1, count=30).mismatches == 80


def test_without_qonnx_a_check_that_is_not_demanded_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = Graph(shape=(1, 8))
    graph.save(tmp_path / "m.onnx", graph.node("MatMul", graph.quant("x", 0.5, 4), graph.weights(np.eye(8), 0.5, 4)))
    network = load(tmp_path / "m.onnx")
    monkeypatch.setitem(sys.modules, "qonnx.core.modelwrapper", None)
    with pytest.raises(MissingTool, match=r"run `pip install 'hwflow\[qonnx\]'`\.$"):
        check(tmp_path / "m.onnx", network)
    record = check(tmp_path / "m.onnx", network, demanded=False)
    assert record.right and record.values == 0
    assert str(record.words()[0]).startswith("not checked: Comparing with the model file needs qonnx")


def test_a_published_net_is_checked_in_a_second(shared: Path) -> None:
    model = shared / "data" / "qonnx_zoo" / "TFC_2W2A.onnx"
    record = check(model, load(model))
    assert record.right and record.values == 5000 and record.mismatches == 0


@pytest.mark.parametrize("content", [b"text", b"PK\x03\x04" + bytes(40), b""])
def test_outputs_of_the_author_that_cannot_be_read_leave_no_file_open(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "v.npz").write_bytes(content)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        with pytest.raises(UserError, match="y_float in .* cannot be read"):
            read_outputs(tmp_path / "v.npz")
        gc.collect()
    assert warned == []


def test_no_outputs_of_the_author_are_none(tmp_path: Path) -> None:
    np.savez(tmp_path / "v.npz", y_float=np.zeros((0, 3)))
    with pytest.raises(UserError, match="give finite outputs"):
        read_outputs(tmp_path / "v.npz")


def test_outputs_that_are_no_array_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "v.npz", "w") as file:
        file.writestr("y_float.npy", b"bytes")
    with pytest.raises(UserError, match="y_float in .* cannot be read .y_float is no array"):
        read_outputs(tmp_path / "v.npz")
