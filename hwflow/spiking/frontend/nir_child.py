"""The process that opens a NIR file: `python -m hwflow.spiking.frontend.nir_child FILE OUT.npz`, under limits.

What a damaged or hostile HDF5 file can do to the library that reads it ends here: the process has little memory and
little time, and gives back plain arrays. On standard output it says one JSON object: nodes and edges, or an error.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from hwflow.errors import UserError
from hwflow.spiking.frontend.limited import limit
from hwflow.spiking.frontend.nir_graph import MAX_DEPTH, MAX_NODES, PARAMETERS, NirGraph, flat_graph, shown

MAX_ELEMENTS = 1 << 24  # of all arrays


def read(path: Path) -> NirGraph:
    """Open a file. Raises UserError for what is no NIR graph, and OSError and others for what is no HDF5."""
    import h5py
    import nir
    from nir.serialization import hdf2dict

    with h5py.File(path, "r") as file:
        if "node" not in file and "version" in file:
            raise UserError("The file is incomplete: it ends before its graph; export the model again, to its end.")
        if "node" not in file:
            raise UserError("The file holds no NIR graph; export the model again.")
        _check(file)
        document = hdf2dict(file["node"])
    return flat_graph(_completed(document, nir.dict2NIRNode, ""))


def _check(file: Any) -> None:
    """Refuse, before anything is read: links to elsewhere, loops, and more than there can be in a net."""
    import h5py

    room, objects = MAX_ELEMENTS, 0
    rest: Iterator[tuple[Any, str, int]] = iter([(file, "", 0)])
    stack = list(rest)
    while stack:
        group, name, depth = stack.pop()
        if depth > 2 * MAX_DEPTH + 4:
            raise UserError(f"Group {shown(name)} lies too deep, or in a loop; export the model again.")
        for key in group:
            objects += 1
            if objects > 20 * MAX_NODES:
                raise UserError("The file holds more objects than a net has; export the model again.")
            where = f"{name}/{key}"
            if not isinstance(group.get(key, getlink=True), h5py.HardLink):
                raise UserError(f"{shown(where)} is a link to elsewhere; save the model as one plain file.")
            item = group[key]
            if isinstance(item, h5py.Group):
                stack.append((item, where, depth + 1))
                continue
            if not isinstance(item, h5py.Dataset) or item.external or item.is_virtual:
                raise UserError(f"{shown(where)} does not lie in the file itself; save the model as one plain file.")
            room -= int(item.size or 0)
            if room < 0:
                raise UserError(f"{shown(where)} goes beyond {MAX_ELEMENTS >> 20} million numbers; "
                                "this is not a net that fits an FPGA.")  # fmt: skip


def _completed(document: Mapping[str, Any], build: Callable[[dict[str, Any]], Any], name: str) -> dict[str, Any]:
    """The document with each node as the `nir` package completes it: it knows the defaults of older files."""
    if document.get("type") == "NIRGraph" and isinstance(document.get("nodes"), Mapping):
        inner = {key: _completed(node, build, f"{name}/{key}") if isinstance(node, Mapping) else node
                 for key, node in document["nodes"].items()}  # fmt: skip
        return {"type": "NIRGraph", "nodes": inner, "edges": document.get("edges")}
    if document.get("type") not in PARAMETERS:
        return dict(document)  # refused by its name where the graph is made
    try:
        complete: dict[str, Any] = build(dict(document)).to_dict()
    except Exception as error:  # the package raises many kinds, assertions among them, for a node that is not right
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        raise UserError(f"Node {shown(name[1:])} ({document['type']}) is not as NIR has it ({reason:.100}); "
                        "export the model again.") from None  # fmt: skip
    return complete


def main(path: Path, out: Path) -> None:
    """Read `path`, write its arrays to `out`, and say the rest on standard output."""
    limit()
    try:
        graph = read(path)
    except UserError as error:
        print(json.dumps({"error": str(error)}))
        return
    except Exception as error:  # whatever a damaged file makes the library raise
        print(json.dumps({"error": "", "reason": f"{type(error).__name__}: {error}".splitlines()[0][:200]}))
        return
    arrays = {f"{i} {key}": array for i, node in enumerate(graph.nodes.values()) for key, array in node.values.items()}
    np.savez(out, **arrays)  # type: ignore[arg-type]  # a name is never `allow_pickle`
    nodes = [{"name": node.name, "kind": node.kind, "words": dict(node.words)} for node in graph.nodes.values()]
    print(json.dumps({"nodes": nodes, "edges": graph.edges}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
