"""Reading NIR files that may be damaged or hostile: another process, under limits, opens them."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np

from hwflow.errors import missing
from hwflow.paths import scratch_folder
from hwflow.spiking.frontend.float_net import FloatArray
from hwflow.spiking.frontend.limited import SECONDS, ask
from hwflow.spiking.frontend.nir_graph import NirGraph, NirNode

MAX_FILE_BYTES = 256 << 20


def read_graph(path: Path, seconds: float = SECONDS) -> NirGraph:
    """The graph in a NIR file. Raises UserError if it cannot be read within the limits, or holds no NIR graph.

    Raises MissingTool without the packages that read NIR.
    """
    for package in ("h5py", "nir"):
        if find_spec(package) is None:
            raise missing("Reading NIR", package, "nir")
    with scratch_folder() as folder:
        arrays = folder / "arrays.npz"
        answer = ask(
            "hwflow.spiking.frontend.nir_child",
            path,
            str(arrays),
            most_bytes=MAX_FILE_BYTES,
            what="NIR",
            seconds=seconds,
        )
        held: list[dict[str, FloatArray]] = [{} for _ in answer["nodes"]]
        with np.load(arrays) as values:
            for name in values.files:
                index, key = name.split(" ", 1)
                held[int(index)][key] = values[name]
    pairs = zip(answer["nodes"], held, strict=True)
    nodes = {node["name"]: NirNode(node["name"], node["kind"], own, node["words"]) for node, own in pairs}
    return NirGraph(nodes, tuple((a, b) for a, b in answer["edges"]))
