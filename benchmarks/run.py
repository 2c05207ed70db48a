"""`make bench`: speeds as ratios, each pair measured side by side in one run, and counts over whole data sets.

--data (make bench DATA=...) names a folder with the QONNX model zoo's qonnx_zoo/TFC_2W2A.onnx and with mnist.npz (x_test,
y_test). Rows that need them are skipped, with the reason, where they are absent.
--quick takes 200 images where 10,000 need minutes.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

HWFLOW = [sys.executable, "-m", "hwflow"]


@dataclass(frozen=True)
class Row:
    """A figure, what it should be, and whether it is."""

    name: str
    figure: str
    bar: str
    met: bool

    def __str__(self) -> str:
        return f"{'ok  ' if self.met else 'MISS'}  {self.name:<58} {self.figure:>26}   bar: {self.bar}"


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def command_line() -> Iterator[Row]:
    """The command line without a model: a fresh process each time, the best of five."""

    def best(*command: str) -> float:
        return min(timed(lambda: subprocess.run(command, capture_output=True, check=True))[0] for _ in range(5))

    help_seconds = best(*HWFLOW, "--help")
    yield Row("hwflow --help", f"{help_seconds:.2f} s", "<= 0.5 s", help_seconds <= 0.5)
    imported = best(sys.executable, "-c", "import hwflow") - best(sys.executable, "-c", "pass")
    yield Row("import hwflow, over bare Python", f"{imported:.3f} s", "<= 0.1 s", imported <= 0.1)


def compiling(model: Path) -> Iterator[Row]:
    """`hwflow compile` in a process of its own, seconds and largest memory."""
    with tempfile.TemporaryDirectory() as scratch:
        command = [*HWFLOW, "compile", str(model), "--board", "ulx3s-85f", "--out", str(Path(scratch) / "out")]
        seconds, _ = timed(lambda: subprocess.run(command, capture_output=True, check=True))
        megabytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    yield Row("hwflow compile TFC_2W2A: time", f"{seconds:.2f} s", "<= 3 s", seconds <= 3)
    yield Row("hwflow compile TFC_2W2A: memory", f"{megabytes:.0f} MB", "<= 500 MB", megabytes <= 500)


class Qonnx:
    """Execution of the model, as its file is, by the qonnx package, one image at a time."""

    def __init__(self, model: Path) -> None:
        from qonnx.core.modelwrapper import ModelWrapper
        from qonnx.core.onnx_exec import execute_onnx
        from qonnx.transformation.infer_shapes import InferShapes

        self._execute = execute_onnx
        self._model = ModelWrapper(str(model)).transform(InferShapes())  # without which it refuses to execute
        self._input = self._model.graph.input[0].name
        self._output = self._model.graph.output[0].name
        self._shape = self._model.get_tensor_shape(self._input)

    def __call__(self, image: np.ndarray) -> np.ndarray:
        feed = {self._input: image.reshape(self._shape)}
        return np.asarray(self._execute(self._model, feed)[self._output]).reshape(-1)


def tfc(model: Path, images: Path, count: int) -> Iterator[Row]:
    """TFC_2W2A on MNIST: integers, QONNX execution and RTL, and how fast each is."""
    from hwflow.board import find_board
    from hwflow.project import ProjectFolder
    from hwflow.quantised import reference
    from hwflow.quantised.backend.compiled import Compiled
    from hwflow.quantised.backend.dataflow import Options, compile_network
    from hwflow.quantised.frontend import load
    from hwflow.quantised.tool.simulate import dataflow_source, simulate_source

    network = load(model)
    with np.load(images) as data:
        x, y = data["x_test"].astype(np.float32) / np.float32(255), data["y_test"]
    integers = network.quantise(x)
    reference.run(network, integers[:100])
    reference_seconds, outputs = timed(lambda: reference.run(network, integers))
    accuracy = float((network.dequantise(outputs).argmax(axis=1) == y).mean())
    yield Row(
        "TFC_2W2A in integers, accuracy on 10,000 images", f"{accuracy:.2%}", "96.60 %", round(accuracy, 4) == 0.966
    )

    qonnx = Qonnx(model)
    qonnx(x[0])
    qonnx_seconds, executed = timed(lambda: [qonnx(image) for image in x[:count]])
    scores = network.dequantise(outputs[:count])
    differing = int(np.count_nonzero(np.stack(executed) != scores))
    yield Row(f"values that differ from QONNX execution, {count:,} images", str(differing), "0", differing == 0)

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        compile_network(network, find_board("sim"), Options()).save(folder)
        compiled = Compiled.of(ProjectFolder.read(folder))
        source = dataflow_source(compiled)
        simulate_source(source, compiled.folder, network, integers[:1])  # compiles
        rtl_seconds, simulation = timed(lambda: simulate_source(source, compiled.folder, network, integers))
    yield Row("RTL against the reference, 10,000 images: mismatches", str(simulation.mismatches), "0",
              simulation.mismatches == 0)  # fmt: skip

    each = qonnx_seconds / count
    for name, seconds, bar in (("simulation of the RTL", rtl_seconds, 300), ("reference", reference_seconds, 1000)):
        ratio = each * len(x) / seconds
        yield Row(f"{name}, inferences/s against QONNX execution",
                  f"{len(x) / seconds:,.0f}/s : {1 / each:.1f}/s = {ratio:,.0f}", f">= {bar:,}", ratio >= bar)  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path())
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # other packages' deprecations
    model, images = options.data / "qonnx_zoo" / "TFC_2W2A.onnx", options.data / "mnist.npz"
    missed = 0
    parts = [command_line()]
    if model.is_file() and images.is_file():
        parts += [compiling(model), tfc(model, images, 200 if options.quick else 10_000)]
    else:
        print(f"skipped: TFC_2W2A, since {model} or {images} is not there")
    for part in parts:
        for row in part:
            print(row, flush=True)
            missed += not row.met
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
