"""The net as it was trained, in a file beside a project: so that runs of the project can be compared with it."""

import dataclasses
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwflow.documents import DAMAGE, array_of
from hwflow.errors import UserError
from hwflow.spiking.frontend.float_net import Counted, Dynamics, FloatNet, Layer, Route

FLOATS = "floats.npz"
_DOCUMENT = "document"
_Arrays = dict[str, NDArray[Any]]


def to_bytes(net: FloatNet) -> bytes:
    """The net as an .npz: its arrays, and the rest as JSON."""
    arrays: _Arrays = {}
    layers, routes, outputs = [], [], []
    for i, layer in enumerate(net.layers):
        arrays[f"layer {i} constant"] = layer.constant
        arrays |= _arrays(f"layer {i}", layer.dynamics) | (
            _arrays(f"counted {i}", layer.counted) if layer.counted else {}
        )
        subtracts, counted = layer.dynamics.subtracts, layer.counted is not None
        layers.append(
            {"name": layer.name, "kind": layer.kind, "shape": layer.shape, "subtracts": subtracts, "counted": counted}
        )
    for i, route in enumerate(net.routes):
        arrays[f"route {i}"] = route.weight
        routes.append([route.source, route.target, route.delay])
    for i, (name, chosen) in enumerate(net.outputs):
        arrays[f"output {i}"] = chosen
        outputs.append(name)
    document = {"inputs": net.inputs, "layers": layers, "routes": routes, "outputs": outputs}
    arrays[_DOCUMENT] = np.frombuffer(json.dumps(document).encode(), np.uint8)
    np.savez_compressed(buffer := io.BytesIO(), **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def from_bytes(content: bytes, path: Path) -> FloatNet:
    """What `to_bytes` gave. path: where it lies, for errors. Raises UserError if it is damaged."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            arrays: _Arrays = {name: array_of(file, name) for name in file}
        document = json.loads(arrays[_DOCUMENT].tobytes())
        return FloatNet(
            tuple((name, size) for name, size in document["inputs"]),
            tuple(_layer(i, one, arrays) for i, one in enumerate(document["layers"])),
            tuple(Route(source, target, delay, arrays[f"route {i}"])
                  for i, (source, target, delay) in enumerate(document["routes"])),
            tuple((name, arrays[f"output {i}"]) for i, name in enumerate(document["outputs"])),
        )  # fmt: skip
    except DAMAGE as error:
        raise UserError(f"{path} does not hold a readable model in floats ({str(error)[:80]}); run `hwflow compile` again."
                        ) from None  # fmt: skip


def _arrays(prefix: str, parts: Dynamics | Counted) -> _Arrays:
    found = {part.name: getattr(parts, part.name) for part in dataclasses.fields(parts)}
    return {f"{prefix} {name}": value for name, value in found.items() if isinstance(value, np.ndarray)}


def _layer(number: int, one: dict[str, Any], arrays: _Arrays) -> Layer:
    def of(kind: type[Dynamics] | type[Counted], prefix: str) -> _Arrays:
        names = (part.name for part in dataclasses.fields(kind))
        return {name: arrays[key] for name in names if (key := f"{prefix} {number} {name}") in arrays}

    dynamics = Dynamics(**of(Dynamics, "layer"), subtracts=bool(one["subtracts"]))
    counted = Counted(**of(Counted, "counted")) if one["counted"] else None
    return Layer(one["name"], one["kind"], tuple(one["shape"]), dynamics, arrays[f"layer {number} constant"], counted)
