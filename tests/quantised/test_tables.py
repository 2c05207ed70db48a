"""Layers that look values up: what they give, what they can give, and what is illegal."""

from pathlib import Path

import numpy as np
import pytest

from hwflow.ints import IntType
from hwflow.quantised import reference
from hwflow.quantised.network import INPUT, Network, Node, Table, TableSum

KIND = IntType(3, True)


def net(*layers: Table | TableSum) -> Network:
    names = [f"{type(layer).__name__.lower()}{i}" for i, layer in enumerate(layers)]
    nodes = [Node(name, layer, (before,)) for name, layer, before in zip(names, layers, [INPUT, *names], strict=False)]
    return Network("tables", layers[0].reads[0], KIND, tuple(nodes))


def tables(rng: np.random.Generator) -> Network:
    own = Table(rng.integers(-9, 10, (3, 8)), -4, 3)
    edges = TableSum(rng.integers(-9, 10, (2, 3, 20)), -10)
    shared = Table(rng.integers(0, 9, (1, 80)), -40, 2)
    return net(own, edges, shared)


def test_each_element_is_looked_up_and_edges_are_added() -> None:
    rng = np.random.default_rng(1)
    network = tables(rng)
    own, edges, shared = (node.layer for node in network.nodes)
    assert isinstance(own, Table) and isinstance(edges, TableSum) and isinstance(shared, Table)
    x = rng.integers(-4, 4, (20, 3))
    for sample, y in zip(x.tolist(), reference.run(network, x).tolist(), strict=True):
        first = [int(own.entries[c, v + 4]) for c, v in enumerate(sample)]
        sums = [sum(int(edges.entries[r, c, v + 10]) for c, v in enumerate(first)) for r in range(2)]
        assert y == [int(shared.entries[0, v + 40]) for v in sums]


def test_ranges_are_of_the_entries_that_can_be_reached() -> None:
    table = Table(np.array([[7, 0, 1, 2, 9]]), -2, 2)
    low, high = table.output_range((np.array([-1, 0]), np.array([1, 2])))
    assert (low.tolist(), high.tolist()) == ([0, 1], [2, 9])
    edges = TableSum(np.array([[[7, 0, 1, 2, 9], [5, 5, -3, 5, 5]]]), -2)
    low, high = edges.output_range((np.array([-1, -2]), np.array([1, 2])))
    assert (low.tolist(), high.tolist()) == ([-3], [7])


def test_files_hold_them(tmp_path: Path) -> None:
    network = tables(np.random.default_rng(2))
    files = network.to_files()
    again = Network.from_files(files, tmp_path)
    assert again.digest == network.digest and again.to_files() == files


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: Table(np.zeros((2, 4), dtype=np.int64), 0, 3), "do not go with 3 channels"),
        (lambda: Table(np.zeros((1, 4)), 0, 3), "a table is float64"),
        (lambda: Table(np.zeros((1, (1 << 16) + 1), dtype=np.int64), 0, 1), "more than 16 bits"),
        (lambda: TableSum(np.zeros((2, 4), dtype=np.int64), 0), "of shape"),
        (lambda: net(Table(np.zeros((1, 7), dtype=np.int64), -3, 2)).types, "a table of -3 to 3 is asked for -4 to 3"),
        (lambda: net(TableSum(np.full((1, 4, 8), 1 << 60), -4)).types, "63 bits"),
    ],
)
def test_what_is_illegal(make: object, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        make()  # type: ignore[operator]
