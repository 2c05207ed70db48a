"""A spiking net from a file or by hand, and what became of its parts."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from hwflow.ints import IntType
from hwflow.paths import read_files
from hwflow.records import parse_record, read_record, to_json
from hwflow.spiking.fit import saturating_traces
from hwflow.spiking.frontend.float_file import FLOATS, from_bytes, to_bytes
from hwflow.spiking.frontend.float_net import FloatNet
from hwflow.spiking.frontend.placement import Feedback
from hwflow.spiking.frontend.rounding import Rounding
from hwflow.spiking.network import SpikingNetwork
from hwflow.spiking.saturation import Saturation, saturation_of

IMPORT = "import.json"
TRIAL = "trial.json"


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
class Fidelity:
    """A run of the net in integers beside the net as it was trained, in floats, on the same stimuli.

    source: of the stimuli; samples: each from rest; ticks: of all of them; spikes_float, spikes_integer: of all neurons but
    relays; differing: spikes that one of them has and the other has not, in that tick; differing_share: of the spikes that
    either has; rates: spikes a neuron a tick; output_spikes: of the model's output, None if it is read from membranes;
    class_agreement: share of samples of which the output with the most spikes, or the highest mean potential, is the same,
    None for fewer than two outputs; saturated: neurons and ticks in which a sum was clipped; saturated_share: of all.
    """

    source: str
    samples: int
    ticks: int
    spikes_float: int
    spikes_integer: int
    differing: int
    differing_share: float
    rate_float: float
    rate_integer: float
    output_spikes_float: int | None
    output_spikes_integer: int | None
    class_agreement: float | None
    saturated: int
    saturated_share: float

    @property
    def silenced(self) -> bool:
        """Whether no output fires, and the model's in floats does."""
        return self.output_spikes_integer == 0 and bool(self.output_spikes_float)

    def words(self) -> tuple[str, ...]:
        """What differs, what saturated, and whether the outputs are silent."""
        told = [f"{self.differing_share:.1%} of the spikes differ from the model's in floats ({self.spikes_integer:,} and "
                f"{self.spikes_float:,} spikes in {self.ticks:,} ticks, {self.source})"]  # fmt: skip
        if self.class_agreement is not None:
            told.append(f"the same output is largest in {self.class_agreement:.0%} of {self.samples:,} samples")
        if self.saturated:
            told.append(f"a sum was clipped in {self.saturated_share:.1%} of all neurons and ticks: give a wider state "
                        "(--state-bits), or samples to choose the ranges by (--vectors)")  # fmt: skip
        if self.output_spikes_integer == 0:
            other = f"the model's in floats fires {self.output_spikes_float:,} times"
            told.append(
                f"no output fires in these ticks; {other if self.output_spikes_float else 'nor does the model in floats'}"
            )
        return tuple(told)


@dataclass(frozen=True)
class Import:
    """What became of a model: its layers, the relays added to delay spikes, loops that are slower, and the rounding.

    inputs: names and sizes, in the order of the axons; state_bits, weight_bits: of the core that it was made for;
    latency: ticks from the input to the last output; rounding: None if the net was made of integers; assumptions:
    sentences on what the model does not say, or what the user may not have meant; saturation: what any input could do;
    fidelity: what a trial gave, None if there was none.
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
    assumptions: tuple[str, ...] = ()
    saturation: Saturation | None = None
    fidelity: Fidelity | None = None

    def __post_init__(self) -> None:
        """Raises ValueError for bits that no integers have."""
        for bits in (self.weight_bits, self.state_bits):
            IntType(bits, signed=True)


@dataclass(frozen=True)
class Remarks:
    """What is said of a model and decides nothing of it: the part of an Import that no project's digest depends on."""

    assumptions: tuple[str, ...]
    saturation: Saturation | None
    fidelity: Fidelity | None


@dataclass(frozen=True, eq=False)
class SpikingModel:
    """The net in integers, and how it came about. floats: the net as it was trained, None if there is none."""

    network: SpikingNetwork
    info: Import
    floats: FloatNet | None = None


def for_traces(model: SpikingModel, trace_bits: int) -> SpikingModel:
    """The model with what is said of its traces for a core whose traces are of that width."""
    said = saturating_traces(model.network)  # for the width that a core has if nobody asks for another
    others = tuple(sentence for sentence in model.info.assumptions if sentence not in said)
    return replace(model, info=replace(model.info, assumptions=others + saturating_traces(model.network, trace_bits)))


def beside(model: SpikingModel) -> dict[str, bytes]:
    """What lies in a project's folder and the project does not depend on: TRIAL, and the floats to compare runs with."""
    floats = {} if model.floats is None else {FLOATS: to_bytes(model.floats)}
    return {TRIAL: to_json(_remarks(model.info)).encode(), **floats}


def remarks_in(folder: Path) -> Remarks:
    """What `beside` is kept as in a project's folder. Raises UserError if it is not there or is damaged."""
    return read_record(Remarks, folder / TRIAL, "run `hwflow compile` again.")


def import_file(info: Import) -> bytes:
    """The file IMPORT of a project: what became of the model, without what is only told of it."""
    document = json.loads(to_json(info))
    for name in vars(_remarks(info)):
        del document[name]
    return (json.dumps(document, indent=1) + "\n").encode()


def from_network(network: SpikingNetwork, state_bits: int = 16, trace_bits: int = 8) -> SpikingModel:
    """A net of integers as it is: one layer, without rounding. The bits are of the core that it is for."""
    layer = LayerInfo("neurons", "LIF", 0, network.size, (network.size,), 0, True, int(np.count_nonzero(network.weight)),
                      None, None)  # fmt: skip
    info = Import(network.dt, state_bits, 8, (("axons", network.axons),), (layer,), 0, 0, (), None,
                  saturating_traces(network, trace_bits), saturation_of(network, IntType(state_bits, signed=True)))  # fmt: skip
    return SpikingModel(network, info)


def from_folder(folder: Path) -> SpikingModel:
    """A net that was saved, as in a project. Raises UserError if there is none, or it is damaged."""
    return from_files(read_files(folder, ("network.json", "network.npz", IMPORT)), folder)


def from_files(files: Mapping[str, bytes], folder: Path) -> SpikingModel:
    """The same of a project's files; `folder` is where they lie."""
    return with_import(SpikingNetwork.from_files(files, folder), files, folder)


def with_import(network: SpikingNetwork, files: Mapping[str, bytes], folder: Path) -> SpikingModel:
    """A net, and what its project's files, and those beside them in the folder, say became of its model."""
    if IMPORT not in files:
        return from_network(network)
    remedy = "run `hwflow compile` again."
    info = parse_record(Import, files[IMPORT], folder / IMPORT, remedy)
    beside = read_files(folder, (TRIAL, FLOATS))
    if TRIAL in beside:
        info = replace(info, **vars(parse_record(Remarks, beside[TRIAL], folder / TRIAL, remedy)))
    return SpikingModel(network, info, from_bytes(beside[FLOATS], folder / FLOATS) if FLOATS in beside else None)


def _remarks(info: Import) -> Remarks:
    return Remarks(info.assumptions, info.saturation, info.fidelity)
