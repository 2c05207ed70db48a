"""The netlist of a net, cell by cell: it equals the reference, and one entry of a look-up table that is turned is seen."""

import sys
from pathlib import Path

import numpy as np
import pytest
from needs import needs_pyosys
from quantised.networks import random_network

from hwflow.board import find_board

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))

needs_pyosys("Yosys makes the netlist")


@pytest.mark.slow
@pytest.mark.parametrize("family", ["ice40", pytest.param("xilinx", marks=pytest.mark.long)])
def test_a_netlist_equals_and_a_planted_fault_is_seen(family: str, tmp_path: Path) -> None:
    from gate_level import BOARDS, netlist, vectors

    network = random_network(np.random.default_rng(0), largest=6, bits=2)
    made = netlist(network, find_board(BOARDS[family]), tmp_path / "yosys")
    x = vectors(network, 500)
    assert made.mismatches(x, tmp_path / "sound") == 0
    table = len(made.tables) // 2
    assert made.with_fault(table, 0).text != made.text
    assert made.is_seen(table, 0, x, tmp_path / "faulty")
