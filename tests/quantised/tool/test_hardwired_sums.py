"""A hardwired layer's sums stay sums of two in Yosys, whose merged ones take more tables."""

from pathlib import Path

import numpy as np
from needs import needs_pyosys

from hwflow.ints import IntType
from hwflow.quantised.backend.hardwired import hardwired
from hwflow.quantised.backend.hardwired_text import hardwired_module
from hwflow.quantised.layers import Dense
from hwflow.tool.process import run_tool
from hwflow.tool.yosys import resolve

needs_pyosys("pyosys merges the sums as a build does")
_COARSE = "proc; opt; wreduce; opt_clean; alumacc"  # as each family's synthesis does it


def test_no_sum_of_more_than_two_is_made(tmp_path: Path) -> None:
    rng, x = np.random.default_rng(3), IntType(4, False)
    weight = rng.integers(-3, 4, (3, 9)).astype(np.int64)
    low, high = np.zeros(9, dtype=np.int64), np.full(9, 15, dtype=np.int64)
    wired = hardwired(Dense(weight, IntType(3, True)), None, x, low, high, 9, 99)
    (tmp_path / "layer.sv").write_text(hardwired_module("layer", wired, x, IntType(9, True)))
    found = f"select -assert-none t:$macc t:$macc_v2; select -assert-min {len(wired.graph.additions)} t:$alu"
    script = f"read_verilog -sv -DSYNTHESIS layer.sv; {_COARSE}; {found}"
    run_tool([*resolve(), "-p", script], tmp_path / "log", cwd=tmp_path)
