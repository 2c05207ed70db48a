"""Where each neuron stands in the one matrix, and when: a hop from neuron to neuron takes a tick.

An axon's spike reaches its neurons in the same tick, a neuron's in the next. So a layer that is fed by layers begins
`latency` ticks after the input: its outputs in tick t are those of the inputs of tick t - latency. Routes that would
arrive too early, because they leave out layers or have a delay, go through relays: neurons that fire one tick later what
their source fires. An edge that closes a loop takes one tick, or its own delay; if the loop is longer than that, it is
later, and `Feedback` says by how much.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from hwflow.errors import UserError
from hwflow.ints import IntArray
from hwflow.spiking.frontend.currents import Currents, currents_of
from hwflow.spiking.frontend.float_net import FloatArray, FloatNet, Layer, Route
from hwflow.spiking.frontend.nir_graph import shown
from hwflow.spiking.network import LARGEST


@dataclass(frozen=True)
class Feedback:
    """An edge back to a layer: the ticks that a spike takes there, and the ticks it would take in the model."""

    source: str
    target: str
    ticks: int
    wanted: int


@dataclass(frozen=True, eq=False)
class Placement:
    """Axons, then the neurons of the layers, then relays.

    current: what a spike of a source adds to the current c of a neuron of the layers; first and latency: of each layer; relayed: of
    each relay, which are neurons at the end, the source; outputs: the neurons that are the model's output.
    """

    axons: int
    neurons: int
    current: Currents
    first: tuple[int, ...]
    latency: tuple[int, ...]
    relayed: IntArray
    feedback: tuple[Feedback, ...]
    outputs: IntArray

    @property
    def relays(self) -> int:
        return len(self.relayed)


def place(net: FloatNet, *, graded: bool = False) -> Placement:
    """Place a net. Raises UserError if it takes more neurons, relays included, than a core can have, or, if axons bring values, relays
    for them: a neuron's spike has none."""
    layers = {layer.name: layer for layer in net.layers}
    back = back_edges(net)
    latency = _latencies(net, back)
    axons = sum(size for _, size in net.inputs)
    starts = _starts(net, axons)
    feedback = []
    arriving: dict[str, list[tuple[IntArray, Route]]] = {name: [] for name in layers}
    relays: dict[tuple[int, int], int] = {}  # of a source, so many ticks later: the row
    for route in net.routes:
        ticks = max(route.delay, 1) if _pair(route) in back else route.delay
        extra = latency[route.target] + ticks
        if route.source in layers:
            extra -= latency[route.source] + 1
            if _pair(route) in back and route.source != route.target:
                feedback.append(Feedback(route.source, route.target, ticks - min(extra, 0), ticks))
        if graded and extra > 0 and route.source not in layers:
            raise UserError(f"Values go from input {shown(route.source)} to node {shown(route.target)} {extra} ticks too soon, and only "
                            "spikes can be delayed; lead graded input to the first layer alone, without delay.")  # fmt: skip
        used = np.flatnonzero(route.weight.any(axis=1))
        rows = np.full(len(route.weight), -1)
        rows[used] = _rows(
            used + starts[route.source], max(extra, 0), relays, axons + sum(layer.size for layer in net.layers)
        )
        arriving[route.target].append((rows, route))
    neurons = sum(layer.size for layer in net.layers) + len(relays)
    if (sources := axons + neurons) > LARGEST:
        raise UserError(f"The model takes {sources:,} axons and neurons, {len(relays):,} of them to delay spikes, and a core has "
                        f"{LARGEST:,} at most; reduce its delays or the layers that edges leave out.")  # fmt: skip
    tiles = (
        currents_of(layer.size, starts[layer.name] - axons, layer.dynamics.gain, arriving[layer.name])
        for layer in net.layers
    )
    relayed = [source if ticks == 1 else relays[source, ticks - 1] for source, ticks in relays]
    outputs = [starts[name] - axons + chosen for name, chosen in net.outputs]
    return Placement(
        axons,
        neurons,
        Currents(tuple(chain.from_iterable(tiles))),
        tuple(starts[layer.name] - axons for layer in net.layers),
        tuple(latency[layer.name] for layer in net.layers),
        np.array(relayed, dtype=np.int64),
        tuple(feedback),
        np.concatenate(outputs).astype(np.int64),
    )


def _pair(route: Route) -> tuple[str, str]:
    return route.source, route.target


def _starts(net: FloatNet, axons: int) -> dict[str, int]:
    """The row of the first source of each input and layer."""
    starts, row = {}, 0
    for name, size in (*net.inputs, *((layer.name, layer.size) for layer in net.layers)):
        starts[name] = row
        row += size
    return starts


def _rows(sources: IntArray, ticks: int, relays: dict[tuple[int, int], int], end: int) -> IntArray:
    """The rows whose spikes are those of the sources, so many ticks later; relays are made as they are needed."""
    if ticks == 0:
        return sources
    for tick in range(1, ticks + 1):
        for source in sources.tolist():
            relays.setdefault((source, tick), end + len(relays))
            if len(relays) > LARGEST:
                raise UserError(f"The model takes more than {LARGEST:,} neurons to delay spikes; reduce its delays or "
                                "the layers that edges leave out.")  # fmt: skip
    return np.array([relays[source, ticks] for source in sources.tolist()], dtype=np.int64)


def back_edges(net: FloatNet) -> set[tuple[str, str]]:
    """The edges that close a loop, found depth first from the layers that inputs lead to."""
    inputs = {name for name, _ in net.inputs}
    after: dict[str, list[str]] = {layer.name: [] for layer in net.layers}
    for route in net.routes:
        if route.source not in inputs and route.target not in after[route.source]:
            after[route.source].append(route.target)
    fed = [route.target for route in net.routes if route.source in inputs]
    back, done = set(), set()
    for root in dict.fromkeys([*fed, *after]):
        if root in done:
            continue
        path, ways = [root], [iter(after[root])]
        on_path = {root}
        while path:
            name = next(ways[-1], None)
            if name is None:
                done.add(path[-1])
                on_path.discard(path.pop())
                ways.pop()
            elif name in on_path:
                back.add((path[-1], name))
            elif name not in done:
                path.append(name)
                on_path.add(name)
                ways.append(iter(after[name]))
    return back


def _latencies(net: FloatNet, back: set[tuple[str, str]]) -> dict[str, int]:
    """The least latency of each layer with which no route but those of loops arrives too late."""
    forward = [route for route in net.routes if _pair(route) not in back]
    latency = {layer.name: 0 for layer in net.layers}
    for _ in net.layers:
        settled = True
        for route in forward:
            if route.source in latency:
                needed = latency[route.source] + 1 - route.delay
                settled &= needed <= latency[route.target]
                latency[route.target] = max(latency[route.target], needed)
        if settled:
            break
    return latency


def constants(layers: Sequence[Layer], placement: Placement) -> tuple[FloatArray, FloatArray]:
    """The constant current of each neuron of the layers, and where its current must start.

    A current is measured from the value that the constant input gives it in the end; it starts from zero as seen from
    outside, when the layer begins, and until then it decays.
    """
    steady, start = [], []
    for layer, ticks in zip(layers, placement.latency, strict=True):
        value = layer.constant * layer.dynamics.steady_gain
        keep = (1 - layer.dynamics.decay) ** (ticks + 0.0)
        fades = layer.dynamics.decay < 1
        steady.append(value)
        start.append(np.where(fades, -value / np.where(fades, keep, 1), 0.0))
    return np.concatenate(steady), np.concatenate(start)
