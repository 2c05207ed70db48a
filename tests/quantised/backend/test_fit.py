"""What is said of a net that does not fit: that the FIFO in front of a join is too much, and which folding needs less."""

import numpy as np
import pytest

from hwflow.board import find_board
from hwflow.errors import UserError
from hwflow.ints import IntType
from hwflow.quantised.backend.dataflow import Options, compile_network
from hwflow.quantised.backend.folding import Fold, Folding
from hwflow.quantised.network import Add, Dense, Network, Node, Threshold

SIZE = 4096


def through_a_waist(joined: bool) -> Network:
    """A vector of 16 bits through one element and back, added to itself."""
    ones, kind = np.ones((1, SIZE), dtype=np.int64), IntType(2, True)
    few = Threshold(np.arange(0, 15000, 1000)[None], np.zeros(1, dtype=np.bool_), 0, IntType(4, False))
    nodes = [
        Node("dense0", Dense(ones, kind), ("input",)),
        Node("threshold0", few, ("dense0",)),
        Node("dense1", Dense(ones.T, kind), ("threshold0",)),
    ]
    join = Node("add0", Add(np.ones((2, SIZE), dtype=np.int64)), ("dense1", "input"))
    return Network("waist", SIZE, IntType(16, False), (*nodes, *[join] * joined))


def test_a_join_that_needs_more_than_the_part_has_is_named_and_so_is_a_folding_that_needs_less() -> None:
    wide = Folding({"dense0": Fold(1, 64), "dense1": Fold(64, 1)})
    with pytest.raises(UserError) as error:
        compile_network(through_a_waist(True), find_board("icebreaker"), Options(wide))
    said = str(error.value)
    assert "node add0 (Add) waits for its other branches with " in said and " block RAMs of 30 " in said
    assert "with PE and SIMD 1 everywhere it fits, and its FIFOs take " in said


def test_a_net_without_a_join_is_told_of_its_smallest_folding() -> None:
    wide = Folding({"dense0": Fold(1, SIZE), "dense1": Fold(256, 1)})
    with pytest.raises(UserError, match=r"needs .* of 5,280 .*; its smallest folding .* fits"):
        compile_network(through_a_waist(False), find_board("icebreaker"), Options(wide))
