"""hwf_places: rows and columns of random blocks, walked in any order, against the host's side of them."""

import random
from typing import Any

import cocotb
import pytest
from harness import check
from helpers.cycles import begin, cycle, to_signed

from hwflow.spiking.backend.bench import places_of
from hwflow.spiking.blocks import Block, constant, kept, may_change, rows

pytestmark = pytest.mark.slow
AXONS, NEURONS, LANES, HIGH = 8, 12, 2, 7
SOURCES, WORDS = AXONS + NEURONS, NEURONS // LANES
OUTPUTS = ("next_row", "step", "there", "may_change", "level", "itself")
BLOCKS: list[tuple[Block, ...]] = [
    (),
    (Block(8, 0, 8, True), Block(4, 2, 10, False), Block(8, 0, 12, False, -128)),
    (Block(2, 2, 2, True), Block(8, 4, 8, False, -3), Block(2, 0, 0, False), Block(8, 0, 4, True)),
]


def number_of(dut: Any) -> int:
    return next(n for n, blocks in enumerate(BLOCKS) if len(blocks) == int(dut.BLOCKS.value))


@cocotb.test()
async def knows_every_word(dut: Any) -> None:
    blocks, rng = BLOCKS[number_of(dut)], random.Random(7)
    place = rows(blocks, SOURCES, NEURONS, LANES)[::LANES]
    stored, changes = (part(blocks, SOURCES, NEURONS)[::LANES, ::LANES] for part in (kept, may_change))
    levels = constant(blocks, SOURCES, NEURONS).reshape(SOURCES // LANES, LANES, WORDS, LANES).min(axis=(1, 3))
    await begin(dut, source=0, take=0, column=0, word=0)

    async def look(**inputs: int) -> dict[str, int]:
        return dict(zip(OUTPUTS, await cycle(dut, *OUTPUTS, **inputs), strict=True))

    def known(seen: dict[str, int], source: int, word: int) -> None:
        found = seen["there"], seen["may_change"], to_signed(seen["level"], 8), seen["itself"]
        assert found == (stored[source, word], changes[source, word], levels[source, word],
                         source - AXONS // LANES == word), (source, word)  # fmt: skip

    for _ in range(300):
        source = rng.randrange(SOURCES // LANES)
        await look(source=source, take=0, column=0)
        following = rng.randrange(SOURCES // LANES)  # whatever comes behind it
        assert (await look(source=following, take=1))["next_row"] == place[source] % (1 << HIGH)
        for word in rng.sample(range(WORDS), 3):
            known(await look(source=rng.randrange(SOURCES // LANES), take=0, word=word), source, word)
        word = rng.randrange(WORDS)
        for step in range(source, SOURCES // LANES):
            seen = await look(source=step, column=1, word=word)
            known(seen, step, word)
            if step + 1 < len(place):
                assert seen["step"] == (place[step + 1] - place[step]) % (1 << HIGH)
        known(await look(column=0), source, word)  # the row is still known


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_places(number: int) -> None:
    blocks = BLOCKS[number]
    check(__file__, "hwf_places", {"BLOCKS": len(blocks), "PLACES": f"512'h{places_of(blocks, LANES):x}", "ROWS": WORDS,
                                   "AXON_WORDS": AXONS // LANES, "SOURCE": 4, "HIGH": HIGH, "WORD": 3})  # fmt: skip
