"""Nested dicts to one flat graph."""

from typing import Any

import numpy as np
import pytest

from hwflow.errors import UserError
from hwflow.spiking.frontend.nir_graph import IDENTITY, MAX_DEPTH, MAX_NODES, flat_graph, names, shown


def graph(nodes: Any, edges: Any) -> dict[str, Any]:
    return {"type": "NIRGraph", "nodes": nodes, "edges": edges}


def ends() -> dict[str, Any]:
    return {"in": {"type": "Input", "shape": np.array([2])}, "out": {"type": b"Output", "shape": np.array([2])}}


LINEAR = {"type": "Linear", "weight": np.eye(2)}


def test_subgraphs_are_opened() -> None:
    inner = graph(ends() | {"w": LINEAR}, [("in", "w"), ("w", "out"), ("w", "w")])
    flat = flat_graph(graph(ends() | {"sub": graph(ends() | {"deep": inner}, [(b"in", b"deep"), (b"deep", b"out")])},
                            np.array([["in", "sub"], ["sub", "out"]], dtype=object)))  # fmt: skip
    assert set(flat.edges) == {
        ("in", "sub/in"), ("sub/in", "sub/deep/in"), ("sub/deep/in", "sub/deep/w"), ("sub/deep/w", "sub/deep/w"),
        ("sub/deep/w", "sub/deep/out"), ("sub/deep/out", "sub/out"), ("sub/out", "out")}  # fmt: skip
    assert (
        flat.nodes["sub/in"].kind == IDENTITY
        and flat.nodes["in"].kind == "Input"
        and flat.nodes["out"].kind == "Output"
    )


def test_words_and_numbers() -> None:
    conv = {"type": "Conv1d", "weight": np.ones((1, 1, 2)), "stride": 1, "padding": b"same", "dilation": 1, "groups": 1,
            "bias": np.zeros(1), "input_shape": None, "metadata": {}}  # fmt: skip
    node = flat_graph(graph({"c": conv}, [])).nodes["c"]
    assert node.words == {"padding": "same"} and node.values["stride"] == 1 and "input_shape" not in node.values


def deep(levels: int) -> dict[str, Any]:
    inner = graph({}, [])
    for _ in range(levels):
        inner = graph({"g": inner}, [])
    return inner


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ({"type": "LIF"}, "holds 'LIF' and no NIRGraph"),
        ({}, "The file is incomplete: its graph has no type; export the model again, to its end"),
        ({"type": "NIRGraph"}, "The file is incomplete: the model has no nodes or no edges"),
        (graph({"a": {"weight": np.eye(2)}}, []), "The file is incomplete: node 'a' has no type"),
        (graph({"a": 3}, []), "Node 'a' is no node"),
        (graph({"a": {"type": "Magic\n"}}, []), r"Node 'a' is a 'Magic\\n', which hwflow does not know"),
        (graph({"a": LINEAR}, [("a", "a"), ("a", "a")]), "The edge from 'a' to 'a' is given twice"),
        (graph({"a": LINEAR | {"weight": "w"}}, []), r"Node 'a' \(Linear\) has no numbers for weight"),
        (graph({"a": LINEAR | {"weight": np.eye(2) * 1j}}, []), r"Node 'a' \(Linear\) has no numbers for weight"),
        (graph({"a": LINEAR | {"weight": [[1], [1, 2]]}}, []), r"Node 'a' \(Linear\) has no numbers for weight"),
        (graph({"a": LINEAR | {"weight": [[np.inf]]}}, []), r"Node 'a' \(Linear\) holds infinities or NaN as weight"),
        (
            graph({"a": LINEAR | {"weight": [[1e39]]}}, []),
            r"Node 'a' \(Linear\) holds numbers that float32 does not as weight",
        ),
        (graph({"a": LINEAR | {"weight": [[1e-320]]}}, []), "holds numbers that float32 does not as weight"),
        (graph({"a": LINEAR}, [("a", "b")]), "An edge of the model names 'b', which is no node"),
        (graph({"a": LINEAR}, [("a", 3)]), "The edges of the model are not pairs of names"),
        (graph({"a": LINEAR}, ["ab"]), "The edges of the model are not pairs of names"),
        (graph({"a": LINEAR, "s": graph({}, [])}, [("a", "s")]), "Subgraph 's' has 0 inputs or outputs at one edge"),
        (deep(MAX_DEPTH + 1), "lies deeper than 20 graphs"),
        (graph({str(i): LINEAR for i in range(MAX_NODES + 1)}, []), "holds more than 10000 nodes"),
    ],
)
def test_refusals(document: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        flat_graph(document)


def test_names_are_short_and_printable() -> None:
    assert shown("a\x1b[0m") == r"'a\x1b[0m'" and len(shown("x" * 1000)) <= 62
    assert names([str(i) for i in range(7)]) == "'0', '1', '2', '3', '4' and 2 more"
