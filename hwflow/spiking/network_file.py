"""A spiking net as a document and arrays: what its digest is of, and what `network.json` and `network.npz` hold."""

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hwflow.documents import DAMAGE, DOCUMENT, Arrays, arrays_in, files_of, reason_of
from hwflow.errors import UserError

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
    return document, arrays


def to_files(network: "SpikingNetwork") -> dict[str, bytes]:
    """`network.json` and `network.npz`, equal for equal networks."""
    return files_of(*to_document(network))


def from_files(files: Mapping[str, bytes], folder: Path) -> "SpikingNetwork":
    """Read what `to_files` gave. folder: where it lies, for errors. Raises UserError if it is missing or damaged."""
    try:
        return _network(json.loads(files[DOCUMENT]), arrays_in(files))
    except DAMAGE as error:
        reason = reason_of(error)
        raise UserError(f"{folder} holds no readable spiking network ({reason}); run `hwflow compile` again.") from None


def _network(document: dict[str, Any], arrays: Arrays) -> "SpikingNetwork":
    from hwflow.spiking.learning import Learning, Modulation
    from hwflow.spiking.network import Neurons, SpikingNetwork, Start  # which is made of what is here

    if document["family"] != FAMILY:
        raise ValueError("it is of another family")

    def part(prefix: str, kind: type) -> dict[str, NDArray[Any]]:
        return {field.name: arrays[f"{prefix}.{field.name}"] for field in dataclasses.fields(kind)}

    started = any(key.startswith("start.") for key in arrays)
    return SpikingNetwork(
        name=document["name"],
        weight=arrays["weight"].astype(np.int64),
        neurons=Neurons(**part("neurons", Neurons)),
        plastic=arrays["plastic"],
        weight_shift=document["weight_shift"],
        learning=Learning(**document["learning"]),
        outputs=arrays["outputs"],
        start=Start(**part("start", Start)) if started else None,
        dt=document["dt"],
        source=document["source"],
        modulation=Modulation(**document["modulation"]) if "modulation" in document else None,
    )
