"""A spiking net as a document and arrays: what its digest is of, and what `network.json` and `network.npz` hold."""

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from hwflow.documents import DAMAGE, DOCUMENT, Arrays, arrays_in, files_of, reason_of
from hwflow.errors import UserError
from hwflow.spiking.learning import Learning, Modulation

if TYPE_CHECKING:
    from hwflow.spiking.network import SpikingNetwork

FAMILY = "spiking"


def to_document(network: "SpikingNetwork") -> tuple[dict[str, Any], Arrays]:
    """The net in plain values, and its arrays by name."""
    arrays: Arrays = {
        "weight": network.weight.astype(np.int8),
        "plastic": network.plastic,
        "outputs": network.outputs,
    }
    for prefix, part in (("neurons", network.neurons), ("start", network.start)):
        if part is not None:
            arrays |= {f"{prefix}.{field.name}": getattr(part, field.name) for field in dataclasses.fields(part)}
    document = {
        "family": FAMILY,
        "name": network.name,
        "source": network.source,
        "weight_shift": network.weight_shift,
        "dt": network.dt,
        "learning": dataclasses.asdict(network.learning),
    }
    if network.modulation is not None:
        document["modulation"] = dataclasses.asdict(network.modulation)
    if network.graded:
        document["graded"] = True
    if network.told:
        document["told"] = network.told
    return document, arrays


def to_files(network: "SpikingNetwork") -> dict[str, bytes]:
    """`network.json` and `network.npz`, equal for equal networks."""
    return files_of(*to_document(network))


def from_files(files: Mapping[str, bytes], folder: Path) -> "SpikingNetwork":
    """Read what `to_files` gave. folder: where it lies, for errors. Raises UserError if it is missing or damaged."""
    try:
        return _network(_document(files[DOCUMENT]), arrays_in(files))
    except DAMAGE as error:
        reason = reason_of(error)
        raise UserError(f"{folder} holds no readable spiking network ({reason}); run `hwflow compile` again.") from None


def from_written(document: Mapping[str, Any], arrays: Arrays) -> "SpikingNetwork":
    """The net of what `to_document` gave, where nobody can have changed it since: a driver's on a board, beside it."""
    third = document.get("modulation")
    parts = {"learning": Learning(**document["learning"]), "modulation": None if third is None else Modulation(**third)}
    return _network(_Document(**{**document, **parts}), arrays)


@dataclass(frozen=True)
class _Document:
    family: Literal["spiking"]
    name: str
    source: str
    weight_shift: int
    dt: float | None
    learning: Learning
    modulation: Modulation | None = None
    graded: bool = False
    told: int = 0


def _document(content: bytes) -> _Document:
    """Raises ValueError, or another of DAMAGE, if a value is not of its kind, or a rule has one too many."""
    from pydantic import TypeAdapter  # costs 0.1 s, which `hwflow --help` need not pay

    document = TypeAdapter(_Document).validate_json(content, strict=True)
    if document.dt is not None and not 0 < document.dt < math.inf:
        raise ValueError(f"{document.dt} is no time")
    return document


def _network(document: _Document, arrays: Arrays) -> "SpikingNetwork":
    from hwflow.spiking.network import Neurons, SpikingNetwork, Start  # which is made of what is here

    for key, array in arrays.items():
        if array.dtype.kind not in "iub":
            raise ValueError(f"{key!r:.40} is {array.dtype} and not integers")

    def part(prefix: str, kind: type) -> dict[str, NDArray[Any]]:
        return {field.name: arrays[f"{prefix}.{field.name}"] for field in dataclasses.fields(kind)}

    started = any(key.startswith("start.") for key in arrays)
    return SpikingNetwork(
        name=document.name,
        weight=arrays["weight"],
        neurons=Neurons(**part("neurons", Neurons)),
        plastic=arrays["plastic"],
        weight_shift=document.weight_shift,
        learning=document.learning,
        outputs=arrays["outputs"],
        start=Start(**part("start", Start)) if started else None,
        dt=document.dt,
        source=document.source,
        modulation=document.modulation,
        graded=document.graded,
        told=document.told,
    )
