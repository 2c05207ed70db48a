"""The net as it was trained: its published equations in floats, tick by tick, on many stimuli at once.

Within a tick a spike passes through all layers; an edge that closes a loop brings what its source gave in the tick
before. Nothing of the core is in it: no latency, no relays, no integers.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwflow.errors import UserError
from hwflow.spiking.frontend.float_net import FloatArray, FloatNet, Layer, Route
from hwflow.spiking.frontend.placement import back_edges
from hwflow.spiking.frontend.ranges import Reach
from hwflow.spiking.inputs import AxonSpikes

Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class FloatRun:
    """spikes: [samples, ticks, neurons], the layers one behind another; total: [samples, outputs], of each output its
    spikes, or the sum of its membrane over the ticks if it never fires; reach: how far each neuron got."""

    spikes: Bools
    total: FloatArray
    reach: Reach


@dataclass
class _State:
    layer: Layer
    routes: tuple[Route, ...]
    v: FloatArray
    c: FloatArray
    held: NDArray[np.int64]
    reach: tuple[FloatArray, FloatArray, FloatArray]


def run_floats(net: FloatNet, stimuli: AxonSpikes) -> FloatRun:
    """Run a net on stimuli [samples, ticks, axons], spikes or values that count as so many spikes, from rest, each sample by itself.

    Raises UserError if the stimuli are not for as many axons as the net's inputs have.
    """
    samples, ticks, axons = stimuli.shape
    if axons != sum(size for _, size in net.inputs):
        raise UserError(f"Stimuli for {axons:,} axons do not fit a model of "
                        f"{sum(size for _, size in net.inputs):,}.")  # fmt: skip
    back = back_edges(net)
    spikes: dict[str, AxonSpikes] = {
        layer.name: np.zeros((samples, ticks, layer.size), np.bool_) for layer in net.layers
    }
    first = 0
    for name, size in net.inputs:
        spikes[name] = stimuli[:, :, first : first + size]
        first += size
    states = {layer.name: _begin(layer, net, back, samples) for layer in net.layers}
    ordered = [states[name] for name in _order(net, back)]
    total = np.zeros((samples, sum(len(chosen) for _, chosen in net.outputs)))
    for t in range(ticks):
        for state in ordered:
            spikes[state.layer.name][:, t] = _tick(state, _arriving(state, spikes, t))
        total += np.concatenate([_read(states[name], spikes[name][:, t])[:, chosen] for name, chosen in net.outputs], 1)
    reaches = [states[layer.name].reach for layer in net.layers]
    current, low, high = (np.concatenate(parts) for parts in zip(*reaches, strict=True))
    return FloatRun(
        np.concatenate([spikes[layer.name] for layer in net.layers], axis=2), total, Reach(current, low, high)
    )


def _begin(layer: Layer, net: FloatNet, back: set[tuple[str, str]], samples: int) -> _State:
    routes = tuple(
        Route(route.source, route.target, max(route.delay, int((route.source, route.target) in back)), route.weight)
        for route in net.routes
        if route.target == layer.name
    )
    shape, none = (samples, layer.size), np.zeros(layer.size)
    counted = layer.counted
    begin = np.broadcast_to(counted.begin if counted else none, shape).copy()
    held = np.broadcast_to(counted.held if counted else none.astype(np.int64), shape).copy()
    return _State(layer, routes, begin, np.zeros(shape), held, (none, none, none))


def _order(net: FloatNet, back: set[tuple[str, str]]) -> list[str]:
    """The layers, each behind those whose spikes reach it within the tick."""
    before = {layer.name: {route.source for route in net.routes if route.target == layer.name
                           and (route.source, route.target) not in back} for layer in net.layers}  # fmt: skip
    done = {name for name, _ in net.inputs}
    order: list[str] = []
    while len(order) < len(before):
        ready = [name for name, sources in before.items() if name not in done and sources <= done]
        order += ready
        done.update(ready)
    return order


def _arriving(state: _State, spikes: Mapping[str, AxonSpikes], t: int) -> FloatArray:
    """The sums of the weights of the sources whose spikes arrive in tick t, [samples, neurons]."""
    total = np.zeros_like(state.v)
    for route in state.routes:
        if t >= route.delay:
            fired = spikes[route.source][:, t - route.delay]
            active = np.flatnonzero(fired.any(axis=0))
            if len(active):
                total += fired[:, active].astype(np.float64) @ route.weight[active]
    return total


def _tick(state: _State, arrived: FloatArray) -> Bools:
    """One update of a layer, in place; which of its neurons fire, [samples, neurons]."""
    layer, update, counted = state.layer, state.layer.dynamics, state.layer.counted
    steady = update.steady_gain * layer.constant
    state.c = state.c + update.decay * (steady - state.c) + update.gain * arrived
    kept = (1 - update.leak) * state.v
    if counted is not None:
        kept = np.sign(state.v) * np.maximum(np.abs(state.v) - counted.step, 0)
    u = kept + state.c
    fires = (u > update.threshold) & (state.held == 0)
    if counted is not None:
        state.held = np.where(state.held > 0, state.held - 1, np.where(fires, counted.period, 0))
    reached = (np.abs(state.c - steady), -u, u)
    current, low, high = (np.maximum(old, new.max(axis=0)) for old, new in zip(state.reach, reached, strict=True))
    state.reach = current, low, high
    after = u - np.where(np.isfinite(update.threshold), update.threshold, 0) if update.subtracts else update.reset
    state.v = np.where(fires, after, u)
    return np.asarray(fires)


def _read(state: _State, fires: AxonSpikes) -> FloatArray:
    """What a layer gives to an output in a tick: spikes, or membranes from where the model's zero is."""
    return fires.astype(np.float64) if state.layer.fires else state.v + state.layer.dynamics.rest
