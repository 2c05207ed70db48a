"""Execution of a model file by the qonnx package, for many vectors at once."""

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hwflow.errors import needed
from hwflow.progress import Progress
from hwflow.quantised.flow.rounding import InFloat64, run_in_float64
from hwflow.quantised.ports import parts_of

if TYPE_CHECKING:
    from qonnx.core.modelwrapper import ModelWrapper

_SCALED = ("Quant", "IntQuant", "BipolarQuant", "Trunc", "QuantizeLinear", "DequantizeLinear")
Inputs = dict[str, NDArray[Any]]
_ONNXRUNTIME = "com.microsoft"  # the operator set
BATCH = 250  # vectors executed at once: bounds memory


class NotExecuted(Exception):
    """The qonnx package does not execute the file; the message is its reason."""


@dataclass(frozen=True, eq=False)
class _Way:
    """How vectors are executed: the graph, how many at once, and in which shape each of its inputs."""

    model: "ModelWrapper"
    batch: int
    shapes: tuple[tuple[int, ...], ...]


class Execution:
    """A model file as the qonnx package executes it, after its own clean-up."""

    def __init__(self, path: Path) -> None:
        """Raises MissingTool without qonnx, NotExecuted if qonnx cannot read the file."""
        # onnxruntime, which qonnx loads, else writes an identifier of the machine into the home, and reports what it does.
        os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
        with needed("Comparing with the model file", "qonnx"):
            from qonnx.core.modelwrapper import ModelWrapper
            from qonnx.core.onnx_exec import execute_onnx
            from qonnx.util.cleanup import cleanup_model
        model = _tried(lambda: ModelWrapper(str(path)))
        theirs = any(node.domain == _ONNXRUNTIME for node in model.graph.node)
        self._name, self._execute = path.name, _by_onnxruntime if theirs else execute_onnx
        for source in model.graph.input:
            first = source.type.tensor_type.shape.dim
            if first and not first[0].dim_value:
                first[0].dim_value = 1  # of a size that is left open
        self.model: ModelWrapper = _tried(lambda: cleanup_model(model))
        self._sources = [source.name for source in self.model.graph.input]
        self._shapes = _tried(
            lambda: tuple(tuple(map(int, self.model.get_tensor_shape(name))) for name in self._sources)
        )
        self._kinds = {name: _tried(partial(self._kind, name)) for name in self._sources}
        for name, kind in self._kinds.items():
            if kind.kind not in "fiub":
                raise NotExecuted(f"its input {name} is of the type {kind}, which numpy cannot compute with")
        self._way = _Way(self.model, self._shapes[0][0], self._shapes)

    def _kind(self, name: str) -> np.dtype[Any]:
        from onnx import helper

        kind: np.dtype[Any] = helper.tensor_dtype_to_np_dtype(
            self.model.get_tensor_valueinfo(name).type.tensor_type.elem_type
        )
        return kind

    def held(self, x: NDArray[Any]) -> NDArray[np.float32]:
        """The vectors [n, inputs] as the types of the file's inputs hold them: the nearest values of them."""
        found = np.array(x, dtype=np.float32).reshape(len(x), -1)
        sizes = [math.prod(shape) if len(shape) == 1 else math.prod(shape[1:]) for shape in self._shapes]
        if sum(sizes) != found.shape[1]:
            return found  # the batch is not the first axis
        for part, name in zip(parts_of(found, sizes), self._sources, strict=True):
            kind = self._kinds[name]
            if kind.kind == "f":
                part[...] = np.clip(part, np.finfo(kind).min, np.finfo(kind).max).astype(kind)
            else:
                low, high = (0, 1) if kind.kind == "b" else (np.iinfo(kind).min, np.iinfo(kind).max)
                part[...] = np.clip(np.rint(part), low, high)
        return found

    def outputs(self, x: NDArray[Any], progress: Progress) -> NDArray[np.float64]:
        """The file's outputs [n, outputs] for vectors [n, …], several of either one behind another. Raises NotExecuted if qonnx
        cannot execute it.

        A graph written for one vector is executed for many at once, if that gives for most of the first three what the graph
        as it is gives for each alone (not for all: in another order of adding, float32 decides a tie otherwise).
        """
        samples = np.asarray(x, dtype=np.float32).reshape(len(x), -1)
        column = self._shapes == ((samples.shape[1], 1),)
        batch = 1 if column else self._shapes[0][0]
        shapes = self._shapes if column else tuple((-1, *shape[1:]) for shape in self._shapes)
        self._way = _Way(self.model, batch, shapes)
        if batch == 1 and not column and len(samples) > 1:
            alone = self._parts(samples[:3], progress)
            try:
                self._way = _Way(self._batched(), BATCH, shapes)
                together = self._parts(samples, progress)
                if together.shape[1] == alone.shape[1] and _mostly_equal(together[: len(alone)], alone):
                    return together
            except (NotExecuted, ValueError):
                pass  # the graph does not go with another batch
            self._way = _Way(self.model, batch, shapes)
        return self._parts(samples, progress)

    def in_float64(self, x: NDArray[Any]) -> InFloat64:
        """The same vectors, or some of them, with the sums in float64, as `outputs` executed them. Raises NotExecuted."""
        way = self._way
        found = [
            _tried(lambda part=part: run_in_float64(way.model, part, way.batch))
            for part in self._filled(np.asarray(x, dtype=np.float32).reshape(len(x), -1))
        ]
        outputs = np.concatenate([one.outputs for one in found])[: len(x)]
        return InFloat64(outputs, np.concatenate([one.tied for one in found])[: len(x)])

    def scales(self) -> NDArray[np.float64] | None:
        """The scales of all quantisers of the graph; None if one is not constant."""
        found = [np.ones(1)]
        for node in self.model.graph.node:
            if node.op_type in _SCALED:
                scale = self.model.get_initializer(node.input[1])
                if scale is None:
                    return None
                found.append(np.asarray(scale, dtype=np.float64).reshape(-1))
        return np.concatenate(found)

    def _parts(self, samples: NDArray[np.float32], progress: Progress) -> NDArray[np.float64]:
        """The outputs, a batch at a time."""
        parts = []
        for number, part in enumerate(self._filled(samples)):
            progress(f"executing {self._name} with qonnx", number * self._way.batch / len(samples))
            parts.append(self._run(self._way.model, part))
        return np.concatenate(parts)[: len(samples)].astype(np.float64)

    def _filled(self, samples: NDArray[np.float32]) -> Iterator[Inputs]:
        """Batches as the graph takes them, by the names of its inputs, the last filled with zeros."""
        size = self._way.batch
        # The first axis is the batch, but of a column, which is one sample, executed alone.
        sizes = [math.prod(shape[1:] if shape[0] < 0 else shape) for shape in self._way.shapes]
        for start in range(0, len(samples), size):
            part = np.zeros((size, samples.shape[1]), dtype=np.float32)
            some = samples[start : start + size]
            part[: len(some)] = some
            inputs = zip(self._sources, parts_of(part, sizes), self._way.shapes, strict=True)
            yield {name: own.reshape(shape) for name, own, shape in inputs}

    def _run(self, model: "ModelWrapper", inputs: Inputs) -> NDArray[Any]:
        """The outputs [batch, elements]."""
        given = {name: x.astype(self._kinds[name]) for name, x in inputs.items()}
        found = _tried(lambda: self._execute(model, given))
        outputs = [np.asarray(found[output.name]).reshape(self._way.batch, -1) for output in model.graph.output]
        return np.concatenate(outputs, axis=1)

    def _batched(self) -> "ModelWrapper":
        """The graph, written for one vector, for `BATCH` at once."""
        from onnx import numpy_helper
        from qonnx.core.modelwrapper import ModelWrapper

        model = ModelWrapper(self.model.model, make_deepcopy=True)
        graph = model.graph
        constants = {tensor.name for tensor in graph.initializer}
        for value in (*graph.input, *graph.value_info, *graph.output):
            dims = value.type.tensor_type.shape.dim
            if value.name not in constants and len(dims) > 0 and dims[0].dim_value == 1:
                dims[0].dim_value = BATCH
        shapes = {node.input[1] for node in graph.node if node.op_type == "Reshape"}
        for tensor in graph.initializer:
            wanted = numpy_helper.to_array(tensor).copy()
            if tensor.name in shapes and wanted.size > 1 and wanted[0] == 1:
                wanted[0] = BATCH
                tensor.CopyFrom(numpy_helper.from_array(wanted, tensor.name))
        return model


def _by_onnxruntime(model: "ModelWrapper", inputs: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """The outputs of a graph with operators of onnxruntime's own, of which qonnx does not know the shapes."""
    session = exact_session(model.model.SerializeToString())
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, inputs), strict=True))


def exact_session(model: bytes) -> Any:
    """onnxruntime's session of a file whose sums of integers are exact on every processor.

    On x86 without VNNI its products of UINT8 and INT8 are added in pairs of 16 bits, which saturate. In its precision mode
    (session.x64quantprecision), a graph optimisation of the level asked for here, such weights become UINT8 first; those of
    INT8 and INT8, which are exact as they are, do so too, and then have no kernel.
    """
    from onnxruntime.capi.onnxruntime_pybind11_state import NotImplemented as NoKernel

    try:
        return _session(model, precision=True)
    except NoKernel:
        return _session(model, precision=False)


def _session(model: bytes, *, precision: bool) -> Any:
    import onnxruntime

    levels, options = onnxruntime.GraphOptimizationLevel, onnxruntime.SessionOptions()
    options.graph_optimization_level = levels.ORT_ENABLE_EXTENDED if precision else levels.ORT_DISABLE_ALL
    options.add_session_config_entry("session.x64quantprecision", str(int(precision)))
    return onnxruntime.InferenceSession(model, options, ["CPUExecutionProvider"])


def _mostly_equal(some: NDArray[np.float64], others: NDArray[np.float64]) -> bool:
    return 2 * int(np.isclose(some, others, rtol=1e-3, atol=1e-6).all(axis=1).sum()) > len(others)


def _tried(action: Any) -> Any:
    """The action's result. qonnx raises plain exceptions of many types, for what it does not execute too."""
    try:
        return action()
    except Exception as error:
        reason = (str(error).splitlines() or [""])[0]
        raise NotExecuted(f"{type(error).__name__}: {reason:.120}") from None
