"""A damaged network is refused in a sentence, whatever the damage; nothing else gets out."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from quantised.networks import random_graph, random_vectors

from hwflow.errors import UserError
from hwflow.ints import IntType
from hwflow.quantised import reference
from hwflow.quantised.elementwise import Step
from hwflow.quantised.network import INPUT, ArgMax, Dense, Network, Node, Threshold


def one(value: float) -> np.ndarray:
    return np.array([value], dtype=np.float32)


def small() -> Network:
    levels = Threshold(np.array([[-1, 2], [0, 5]]), np.array([False, True]), -1, IntType(2, True))
    nodes = (
        Node("dense0", Dense(np.array([[1, -2], [3, 1]]), IntType(3, True)), (INPUT,)),
        Node("threshold0", levels, ("dense0",)),
        Node("argmax", ArgMax(np.array([2, 2]), np.array([0, 1])), ("threshold0",)),
    )
    encode = (Step("div", (one(0.5),)), Step("clip", (one(-2), one(1))), Step("round"))
    return Network("small", 2, IntType(2, True), nodes, encode, (Step("mul", (one(0.5),)),), "small.onnx")


def save(folder: Path, document: Any, arrays: dict[str, np.ndarray]) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    (folder / "network.json").write_text(json.dumps(document))
    (folder / "network.npz").write_bytes(buffer.getvalue())


def parts() -> tuple[Any, dict[str, np.ndarray]]:
    files = small().to_files()
    with np.load(io.BytesIO(files["network.npz"])) as arrays:
        return json.loads(files["network.json"]), dict(arrays)


def read(folder: Path) -> Network | None:
    """The network, which then works, or None for a refusal in one sentence."""
    try:
        network = Network.from_folder(folder)
    except UserError as error:
        said = str(error)
        if "\n" in said or not said.endswith("run `hwflow compile` again."):
            pytest.fail(f"{said!r} is no sentence with its remedy")
        return None
    x = random_vectors(np.random.default_rng(0), network, 3)
    y = reference.run(network, x)
    assert y.shape == (3, network.output_size) and network.output_type.holds(y)
    network.dequantise(y)
    return network


DAMAGES: dict[str, tuple[tuple[str | int, ...], Any]] = {
    "no object": ((), [1]),
    "name": (("name",), 7),
    "no size": (("input",), {"bits": 2, "signed": True}),
    "negative size": (("input", "size"), -2),
    "other size": (("input", "size"), 3),
    "text for a width": (("input", "bits"), "2"),
    "half a bit": (("input", "bits"), 2.5),
    "no bit": (("input", "bits"), 0),
    "number for a sign": (("input", "signed"), 1),
    "no nodes": (("nodes",), []),
    "nodes are none": (("nodes",), None),
    "unknown layer": (("nodes", 0, "kind"), "Conv"),
    "unknown input": (("nodes", 1, "inputs"), ["nobody"]),
    "itself": (("nodes", 1, "inputs"), ["threshold0"]),
    "a loop": (("nodes", 0, "inputs"), ["argmax"]),
    "two inputs": (("nodes", 1, "inputs"), ["dense0", "input"]),
    "no input": (("nodes", 1, "inputs"), []),
    "name twice": (("nodes", 1, "name"), "dense0"),
    "no weight type": (("nodes", 0, "weight_type"), None),
    "narrow weight type": (("nodes", 0, "weight_type"), {"bits": 1, "signed": True}),
    "no base": (("nodes", 1, "base"), None),
    "huge base": (("nodes", 1, "base"), 10**40),
    "unknown step": (("encode", 0, "kind"), "exec"),
    "other operands": (("encode", 0, "operands"), 0),
    "negative operands": (("encode", 0, "operands"), -1),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_document_is_refused(tmp_path: Path, damage: str) -> None:
    document, arrays = parts()
    place, value = DAMAGES[damage]
    save(tmp_path, replaced(document, place, value), arrays)
    assert read(tmp_path) is None


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("node0.weight", np.ones((2, 3), dtype=np.int64)),
        ("node0.weight", np.ones(2, dtype=np.int64)),
        ("node0.weight", np.ones((2, 2))),
        ("node0.weight", np.full((2, 2), "x")),
        ("node0.weight", np.zeros((0, 2), dtype=np.int64)),
        ("node0.weight", np.full((2, 2), 4)),
        ("node1.levels", np.zeros((3, 2), dtype=np.int64)),
        ("node1.levels", np.array([[2, 1], [0, 0]])),
        ("node1.descending", np.zeros(3, dtype=np.bool_)),
        ("node1.descending", np.zeros(2, dtype=np.int64)),
        ("node2.offset", np.zeros(3, dtype=np.int64)),
        ("node2.gain", np.full(2, 1 << 62)),
        ("encode0.0", one(np.nan)),
        ("encode0.0", np.ones(3, dtype=np.float32)),
        ("encode0.0", np.ones(1)),
        ("decode0.0", np.ones((1, 1), dtype=np.float32)),
    ],
)
def test_an_array_that_does_not_fit_is_refused(tmp_path: Path, name: str, array: np.ndarray) -> None:
    document, arrays = parts()
    save(tmp_path, document, arrays | {name: array})
    assert read(tmp_path) is None


def test_sums_that_overflow_are_refused(tmp_path: Path) -> None:
    document, arrays = parts()
    document["nodes"][0]["weight_type"]["bits"] = 64
    save(tmp_path, document, arrays | {"node0.weight": np.full((2, 2), 1 << 61)})
    assert read(tmp_path) is None


def replaced(document: Any, place: tuple[str | int, ...], value: Any) -> Any:
    if not place:
        return value
    document[place[0]] = replaced(document[place[0]], place[1:], value)
    return document


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
ARRAYS = st.builds(
    lambda shape, kind, value: np.full(shape, value).astype(kind),
    st.lists(st.integers(0, 3), max_size=3),
    st.sampled_from(["i8", "i4", "u8", "f4", "f8", "?", "U3", "c8"]),
    st.integers(-9, 9),
)


@pytest.mark.slow
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_damaged_it_is_a_sentence_or_a_network(tmp_path: Path, data: st.DataObject) -> None:
    document, arrays = parts()
    for _ in range(data.draw(st.integers(0, 2))):
        place: list[str | int] = []
        inner = document
        while isinstance(inner, dict | list) and inner and (not place or data.draw(st.booleans())):
            place.append(data.draw(st.sampled_from(sorted(inner) if isinstance(inner, dict) else range(len(inner)))))
            inner = inner[place[-1]]
        document = replaced(document, tuple(place), data.draw(JSON)) if isinstance(document, dict) else document
    if data.draw(st.booleans()):
        arrays[data.draw(st.sampled_from(sorted(arrays)))] = data.draw(ARRAYS)
    save(tmp_path, document, arrays)
    read(tmp_path)


@pytest.mark.slow
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_bytes_are_there_it_is_a_sentence_or_a_network(tmp_path: Path, data: st.DataObject) -> None:
    files = small().to_files()
    name = data.draw(st.sampled_from(sorted(files)))
    content = bytearray(files[name])
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    files[name] = (
        bytes(content[: data.draw(st.integers(0, len(content)))]) if data.draw(st.booleans()) else bytes(content)
    )
    for path, whole in files.items():
        (tmp_path / path).write_bytes(whole)
    read(tmp_path)


def test_graphs_come_back_as_they_were(tmp_path: Path) -> None:
    for seed in range(10):
        network = random_graph(np.random.default_rng(seed), tokens=seed % 2 == 1)
        read_back = Network.from_files(network.to_files(), tmp_path)
        assert read_back.digest == network.digest
        assert [node.inputs for node in read_back.nodes] == [node.inputs for node in network.nodes]
