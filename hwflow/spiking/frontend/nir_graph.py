"""A NIR graph as plain values: one flat list of nodes, subgraphs opened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hwflow.errors import UserError
from hwflow.spiking.frontend.float_net import FloatArray, within_float32

MAX_NODES = 10_000
MAX_DEPTH = 20  # of subgraphs in subgraphs
PARAMETERS = {
    "Affine": ("weight", "bias"),
    "AvgPool2d": ("kernel_size", "stride", "padding"),
    "Conv1d": ("weight", "stride", "padding", "dilation", "groups", "bias"),
    "Conv2d": ("weight", "stride", "padding", "dilation", "groups", "bias"),
    "CubaLI": ("tau_syn", "tau_mem", "r", "v_leak", "w_in"),
    "CubaLIF": ("tau_syn", "tau_mem", "r", "v_leak", "v_threshold", "v_reset", "w_in"),
    "Delay": ("delay",),
    "Flatten": ("start_dim", "end_dim"),
    "I": ("r",),
    "IF": ("r", "v_threshold", "v_reset"),
    "Input": ("shape",),
    "LI": ("tau", "r", "v_leak"),
    "LIF": ("tau", "r", "v_leak", "v_threshold", "v_reset"),
    "Linear": ("weight",),
    "Output": ("shape",),
    "Scale": ("scale",),
    "SumPool2d": ("kernel_size", "stride", "padding"),
    "Threshold": ("threshold",),
}
WORDS = {"Conv1d": ("padding",), "Conv2d": ("padding",)}  # parameters that may be a word
ENDLESS = ("tau", "tau_mem", "tau_syn", "r", "w_in")  # may be infinite: a beta of 1, and what makes up for it
IDENTITY = "Identity"  # the Input or Output of an opened subgraph


def shown(name: str) -> str:
    """A name from a file as it may be printed: quoted, escaped, at most 60 characters."""
    text = ascii(name)
    return text if len(text) <= 62 else text[:58] + "...'"


@dataclass(frozen=True, eq=False)
class NirNode:
    """A node: name (`outer/inner` in a subgraph), kind (a key of PARAMETERS, or IDENTITY), and numbers by parameter.

    words: a parameter that is a word and not a number, as a padding of 'same'.
    """

    name: str
    kind: str
    values: Mapping[str, FloatArray]
    words: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class NirGraph:
    """Nodes by name, in the file's order, and edges between names. Only Input, Output and Identity are virtual."""

    nodes: Mapping[str, NirNode]
    edges: tuple[tuple[str, str], ...]

    def before(self, name: str) -> list[str]:
        """The nodes with an edge to this one."""
        return [a for a, b in self.edges if b == name]


def flat_graph(document: Mapping[str, Any]) -> NirGraph:
    """The graph of a nested dict as the `nir` package reads it: `type`, `nodes` and `edges`, or a node's parameters.

    Raises UserError, with the node's name, for what is no graph of known nodes.
    """
    nodes: dict[str, NirNode] = {}
    edges: list[tuple[str, str]] = []
    if "type" not in document:
        raise UserError("The file is incomplete: its graph has no type; export the model again, to its end.")
    if _text(document.get("type")) != "NIRGraph":
        raise UserError(f"The file holds {_word(document.get('type'))} and no NIRGraph; export the model again.")
    _open(document, "", nodes, edges, 0)
    if len(set(edges)) < len(edges):
        twice = next(edge for edge in edges if edges.count(edge) > 1)
        raise UserError(f"The edge from {shown(twice[0])} to {shown(twice[1])} is given twice; export the model again.")
    return NirGraph(nodes, tuple(edges))


def _open(
    graph: Mapping[str, Any], prefix: str, nodes: dict[str, NirNode], edges: list[tuple[str, str]], depth: int
) -> tuple[list[str], list[str]]:
    """Add a graph's nodes and edges; return the names of its inputs and outputs."""
    where = shown(prefix.rstrip("/")) if prefix else "the model"
    if depth > MAX_DEPTH:
        raise UserError(f"Subgraph {where} lies deeper than {MAX_DEPTH} graphs; flatten the model.")
    inner, links = graph.get("nodes"), graph.get("edges")
    if not isinstance(inner, Mapping) or links is None:
        raise UserError(
            f"The file is incomplete: {where} has no nodes or no edges; export the model again, to its end."
        )
    entries: dict[str, list[str]] = {}  # of each name: where edges to it end
    exits: dict[str, list[str]] = {}
    inputs: list[str] = []
    outputs: list[str] = []
    for key, node in inner.items():
        name = prefix + key
        if not isinstance(node, Mapping):
            raise UserError(f"Node {shown(name)} is no node; export the model again.")
        kind = _text(node.get("type"))
        if kind == "NIRGraph":
            entries[key], exits[key] = _open(node, name + "/", nodes, edges, depth + 1)
            continue
        nodes[name] = _node(name, node, inside=bool(prefix))
        if len(nodes) > MAX_NODES:
            raise UserError(f"The model holds more than {MAX_NODES} nodes; this is not a net that fits an FPGA.")
        entries[key] = exits[key] = [name]
        if kind == "Input":
            inputs.append(name)
        elif kind == "Output":
            outputs.append(name)
    for source, target in _edges(links, where):
        for key, ends in ((source, exits), (target, entries)):
            if key not in ends:
                raise UserError(f"An edge of {where} names {shown(key)}, which is no node; export the model again.")
            if len(ends[key]) != 1:
                raise UserError(f"Subgraph {shown(prefix + key)} has {len(ends[key])} inputs or outputs at one edge; "
                                "give it one of each.")  # fmt: skip
        edges.append((exits[source][0], entries[target][0]))
    return inputs, outputs


def _edges(links: Any, where: str) -> list[tuple[str, str]]:
    array = np.asarray(links, dtype=object)
    sound = array.size == 0 or (array.ndim == 2 and array.shape[1] == 2)
    pairs = [tuple(_text(end) for end in link) for link in array.reshape(-1, 2).tolist()] if sound else []
    if not sound or any(None in pair for pair in pairs):
        raise UserError(f"The edges of {where} are not pairs of names; export the model again.")
    return [(str(a), str(b)) for a, b in pairs]


def _node(name: str, node: Mapping[str, Any], inside: bool) -> NirNode:
    if "type" not in node:
        raise UserError(f"The file is incomplete: node {shown(name)} has no type; export the model again, to its end.")
    kind = _text(node.get("type"))
    if kind not in PARAMETERS:
        raise UserError(f"Node {shown(name)} is a {_word(node.get('type'))}, which hwflow does not know; remove it.")
    values, words = {}, {}
    virtual = inside and kind in ("Input", "Output")
    for key in PARAMETERS[kind]:
        value = node.get(key)
        if virtual or (key == "shape" and kind == "Output"):
            continue  # the shape is that of what arrives
        word = _text(value)
        if word is not None and key in WORDS.get(kind, ()):
            words[key] = word
            continue
        try:
            array: Any = np.asarray(value)
            if np.iscomplexobj(array):
                raise TypeError
            values[key] = array.astype(np.float64)
        except (TypeError, ValueError):
            raise UserError(f"Node {shown(name)} ({kind}) has no numbers for {key}; export the model again.") from None
        allowed = ~np.isnan(values[key]) if key in ENDLESS else np.isfinite(values[key])
        if not allowed.all():
            raise UserError(f"Node {shown(name)} ({kind}) holds infinities or NaN as {key}; train the model again.")
        if not within_float32(values[key]).all():
            raise UserError(
                f"Node {shown(name)} ({kind}) holds numbers that float32 does not as {key}; train the model again."
            )
    return NirNode(name, IDENTITY if virtual else kind, values, words)


def _text(value: Any) -> str | None:
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    return value if isinstance(value, str) else None


def _word(value: Any) -> str:
    return shown(_text(value) or type(value).__name__)


def names(nodes: Sequence[str]) -> str:
    """Some nodes' names, for a sentence."""
    listed = ", ".join(shown(name) for name in nodes[:5])
    return listed + (f" and {len(nodes) - 5} more" if len(nodes) > 5 else "")
