"""SuperNeuroMAT's JSON (`.snn.json`), the format that NeuroCoreX reads.

A tick of SuperNeuroMAT: v moves toward its reset state by `leak`, then v += input + sum of the weights of the neurons
that fired a tick ago; it fires if v > threshold, unless refractory, and then v = reset state. Axons are the neurons of
`extra.input_indices`, or else those with input spikes, or else those without synapses to them; an axon's spike adds the
value of that neuron's input spikes. Source: superneuromat 3.5, `SNN.simulate_cpu` and `from_json_network`.

| leak | in the core |
|---|---|
| infinite, or larger than any input | leak 65535: nothing stays |
| 0 | leak 0 |
| else | leak 1: a membrane of at most 65536 loses exactly 1 a tick, and 1 is made to be the leak |
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwflow.errors import UserError
from hwflow.ints import IntArray, IntType
from hwflow.spiking.frontend.checks import ALLOWED_ERROR
from hwflow.spiking.frontend.fidelity import Stimuli
from hwflow.spiking.frontend.float_net import Counted, Dynamics, FloatArray, FloatNet, Layer, Route
from hwflow.spiking.frontend.floats import Bools, run_floats
from hwflow.spiking.frontend.model import Import, LayerInfo, SpikingModel
from hwflow.spiking.frontend.placement import place
from hwflow.spiking.frontend.rounding import fit
from hwflow.spiking.frontend.superneuromat_file import Data, File, read
from hwflow.spiking.learning import DECAY
from hwflow.spiking.network import PERIOD, SpikingNetwork
from hwflow.spiking.saturation import saturation_of

_LEAST = 1 / (1 << DECAY.bits)  # of a leak
_NEURONS = "neurons"
_INPUT = "axons"


def load(path: Path, **options: Any) -> SpikingModel:
    """The net in a file, its plastic synapses marked; a tick is the file's time step. The options are those of `from_file`.

    Raises UserError for a file that is none, and by the neuron's number for what the core cannot do.
    """
    return from_file(read(path), path, **options)


def from_file(
    file: File,
    path: Path,
    *,
    weight_bits: int = 8,
    state_bits: int = 16,
    clip: bool = False,
    allow_error: float = ALLOWED_ERROR,
    samples: Bools | None = None,
) -> SpikingModel:
    """The same of a file that was read; the options are those of `nir.Options`."""
    _check_periods(path, file.networks[0].data)
    data, axons = file.networks[0].data, _axons(file)
    weights, values = _weights(data), _input_values(path, data, axons)
    layer, scale = _layer(data, weights, values)
    _check(path, data, layer)
    routes = (Route(_INPUT, _NEURONS, 0, values), *(Route(_NEURONS, _NEURONS, d, w) for d, w in weights.items()))
    net = FloatNet(((_INPUT, len(axons)),), (layer,), routes, ((_NEURONS, _outputs(file)),))
    placement = place(net)
    weight, state = IntType(weight_bits, signed=True), IntType(state_bits, signed=True)
    given = None if np.isnan(scale).all() else scale
    seen = None if samples is None else run_floats(net, Stimuli.of(samples, "samples").spikes).reach
    fitted = fit((layer,), placement, weight, state, clip=clip, allow_error=allow_error, fixed=given, seen=seen)
    plastic = np.zeros(fitted.weight.shape, dtype=np.bool_)
    marked = np.flatnonzero(data.enable_stdp)
    plastic[len(axons) + np.array(data.pre_synaptic_neuron_ids, dtype=np.int64)[marked],
            np.array(data.post_synaptic_neuron_ids, dtype=np.int64)[marked]] = True  # fmt: skip
    relays = np.zeros(placement.relays, dtype=np.int64)
    begin = np.rint((np.array(data.neuron_states) - layer.dynamics.rest) / fitted.unit)
    membrane = np.append(np.clip(begin, state.min, state.max).astype(np.int64), relays)
    held = np.append(np.array(data.neuron_refractory_periods_state, dtype=np.int64), relays)
    periods = np.append(np.array(data.neuron_refractory_periods, dtype=np.int64), relays)
    network = SpikingNetwork(
        name=file.networks[0].name or path.name.removesuffix(".json").removesuffix(".snn"),
        weight=fitted.weight,
        neurons=replace(fitted.neurons, refractory=periods),
        plastic=plastic,
        weight_shift=fitted.weight_shift,
        outputs=placement.outputs,
        start=replace(fitted.start, membrane=membrane, refractory=held),
        source=path.name,
    )
    info = LayerInfo(_NEURONS, "SuperNeuroMAT", 0, layer.size, layer.shape, 0, True, int(np.count_nonzero(fitted.weight)),
                     float(layer.dynamics.rest[0]), float(fitted.unit[0]))  # fmt: skip
    became = Import(None, state_bits, weight_bits, net.inputs, (info,), placement.relays, 0, (), fitted.rounding,
                    saturation=saturation_of(network, state))  # fmt: skip
    return SpikingModel(network, became, net)


def stimulus(path: Path) -> NDArray[np.bool_]:
    """The input spikes in a file, [ticks, axons] as `load` orders them. Raises UserError as that does."""
    return stimulus_of(read(path))


def stimulus_of(file: File) -> NDArray[np.bool_]:
    """The same of a file that was read."""
    axons, given = _axons(file), file.networks[0].data.input_spikes
    spikes = np.zeros((max(given, default=-1) + 1, len(axons)), dtype=np.bool_)
    for tick, one in given.items():
        spikes[tick, [axons.index(neuron) for neuron in one.nids]] = True
    return spikes


def _axons(file: File) -> list[int]:
    """The neurons that take input, one for each axon."""
    data = file.networks[0].data
    spiked = sorted({neuron for spikes in data.input_spikes.values() for neuron in spikes.nids})
    named = file.extra.input_indices
    if named is not None:
        return [*named, *(neuron for neuron in spiked if neuron not in named)]
    targets = set(data.post_synaptic_neuron_ids)
    return spiked or [neuron for neuron in range(len(data.neuron_thresholds)) if neuron not in targets]


def _outputs(file: File) -> IntArray:
    """The neurons that are named, or else those without synapses to others, or else all."""
    count = len(file.networks[0].data.neuron_thresholds)
    sources = set(file.networks[0].data.pre_synaptic_neuron_ids)
    last = [neuron for neuron in range(count) if neuron not in sources]
    return np.array(file.extra.output_indices or last or range(count), dtype=np.int64)


def _weights(data: Data) -> dict[int, FloatArray]:
    """Weights [from, to] for each delay in ticks. The file writes a delay negative if it holds the neurons for it."""
    count = len(data.neuron_thresholds)
    found: dict[int, FloatArray] = {1: np.zeros((count, count))}
    for source, target, weight, delay in zip(data.pre_synaptic_neuron_ids, data.post_synaptic_neuron_ids,
                                             data.synaptic_weights, data.synaptic_delays, strict=True):  # fmt: skip
        found.setdefault(max(delay, 1), np.zeros((count, count)))[source, target] += weight
    return found


def _input_values(path: Path, data: Data, axons: list[int]) -> FloatArray:
    """[axons, neurons], what a spike of an axon adds: the value of the input spikes of its neuron, or 1."""
    values: dict[int, float] = {}
    for spikes in data.input_spikes.values():
        for neuron, value in zip(spikes.nids, spikes.values, strict=True):
            if values.setdefault(neuron, value) != value:
                raise UserError(f"Neuron {neuron} of {path} has input spikes of {values[neuron]:g} and {value:g}, and an axon "
                                "has one weight; give them one value.")  # fmt: skip
    matrix = np.zeros((len(axons), len(data.neuron_thresholds)))
    matrix[np.arange(len(axons)), axons] = [values.get(neuron, 1.0) for neuron in axons]
    return matrix


def _layer(data: Data, weights: dict[int, FloatArray], values: FloatArray) -> tuple[Layer, FloatArray]:
    """All neurons as a layer, and the scale of those whose leak must be 1, NaN for the others."""
    leaks, rest = np.array(data.neuron_leaks), np.array(data.neuron_reset_states)
    begin = np.abs(np.array(data.neuron_states) - rest)
    reach = np.maximum(sum((np.abs(w).sum(axis=0) for w in weights.values()), np.abs(values).sum(axis=0)), begin)
    forgets = leaks >= reach
    slow = ~forgets & (leaks > 0)
    leak = np.where(forgets, 1.0, np.where(slow, _LEAST, 0.0))
    scale = np.where(slow, 1 / np.where(slow, leaks, 1), np.nan)
    one, zero = np.ones(len(leaks)), np.zeros(len(leaks))
    update = Dynamics(leak, one, one, one, rest, np.array(data.neuron_thresholds) - rest, zero)
    counted = Counted(
        step=leaks,
        period=np.array(data.neuron_refractory_periods).astype(np.int64),
        held=np.array(data.neuron_refractory_periods_state).astype(np.int64),
        begin=np.array(data.neuron_states) - rest,
    )
    return Layer(_NEURONS, "SuperNeuroMAT", (len(leaks),), update, zero, counted), scale


def _periods(data: Data) -> FloatArray:
    """Refractory periods, and what is left of them at the start: [2, neurons]."""
    return np.array([data.neuron_refractory_periods, data.neuron_refractory_periods_state])


def _check_periods(path: Path, data: Data) -> None:
    """Raise UserError for periods that are no number of ticks, before they are taken for one."""
    periods = _periods(data)
    wrong = (periods != np.floor(periods)) | (periods < 0) | (periods > PERIOD.max)
    if wrong.any():
        neuron = int(wrong.any(axis=0).argmax())
        raise UserError(f"Neuron {neuron} of {path} has a refractory period of {periods[:, neuron].max():g} ticks, which is "
                        f"not 0 to {PERIOD.max}; change it.")  # fmt: skip


def _check(path: Path, data: Data, layer: Layer) -> None:
    """Raise UserError for what the core does otherwise."""
    if min(data.neuron_leaks) < 0:
        raise UserError(f"Neuron {int(np.argmin(data.neuron_leaks))} of {path} has a leak below 0, which moves it away from "
                        "rest; change it.")  # fmt: skip
    periods = _periods(data)
    integrates = (periods > 0).any(axis=0) & (layer.dynamics.leak < 1)
    if integrates.any():
        raise UserError(f"Neuron {int(integrates.argmax())} of {path} adds up its input while it is refractory, and the core "
                        "holds its membrane; set its refractory period to 0 or its leak to infinity.")  # fmt: skip
    raises = data.stdp_positive_update and any(data.apos)
    lowers = data.stdp_negative_update and any(data.aneg)
    if data.stdp and any(data.enable_stdp) and (raises or lowers):
        raise UserError(f"The STDP of {path} (apos, aneg) moves every plastic weight in every tick, which no rule of the core "
                        "does; clear apos and aneg, and the synapses stay plastic for hwflow's own rules.")  # fmt: skip
    late = [
        i for i, (delay, on) in enumerate(zip(data.synaptic_delays, data.enable_stdp, strict=True)) if on and delay > 1
    ]
    if late:
        raise UserError(f"Synapse {late[0]} of {path} is plastic and has a delay of {data.synaptic_delays[late[0]]} ticks, which "
                        "is made of neurons before it; give it a delay of 1.")  # fmt: skip
