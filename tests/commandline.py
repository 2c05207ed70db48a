"""The command line as users run it: a program of its own, in a folder of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hwflow.tool.cache import VARIABLE

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it wrote."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON value on standard output."""
        return json.loads(self.out)


Hwflow = Callable[..., Done]


@pytest.fixture
def hwflow(tmp_path: Path) -> Hwflow:
    """hwflow("compile", model, "--board", name, …) in the test's folder."""

    def run(*words: object, path: str = f"{Path(sys.executable).parent}:/usr/bin:/bin") -> Done:
        command = [sys.executable, "-m", "hwflow", *map(str, words)]
        environment = {
            "PATH": path,
            "PYTHONPATH": str(ROOT),
            "HOME": str(tmp_path),
            VARIABLE: os.environ[VARIABLE],
        }
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=environment, check=False)
        assert "Traceback" not in done.stderr
        return Done(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A QONNX file: four unsigned 4-bit inputs, six hidden channels of 2 bits, three outputs, 2-bit weights."""
    import numpy as np
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    rng = np.random.default_rng(5)
    arrays = {
        "one": np.float32(1),
        "zero": np.float32(0),
        "two": np.float32(2),
        "four": np.float32(4),
        "half": np.float32(0.5),
        "w0": rng.integers(-1, 2, (4, 6)).astype(np.float32),
        "w1": rng.integers(-1, 2, (6, 3)).astype(np.float32),
    }

    def quant(data: str, scale: str, bits: str, out: str, signed: int) -> onnx.NodeProto:
        options = {"signed": signed, "narrow": signed, "rounding_mode": "ROUND"}
        return helper.make_node(
            "Quant", [data, scale, "zero", bits], [out], f"quant_{out}", domain="qonnx.custom_op.general", **options
        )

    nodes = [
        quant("x", "one", "four", "x_int", 0),
        quant("w0", "one", "two", "w0_int", 1),
        helper.make_node("MatMul", ["x_int", "w0_int"], ["sum0"], "matmul0"),
        quant("sum0", "four", "two", "hidden", 0),
        quant("w1", "one", "two", "w1_int", 1),
        helper.make_node("MatMul", ["hidden", "w1_int"], ["sum1"], "matmul1"),
        helper.make_node("Mul", ["sum1", "half"], ["y"], "scale"),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 3])],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in arrays.items()],
    )
    opsets = [helper.make_opsetid("", 13), helper.make_opsetid("qonnx.custom_op.general", 1)]
    path = tmp_path_factory.mktemp("it's a model") / "tiny net.onnx"
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), path)
    return path
