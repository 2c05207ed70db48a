"""The verb `finn setup`: FINN's environment, tried on a small net before it counts as set up."""

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hwflow.board import find_board
from hwflow.errors import ToolError
from hwflow.finn.compilation import build_with_finn
from hwflow.finn.environment import VERSION, Environment, place, set_up
from hwflow.paths import scratch_folder
from hwflow.progress import Progress
from hwflow.quantised.frontend import load
from hwflow.words import Done, Part

_BOARD = "pynq-z2"
_CONSTANTS = {"one": 1.0, "zero": 0.0, "two": 2.0, "four": 4.0}


@dataclass(frozen=True)
class FinnSetup(Done):
    """Where FINN is, of which version, what it took, and whether it was there before."""

    place: str
    version: str
    seconds: float
    kept: bool

    def words(self) -> tuple[Part, ...]:
        done = "was set up before" if self.kept else f"set up in {self.seconds:.0f} s"
        return (f"finn-plus {self.version} {done}: {self.place}",)


def set_up_finn(progress: Progress) -> FinnSetup:
    """Make FINN's environment, or what of it is not yet made. Raises ToolError if a step, or the test, fails."""
    start = time.monotonic()
    where = place()
    done = set_up(where, progress, lambda environment: try_out(environment, progress))
    return FinnSetup(str(where), VERSION, time.monotonic() - start, not done)


def try_out(environment: Environment, progress: Progress) -> None:
    """Take a small net through all of FINN's steps. Raises ToolError if one fails, differs, or gives no RTL."""
    with scratch_folder() as folder:
        model = folder / "small.onnx"
        write_small_model(model)
        log = environment.place.parent / f"{environment.place.name}.test.log"
        _, record = build_with_finn(
            model, load(model), find_board(_BOARD), log, None, None, progress, environment=environment
        )
        if record.hls:
            raise ToolError(f"FINN made no RTL of a small net: {record.hls[0]} (log: {log}).")
        log.unlink()


def write_small_model(path: Path) -> None:
    """A QONNX file of two layers, 6-4-3, with weights and activations of two bits and inputs of four."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    draw = np.random.default_rng(6)
    arrays = {name: np.asarray(value, np.float32) for name, value in _CONSTANTS.items()}
    arrays["w0"] = draw.integers(-1, 2, (6, 4)).astype(np.float32)
    arrays["w1"] = draw.integers(-1, 2, (4, 3)).astype(np.float32)

    def quant(data: str, bits: str, out: str, signed: int) -> onnx.NodeProto:
        inputs = [data, "four" if data == "sum0" else "one", "zero", bits]
        domain = "qonnx.custom_op.general"
        return helper.make_node(
            "Quant", inputs, [out], domain=domain, signed=signed, narrow=signed, rounding_mode="ROUND"
        )

    nodes = [
        quant("x", "four", "q", 0),
        quant("w0", "two", "weight0", 1),
        helper.make_node("MatMul", ["q", "weight0"], ["sum0"]),
        quant("sum0", "two", "hidden", 0),
        quant("w1", "two", "weight1", 1),
        helper.make_node("MatMul", ["hidden", "weight1"], ["y"]),
    ]
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, size]) for name, size in (("x", 6), ("y", 3))]
    constants = [numpy_helper.from_array(array, name) for name, array in arrays.items()]
    graph = helper.make_graph(nodes, "small", ends[:1], ends[1:], constants)
    opsets = [helper.make_opsetid("", 13), helper.make_opsetid("qonnx.custom_op.general", 1)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), path)
