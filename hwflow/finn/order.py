"""A net through FINN's steps, in a process of FINN's own Python: a QONNX file and JSON in, a chain of nodes and files out."""

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwflow.errors import ToolError
from hwflow.finn.design import HDL, MEMORY, MODELS, FinnDesign, FinnNode
from hwflow.finn.environment import VERSION, Environment
from hwflow.ints import IntArray
from hwflow.records import read_record
from hwflow.tool.process import run_tool

_PATIENCE = 3600.0  # seconds
# Equal jobs give equal files, and nothing of the user's own Python gets in.
WORKER_ENVIRONMENT = {"PYTHONHASHSEED": "0", "PYTHONNOUSERSITE": "1", "PYTHONPATH": "", "MPLBACKEND": "Agg"}


@dataclass(frozen=True)
class Step:
    """A step of FINN: the file of its model in the worker's folder, the seconds it took and those of its check."""

    name: str
    file: str
    seconds: float
    check_seconds: float


@dataclass(frozen=True, eq=False)
class Order:
    """What FINN is to do.

    model: the QONNX file; x: floats [n, size] as the file takes them; q: the integers that they mean, of `input_type`;
    target_cycles: a goal for the folding, or folding: for each kind of node the attributes of each (`FinnFolding`), or
    neither, and then dsps and brams (of 18 kbit) are the room for a folding that FINN chooses.
    """

    model: Path
    x: NDArray[np.float32]
    q: IntArray
    input_type: str
    part: str
    clock_ns: float
    target_cycles: int | None
    folding: Mapping[str, list[dict[str, Any]]] | None
    dsps: int
    brams: int


@dataclass(frozen=True, eq=False)
class Made:
    """What FINN did.

    outputs: after each step, by its name, what its model gives for the vectors, as the model file's output means it,
    and `hardware`, the integers that leave the last node; files: of the project, without the network's own.
    """

    steps: tuple[Step, ...]
    design: FinnDesign
    outputs: Mapping[str, NDArray[np.float64]]
    files: Mapping[str, bytes]


@dataclass(frozen=True)
class _Failure:
    step: str
    node: str
    message: str


@dataclass(frozen=True)
class _Placed(FinnNode):
    """A node as the worker describes it: with paths as they are there, and `place`, the folder of its own files."""

    place: str


@dataclass(frozen=True)
class _Result:
    version: str
    load_seconds: float
    steps: tuple[Step, ...]
    nodes: tuple[_Placed, ...]


def run_finn(environment: Environment, order: Order, scratch: Path, log: Path, progress: Callable[[str], None]) -> Made:
    """Run FINN's steps in the folder `scratch`; `log` gets all that FINN says.

    Raises ToolError with the step, the node and FINN's own message if a step fails.
    """
    shutil.copyfile(order.model, scratch / "model.onnx")
    np.savez(scratch / "vectors.npz", x=order.x, q=order.q.astype(np.float32))
    job = {field: value for field, value in asdict(order).items() if field not in ("model", "x", "q")}
    paths = {"model": "model.onnx", "vectors": "vectors.npz", "folder": "."}
    job |= {name: str(scratch / path) for name, path in paths.items()}
    (scratch / "job.json").write_text(json.dumps(job))

    def on_line(line: str) -> None:
        if line.startswith("@"):
            progress(f"FINN: {line[1:]}")

    try:
        run_tool(environment.worker(scratch / "job.json"), log, cwd=scratch, environment=WORKER_ENVIRONMENT,
                 on_line=on_line, silence=_PATIENCE)  # fmt: skip
    except ToolError as error:
        raise told_failure(scratch, log, error) from None
    result = read_record(_Result, scratch / "result.json", "run it again.")
    with np.load(scratch / "outputs.npz", allow_pickle=False) as outputs:
        values = dict(outputs)
    return _made(order, scratch, result, values)


def told_failure(folder: Path, log: Path, error: ToolError, cause: str | None = None) -> ToolError:
    """The sentence for a worker that failed in `folder`: the step, the node, and the cause, else FINN's own message."""
    if not (folder / "failure.json").is_file():
        return ToolError(f"FINN ended before it was done: {cause or error}")
    failure = read_record(_Failure, folder / "failure.json", "run it again.")
    where = f" at {failure.node}" if failure.node else ""
    said = (cause or failure.message).rstrip(".")
    return ToolError(f"FINN's step {failure.step} failed{where}: {said} (log: {log}).")


def _made(order: Order, scratch: Path, result: _Result, outputs: Mapping[str, NDArray[np.float64]]) -> Made:
    files: dict[str, bytes] = {f"{MODELS}/{step.file}": (scratch / step.file).read_bytes() for step in result.steps}
    files |= {f"{MODELS}/{path.name}": path.read_bytes() for path in sorted((scratch / "report").glob("*.json"))}
    nodes = tuple(_placed(node, files) for node in result.nodes)
    names = tuple(step.name for step in result.steps)
    return Made(result.steps, FinnDesign(VERSION, order.part, order.clock_ns, names, nodes), outputs, files)


def _placed(node: _Placed, files: dict[str, bytes]) -> FinnNode:
    """The node with its files among the project's, and with the project's paths, in it and in its HDL."""
    own = f"{MEMORY}/{node.name}"
    hdl = HDL if node.style == "rtl" else f"{MODELS}/hls/{node.name}"
    paths = {source: f"{hdl}/{Path(source).name}" for source in node.sources}
    paths |= {memory: f"{own}/{Path(memory).name}" for memory in node.memories}
    for source, target in paths.items():
        content = Path(source).read_bytes()
        if source.startswith(node.place) and not source.endswith(".dat"):
            # Generated for the place where it was made: images are named by their absolute path, or beside the HDL.
            text = content.decode().replace(node.place, own).replace(f'"./{node.name}_', f'"{own}/{node.name}_')
            content = text.encode()
        if files.setdefault(target, content) != content:
            raise ToolError(f"FINN gave two different files of the name {Path(target).name}; report this to hwflow.")
    fields = {key: value for key, value in vars(node).items() if key != "place"}
    fields["sources"] = tuple(paths[source] for source in node.sources)
    fields["memories"] = tuple(paths[memory] for memory in node.memories)
    if node.weights:
        fields["weights"] = type(node.weights)(**vars(node.weights) | {"memory": paths[node.weights.memory]})
    return FinnNode(**fields)
