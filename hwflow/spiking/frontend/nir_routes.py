"""From a graph of nodes to layers of neurons with one matrix between any two of them."""

import math
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwflow.errors import UserError
from hwflow.ints import IntArray
from hwflow.spiking.frontend import nir_neurons, nir_operators
from hwflow.spiking.frontend.float_net import FloatArray, FloatNet, Layer, Route
from hwflow.spiking.frontend.nir_graph import NirGraph, NirNode, names, shown
from hwflow.spiking.frontend.nir_neurons import dynamics
from hwflow.spiking.network import LARGEST


@dataclass
class _Value:
    """What arrives at a node: from each source, with each delay, a batch [source, *shape], and a constant."""

    shape: tuple[int, ...]
    batches: dict[tuple[str, int], NDArray[Any]]
    constant: FloatArray

    @staticmethod
    def nothing(shape: tuple[int, ...]) -> "_Value":
        return _Value(shape, {}, np.zeros(shape))

    def add(self, other: "_Value") -> None:
        if math.prod(self.shape) != math.prod(other.shape):
            raise ValueError(f"it is given values of shapes {self.shape} and {other.shape}")
        for key, batch in other.batches.items():
            own = batch.reshape(len(batch), *self.shape)
            self.batches[key] = self.batches[key] + own if key in self.batches else own
        self.constant = self.constant + other.constant.reshape(self.shape)


@dataclass
class _Lowering:
    graph: NirGraph
    dt: float
    clip: bool
    before: Mapping[str, list[str]]
    after: Mapping[str, list[str]]
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    values: dict[str, _Value] = field(default_factory=dict)


def lower(graph: NirGraph, dt: float, *, clip: bool = False, subtracts: bool = False) -> FloatNet:
    """The layers and routes of a graph; `subtracts` as in `nir_neurons.dynamics`.

    Raises UserError, by the node's name, for what cannot be represented.
    """
    for sentence in refused(graph, dt, clip=clip):
        raise UserError(sentence)
    before: dict[str, list[str]] = {name: [] for name in graph.nodes}
    after: dict[str, list[str]] = {name: [] for name in graph.nodes}
    for a, b in graph.edges:
        before[b].append(a)
        after[a].append(b)
    work = _Lowering(graph, dt, clip, before, after)
    _find_shapes(work)
    emitters = [node for node in graph.nodes.values() if _emits(node)]
    _check_sizes(emitters, work.shapes)
    for node in emitters:
        shape = work.shapes[node.name]
        eye = np.eye(math.prod(shape), dtype=np.int8).reshape(-1, *shape)
        work.values[node.name] = _Value(shape, {(node.name, 0): eye}, np.zeros(shape))
    for node in _order(work):
        with _naming(node):
            work.values[node.name] = _passed(work, node)
    neurons = [graph.nodes[name] for name in work.shapes if graph.nodes[name].kind in nir_neurons.KINDS]
    layers: list[Layer] = []
    routes: list[Route] = []
    for node in neurons:
        with _naming(node):
            arrived = _arriving(work, node)
            update = dynamics(node, work.shapes[node.name], dt, clip=clip, subtracts=subtracts)
            if ((update.decay == 0) & (arrived.constant.reshape(-1) != 0)).any():
                raise ValueError("its current never decays (tau_syn is infinite) and a bias would raise it without end")
        layers.append(Layer(node.name, node.kind, work.shapes[node.name], update, arrived.constant.reshape(-1)))
        routes += _routes(graph, node, arrived)
    inputs = tuple((node.name, math.prod(work.shapes[node.name])) for node in emitters if node.kind == "Input")
    outputs = tuple(_output(work, node) for node in graph.nodes.values() if node.kind == "Output")
    return FloatNet(inputs, tuple(layers), tuple(routes), outputs)


def refused(graph: NirGraph, dt: float, *, clip: bool = False) -> tuple[str, ...]:
    """A sentence for each node that cannot be represented, whatever surrounds it."""
    sentences = []
    for node in graph.nodes.values():
        shape = max((array.shape for array in node.values.values()), key=math.prod, default=())
        try:
            if node.kind in nir_neurons.KINDS:
                dynamics(node, shape, dt, clip=clip)
            elif node.kind == "Delay":
                _ticks(node, shape, dt, clip)
        except ValueError as error:
            sentences.append(_sentence(node, error))
    kinds = {node.kind for node in graph.nodes.values()}
    sentences += [f"The model has no {kind} node; export it again with one." for kind in ("Input", "Output")
                  if kind not in kinds]  # fmt: skip
    if not kinds & set(nir_neurons.KINDS):
        sentences.append("The model has no neurons; end it in LIF, IF, CubaLIF or LI.")
    return tuple(sentences)


def _sentence(node: NirNode, error: Exception) -> str:
    return f"Node {shown(node.name)} ({node.kind}) cannot be represented: {error}."


@contextmanager
def _naming(node: NirNode) -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise UserError(_sentence(node, error)) from None


def _emits(node: NirNode) -> bool:
    return node.kind == "Input" or node.kind in nir_neurons.KINDS


def _find_shapes(work: _Lowering) -> None:
    """The shape of what each node gives, from the inputs on."""
    ready = deque(node for node in work.graph.nodes.values() if node.kind == "Input")
    for node in ready:
        dims = node.values["shape"].reshape(-1)
        if dims.size == 0 or (dims < 1).any() or (dims != np.floor(dims)).any() or dims.prod() >= LARGEST:
            raise UserError(f"Node {shown(node.name)} (Input) has shape {dims.tolist()!s:.60}, which is not 1 to "
                            f"{LARGEST - 1:,} axons; reduce the input.")  # fmt: skip
        work.shapes[node.name] = tuple(int(n) for n in dims)
    while ready:
        before = ready.popleft()
        for name in work.after[before.name]:
            if name in work.shapes:
                continue
            node, shape = work.graph.nodes[name], work.shapes[before.name]
            if not _emits(node) and node.kind != "Delay":
                with _naming(node):
                    shape = nir_operators.apply(node, np.zeros((1, *shape))).shape[1:]
            work.shapes[name] = shape
            ready.append(node)
    lost = [name for name in work.graph.nodes if name not in work.shapes]
    if lost:
        raise UserError(f"No input leads to {names(lost)}; remove what is not used, and export the model again.")


def _check_sizes(emitters: list[NirNode], shapes: Mapping[str, tuple[int, ...]]) -> None:
    axons, neurons = (
        sum(math.prod(shapes[node.name]) for node in emitters if (node.kind == "Input") == inputs)
        for inputs in (True, False)
    )
    if (count := axons + neurons) > LARGEST:
        raise UserError(f"The model takes {axons:,} axons and {neurons:,} neurons, {count - LARGEST:,} more than the {LARGEST:,} "
                        "that a core has in all; reduce it.")  # fmt: skip


def _order(work: _Lowering) -> Iterator[NirNode]:
    """The stateless nodes, each behind what leads to it. Raises UserError for a loop without a neuron in it."""
    stateless = [node for node in work.graph.nodes.values() if not _emits(node)]
    missing = {node.name: sum(not _emits(work.graph.nodes[a]) for a in work.before[node.name]) for node in stateless}
    ready = deque(node for node in stateless if missing[node.name] == 0)
    while ready:
        node = ready.popleft()
        del missing[node.name]
        yield node
        for name in work.after[node.name]:
            if name in missing:
                missing[name] -= 1
                if missing[name] == 0:
                    ready.append(work.graph.nodes[name])
    if missing:
        raise UserError(f"There is a loop through {names(list(missing))} without a neuron in it; put one there.")


def _arriving(work: _Lowering, node: NirNode) -> _Value:
    """The sum of what the nodes before this one give; neurons take it in their own shape."""
    before = work.before[node.name]
    shape = work.shapes[node.name] if _emits(node) else work.values[before[0]].shape
    value = _Value.nothing(shape)
    for name in before:
        value.add(work.values[name])
    return value


def _passed(work: _Lowering, node: NirNode) -> _Value:
    """What a stateless node makes of what arrives."""
    arrived = _arriving(work, node)
    if node.kind == "Delay":
        return _delayed(node, arrived, work.dt, work.clip)
    batches = {key: nir_operators.apply(node, batch) for key, batch in arrived.batches.items()}
    constant = nir_operators.apply(node, arrived.constant[None])[0]
    return _Value(constant.shape, batches, constant + nir_operators.constant(node, constant.shape))


def _delayed(node: NirNode, arrived: _Value, dt: float, clip: bool) -> _Value:
    ticks = _ticks(node, arrived.shape, dt, clip)
    if (arrived.constant * ticks).any():
        raise ValueError("it delays a constant current; move the bias behind it")
    value = _Value.nothing(arrived.shape)
    value.constant = arrived.constant
    for (source, delay), batch in arrived.batches.items():
        for tick in np.unique(ticks).tolist():
            value.batches[source, delay + tick] = value.batches.get((source, delay + tick), 0.0) + batch * (
                ticks == tick
            )
    return value


def _ticks(node: NirNode, shape: tuple[int, ...], dt: float, clip: bool) -> IntArray:
    """A delay for each value in whole ticks. Raises ValueError if it is none, unless `clip` says to round it."""
    delay = nir_neurons.spread(node.values["delay"], shape).reshape(shape)
    ticks = np.rint(delay / dt)
    if (delay < 0).any() or ticks.max(initial=0) > LARGEST:
        raise ValueError(
            f"its delays of {delay.min():g} to {delay.max():g} s are not 0 to {LARGEST:,} ticks of {dt:g} s"
        )
    if not clip and (np.abs(delay / dt - ticks) > 1e-4).any():
        raise ValueError(f"its delays are not whole ticks of {dt:g} s; give another --dt, or --clip to round them")
    return ticks.astype(np.int64)


def _routes(graph: NirGraph, node: NirNode, arrived: _Value) -> Iterator[Route]:
    for (name, delay), batch in arrived.batches.items():
        weight = batch.reshape(len(batch), -1)
        if not weight.any():
            continue
        source = graph.nodes[name]
        if source.kind in nir_neurons.READ_OUTS:
            raise UserError(f"Node {shown(name)} ({source.kind}) never fires and leads to {shown(node.name)}: only spikes "
                            "travel between neurons; replace it by LIF or IF, or end the model there.")  # fmt: skip
        yield Route(name, node.name, delay, weight.astype(np.float64, copy=False))


def _output(work: _Lowering, node: NirNode) -> tuple[str, IntArray]:
    """The neurons behind an output. Raises UserError if it is computed from them and not just them."""
    value = work.values[node.name]
    found = [(source, delay, batch.reshape(len(batch), -1)) for (source, delay), batch in value.batches.items()]
    if len(found) == 1 and not value.constant.any():
        source, delay, batch = found[0]
        chosen = batch.argmax(axis=0)
        one = np.zeros_like(batch)
        one[chosen, np.arange(batch.shape[1])] = 1
        if delay == 0 and work.graph.nodes[source].kind != "Input" and np.array_equal(batch, one):
            return source, chosen.astype(np.int64)
    raise UserError(f"Node {shown(node.name)} (Output) is not the output of one node of neurons; end the model in LIF, IF, "
                    "CubaLIF, or in LI for its membranes.")  # fmt: skip
