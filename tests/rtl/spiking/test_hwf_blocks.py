"""hwf_blocks: every source word of random blocks, against where the host's side says that its synapses lie."""

from typing import Any

import cocotb
import numpy as np
import pytest
from cocotb.triggers import Timer
from harness import check

from hwflow.spiking.backend.bench import places_of
from hwflow.spiking.blocks import Block, may_change, rows, there

pytestmark = pytest.mark.slow
LANES, SOURCE, HIGH, WORD = 2, 7, 12, 6
BLOCKS = [
    (),
    (Block(60, 0, 0, False), Block(40, 20, 20, True)),
    (Block(2, 4, 6, True), Block(10, 0, 40, False), Block(4, 38, 2, True), Block(84, 2, 8, True)),
    tuple(Block(12, 2 * b, b, b % 3 > 0) for b in range(0, 16, 2)),
]


def blocks_in(dut: Any) -> tuple[Block, ...]:
    return BLOCKS[int(dut.ROWS.value) - 20]


@cocotb.test()
async def places_every_source(dut: Any) -> None:
    blocks, neurons = blocks_in(dut), int(dut.ROWS.value) * LANES
    sources = sum(block.sources for block in blocks) or 100
    place = rows(blocks, sources, neurons, LANES)[::LANES]
    exists, changes = (part(blocks, sources, neurons)[::LANES, ::LANES] for part in (there, may_change))
    for s in range(sources // LANES):
        dut.source.value = s
        await Timer(1, "ns")
        assert int(dut.row.value) == int(place[s]) % (1 << HIGH)
        if s + 1 < len(place):
            assert int(dut.step.value) == int(place[s + 1] - place[s]) % (1 << HIGH)
        words = np.flatnonzero(exists[s]).tolist()
        assert list(range(int(dut.first.value), int(dut.past.value))) == words
        if words:
            assert int(dut.changes.value) == changes[s, words[0]]


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_blocks(number: int) -> None:
    blocks = BLOCKS[number]
    places = f"512'h{places_of(blocks, LANES):x}"
    check(__file__, "hwf_blocks", {"BLOCKS": len(blocks), "PLACES": places, "ROWS": 20 + number, "SOURCE": SOURCE,
                                   "HIGH": HIGH, "WORD": WORD})  # fmt: skip
