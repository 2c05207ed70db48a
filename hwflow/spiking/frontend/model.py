"""A spiking net from a file or by hand, and what became of its parts."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hwflow.paths import read_files
from hwflow.records import parse_record
from hwflow.spiking.frontend.placement import Feedback
from hwflow.spiking.frontend.rounding import Rounding
from hwflow.spiking.network import SpikingNetwork

IMPORT = "import.json"


@dataclass(frozen=True)
class LayerInfo:
    """A layer as it stands in the matrix.

    first, size: its neurons; shape: in the model; latency: ticks that it is behind the input; fires: or else its
    membranes are read; synapses: to it, that are not zero; rest and unit: the model's potential is rest + unit * membrane
    (the first neuron's; of a read-out every neuron's); None if the model's potential is the membrane.
    """

    name: str
    kind: str
    first: int
    size: int
    shape: tuple[int, ...]
    latency: int
    fires: bool
    synapses: int
    rest: float | None
    unit: float | None


@dataclass(frozen=True)
class Import:
    """What became of a model: its layers, the relays added to delay spikes, loops that are slower, and the rounding.

    inputs: names and sizes, in the order of the axons; state_bits, weight_bits: of the core that it was made for;
    latency: ticks from the input to the last output; rounding: None if the net was made of integers.
    """

    dt: float | None
    state_bits: int
    weight_bits: int
    inputs: tuple[tuple[str, int], ...]
    layers: tuple[LayerInfo, ...]
    relays: int
    latency: int
    feedback: tuple[Feedback, ...]
    rounding: Rounding | None


@dataclass(frozen=True, eq=False)
class SpikingModel:
    """The net in integers, and how it came about."""

    network: SpikingNetwork
    info: Import


def from_network(network: SpikingNetwork, state_bits: int = 16) -> SpikingModel:
    """A net of integers as it is: one layer, without rounding."""
    layer = LayerInfo("neurons", "LIF", 0, network.size, (network.size,), 0, True, int(np.count_nonzero(network.weight)),
                      None, None)  # fmt: skip
    return SpikingModel(
        network, Import(network.dt, state_bits, 8, (("axons", network.axons),), (layer,), 0, 0, (), None)
    )


def from_folder(folder: Path) -> SpikingModel:
    """A net that was saved, as in a project. Raises UserError if there is none, or it is damaged."""
    return from_files(read_files(folder, ("network.json", "network.npz", IMPORT)), folder)


def from_files(files: Mapping[str, bytes], folder: Path) -> SpikingModel:
    """The same of a project's files; `folder` says in errors where they lie."""
    return with_import(SpikingNetwork.from_files(files, folder), files, folder)


def with_import(network: SpikingNetwork, files: Mapping[str, bytes], folder: Path) -> SpikingModel:
    """A net, and what its project's files say became of its model."""
    if IMPORT not in files:
        return from_network(network)
    return SpikingModel(network, parse_record(Import, files[IMPORT], folder / IMPORT, "run `hwflow compile` again."))
