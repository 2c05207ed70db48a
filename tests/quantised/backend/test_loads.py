"""Memories that the host writes: each has its place, and nets of the same shapes have the same hardware."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from quantised.networks import random_folding, random_graph, random_network

from hwflow.board import find_board
from hwflow.errors import UserError
from hwflow.ints import IntType
from hwflow.project import Project
from hwflow.quantised.backend.dataflow import FOLDING, Options, compile_network
from hwflow.quantised.backend.folding import Fold, Folding, dense_layers
from hwflow.quantised.backend.loads import content_of, layout_of
from hwflow.quantised.backend.units import units_of
from hwflow.quantised.network import INPUT, ArgMax, Dense, Network, Node, Threshold
from hwflow.shell.build_digest import build_of


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.booleans())
def test_every_value_has_an_address_of_its_own(seed: int, large: bool) -> None:
    rng = np.random.default_rng(seed)
    network = random_network(rng, widest=4)
    folding = random_folding(rng, network)
    folds = {name: replace(fold, loaded=not large, large=large) for name, fold in folding.folds.items()}
    units = units_of(network, Folding(folds))
    content = content_of(units)
    assert content is not None
    assert len(np.unique(content.addresses)) == len(content.addresses)
    assert content.addresses.min() >= 0 and content.addresses.max() < layout_of(units).addresses
    found = [(at + i, value) for at, data in content.runs(7) for i, value in enumerate(np.frombuffer(data, "<u2"))]
    assert found == list(zip(content.addresses, content.values, strict=True))


def test_constants_take_no_address() -> None:
    network = random_network(np.random.default_rng(1))
    units = units_of(network, random_folding(np.random.default_rng(2), network))
    assert layout_of(units).addresses == 0 and content_of(units) is None


def of_shape(seed: int, *, rows: int = 6, outputs: bool = False) -> Network:
    """A net of two layers, of which the seed decides weights, thresholds and constants."""
    rng, kind = np.random.default_rng(seed), IntType(2, True)
    low = -1 if seed % 2 else -2  # nets whose weights do not use their whole type
    first = Dense(rng.integers(low, 2, (rows, 10)), kind)
    levels = np.sort(rng.integers(-9, 9, (rows, 3)), axis=1)
    nodes = [
        Node("dense0", first, (INPUT,)),
        Node("t0", Threshold(levels, rng.random(rows) < seed % 3 / 4, 0, IntType(2, False)), ("dense0",)),
        Node("dense1", Dense(rng.integers(low, 2, (3, rows)), kind), ("t0",)),
        Node("top", ArgMax(rng.integers(2, 50, 3), rng.integers(-50, 50, 3)), ("dense1",)),
    ]
    return Network("net", 10, IntType(3, True), tuple(nodes[: 3 if outputs else 4]))


def loaded(network: Network) -> Project:
    return compile_network(network, find_board("sim"), Options(loaded=True))


def hardware(project: Project) -> dict[str, bytes]:
    return {path: data for path, data in project.files.items() if path.startswith(("rtl/", "memory/", FOLDING))}


@pytest.mark.parametrize("outputs", [False, True])
def test_nets_of_the_same_shapes_are_the_same_hardware(outputs: bool) -> None:
    projects = [loaded(of_shape(seed, outputs=outputs)) for seed in range(4)]
    assert all(hardware(project) == hardware(projects[0]) for project in projects)
    assert len({build_of(project) for project in projects}) == 1 and len({project.digest for project in projects}) == 4
    assert build_of(loaded(of_shape(0, rows=7, outputs=outputs))) != build_of(projects[0])
    assert not any(path.startswith("memory/") for path in projects[0].files)


def test_a_net_with_branches_is_not_loaded() -> None:
    graphs = (random_graph(np.random.default_rng(seed)) for seed in range(20))
    network = next(graph for graph in graphs if dense_layers(graph))
    with pytest.raises(UserError, match="no chain of matrices"):
        loaded(network)


def test_large_rams_are_taken_where_block_rams_do_not_suffice() -> None:
    rng, kind = np.random.default_rng(0), IntType(2, True)
    wide = Network("wide", 784, kind, (Node("dense0", Dense(rng.integers(-2, 2, (64, 784)), kind), (INPUT,)),))
    small = Network("small", 64, kind, (Node("dense0", Dense(rng.integers(-2, 2, (16, 64)), kind), (INPUT,)),))
    board = find_board("icebreaker")
    folds = {net.name: compile_network(net, board).files[FOLDING] for net in (wide, small)}
    assert b'"RAM": "large"' in folds["wide"] and b"RAM" not in folds["small"]
    too_many = Folding({"dense0": Fold(64, 1, large=True)})  # 128 bits of a word: 8 of 4
    with pytest.raises(UserError, match="8 large RAMs of 4"):
        compile_network(wide, board, Options(folding=too_many))
