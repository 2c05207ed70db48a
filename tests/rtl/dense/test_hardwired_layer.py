"""The module of a hardwired layer: what it asserts is seen to fire."""

from pathlib import Path
from typing import Any

import cocotb
import numpy as np
import pytest
from cocotb.triggers import RisingEdge
from harness import check_assertion_fires
from helpers.streams import start

from hwflow.ints import IntType
from hwflow.quantised.backend.dataflow import build_accelerator
from hwflow.quantised.backend.folding import Fold, Folding
from hwflow.quantised.network import INPUT, Dense, Network, Node


@cocotb.test()
async def changes_a_stalled_result(dut: Any) -> None:
    await start(dut)
    dut.s_valid.value = 1
    dut.s_data.value = 0
    for _ in range(8):
        await RisingEdge(dut.clk)
    assert dut.m_valid.value and not dut.m_ready.value
    dut.inner.m_data.value = int(dut.inner.m_data.value) ^ 1
    for _ in range(3):
        await RisingEdge(dut.clk)


@pytest.mark.slow
def test_assertion_fires(tmp_path: Path) -> None:
    weight = np.array([[1, -1, 0, 1], [0, 1, 1, -1], [1, 1, 1, 1]])
    network = Network("layer", 4, IntType(2, True), (Node("dense0", Dense(weight, IntType(2, True)), (INPUT,)),))
    made = build_accelerator(network, Folding({"dense0": Fold(3, 4, 2)}), "hwf_net")
    path = next(path for path in made.files if "dense0" in path and path.endswith(".sv"))
    source = tmp_path / Path(path).name
    source.write_bytes(made.files[path])
    tests = [changes_a_stalled_result.name]
    check_assertion_fires(__file__, source.stem, "a_stalled_result_is_held", extra=[source], tests=tests)
