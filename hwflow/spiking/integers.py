"""A net in physical units to the core's integers, and what each unit becomes, in words."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hwflow.errors import UserError
from hwflow.ints import IntArray, IntType, WeightArray
from hwflow.spiking.fit import saturating_traces
from hwflow.spiking.frontend.float_net import FloatArray, FloatNet
from hwflow.spiking.frontend.inspection import rounding_in_words
from hwflow.spiking.frontend.model import Import, LayerInfo
from hwflow.spiking.frontend.model import SpikingModel as Imported
from hwflow.spiking.frontend.placement import Placement, place
from hwflow.spiking.frontend.rounding import Fitted, fit
from hwflow.spiking.learning import DECAY, GAIN, WEIGHT_BITS, Learning
from hwflow.spiking.network import SpikingNetwork
from hwflow.spiking.saturation import saturation_of
from hwflow.spiking.units import seconds

if TYPE_CHECKING:
    from hwflow.spiking.net import STDP

_WEIGHT = IntType(WEIGHT_BITS[1], signed=True)
_TRACE_BITS = 8
_STEP = 64  # of a trace, a quarter of its range: some spikes add up before it is full


@dataclass(frozen=True)
class Made:
    """A net in integers, and what it says of itself."""

    model: Imported
    words: tuple[str, ...]


def integers_of(
    name: str,
    floats: FloatNet,
    dt: float,
    state_bits: int,
    refractory: IntArray,
    plastic: Mapping[tuple[str, str], NDArray[np.bool_]],
    stdp: "STDP | None",
    most: float,
    seed: int = 1,
) -> Made:
    """The net in integers. refractory: ticks of each neuron; plastic: the synapses of each route that learn, by `stdp` up
    to the weight `most`; seed: of the draws, if it is stochastic. Raises UserError for what cannot be represented."""
    state = IntType(state_bits, signed=True)
    learning = {target for (_, target), mask in plastic.items() if mask.any()}
    # The scales must leave room for what weights can grow to, so the plastic ones are fitted at their greatest.
    grown = replace(
        floats,
        routes=tuple(
            replace(route, weight=np.where(plastic[route.source, route.target], most, route.weight))
            for route in floats.routes
        ),
    )
    placement = place(grown)
    fitted = fit(grown.layers, placement, _WEIGHT, state, alike=learning)
    scale = 1 / fitted.unit / 2.0**fitted.weight_shift  # weights in one unit of the user's
    weight, mask = _begun(floats, placement, fitted, scale, plastic)
    rule = (
        Learning()
        if stdp is None
        else _learning(stdp, dt, round(most * scale[mask.any(axis=0)].max()), plastic, floats, seed)
    )
    network = SpikingNetwork(
        name=name,
        weight=weight,
        neurons=replace(fitted.neurons, refractory=refractory),
        plastic=mask,
        weight_shift=fitted.weight_shift,
        learning=rule,
        outputs=placement.outputs,
        start=None,
        dt=dt,
    )
    told = saturating_traces(network, _TRACE_BITS)
    info = Import(
        dt, state_bits, _WEIGHT.bits, floats.inputs, _layers(floats, placement, fitted, weight), 0, 0, (),
        fitted.rounding, told, saturation_of(network, state),
    )  # fmt: skip
    return Made(Imported(network, info, floats), _words(network, info, scale, stdp, most))


def _begun(
    floats: FloatNet,
    placement: Placement,
    fitted: Fitted,
    scale: FloatArray,
    plastic: Mapping[tuple[str, str], NDArray[np.bool_]],
) -> tuple[WeightArray, NDArray[np.bool_]]:
    """The weights as they are at first, and which of them learn, [axons + neurons, neurons]."""
    first = dict(zip((name for name, _ in floats.inputs), np.cumsum([0, *(n for _, n in floats.inputs)]), strict=False))
    ends = zip(floats.layers, placement.first, strict=True)
    first |= {layer.name: placement.axons + start for layer, start in ends}
    weight, mask = fitted.weight.copy(), np.zeros(fitted.weight.shape, dtype=np.bool_)
    for route in floats.routes:
        row, column = int(first[route.source]), int(first[route.target]) - placement.axons
        at = slice(row, row + route.weight.shape[0]), slice(column, column + route.weight.shape[1])
        learns = plastic[route.source, route.target]
        mask[at] = learns
        weight[at] = np.where(learns, np.rint(route.weight * scale[at[1]]), weight[at])
    return weight, mask


def _learning(
    stdp: "STDP",
    dt: float,
    greatest: int,
    plastic: Mapping[tuple[str, str], NDArray[np.bool_]],
    floats: FloatNet,
    seed: int,
) -> Learning:
    """The rule in integers: a pair k ticks apart changes a weight by gain * trace / 256, or / 65536 if stochastic, the trace
    fading from _STEP."""
    decay = round(DECAY.max * -np.expm1(-dt / seconds("tau of STDP", stdp.tau)))
    first = 1 - decay / (
        DECAY.max + 1
    )  # what is left of a trace when it is first read, a tick later in the rule's own time
    one = 65536 if stdp.stochastic else 256  # of a gain: what makes a change of a trace's unit
    gain = round(stdp.rate * greatest * first * one / _STEP)
    if not GAIN.holds(np.array([gain])):
        raise UserError(f"STDP's rate of {stdp.rate:g} of {greatest} weight units cannot be held; give a smaller rate.")
    if gain * _STEP < (1 if stdp.stochastic else 128):
        least = 0.5 * (_STEP / one if stdp.stochastic else 1) / (greatest * first)
        raise UserError(f"STDP's rate of {stdp.rate:g} is {stdp.rate * greatest:.2g} of a weight's unit in the core, which "
                        f"rounds every change to nothing; give a rate of {least:.2g} or more, or stochastic=True.")  # fmt: skip
    inputs = {name for name, _ in floats.inputs}
    learns = [source in inputs for (source, _), mask in plastic.items() if mask.any()]
    return Learning(
        plastic_axons=any(learns),
        plastic_neurons=not all(learns),
        potentiation=gain,
        depression=-round(gain * stdp.ratio),
        pre_decay=decay,
        post_decay=decay,
        pre_step=_STEP,
        post_step=_STEP,
        weight_min=0,
        weight_max=greatest,
        stochastic=stdp.stochastic,
        seed=seed,
    )


def _layers(floats: FloatNet, placement: Placement, fitted: Fitted, weight: WeightArray) -> tuple[LayerInfo, ...]:
    return tuple(
        LayerInfo(
            layer.name, layer.kind, start, layer.size, layer.shape, 0, True,
            int(np.count_nonzero(weight[:, start : start + layer.size])),
            float(layer.dynamics.rest[0]), float(fitted.unit[start]),
        )
        for layer, start in zip(floats.layers, placement.first, strict=True)
    )  # fmt: skip


def _words(
    network: SpikingNetwork, info: Import, scale: FloatArray, stdp: "STDP | None", most: float
) -> tuple[str, ...]:
    lines = [f"{network.name}: {network.axons:,} sources, {network.size:,} neurons, a tick is {network.dt:g} s"]
    for layer in info.layers:
        i, unit = layer.first, layer.unit or 1.0
        neurons = network.neurons
        leak, threshold = int(neurons.leak[i]), int(neurons.threshold[i])
        held = f", refractory {int(neurons.refractory[i])} ticks" if neurons.refractory[i] else ""
        lines.append(
            f"{layer.name}: {layer.size:,} neurons, {layer.synapses:,} synapses; a potential of 1 is {1 / unit:.4g} in the core, "
            f"a weight of 1 is {scale[i]:.4g}; threshold {threshold} ({(threshold + 1) * unit + (layer.rest or 0):.4g}), "
            f"leak {leak} of 65,536 a tick{held}"
        )
    if stdp is not None:
        rule = network.learning
        lines.append(_rule_in_words(rule, stdp, most))
    return (*lines, rounding_in_words(info.rounding), *info.assumptions)


def _rule_in_words(rule: Learning, stdp: "STDP", most: float) -> str:
    """What the nearest pair changes, and how far apart a pair may be to change anything, beside what was asked for."""
    asked = stdp.rate * rule.weight_max * (1 - rule.pre_decay / 65536)
    begun = f"STDP: weights from 0 to {most:g} are 0 to {rule.weight_max}; a pair a tick apart changes one by "
    if rule.stochastic:
        return f"{begun}{rule.potentiation * rule.pre_step / 65536:.4g} in the mean ({asked:.4g} asked for), by draws"
    trace, changes = rule.pre_step, []
    while trace > 0 and (change := (rule.potentiation * trace + 128) >> 8) > 0:
        changes.append(change)
        trace -= -(-trace * rule.pre_decay // 65536)
    return f"{begun}{changes[0]} ({asked:.3g} asked for), and one more than {len(changes)} ticks apart by nothing"
