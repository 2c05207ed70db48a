"""What `make prove` says of whole nets: equal to their equations, or not, and what it does not take."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from hwflow.ints import IntType
from hwflow.quantised.network import INPUT, Dense, Network, Node, Table

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))

import prove
from proofs import ROOT
from specification import Ends, specification

ENDS = Ends(2, 1, IntType(4, True), (True,), (True,))
needs_tools = pytest.mark.skipif(
    prove.solver() is None or find_spec("pyosys") is None, reason="needs the tools of the extra `prove`"
)


@needs_tools
@pytest.mark.slow
def test_a_net_is_equal_for_every_input_and_a_turned_weight_is_caught(tmp_path: Path) -> None:
    command = [
        sys.executable,
        str(ROOT / "benchmarks/prove_nets.py"),
        "hardwired",
        "--faults",
        "--out",
        str(tmp_path / "out"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("net hardwired: equal for every input of 10 bits; 2 faults caught;")


@needs_tools
@pytest.mark.slow
def test_what_the_solver_does_not_decide_in_time_is_no_success(tmp_path: Path) -> None:
    command = [
        sys.executable,
        str(ROOT / "benchmarks/prove_nets.py"),
        "hardwired",
        "--seconds",
        "1e-6",
        "--out",
        str(tmp_path / "out"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "y0 unknown" in done.stdout


def net(node: Node) -> Network:
    return Network("net", 2, IntType(2, False), (node,))


def test_the_specification_is_the_equation() -> None:
    text = specification(net(Node("d", Dense(np.array([[3, -2]]), IntType(4, True)), (INPUT,))), ENDS)
    assert "assign spec_input_1 = $unsigned(kept[2+:2]);" in text
    assert "assign spec_d_0 = (8'sd3) * spec_input_0 + (-8'sd2) * spec_input_1;" in text


def test_a_layer_without_an_equation_and_values_too_wide_are_refused() -> None:
    with pytest.raises(ValueError, match="no equation for t, a Table"):
        specification(net(Node("t", Table(np.arange(4)[None], 0, 2), (INPUT,))), ENDS)
    with pytest.raises(ValueError, match="values of d do not fit 8 bits"):
        specification(net(Node("d", Dense(np.array([[15, 15]]), IntType(5, True)), (INPUT,))), ENDS)
