"""A spiking net from a file or by hand, and what became of its parts."""

from dataclasses import dataclass

from hwflow.frontend.placement import Feedback
from hwflow.frontend.rounding import Rounding
from hwflow.spiking import SpikingNetwork


@dataclass(frozen=True)
class LayerInfo:
    """A layer as it stands in the matrix.

    first, size: its neurons; shape: in the model; latency: ticks that it is behind the input; fires: or else its
    membranes are read; inputs: synapses that are not zero; rest and unit: the model's potential is rest + unit * membrane
    (the first neuron's; of a read-out every neuron's).
    """

    name: str
    kind: str
    first: int
    size: int
    shape: tuple[int, ...]
    latency: int
    fires: bool
    inputs: int
    rest: float
    unit: float


@dataclass(frozen=True)
class Import:
    """What became of a file: its layers, the relays added to delay spikes, loops that are slower, and the rounding."""

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
