"""Reading NIR files that may be damaged or hostile: another process, under limits, opens them."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from hwflow.errors import UserError
from hwflow.frontend.float_net import FloatArray
from hwflow.frontend.nir_graph import NirGraph, NirNode

MAX_FILE_BYTES = 256 << 20
SECONDS = 60.0  # of wall clock


def read_graph(path: Path, seconds: float = SECONDS) -> NirGraph:
    """The graph in a NIR file. Raises UserError if it cannot be read within the limits, or holds no NIR graph."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise UserError(f"{path} is larger than {MAX_FILE_BYTES >> 20} MiB; this is not a net that fits an FPGA.")
        with path.open("rb"):
            pass
    except OSError as error:
        raise UserError(f"Cannot read the model {path} ({error.strerror}); check the path.") from None
    with tempfile.TemporaryDirectory() as folder:
        arrays = Path(folder) / "arrays.npz"
        answer = _ask(path, arrays, seconds)
        if "error" in answer:
            reason = answer["error"] or f"It is not a whole NIR file ({answer['reason']}); export the model again."
            raise UserError(f"{path} cannot be read: {reason}")
        with np.load(arrays) as values:
            held: list[dict[str, FloatArray]] = [{} for _ in answer["nodes"]]
            for name in values.files:
                index, key = name.split(" ", 1)
                held[int(index)][key] = values[name]
    pairs = zip(answer["nodes"], held, strict=True)
    nodes = {node["name"]: NirNode(node["name"], node["kind"], own, node["words"]) for node, own in pairs}
    return NirGraph(nodes, tuple((a, b) for a, b in answer["edges"]))


def _ask(path: Path, arrays: Path, seconds: float) -> dict[str, Any]:
    command = [sys.executable, "-m", "hwflow.frontend.nir_child", str(path.resolve()), str(arrays)]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            env=_environment(),
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UserError(f"{path} could not be read within {seconds:g} s; export the model again.") from None
    try:
        answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        raise UserError(f"{path} brought the process that reads it to an end (status {done.returncode}); "
                        "export the model again.") from None  # fmt: skip
    return answer


def _environment() -> dict[str, str]:
    """This process's own, and one thread: a pool of them would reserve the memory that the limit leaves."""
    return os.environ | {
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry),
    }
