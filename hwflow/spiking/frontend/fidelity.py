"""How the net in integers compares with the net as it was trained, on the same stimuli, and what saturates."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hwflow.errors import UserError
from hwflow.ints import IntArray
from hwflow.spiking.fit import core_for
from hwflow.spiking.frontend.float_net import FloatArray
from hwflow.spiking.frontend.floats import FloatRun, run_floats
from hwflow.spiking.frontend.model import Fidelity, SpikingModel
from hwflow.spiking.inputs import GRADED_MAX, AxonSpikes, axon_spikes, demanded, wrong
from hwflow.spiking.reference import Rules, initial, run

Bools = NDArray[np.bool_]
_SAMPLES, _TICKS, _MOST_RATE, _SEED = 10, 100, 0.5, 0
_MOST_SYNAPSES = 1 << 22  # of the matrix, for a trial of that length; beyond it a tenth
_RANDOM = "random, {} samples of {} ticks, a spike of {:.0%} to {:.0%} of the axons in a tick, seed {}"


@dataclass(frozen=True, eq=False)
class Stimuli:
    """Axon spikes, bool [samples, ticks, axons], or of graded input uint8, values, each sample from rest, and where they came from."""

    spikes: AxonSpikes
    source: str

    @staticmethod
    def of(spikes: NDArray[np.generic], source: str, *, graded: bool = False) -> "Stimuli":
        """One sample [ticks, axons], or several of one length. Raises UserError for other shapes and values."""
        array = np.asarray(spikes)
        if array.ndim not in (2, 3) or not array.size:
            raise UserError(f"Stimuli of shape {array.shape} are not [ticks, axons], or [samples, ticks, axons].")
        taken = axon_spikes(array, graded)
        if taken is None:
            remedy = "scale and round them" if graded else "code them as spikes, or read the model as --graded"
            raise UserError(f"Stimuli are {demanded(graded)}, and not {wrong(array, graded)}; {remedy} first.")
        return Stimuli(taken.reshape(-1, *array.shape[-2:]), source)


def random_stimuli(axons: int, synapses: int = 0, *, graded: bool = False) -> Stimuli:
    """Samples of rates from 5 % to 50 %, of graded input with values of any size, the same each time; fewer ticks for a net with very
    many synapses."""
    ticks = _TICKS if synapses <= _MOST_SYNAPSES else _TICKS // 10
    rates = np.linspace(_MOST_RATE / _SAMPLES, _MOST_RATE, _SAMPLES)
    rng = np.random.default_rng(_SEED)
    spikes = rng.random((_SAMPLES, ticks, axons)) < rates[:, None, None]
    source = _RANDOM.format(_SAMPLES, ticks, rates[0], rates[-1], _SEED)
    if not graded:
        return Stimuli(spikes, source)
    values = rng.integers(1, GRADED_MAX, spikes.shape, np.uint8, endpoint=True)
    return Stimuli(values * spikes, f"{source}, of values 1 to {GRADED_MAX}")


def with_trial(model: SpikingModel, stimuli: Stimuli | None = None) -> SpikingModel:
    """The model with what a trial of it gave in its import record; one without floats to compare with as it is."""
    if model.floats is None:
        return model
    network = model.network
    chosen = stimuli or random_stimuli(network.axons, network.weight.size, graded=network.graded)
    return replace(model, info=replace(model.info, fidelity=fidelity_of(model, chosen)))


def fidelity_of(model: SpikingModel, stimuli: Stimuli, raster: Bools | None = None) -> Fidelity:
    """Compare a model's integers with its floats.

    raster: what a board gave, [ticks, neurons], for a single sample, in place of the golden model's spikes. Raises
    UserError if the stimuli do not fit the model, and ValueError for a model without floats.
    """
    if model.floats is None:
        raise ValueError(f"{model.network.name} was made of integers: there are no floats to compare it with")
    floats = run_floats(model.floats, stimuli.spikes)
    clipped, differing = 0, 0
    counts, outputs = np.zeros(2, np.int64), np.zeros(2, np.int64)
    totals = []
    for sample, row in zip(floats.spikes, stimuli.spikes, strict=True):
        spikes, membranes, cut = _golden(model, row)
        if raster is not None:
            told = model.network.told  # of the others only the golden model knows
            spikes = np.concatenate(
                [np.concatenate([spikes[: len(raster), :told], raster[:, told:]], 1), spikes[len(raster) :]]
            )
        clipped += int(cut[: len(row)].sum())
        aligned, summed = _aligned(model, spikes, membranes, len(row))
        differing += int((aligned != sample).sum())
        counts += [sample.sum(), aligned.sum()]
        outputs += [sample[:, model.network.outputs].sum(), aligned[:, model.network.outputs].sum()]
        totals.append(summed)
    either = (int(counts.sum()) + differing) // 2
    ticks = stimuli.spikes.shape[0] * stimuli.spikes.shape[1]
    return Fidelity(
        source=stimuli.source,
        samples=len(stimuli.spikes),
        ticks=ticks,
        spikes_float=int(counts[0]),
        spikes_integer=int(counts[1]),
        differing=differing,
        differing_share=differing / either if either else 0.0,
        rate_float=float(counts[0] / floats.spikes.size),
        rate_integer=float(counts[1] / floats.spikes.size),
        output_spikes_float=int(outputs[0]) if _fires(model) else None,
        output_spikes_integer=int(outputs[1]) if _fires(model) else None,
        class_agreement=_agreement(floats, np.array(totals)),
        saturated=clipped,
        saturated_share=clipped / (ticks * model.network.size),
    )


def _golden(model: SpikingModel, axon_spikes: AxonSpikes) -> tuple[Bools, IntArray, Bools]:
    """Spikes, membranes and clipped sums in each tick, with ticks added until the last layer is through."""
    late = np.zeros((max(layer.latency for layer in model.info.layers), axon_spikes.shape[1]), axon_spikes.dtype)
    core = core_for(model.network, state_bits=model.info.state_bits)
    done = run(Rules(model.network, core), initial(model.network), np.concatenate([axon_spikes, late]),
               keep_membranes=True)  # fmt: skip
    assert done.membranes is not None
    return done.spikes, done.membranes, done.clipped


def _aligned(model: SpikingModel, spikes: Bools, membranes: IntArray, ticks: int) -> tuple[Bools, FloatArray]:
    """Spikes of the layers when the model has them, without relays; of each output its spikes or its summed potential."""
    layers = model.info.layers
    count = sum(layer.size for layer in layers)
    aligned, summed = np.zeros((ticks, count), np.bool_), np.zeros(count)
    for layer in layers:
        own, when = slice(layer.first, layer.first + layer.size), slice(layer.latency, layer.latency + ticks)
        aligned[:, own] = spikes[when, own]
        potentials = (layer.rest or 0.0) * ticks + (layer.unit or 1.0) * membranes[when, own].sum(axis=0)
        summed[own] = aligned[:, own].sum(axis=0) if layer.fires else potentials
    return aligned, summed[model.network.outputs]


def _fires(model: SpikingModel) -> bool:
    """Whether any output can fire."""
    fires = np.repeat([layer.fires for layer in model.info.layers], [layer.size for layer in model.info.layers])
    return bool(fires[model.network.outputs].any())


def _agreement(floats: FloatRun, totals: FloatArray) -> float | None:
    """The share of samples of which the largest output is the same; of equal ones the first."""
    if totals.shape[1] < 2:
        return None
    return float((floats.total.argmax(axis=1) == totals.argmax(axis=1)).mean())
