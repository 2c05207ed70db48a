"""The Network: ranges, types, digest, files, and what is refused."""

import json
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from quantised.networks import random_network, random_vectors

from hwflow.errors import UserError
from hwflow.ints import IntType
from hwflow.quantised import reference
from hwflow.quantised.elementwise import Step
from hwflow.quantised.network import INPUT, ArgMax, Dense, Network, Node, Threshold


def one(value: float) -> np.ndarray:
    return np.array([value], dtype=np.float32)


def small() -> Network:
    nodes = (
        Node("dense0", Dense(np.array([[1, -2], [3, 1]]), IntType(3, True)), (INPUT,)),
        Node("threshold0", Threshold(np.array([[-1, 2], [0, 5]]), np.array([False, True]), -1, IntType(2, True)),
             ("dense0",)),
        Node("argmax", ArgMax(np.array([2, 2]), np.array([0, 1])), ("threshold0",)),
    )  # fmt: skip
    encode = (Step("div", (one(0.5),)), Step("clip", (one(-2), one(1))), Step("round"))
    return Network("small", 2, IntType(2, True), nodes, encode, (Step("mul", (one(0.5),)),), "small.onnx")


def test_ranges_are_reached_and_not_left() -> None:
    network = small()
    x = np.array(list(product(range(-2, 2), repeat=2)))
    trace = reference.trace(network, x)
    low, high = network.ranges["dense0"]
    assert trace["dense0"].min(axis=0).tolist() == low.tolist() == [-4, -8]
    assert trace["dense0"].max(axis=0).tolist() == high.tolist() == [5, 4]
    assert {name: str(kind) for name, kind in network.types.items()} == {
        INPUT: "INT2", "dense0": "INT4", "threshold0": "INT2", "argmax": "UINT1",
    }  # fmt: skip
    assert (network.output_size, network.output_type) == (1, IntType(1, False))


def test_ranges_hold_for_partial_sums() -> None:
    """Sums are formed in any order, so a range takes in zero even where no whole sum is zero."""
    threshold = Threshold(np.array([[0], [0]]), np.zeros(2, dtype=np.bool_), 3, IntType(3, False))
    nodes = (*small().nodes[:1], Node("threshold0", threshold, ("dense0",)),
             Node("dense1", Dense(np.array([[1, -1]]), IntType(2, True)), ("threshold0",)))  # fmt: skip
    low, high = replace(small(), nodes=nodes).ranges["dense1"]
    assert (low[0], high[0]) == (-4, 4)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_files_and_back(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = random_network(rng)
    files = network.to_files()
    assert files == network.to_files()
    folder = tmp_path_factory.mktemp("network")
    for name, content in files.items():
        (folder / name).write_bytes(content)
    again = Network.from_folder(folder)
    assert again.digest == network.digest and again.to_files() == files
    x = random_vectors(rng, network, 20)
    np.testing.assert_array_equal(reference.run(again, x), reference.run(network, x))


def test_steps_survive_files(tmp_path: Path) -> None:
    network = small()
    for name, content in network.to_files().items():
        (tmp_path / name).write_bytes(content)
    again = Network.from_folder(tmp_path)
    assert (again.name, again.source) == (network.name, network.source)
    x = np.array([[0.3, -9], [-0.6, 0.25]], dtype=np.float32)
    np.testing.assert_array_equal(again.quantise(x), network.quantise(x))
    np.testing.assert_array_equal(again.dequantise(np.array([[1]])), [[0.5]])


@pytest.mark.parametrize("damage", ["missing", "json", "kind", "array", "npz", "compressed"])
def test_damaged_files(tmp_path: Path, damage: str) -> None:
    files = small().to_files()
    document = json.loads(files["network.json"])
    if damage == "missing":
        del files["network.json"]
    elif damage == "json":
        files["network.json"] = files["network.json"][:40]
    elif damage == "kind":
        document["nodes"][0]["kind"] = "Conv"
        files["network.json"] = json.dumps(document).encode()
    elif damage == "array":
        document["nodes"].append(document["nodes"][0])
        files["network.json"] = json.dumps(document).encode()
    elif damage == "npz":
        files["network.npz"] = files["network.npz"][:100]
    else:
        content = files["network.npz"]
        files["network.npz"] = content[:60] + bytes(20) + content[80:]
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match="holds no readable network"):
        Network.from_folder(tmp_path)


@pytest.mark.parametrize("name", ["class", "s", "clk", "a b"])
def test_a_node_is_called_by_what_the_rtl_can_hold(name: str) -> None:
    node = replace(small().nodes[0], name=name)
    with pytest.raises(ValueError, match=f"node '{name}' has a name that RTL cannot hold"):
        replace(small(), nodes=(node,))


def test_digest_is_of_what_decides_an_output() -> None:
    network = small()
    renamed = tuple(Node(f"n{i}", node.layer, (f"n{i - 1}" if i else INPUT,)) for i, node in enumerate(network.nodes))
    assert replace(network, name="other", source="else.onnx", nodes=renamed).digest == network.digest
    others = [
        replace(network, input_type=IntType(3, True)),
        replace(network, decode=()),
        replace(network, encode=(Step("round"),)),
        replace(network, nodes=network.nodes[:2]),
        replace(network, nodes=(Node("dense0", Dense(np.array([[1, -2], [3, 2]]), IntType(3, True)), (INPUT,)),
                                *network.nodes[1:])),
        replace(network, nodes=(network.nodes[0], Node("argmax", network.nodes[2].layer, ("dense0",)))),
    ]  # fmt: skip
    assert len({network.digest, *(other.digest for other in others)}) == len(others) + 1


def test_quantise() -> None:
    network = small()
    assert network.quantise(np.array([[0.25, 0.75], [-7, 7]])).tolist() == [[0, 1], [-2, 1]]
    assert network.quantise(np.zeros((3, 1, 2, 1))).shape == (3, 2)
    with pytest.raises(UserError, match="hold 3 values each but the input of small has 2"):
        network.quantise(np.zeros((1, 3)))
    with pytest.raises(UserError, match="not whole INT2"):
        network.quantise(np.array([[np.nan, 0]]))
    plain = replace(network, encode=())
    with pytest.raises(UserError, match="not whole INT2"):
        plain.quantise(np.array([[0.5, 0]]))
    with pytest.raises(UserError, match="outside INT2"):
        plain.quantise(np.array([[2, 0]]))


def test_layers_that_cannot_be() -> None:
    up = np.zeros(1, dtype=np.bool_)
    with pytest.raises(ValueError, match="does not fit INT2"):
        Dense(np.array([[2]]), IntType(2, True))
    with pytest.raises(ValueError, match="must ascend"):
        Threshold(np.array([[2, 1]]), up, 0, IntType(2, False))
    for base in (-1, 2):
        with pytest.raises(ValueError, match="do not fit UINT2"):
            Threshold(np.array([[1, 2]]), up, base, IntType(2, False))


def test_bipolar_weights() -> None:
    assert Dense(np.array([[1, -1]]), IntType(2, True)).bipolar
    assert not Dense(np.array([[1, 0]]), IntType(2, True)).bipolar
