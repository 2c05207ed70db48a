"""Whether an imported network is the model file: against execution of the file by the qonnx package."""

import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hwflow.errors import MissingTool
from hwflow.ints import IntArray
from hwflow.progress import Progress
from hwflow.quantised import reference
from hwflow.quantised.frontend.quantisers import affine
from hwflow.quantised.network import ArgMax, Network
from hwflow.quantised.report.records import ImportRecord
from hwflow.samples import read_samples
from hwflow.versions import tools


def compare_with_qonnx(model: Path, network: Network, vectors: Path, count: int, progress: Progress) -> ImportRecord:
    """Run up to `count` vectors through the network and through the file, and compare integers.

    network: of the model, without a class at its end unless the file has one itself. Accumulators are compared as
    integers: y_file = scale * a + offset, of which scale and offset are known, gives a. Raises UserError for vectors
    that do not fit, MissingTool without qonnx.
    """
    x = read_samples(vectors)[0][:count].astype(np.float32)
    start = time.monotonic()
    ours = reference.run(network, network.quantise(x))
    seconds = time.monotonic() - start
    start = time.monotonic()
    theirs = _execute(model, x, progress)
    qonnx_seconds = time.monotonic() - start
    integers = accumulators(network, theirs)
    exact = integers is not None
    if integers is None:
        integers = theirs.argmax(axis=1)[:, None]
        ours = ours if ours.shape[1] == 1 else network.dequantise(ours).argmax(axis=1)[:, None]
    return ImportRecord(
        model=model.name,
        network=network.digest,
        vectors=len(x),
        source=vectors.name,
        compared="integers" if exact else "classes",
        values=ours.size,
        mismatches=int(np.count_nonzero(ours != integers)),
        seconds=seconds,
        qonnx_seconds=qonnx_seconds,
        tool=tools("qonnx", "onnx", "numpy"),
    )


def accumulators(network: Network, theirs: NDArray[np.float64]) -> IntArray | None:
    """The integers that stand for the file's outputs; None if its last steps cannot be undone."""
    if isinstance(network.nodes[-1].layer, ArgMax):
        return theirs.astype(np.int64) if theirs.shape[1] == 1 else None
    relation = affine(network.decode)
    if relation is None or not np.all(relation[0]):
        return None
    gain, offset = relation
    values = (theirs - offset) / gain
    integers = np.rint(values)
    # What is nearer to the middle than to an integer stands for none, and so for a number that no sum reaches.
    return np.where(np.abs(values - integers) < 0.25, integers, np.iinfo(np.int64).min).astype(np.int64)


def _execute(model: Path, x: NDArray[np.float32], progress: Progress) -> NDArray[np.float64]:
    """The file's outputs [n, outputs], one sample at a time, as the qonnx package executes it."""
    try:
        from qonnx.core.modelwrapper import ModelWrapper
        from qonnx.core.onnx_exec import execute_onnx
        from qonnx.util.cleanup import cleanup_model
    except ImportError as error:
        raise MissingTool(f"Comparing with the model file needs {error.name}; run `python -m pip install qonnx`."
                          ) from None  # fmt: skip
    graph = cleanup_model(ModelWrapper(str(model)))
    source, sink = graph.graph.input[0].name, graph.graph.output[0].name
    shape = [1, *graph.get_tensor_shape(source)[1:]]
    outputs = []
    for index, sample in enumerate(x):
        progress(f"executing {model.name} with qonnx", index / len(x))
        outputs.append(execute_onnx(graph, {source: sample.reshape(shape)})[sink].reshape(-1))
    return np.stack(outputs).astype(np.float64)
