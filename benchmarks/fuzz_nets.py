"""Kinds of inputs that hold nets, for `make fuzz`: QONNX files, NIR files, and SuperNeuroMAT's JSON.

The readers of NIR and SuperNeuroMAT look at a file in a process of their own first; here their text runs in the process
that tries the input, under narrower limits, since a process for each input would take most of the time.
"""

import json
import warnings
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from fuzz_changes import message_changed, tree_changed
from fuzz_trial import Kind

from hwflow.errors import UserError

VECTORS, TICKS = 12, 20


def _chain(tokens: bool = False) -> Any:
    """Two layers: of vectors, with a batch norm; or of a matrix of three tokens, turned and averaged."""
    from quantised.qonnx_graphs import Graph

    rng = np.random.default_rng(3)
    g = Graph(shape=(1, 3, 4) if tokens else (1, 6))
    x = g.node("MatMul", g.quant("x", 0.5, 4), g.weights(rng.normal(0, 1, (4 if tokens else 6, 5))))
    if tokens:
        x = g.quant(g.node("Relu", x), 0.5, 3, signed=0)
        x = g.node("MatMul", g.node("Transpose", x, perm=[0, 2, 1]), g.weights(rng.normal(0, 1, (3, 2))))
        return g.model(g.node("ReduceMean", g.quant(x, 0.25, 4), axes=[1], keepdims=0))
    norm = [g.constant(rng.uniform(0.5, 2, 5)) for _ in range(4)]
    x = g.quant(g.node("Relu", g.node("BatchNormalization", x, *norm)), 0.5, 2, signed=0)
    x = g.node("Gemm", x, g.weights(rng.normal(0, 1, (3, 5)), 0.25, 3), g.constant([0.5, -0.25, 0]), transB=1)
    return g.model(x)


def _joins() -> Any:
    from quantised.qonnx_graphs import Graph

    rng = np.random.default_rng(4)
    g = Graph()
    x = g.quant("x", 0.5, 4)
    one, two = (g.quant(g.node("MatMul", x, g.weights(rng.normal(0, 1, (8, 6)))), 0.5, 4) for _ in range(2))
    joined = g.node("Concat", g.node("Add", one, two), one, axis=1)
    h = g.quant(g.node("Relu", joined), 1.0, 3, signed=0, rounding="FLOOR")
    h = g.node("Mul", h, g.constant(2.0))
    return g.model(g.node("MatMul", h, g.weights(rng.normal(0, 1, (12, 4)))))


def _bipolar() -> Any:
    from quantised.qonnx_graphs import Graph

    rng = np.random.default_rng(5)
    g = Graph()
    h = g.bipolar(g.node("MatMul", g.bipolar("x"), g.bipolar(g.constant(rng.normal(0, 1, (8, 5))))))
    levels = g.constant(np.sort(rng.normal(0, 2, (5, 3)), axis=1))
    h = g.node("MultiThreshold", g.node("MatMul", h, g.weights(rng.normal(0, 1, (5, 5)))), levels,
               domain=g.domain, out_dtype="UINT2")  # fmt: skip
    h = g.node("Reshape", h, g.constant([1, -1], np.int64))
    return g.model(g.node("Softmax", g.node("MatMul", h, g.weights(rng.normal(0, 1, (5, 3)))), axis=1))


def _integers() -> Any:
    """As onnxruntime's quantiser writes it."""
    from quantised.qonnx_graphs import Graph

    rng = np.random.default_rng(6)
    g = Graph(shape=(1, 4))
    scale, zero = g.constant(0.125), g.constant(0, np.int8)

    def twice(x: str) -> str:
        return g.node("DequantizeLinear", g.node("QuantizeLinear", x, scale, zero), scale, zero)

    def weights(rows: int, columns: int) -> str:
        return g.node("DequantizeLinear", g.constant(rng.integers(-9, 9, (columns, rows)), np.int8), scale, zero)

    h = twice(g.node("Relu", g.node("MatMul", twice("x"), weights(5, 4))))
    return g.model(g.node("MatMul", h, weights(2, 5)))


def qonnx_seeds(folder: Path) -> list[Any]:
    import onnx
    from quantised.frontend.test_several import random_file

    models = [_chain(), _chain(tokens=True), _joins(), _bipolar(), _integers()]
    for seed in range(3):
        models.append(onnx.load(str(random_file(folder / f"{seed}.onnx", np.random.default_rng(seed)))))
    return models


def save_qonnx(model: Any, folder: Path) -> Path:
    path = folder / "net.onnx"
    path.write_bytes(model.SerializeToString())
    return path


def read_qonnx(path: Path) -> Any:
    from hwflow import load
    from hwflow.quantised.family import QUANTISED

    QUANTISED.inspect(path).words()
    return load(path)


def compare_qonnx(path: Path, model: Any) -> str | None:
    """Execution of the file by qonnx."""
    record = model.check(count=VECTORS)
    if not record.made:
        return None
    return "" if record.right else record.wrong


def nir_seeds(folder: Path) -> list[Any]:
    import nir

    rng = np.random.default_rng(7)

    def full(value: float, count: int) -> np.ndarray:
        return np.full(count, value)

    def w(rows: int, columns: int) -> np.ndarray:
        return rng.integers(-8, 9, (rows, columns)) / 8.0

    lif = nir.LIF(full(4.0, 5), full(1.0, 5), full(0.0, 5), full(1.0, 5), full(0.0, 5))
    cuba = nir.CubaLIF(full(3.0, 3), full(5.0, 3), full(1.0, 3), full(0.0, 3), full(1.0, 3), full(0.0, 3))
    inner = nir.NIRGraph(
        nodes={"in": nir.Input({"input": np.array([5])}), "lif": lif, "w": nir.Linear(w(5, 5)), "out": nir.Output({"output": np.array([5])})},
        edges=[("in", "lif"), ("lif", "w"), ("w", "lif"), ("lif", "out")], type_check=False,
    )  # fmt: skip
    flat = nir.NIRGraph.from_list(nir.Affine(w(5, 4), full(0.125, 5)), lif, nir.Linear(w(3, 5)), cuba)
    loop = nir.NIRGraph(
        nodes={"input": nir.Input({"input": np.array([4])}), "fc": nir.Linear(w(5, 4)), "rec": inner, "output": nir.Output({"output": np.array([5])})},
        edges=[("input", "fc"), ("fc", "rec"), ("rec", "output")], type_check=False,
    )  # fmt: skip
    conv = nir.NIRGraph.from_list(
        nir.Conv2d((4, 4), w(2, 9).reshape(2, 1, 3, 3), 1, 1, 1, 1, full(0.0, 2)),
        nir.IF(np.ones((2, 4, 4)), np.ones((2, 4, 4)), np.zeros((2, 4, 4))),
        nir.SumPool2d(np.array([2, 2]), np.array([2, 2]), np.array([0, 0])), nir.Flatten({"input": np.array([2, 2, 2])}, 0),
        nir.Linear(w(3, 8)), nir.IF(np.ones(3), np.ones(3), np.zeros(3)),
    )  # fmt: skip
    return [_tree_of(folder / f"{number}.nir", graph) for number, graph in enumerate((flat, loop, conv))]


def _tree_of(path: Path, graph: Any) -> Any:
    """What an HDF5 file holds: groups as dicts, datasets as arrays, text and numbers."""
    import h5py
    import nir

    nir.write(path, graph)

    def held(item: Any) -> Any:
        if isinstance(item, h5py.Group):
            return {key: held(item[key]) for key in item}
        value = item[()]
        if isinstance(value, bytes):
            return value.decode()
        if value.dtype.kind == "O":
            return [[part.decode() for part in row] if isinstance(row, np.ndarray) else row.decode() for row in value]
        return value

    with h5py.File(path, "r") as file:
        return held(file)


def save_nir(tree: Any, folder: Path) -> Path:
    import h5py

    path = folder / "net.nir"
    with h5py.File(path, "w") as file:
        _put(file, tree)
    return path


def _put(group: Any, tree: Any) -> None:
    """What HDF5 cannot hold is left out."""
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in pairs:
        try:
            if isinstance(value, dict):
                _put(group.create_group(str(key)), value)
            elif value is not None:
                group.create_dataset(str(key), data=value)
        except (ValueError, TypeError, OSError, RuntimeError, UnicodeError, OverflowError):
            continue


def read_nir(path: Path) -> Any:
    """As the process that opens the file does, in which whatever the library raises is a file that is not whole."""
    from hwflow.spiking.frontend import nir, nir_child

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the library, in a process whose words nobody sees
            graph = nir_child.read(path)
    except (UserError, MemoryError):
        raise
    except Exception:
        raise UserError(f"{path} cannot be read.") from None
    from hwflow.spiking.frontend import nir_routes

    nir_routes.refused(graph, 1.0, clip=True)
    return nir.lower(graph, 1.0, "net", "net.nir", nir.Options(clip=True, allow_error=1.0))


def snm_seeds(folder: Path) -> list[Any]:
    from spiking.frontend.test_superneuromat import document

    return [document(), document(synaptic_delays=[1, 2, 3, 1], enable_stdp=[0, 0, 0, 0], input_spikes={})]


def save_json(tree: Any, folder: Path) -> Path:
    path = folder / "net.json"
    path.write_text(json.dumps(tree))
    return path


def read_snm(path: Path) -> Any:
    """As the process that looks at it first does, and the net of what it took."""
    from hwflow.spiking.frontend import superneuromat
    from hwflow.spiking.frontend.superneuromat_file import File

    try:
        file = File.model_validate_json(path.read_bytes())
    except (ValueError, RecursionError, OSError):  # those that `superneuromat_file.main` tells of
        raise UserError(f"{path} cannot be read.") from None
    superneuromat.stimulus_of(file)
    return superneuromat.from_file(file, path, clip=True, allow_error=1.0)


def compare_spiking(path: Path, model: Any) -> str | None:
    """The equations in integers by the equations of docs/neuron.md, and the net as it is saved and read again."""
    from hwflow.spiking.fit import core_for
    from hwflow.spiking.network_file import from_files, to_files
    from hwflow.spiking.reference import Rules, initial, run

    again = from_files(to_files(model.network), path)
    if again.digest != model.network.digest:
        return "the net that was saved is another"
    core = core_for(model.network, state_bits=model.info.state_bits)
    spikes = np.random.default_rng(0).random((TICKS, model.network.axons)) < 0.3
    found = [run(Rules(net, core), initial(net), spikes).spikes for net in (model.network, again)]
    return "" if np.array_equal(found[0], found[1]) else "the net that was saved spikes otherwise"


QONNX = Kind("qonnx", qonnx_seeds, message_changed, save_qonnx, read_qonnx, compare_qonnx)
_spiking = partial(Kind, change=tree_changed, compare=compare_spiking)
NIR = _spiking("nir", seeds=nir_seeds, save=save_nir, read=read_nir)
SNM = _spiking("snm", seeds=snm_seeds, save=save_json, read=read_snm)
