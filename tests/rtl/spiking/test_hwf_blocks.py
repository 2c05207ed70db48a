"""hwf_blocks: every source word of random blocks, against where the host's side says that its synapses lie."""

from typing import Any

import cocotb
import pytest
from cocotb.triggers import Timer
from harness import check
from helpers.cycles import to_signed

from hwflow.spiking.backend.bench import places_of
from hwflow.spiking.blocks import Block, may_change, rows

pytestmark = pytest.mark.slow
LANES, SOURCE, HIGH, WORD = 2, 7, 12, 6
BLOCKS = [
    (),
    (Block(60, 0, 0, False), Block(40, 20, 20, True)),
    (Block(2, 4, 6, True), Block(10, 0, 40, False), Block(4, 38, 2, True), Block(84, 2, 8, True)),
    tuple(Block(12, 2 * b, b, b % 3 > 0) for b in range(0, 16, 2)),
    (
        Block(30, 4, 20, True),
        Block(20, 2, 30, False, -128),
        Block(20, 0, 0, False),
        Block(10, 6, 8, False, -1),
        Block(20, 10, 38, True),
    ),
]


def blocks_in(dut: Any) -> tuple[Block, ...]:
    return BLOCKS[int(dut.ROWS.value) - 20]


@cocotb.test()
async def places_every_source(dut: Any) -> None:
    blocks, neurons = blocks_in(dut), int(dut.ROWS.value) * LANES
    sources = sum(block.sources for block in blocks) or 100
    place = rows(blocks, sources, neurons, LANES)[::LANES]
    changes = may_change(blocks, sources, neurons)[::LANES, ::LANES]
    of_source = [block for block in blocks for _ in range(block.sources // LANES)] or [
        Block(sources, 0, neurons, True)
    ] * sources
    for s in range(sources // LANES):
        dut.source.value = s
        await Timer(1, "ns")
        assert int(dut.row.value) == int(place[s]) % (1 << HIGH)
        if s + 1 < len(place):
            assert int(dut.step.value) == int(place[s + 1] - place[s]) % (1 << HIGH)
        block = of_source[s]
        first, past = int(dut.first.value) * LANES, int(dut.past.value) * LANES
        assert (first, past, to_signed(int(dut.level.value), 8)) == (
            block.first,
            block.first + block.neurons,
            block.level,
        )
        if block.neurons:
            assert int(dut.changes.value) == changes[s, block.first // LANES]


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_blocks(number: int) -> None:
    blocks = BLOCKS[number]
    places = f"512'h{places_of(blocks, LANES):x}"
    check(__file__, "hwf_blocks", {"BLOCKS": len(blocks), "PLACES": places, "ROWS": 20 + number, "SOURCE": SOURCE,
                                   "HIGH": HIGH, "WORD": WORD})  # fmt: skip
