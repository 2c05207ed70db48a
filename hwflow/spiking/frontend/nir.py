"""NIR files: the neurons, layers and loops of a graph on the one matrix of the core, in integers.

NIR is continuous in time and says no dt: the user gives it, and every time constant becomes a rate a tick. Read by the
package `nir`; see `nir_neurons` for the update of each kind, `placement` for time, `rounding` for integers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from hwflow.errors import UserError
from hwflow.ints import IntType
from hwflow.spiking.frontend import SUBTRACT, ZERO, check_values, nir_neurons, nir_routes
from hwflow.spiking.frontend.checks import ALLOWED_ERROR
from hwflow.spiking.frontend.fidelity import Stimuli
from hwflow.spiking.frontend.float_net import FloatNet
from hwflow.spiking.frontend.floats import run_floats
from hwflow.spiking.frontend.model import Import, LayerInfo, SpikingModel
from hwflow.spiking.frontend.nir_file import read_graph
from hwflow.spiking.frontend.nir_graph import NirGraph, flat_graph, names
from hwflow.spiking.frontend.placement import Placement, place
from hwflow.spiking.frontend.rounding import Fitted, fit
from hwflow.spiking.inputs import GRADED_MAX, AxonSpikes
from hwflow.spiking.network import SpikingNetwork
from hwflow.spiking.saturation import saturation_of

MOST_LATENCY = 255  # ticks for which a neuron can be held


@dataclass(frozen=True, eq=False)
class Options:
    """What the user says of a model, beside its tick.

    weight_bits, state_bits: of the core that it is for; clip: take time constants, delays and weights beyond the format as
    the nearest ones in it; reset: "zero", which is to the file's v_reset, or "subtract", which takes the threshold off the
    membrane and which NIR cannot say; allow_error: the share up to which rounding may change a weight, a rate, a reset or
    a bias; samples: stimuli from which the ranges are chosen, or None for bounds; graded: axons bring values of 0 … 255, which count as
    so many spikes; told: the host is told of no spikes of neurons before the first output.
    """

    weight_bits: int = 8
    state_bits: int = 16
    clip: bool = False
    reset: str = ZERO
    allow_error: float = ALLOWED_ERROR
    samples: AxonSpikes | None = None
    graded: bool = False
    told: bool = False

    def __post_init__(self) -> None:
        check_values(self.reset, self.allow_error)


def load(path: Path, dt: float | None, **options: Any) -> SpikingModel:
    """The net in a NIR file, for ticks of dt seconds; the options are those of `Options`.

    Raises UserError for a file that is no NIR graph, and by the node's name for what cannot be represented.
    """
    tick, chosen = check_dt(path, dt), Options(**options)
    return lower(read_graph(path), tick, path.stem, path.name, chosen)


def from_dict(document: Mapping[str, Any], dt: float, name: str, **options: Any) -> SpikingModel:
    """The same of a graph at hand: what `to_dict` of the package's NIRGraph gives; likewise."""
    return lower(flat_graph(document), dt, name, "", Options(**options))


def refused(path: Path, dt: float | None, *, clip: bool = False) -> tuple[str, ...]:
    """A sentence for each node that cannot be represented. Raises UserError if the file cannot be read."""
    return nir_routes.refused(read_graph(path), check_dt(path, dt), clip=clip)


def check_dt(path: Path, dt: float | None) -> float:
    """dt, if it is one. Raises UserError if it is missing or no time."""
    if dt is None:
        raise UserError(
            f"{path} is continuous in time; give the seconds of a tick with --dt, as the model was trained with."
        )
    if not 0 < dt < float("inf"):
        raise UserError(f"--dt {dt:g} is no time; give the seconds of a tick, more than 0.")
    return dt


def lower(graph: NirGraph, dt: float, name: str, source: str, options: Options) -> SpikingModel:
    """The net of a graph. Raises UserError as `load` does."""
    net = nir_routes.lower(graph, dt, clip=options.clip, subtracts=options.reset == SUBTRACT)
    placement = place(net, graded=options.graded)
    if max(placement.latency) > MOST_LATENCY:
        raise UserError(f"{name} has layers {max(placement.latency)} ticks behind the input, more than {MOST_LATENCY}; "
                        "reduce its layers or delays.")  # fmt: skip
    weight, state = IntType(options.weight_bits, signed=True), IntType(options.state_bits, signed=True)
    seen = None
    if options.samples is not None:
        seen = run_floats(net, Stimuli.of(options.samples, "samples", graded=options.graded).spikes).reach
    fitted = fit(net.layers, placement, weight, state, clip=options.clip, allow_error=options.allow_error, seen=seen,
                 most=GRADED_MAX if options.graded else 1)  # fmt: skip
    network = SpikingNetwork(
        name=name,
        weight=fitted.weight,
        neurons=fitted.neurons,
        plastic=np.zeros(fitted.weight.shape, dtype=np.bool_),
        weight_shift=fitted.weight_shift,
        outputs=placement.outputs,
        start=fitted.start,
        dt=dt,
        source=source,
        graded=options.graded,
        told=int(placement.outputs.min()) if options.told else 0,
    )
    info = _info(net, placement, fitted, dt, options.weight_bits, options.state_bits)
    told = replace(info, assumptions=assumptions(net, options.reset), saturation=saturation_of(network, state))
    return SpikingModel(network, told, net)


def assumptions(net: FloatNet, reset: str) -> tuple[str, ...]:
    """What the file does not say and was taken to be so."""
    resets = [layer for layer in net.layers if layer.kind in nir_neurons.SUBTRACT]
    unmoved = [layer.name for layer in net.layers if not layer.dynamics.gain.any()]
    told = [f"No input moves {names(unmoved)}: tau is infinite and R is not, or R is 0."] if unmoved else []
    if resets and reset == SUBTRACT:
        told.append("A spike takes the threshold off the membrane, before the next tick's leak, as --reset subtract says; NIR "
                    "has no words for it, and the file's v_reset is not used.")  # fmt: skip
    elif resets:
        told.append("A spike sets the membrane to the file's v_reset; NIR cannot say that a model was trained with reset by "
                    "subtraction, which is the default of snnTorch and Sinabs: give --reset subtract for one that was.")  # fmt: skip
    return tuple(told)


def _info(net: FloatNet, placement: Placement, fitted: Fitted, dt: float, weight_bits: int, state_bits: int) -> Import:
    layers = []
    for layer, first, latency in zip(net.layers, placement.first, placement.latency, strict=True):
        weights = fitted.weight[:, first : first + layer.size]
        layers.append(
            LayerInfo(
                name=layer.name,
                kind=layer.kind,
                first=first,
                size=layer.size,
                shape=layer.shape,
                latency=latency,
                fires=layer.fires,
                synapses=int(np.count_nonzero(weights)),
                rest=float(layer.dynamics.rest[0]),
                unit=float(fitted.unit[first]),
            )
        )
    behind = max(layer.latency for layer in layers if layer.name in {name for name, _ in net.outputs})
    return Import(dt, state_bits, weight_bits, net.inputs, tuple(layers), placement.relays, behind,
                  placement.feedback, fitted.rounding)  # fmt: skip
