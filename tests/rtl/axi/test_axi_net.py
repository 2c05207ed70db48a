"""Whole nets behind AXI, as compiled: every result as the reference's, and vectors as fast as predicted."""

import json
from pathlib import Path
from typing import Any

import cocotb
import numpy as np
import pytest
from cocotb.triggers import FallingEdge, with_timeout
from harness import check
from helpers.axi import LATENCY, SHORT, VECTORS_IN, VECTORS_OUT, Device, Watch
from helpers.streams import STALLS
from quantised.networks import random_network, random_vectors

from hwflow.board import find_board
from hwflow.ints import pack_vectors
from hwflow.project import DESIGN
from hwflow.quantised import reference
from hwflow.quantised.backend.dataflow import Options, compile_network
from hwflow.quantised.backend.folding import smallest

pytestmark = pytest.mark.slow
CASE = "case.json"
VECTORS = 200


@cocotb.test()
async def gives_what_the_reference_gives(dut: Any) -> None:
    """Under every kind of stall, and without any as fast as the net alone."""
    case = json.loads(Path(CASE).read_text())
    device = await Device.start(dut)
    sent = padded(case["sent"], device.source.byte_lanes)
    expected = padded(case["expected"], device.sink.byte_lanes)
    Watch(dut, "m_axis", ("tdata", "tlast", "tuser"))
    for number, stall in enumerate([(0.0, 0.0), *STALLS]):
        device.stall(*stall, number)
        ends: list[int] = []
        watch = cocotb.start_soon(_results(dut, -(-len(expected) // VECTORS // device.sink.byte_lanes), ends))
        await device.send(sent)
        result = await with_timeout(device.take(), 10, "ms")
        watch.cancel()
        assert result.data == expected
        assert not any(result.user)
        if not any(stall):
            half = ends[len(ends) // 2 :]
            assert half[-1] - half[0] == case["interval"] * (len(half) - 1)
    assert await device.read(VECTORS_IN) == await device.read(VECTORS_OUT) == VECTORS * (len(STALLS) + 1)
    assert await device.read(SHORT) == 0
    await device.send(sent[: len(sent) // VECTORS])
    await with_timeout(device.take(), 1, "ms")
    assert case["latency"] < await device.read(LATENCY) < case["latency"] + 40


def padded(vectors: list[str], lanes: int) -> bytes:
    """Vectors as a packet: each from its own beat on."""
    whole = [bytes.fromhex(vector) for vector in vectors]
    return b"".join(vector + bytes(-len(vector) % lanes) for vector in whole)


async def _results(dut: Any, beats: int, ends: list[int]) -> None:
    """The cycles in which the last beats of results leave."""
    cycle = seen = 0
    while True:
        await FallingEdge(dut.aclk)
        cycle += 1
        if int(dut.m_axis_tvalid.value) and int(dut.m_axis_tready.value):
            seen += 1
            if seen % beats == 0:
                ends.append(cycle)


@pytest.mark.parametrize(("seed", "fastest"), [(7, True), (3, False)])
def test_axi_net(seed: int, fastest: bool, tmp_path: Path) -> None:
    network = random_network(np.random.default_rng(seed), largest=16)
    options = Options(None if fastest else smallest(network), shell="axi")
    project = compile_network(network, find_board("pynq-z1"), options)
    prediction = json.loads(project.files[DESIGN])["prediction"]
    x = random_vectors(np.random.default_rng(1), network, VECTORS)
    y = reference.run(network, x)
    case = {
        "sent": [row.tobytes().hex() for row in pack_vectors(x, network.input_type)],
        "expected": [row.tobytes().hex() for row in pack_vectors(y, network.output_type)],
        "interval": prediction["initiation_interval"],
        "latency": prediction["latency"],
    }
    made = [path for path in project.files if path.startswith(("rtl/hwf_top", "rtl/hwf_net"))]
    for path in made:
        (tmp_path / Path(path).name).write_bytes(project.files[path])
    images = {path: content.decode() for path, content in project.files.items() if path.startswith("memory/")}
    extra = [tmp_path / Path(path).name for path in made]
    check(__file__, "hwf_top", extra=extra, files={CASE: json.dumps(case)} | images)
