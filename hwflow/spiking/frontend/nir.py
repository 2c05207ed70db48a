"""NIR files: the neurons, layers and loops of a graph on the one matrix of the core, in integers.

NIR is continuous in time and says no dt: the user gives it, and every time constant becomes a rate a tick. Read by the
package `nir`; see `nir_neurons` for the update of each kind, `placement` for time, `rounding` for integers.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from hwflow.errors import UserError
from hwflow.ints import IntType
from hwflow.spiking.frontend import nir_routes
from hwflow.spiking.frontend.float_net import FloatNet
from hwflow.spiking.frontend.model import Import, LayerInfo, SpikingModel
from hwflow.spiking.frontend.nir_file import read_graph
from hwflow.spiking.frontend.nir_graph import NirGraph, flat_graph
from hwflow.spiking.frontend.placement import Placement, place
from hwflow.spiking.frontend.rounding import Fitted, fit
from hwflow.spiking.network import SpikingNetwork

MOST_LATENCY = 255  # ticks for which a neuron can be held


def load(
    path: Path, dt: float | None, *, weight_bits: int = 8, state_bits: int = 16, clip: bool = False
) -> SpikingModel:
    """The net in a NIR file, for ticks of dt seconds and a core of these widths.

    clip: take time constants, delays and weights beyond the format as the nearest ones in it. Raises UserError for a file
    that is no NIR graph, and by the node's name for what cannot be represented.
    """
    tick = check_dt(path, dt)
    return lower(
        read_graph(path), tick, path.stem, path.name, weight_bits=weight_bits, state_bits=state_bits, clip=clip
    )


def from_dict(document: Mapping[str, Any], dt: float, name: str, **options: Any) -> SpikingModel:
    """The same of a graph at hand: what `to_dict` of the package's NIRGraph gives; the options are those of `load`."""
    return lower(flat_graph(document), dt, name, "", **options)


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


def lower(
    graph: NirGraph,
    dt: float,
    name: str,
    source: str,
    *,
    weight_bits: int = 8,
    state_bits: int = 16,
    clip: bool = False,
) -> SpikingModel:
    """The net of a graph. Raises UserError as `load` does."""
    net = nir_routes.lower(graph, dt, clip=clip)
    placement = place(net)
    if max(placement.latency) > MOST_LATENCY:
        raise UserError(f"{name} has layers {max(placement.latency)} ticks behind the input, more than {MOST_LATENCY}; "
                        "reduce its layers or delays.")  # fmt: skip
    weight, state = IntType(weight_bits, signed=True), IntType(state_bits, signed=True)
    fitted = fit(net.layers, placement, weight, state, clip=clip)
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
    )
    return SpikingModel(network, _info(net, placement, fitted, dt, weight_bits, state_bits))


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
