"""Nets as Brevitas trains and exports them, against execution by the qonnx package."""

import warnings
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from quantised.qonnx_graphs import Graph, assert_equal

from hwflow.quantised.frontend import load
from hwflow.quantised.network import Dense

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Without the deprecations that torch and Brevitas announce to each other."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def random_net(rng: np.random.Generator) -> tuple[Any, int]:
    """One to three layers of 1 to 8 bits with any of what Brevitas offers, in evaluation mode; and its inputs."""
    import brevitas.nn as qnn
    import torch
    from brevitas import quant

    def pick(*choices: Any) -> Any:
        return choices[int(rng.integers(len(choices)))]

    def dense(columns: int, rows: int) -> Any:
        bits, bias = int(rng.integers(1, 9)), pick(None, quant.Int32Bias, quant.Int8BiasPerTensorFloatInternalScaling)
        kinds = (quant.Int8WeightPerTensorFloat, quant.Int8WeightPerChannelFloat, quant.Int8WeightPerTensorFixedPoint)
        kind = quant.SignedBinaryWeightPerTensorConst if bits == 1 else pick(*kinds)
        width = {} if bits == 1 else {"weight_bit_width": bits}
        return qnn.QuantLinear(columns, rows, bias=pick(True, False), bias_quant=bias, weight_quant=kind, **width)

    def activation() -> Any:
        bits = int(rng.integers(1, 9))
        if bits == 1:
            return qnn.QuantIdentity(act_quant=quant.SignedBinaryActPerTensorConst, return_quant_tensor=True)
        options = {"bit_width": bits, "return_quant_tensor": True}
        return pick(
            lambda: qnn.QuantReLU(act_quant=quant.Uint8ActPerTensorFloat, **options),
            lambda: qnn.QuantIdentity(act_quant=quant.Int8ActPerTensorFloat, **options),
            lambda: qnn.QuantIdentity(act_quant=quant.Int8ActPerTensorFixedPoint, **options),
            lambda: qnn.QuantIdentity(act_quant=quant.ShiftedUint8ActPerTensorFloat, **options),
            lambda: qnn.QuantHardTanh(act_quant=quant.Int8ActPerTensorFloat, min_val=-1, max_val=1, **options),
        )()

    def norm(size: int) -> Any:
        layer = torch.nn.BatchNorm1d(size)
        values = (rng.normal(0, 1, size), rng.normal(0, 1, size), rng.normal(0, 1, size), rng.uniform(0.1, 2, size))
        for parameter, value in zip(
            (layer.weight, layer.bias, layer.running_mean, layer.running_var), values, strict=True
        ):
            parameter.data = torch.tensor(value).float()
        return layer

    sizes = [int(size) for size in rng.integers(2, 24, int(rng.integers(2, 5)))]
    first = pick(quant.Uint8ActPerTensorFloat, quant.Int8ActPerTensorFloat, quant.ShiftedUint8ActPerTensorFloat)
    layers = [qnn.QuantIdentity(act_quant=first, bit_width=int(rng.integers(2, 9)), return_quant_tensor=True)]
    for columns, rows in pairwise(sizes):
        # Batch norm keeps float sums away from ties: see `test_qonnx.py` for sums that are exactly zero.
        layers += [dense(columns, rows), norm(rows), activation()]
    del layers[-2:]
    net = torch.nn.Sequential(*layers).train()
    for _ in range(3):
        net(torch.from_numpy(rng.normal(0, 1, (64, sizes[0]))).float())
    return net.eval(), sizes[0]


@pytest.mark.parametrize("seed", range(24))
def test_random_net(tmp_path: Path, seed: int) -> None:
    import torch
    from brevitas.export import export_qonnx

    rng = np.random.default_rng(seed)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        net, size = random_net(rng)
    path = tmp_path / "net.onnx"
    export_qonnx(net, args=torch.zeros(1, size), export_path=str(path), dynamo=False)
    assert_equal(load(path), path, rng.normal(0, 2, (24, size)).astype(np.float32))


def test_a_bias_in_the_unit_of_the_sums_stays_an_integer(tmp_path: Path) -> None:
    g = Graph((1, 3))
    weights = g.weights(np.eye(3)[:, :2] * 0.3, 0.3, 2)
    bias = g.quant(g.constant([0.21, -0.21]), 0.21, 8)  # 0.7 * 0.3
    g.save(tmp_path / "net.onnx", g.node("Gemm", g.quant("x", 0.7, 4), weights, bias))
    network = load(tmp_path / "net.onnx")
    assert [step.kind for step in network.decode] == ["add", "mul"]
    assert network.decode[0].operands[0].tolist() == [1, -1]


def test_wide_unsigned_weights_with_a_zero_point(tmp_path: Path) -> None:
    g = Graph()
    weights = g.weights(np.linspace(-10, 50, 24).reshape(8, 3), 0.25, 8, zero=40, signed=0)
    path = g.save(tmp_path / "net.onnx", g.node("MatMul", g.quant("x", 0.5, 4), weights))
    network = load(path)
    layer = network.nodes[0].layer
    assert isinstance(layer, Dense) and layer.weight.max() > 127 and layer.weight_type.bits == 9
    assert_equal(network, path, np.random.default_rng(0).normal(0, 2, (9, 8)).astype(np.float32))
