"""QONNX files made by hand, and their execution by the qonnx package."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from hwflow.quantised import reference
from hwflow.quantised.frontend.quantisers import affine
from hwflow.quantised.network import Network, Threshold

GENERAL = "qonnx.custom_op.general"


@dataclass
class Graph:
    """A graph under construction; methods add a node and give its output's name. others: shapes of the
    inputs beside x; results: types of outputs that are not of type `result`."""

    shape: Sequence[Any] = (1, 8)
    domain: str = GENERAL
    element: int = TensorProto.FLOAT
    result: int = TensorProto.FLOAT
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    tensors: list[onnx.TensorProto] = field(default_factory=list)
    names: int = 0
    others: dict[str, Sequence[Any]] = field(default_factory=dict)
    results: dict[str, int] = field(default_factory=dict)

    def constant(self, values: Any, kind: Any = np.float32) -> str:
        name = self._name("c")
        self.tensors.append(numpy_helper.from_array(np.asarray(values, dtype=kind), name))
        return name

    def node(self, operator: str, *inputs: str, domain: str = "", outputs: int = 1, **attributes: Any) -> str:
        names = [self._name("t") for _ in range(outputs)]
        title = f"{operator.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), names, name=title, domain=domain, **attributes))
        return names[-1]

    def quant(self, x: str, scale: Any, bits: float, zero: Any = 0, signed: int = 1, narrow: int = 0,
              rounding: str = "ROUND") -> str:  # fmt: skip
        operands = [self.constant(value) for value in (scale, zero, bits)]
        return self.node("Quant", x, *operands, domain=self.domain, signed=signed, narrow=narrow,
                         rounding_mode=rounding)  # fmt: skip

    def bipolar(self, x: str, scale: Any = 1.0) -> str:
        return self.node("BipolarQuant", x, self.constant(scale), domain=self.domain)

    def weights(self, array: np.ndarray, scale: Any = 0.25, bits: int = 4, **options: Any) -> str:
        """Quantised weights, as they stand in MatMul: [columns, rows]."""
        return self.quant(self.constant(array), scale, bits, **options)

    def model(self, output: str | Sequence[str], opset: int = 13) -> onnx.ModelProto:
        outputs = [output] if isinstance(output, str) else output
        graph = helper.make_graph(
            self.nodes,
            "net",
            [
                helper.make_tensor_value_info(name, self.element, shape)
                for name, shape in {"x": self.shape, **self.others}.items()
            ],
            [helper.make_tensor_value_info(name, self.results.get(name, self.result), None) for name in outputs],
            self.tensors,
        )
        opsets = [helper.make_opsetid("", opset), helper.make_opsetid(self.domain, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=9)

    def save(self, path: Path, output: str | Sequence[str], opset: int = 13) -> Path:
        path.write_bytes(self.model(output, opset).SerializeToString())
        return path

    def _name(self, letter: str) -> str:
        self.names += 1
        return f"{letter}{self.names}"


@dataclass(frozen=True, eq=False)
class Executed:
    """What qonnx computes: the outputs [n, …]; for each activation quantiser its integers, for each product its floats."""

    outputs: np.ndarray
    activations: list[np.ndarray]
    products: list[np.ndarray]


def execute(path: Path, x: np.ndarray) -> Executed:
    """Each sample of x by the qonnx package, after its own clean-up of the file."""
    from qonnx.core.modelwrapper import ModelWrapper
    from qonnx.core.onnx_exec import execute_onnx
    from qonnx.util.cleanup import cleanup_model

    model = cleanup_model(ModelWrapper(str(path)))
    source, sink = model.graph.input[0].name, model.graph.output[0].name
    quantisers = [node for node in model.graph.node if node.op_type in ("Quant", "BipolarQuant", "IntQuant")
                  and model.get_initializer(node.input[0]) is None]  # fmt: skip
    # Those before the first matrix quantise the input.
    first = next((i for i, node in enumerate(model.graph.node) if node.op_type in ("MatMul", "Gemm")), 0)
    after = [node for node in quantisers if list(model.graph.node).index(node) > first]
    contexts = [execute_onnx(model, {source: sample[None]}, return_full_exec_context=True) for sample in x]
    activations = []
    for node in after:
        scale, zero = model.get_initializer(node.input[1]), 0 if node.op_type == "BipolarQuant" else node.input[2]
        values = np.stack([context[node.output[0]] for context in contexts]) / scale
        values = values + model.get_initializer(zero) if zero else (values + 1) / 2
        activations.append(np.rint(values).astype(np.int64).reshape(len(x), -1))
    outputs = np.stack([context[sink].reshape(-1) for context in contexts])
    products = [np.stack([context[node.output[0]].reshape(-1) for context in contexts])
                for node in model.graph.node if node.op_type in ("MatMul", "Gemm")]  # fmt: skip
    return Executed(outputs, activations, products)


def assert_equal(network: Network, path: Path, x: np.ndarray) -> Executed:
    """Every activation, and the outputs as integers, are what qonnx computes for the file; what it computed."""
    executed = execute(path, x)
    trace = reference.trace(network, network.quantise(x))
    ours = [trace[node.name] for node in network.nodes if isinstance(node.layer, Threshold)]
    for mine, theirs in zip(ours, executed.activations, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    np.testing.assert_array_equal(trace[network.nodes[-1].name], as_integers(network, executed.outputs))
    return executed


def as_integers(network: Network, outputs: np.ndarray) -> np.ndarray:
    """The last node's integers behind float outputs of the file, whose last steps are affine."""
    gain, offset = affine(network.decode) or pytest.fail("the last steps are not affine")
    values = (outputs.reshape(len(outputs), -1) - offset) / gain
    integers = np.rint(values)
    assert np.abs(values - integers).max() < 0.05
    return integers.astype(np.int64)
