"""What Brevitas and onnxruntime's quantisation write, each against execution by qonnx and by onnxruntime."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hwflow.quantised import reference
from hwflow.quantised.flow.equality import check
from hwflow.quantised.frontend import load

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]  # of torch, Brevitas and onnxruntime themselves
RNG = np.random.default_rng(0)
SHAPES = {"TFC": [64, 64, 64], "SFC": [256, 256, 256], "LFC": [1024, 1024, 1024]}  # of Brevitas' own examples


def example(name: str, weight_bits: int, bits: int) -> Any:
    """One of Brevitas' example nets, untrained, its batch norms as if trained."""
    torch = pytest.importorskip("torch")
    models = pytest.importorskip("brevitas_examples.bnn_pynq.models.FC")
    torch.manual_seed(1)
    net = models.FC(10, weight_bits, bits, bits, 1, SHAPES[name])
    with torch.no_grad():
        for norm in (module for module in net.modules() if isinstance(module, torch.nn.BatchNorm1d)):
            norm.running_mean.normal_(0, 2), norm.running_var.uniform_(5, 50), norm.weight.uniform_(0.5, 2)
            norm.bias.normal_()
    return net.eval()


def by_onnxruntime(path: Path, x: np.ndarray) -> np.ndarray:
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    source = session.get_inputs()[0].name
    return np.concatenate([session.run(None, {source: sample[None]})[0] for sample in x])


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize(("weight_bits", "bits"), [(1, 1), (1, 2), (2, 2)])
def test_examples_as_qonnx(tmp_path: Path, name: str, weight_bits: int, bits: int) -> None:
    torch = pytest.importorskip("torch")
    from brevitas.export import export_qonnx

    path = tmp_path / "net.onnx"
    export_qonnx(example(name, weight_bits, bits), torch.zeros(1, 784), str(path), dynamo=False)
    record = check(path, load(path), count=100)
    assert record.right and record.mismatches == 0 and record.values == 1000, record


@pytest.mark.parametrize("name", SHAPES)
def test_examples_as_qcdq(tmp_path: Path, name: str) -> None:
    """With 2 bits: Brevitas writes no QCDQ of 1 bit."""
    torch = pytest.importorskip("torch")
    from brevitas.export import export_onnx_qcdq

    path = tmp_path / "net.onnx"
    export_onnx_qcdq(example(name, 2, 2), torch.zeros(1, 784), str(path), dynamo=False)
    network = load(path)
    record = check(path, network, count=100)
    assert record.right and record.mismatches == 0 and record.values == 1000, record
    x = RNG.uniform(0, 1, (50, 784)).astype(np.float32)
    ours = network.dequantise(reference.run(network, network.quantise(x)))
    np.testing.assert_allclose(ours, by_onnxruntime(path, x), rtol=1e-4, atol=1e-4)


class Samples:
    """What onnxruntime calibrates with."""

    def __init__(self) -> None:
        self.samples: Iterator[np.ndarray] = iter(RNG.normal(0, 1, (40, 1, 12)).astype(np.float32))

    def get_next(self) -> dict[str, np.ndarray] | None:
        sample = next(self.samples, None)
        return None if sample is None else {"x": sample}


def float_mlp(path: Path, gemm: bool) -> Path:
    from onnx import TensorProto, helper, numpy_helper, save

    sizes, nodes, tensors, x = [12, 16, 16, 5], [], [], "x"
    for i, shape in enumerate(pairwise(sizes)):
        tensors.append(numpy_helper.from_array(RNG.normal(0, 0.4, shape).astype(np.float32), f"w{i}"))
        tensors.append(numpy_helper.from_array(RNG.normal(0, 0.4, shape[1]).astype(np.float32), f"b{i}"))
        y = "y" if i == 2 else f"s{i}"
        if gemm:
            nodes.append(helper.make_node("Gemm", [x, f"w{i}", f"b{i}"], [y], name=f"gemm{i}"))
        else:
            nodes.append(helper.make_node("MatMul", [x, f"w{i}"], [f"m{i}"], name=f"matmul{i}"))
            nodes.append(helper.make_node("Add", [f"m{i}", f"b{i}"], [y], name=f"add{i}"))
        if i < 2:
            nodes.append(helper.make_node("Relu", [y], [f"r{i}"], name=f"relu{i}"))
        x = f"r{i}"
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, size]) for name, size in (("x", 12), ("y", 5))]
    graph = helper.make_graph(nodes, "float", ends[:1], ends[1:], tensors)
    save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)
    return path


@pytest.mark.parametrize("gemm", [False, True])
@pytest.mark.parametrize("each", [False, True])
@pytest.mark.parametrize("kinds", ["QUInt8 QInt8", "QUInt8 QUInt8", "QInt8 QInt8", "QInt16 QInt8"])
def test_static_quantisation_as_qdq(tmp_path: Path, gemm: bool, each: bool, kinds: str) -> None:
    quantised(tmp_path, gemm, each, kinds, "QDQ")


@pytest.mark.parametrize("each", [False, True])
@pytest.mark.parametrize("kinds", ["QUInt8 QInt8", "QUInt8 QUInt8", "QInt8 QInt8"])
def test_static_quantisation_as_operators(tmp_path: Path, each: bool, kinds: str) -> None:
    quantised(tmp_path, True, each, kinds, "QOperator")


def quantised(folder: Path, gemm: bool, each: bool, kinds: str, form: str) -> None:
    quantisation = pytest.importorskip("onnxruntime.quantization")
    activations, weights = (getattr(quantisation.QuantType, kind) for kind in kinds.split())
    quantisation.quantize_static(
        float_mlp(folder / "float.onnx", gemm), folder / "net.onnx", Samples(), per_channel=each, activation_type=activations,
        weight_type=weights, quant_format=getattr(quantisation.QuantFormat, form),
    )  # fmt: skip
    record = check(folder / "net.onnx", load(folder / "net.onnx"), count=200)
    assert record.right and record.mismatches == 0 and record.values == 1000 and not record.unchecked, record
