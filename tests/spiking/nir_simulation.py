"""A NIR graph in floats, tick by tick: its equations as the NIR paper prints them, by forward Euler, node by node.

Written from the paper and the docstrings of the package `nir`, with nothing of hwflow in it. Within a tick a spike
passes through the whole graph; where an edge closes a loop it brings what its source gave in the tick before.
"""

from collections.abc import Mapping
from typing import Any

import nir
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def opened(graph: nir.NIRGraph, prefix: str = "") -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Nodes and edges with subgraphs opened; a subgraph's Input and Output pass on what they get."""
    nodes: dict[str, Any] = {}
    edges: list[tuple[str, str]] = []
    ends: dict[str, tuple[str, str]] = {}
    for name, node in graph.nodes.items():
        if isinstance(node, nir.NIRGraph):
            inner, links = opened(node, f"{prefix}{name}/")
            nodes |= inner
            edges += links
            (entry,), (end,) = node.inputs, node.outputs
            ends[name] = (f"{prefix}{name}/{entry}", f"{prefix}{name}/{end}")
        else:
            nodes[prefix + name] = node
            ends[name] = (prefix + name, prefix + name)
    edges += [(ends[a][1], ends[b][0]) for a, b in graph.edges]
    return nodes, edges


class Simulation:
    """One run: `step` takes the spikes of a tick to the output of that tick."""

    def __init__(self, graph: nir.NIRGraph, dt: float) -> None:
        self.nodes, self.edges = opened(graph)
        self.dt = dt
        self.state: dict[str, dict[str, Array]] = {name: {} for name in self.nodes}
        self.last: dict[str, Array] = {}

    def step(self, spikes: Mapping[str, Array]) -> dict[str, Array]:
        self.now: dict[str, Array] = {name: np.asarray(x, dtype=float) for name, x in spikes.items()}
        self.under_way: list[str] = []
        out = {name: self.value(name) for name, node in self.nodes.items() if name not in self.now}
        self.last = dict(self.now)
        return out

    def value(self, name: str) -> Array:
        if name in self.now:
            return self.now[name]
        if name in self.under_way:
            return self.last.get(name, np.zeros(()))
        self.under_way.append(name)
        x = sum((self.value(a) for a, b in self.edges if b == name), start=np.zeros(()))
        self.under_way.remove(name)
        self.now[name] = self.passed(self.nodes[name], self.state[name], np.asarray(x))
        return self.now[name]

    def passed(self, node: Any, state: dict[str, Array], x: Array) -> Array:
        dt = self.dt
        if isinstance(node, nir.Affine | nir.Linear):
            x = x if x.ndim else np.full(node.weight.shape[1], x)
            return np.asarray(node.weight @ x.reshape(-1) + getattr(node, "bias", 0))
        if isinstance(node, nir.Conv2d | nir.SumPool2d):
            return self.slid(node, x)
        if isinstance(node, nir.Scale):
            return np.asarray(x * node.scale)
        if isinstance(node, nir.Flatten):
            return x.reshape(-1)
        if isinstance(node, nir.Delay):
            line = state.setdefault("line", np.zeros((4096, *node.delay.shape)))
            line[:] = np.roll(line, 1, axis=0)
            line[0] = x
            ticks = np.rint(node.delay / dt).astype(int)
            return np.take_along_axis(line, ticks[None], axis=0)[0]
        if isinstance(node, nir.Threshold):
            return np.asarray(x > node.threshold, dtype=float)
        if isinstance(node, nir.Output | nir.Input):
            return x
        return self.neurons(node, state, x, dt)

    def slid(self, node: Any, x: Array) -> Array:
        """A window over an image, a place at a time; no dilation and no groups."""
        (ph, pw), (sh, sw) = np.broadcast_to(node.padding, 2), np.broadcast_to(node.stride, 2)
        image = np.pad(x, [(0, 0), (ph, ph), (pw, pw)])
        pool = isinstance(node, nir.SumPool2d)
        kh, kw = node.kernel_size if pool else node.weight.shape[2:]
        rows, columns = range(0, image.shape[1] - kh + 1, sh), range(0, image.shape[2] - kw + 1, sw)
        windows = [[image[:, i : i + kh, j : j + kw] for j in columns] for i in rows]
        if pool:
            return np.array([[window.sum(axis=(1, 2)) for window in row] for row in windows]).transpose(2, 0, 1)
        sums = [[(node.weight * window).sum(axis=(1, 2, 3)) + node.bias for window in row] for row in windows]
        return np.array(sums).transpose(2, 0, 1)

    def neurons(self, node: Any, state: dict[str, Array], x: Array, dt: float) -> Array:
        rest = np.asarray(getattr(node, "v_leak", np.zeros_like(node.r)), dtype=float)
        v = state.setdefault("v", rest + np.zeros(np.broadcast_shapes(x.shape, rest.shape)))
        current = x
        if isinstance(node, nir.CubaLIF | nir.CubaLI):
            i = state.setdefault("i", np.zeros_like(v))
            i = i + dt / node.tau_syn * (-i + node.w_in * x)
            state["i"] = current = i
        if isinstance(node, nir.IF | nir.I):
            v = v + dt * node.r * current
        else:
            tau = node.tau_mem if isinstance(node, nir.CubaLIF | nir.CubaLI) else node.tau
            v = v + dt / tau * ((rest - v) + node.r * current)
        if isinstance(node, nir.LI | nir.CubaLI | nir.I):
            state["v"] = v
            return v
        fires = v > node.v_threshold
        state["v"] = np.where(fires, node.v_reset, v)
        return fires.astype(float)


def simulate(graph: nir.NIRGraph, x: Array, dt: float, output: str = "output") -> Array:
    """What the Output gives in each tick for spikes [ticks, inputs], flat."""
    run = Simulation(graph, dt)
    (entry,) = graph.inputs
    shape = tuple(int(n) for n in graph.nodes[entry].input_type["input"])
    return np.array([run.step({entry: row.reshape(shape)})[output].reshape(-1) for row in np.asarray(x, dtype=float)])
