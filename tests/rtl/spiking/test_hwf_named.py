"""hwf_named: words of rows, of columns and of the host, named in any order, with stalls, against the host's side of them."""

import random
from typing import Any

import cocotb
import pytest
from harness import check
from helpers.cycles import begin, cycle, to_signed

from hwflow.spiking.backend.bench import places_of
from hwflow.spiking.blocks import Block, constant, kept, may_change, rows

pytestmark = pytest.mark.slow
AXONS, NEURONS, LANES = 8, 12, 2
SOURCES, WORDS = AXONS + NEURONS, NEURONS // LANES
BLOCKS: list[tuple[Block, ...]] = [
    (),
    (Block(8, 0, 8, True), Block(4, 2, 10, False), Block(8, 0, 12, False, -128)),
]
IDLE = dict.fromkeys(
    (
        "take", "take_row", "moves", "in_column", "in_raise", "in_host", "serves", "chooses", "adds_neuron", "no_column",
        "by_neuron", "from_axon", "index", "axon_waiting", "axon", "who", "neuron", "host_source", "host_neuron", "host_entry",
        "write_first", "write_target", "host_data",
    ),
    0,
)  # fmt: skip
SEEN = ("high", "turn", "there", "may_change", "level", "itself")


class Driver:
    """The module as hwf_sequence drives it."""

    def __init__(self, dut: Any, blocks: tuple[Block, ...]) -> None:
        self._dut, self._rng = dut, random.Random(4)
        self._places = rows(blocks, SOURCES, NEURONS, LANES)
        self._stored, self._changes = kept(blocks, SOURCES, NEURONS), may_change(blocks, SOURCES, NEURONS)
        self._levels = constant(blocks, SOURCES, NEURONS)

    def known(self, seen: list[int], source: int, neuron: int, turn: int) -> None:
        """Of the word of a source and of a neuron."""
        high, turned, there, changes, level, itself = seen
        word, own = neuron - neuron % LANES, source - source % LANES
        assert turned == turn and there == self._stored[source, neuron]
        if there:
            assert high == self._places[source] + neuron // LANES
            assert changes == self._changes[source, neuron]
        else:
            levels = self._levels[own : own + LANES, word : word + LANES]
            assert to_signed(level, 8) == levels.min() and itself == (own - AXONS == word)

    async def begins(self, source: int) -> None:
        """A row of an axon, a neuron, or, if the core serves it, the host."""
        how: dict[str, int] = {"serves": 0, "axon_waiting": int(source < AXONS), "who": (source - AXONS) % NEURONS}
        how["axon"] = source % AXONS
        if served := self._rng.random() < 0.3:
            how = {"serves": 1, "axon_waiting": 0, "host_source": source, "who": self._rng.randrange(NEURONS)}
        await cycle(self._dut, **how)
        await cycle(self._dut, take=1, take_row=1, in_host=int(served), **how)
        if not served and source < AXONS:
            assert await cycle(self._dut, "axon_word", take=0, take_row=0) == [source // LANES]
        await cycle(self._dut, take=0, take_row=0, in_host=0)

    async def row(self, source: int) -> None:
        await self.begins(source)
        for word in range(WORDS):
            for _ in range(self._rng.choice([0, 0, 2])):
                await cycle(self._dut, index=word, moves=0)
            seen = await cycle(self._dut, *SEEN, index=word, moves=1)
            self.known(seen, source, word * LANES, source % LANES)
        self._dut.moves.value = 0

    async def column(self, neuron: int, by_neuron: bool) -> None:
        other = self._rng.randrange(NEURONS)
        await cycle(self._dut, chooses=1, by_neuron=by_neuron, who=other if by_neuron else neuron,
                    neuron=neuron if by_neuron else other, serves=0)  # fmt: skip
        self._dut.chooses.value = 0
        for word in range(SOURCES // LANES):
            for _ in range(self._rng.choice([0, 0, 2])):
                await cycle(self._dut, index=word, in_column=1, moves=0)
            seen = await cycle(self._dut, *SEEN, index=word, in_column=1, moves=1)
            self.known(seen, word * LANES, neuron, neuron % LANES)
        await cycle(self._dut, moves=0, in_column=0)

    async def host(self, source: int, neuron: int) -> None:
        named = {"in_host": 1, "serves": 1, "host_source": source, "host_neuron": neuron}
        await cycle(self._dut, **named)
        await cycle(self._dut, take_row=1, **named)
        await cycle(self._dut, take_row=0, adds_neuron=1)
        for _ in range(2):
            self.known(await cycle(self._dut, *SEEN, adds_neuron=0), source, neuron, source % LANES)
        assert await cycle(self._dut, "host_word") == [source // LANES]
        await cycle(self._dut, in_host=0, serves=0)

    async def raises(self) -> None:
        """The words of the traces: those of the axons have none of weights."""
        await cycle(self._dut, no_column=1)
        self._dut.no_column.value = 0
        for word in range(SOURCES // LANES):
            axon = word < AXONS // LANES
            seen = await cycle(self._dut, "high", in_raise=1, from_axon=axon, moves=1)
            assert axon or seen == [word - AXONS // LANES]
        await cycle(self._dut, in_raise=0, moves=0)


@cocotb.test()
async def names_words(dut: Any) -> None:
    blocks = next(blocks for blocks in BLOCKS if len(blocks) == int(dut.BLOCKS.value))
    driver, rng = Driver(dut, blocks), random.Random(3)
    await begin(dut, **IDLE)
    for _ in range(150):
        await driver.row(rng.randrange(SOURCES))
        await driver.column(rng.randrange(NEURONS), rng.random() < 0.5)
        await driver.host(rng.randrange(SOURCES), rng.randrange(NEURONS))
        await driver.raises()


@pytest.mark.parametrize("blocks", BLOCKS, ids=len)
def test_named(blocks: tuple[Block, ...]) -> None:
    check(__file__, "hwf_named", {"AXONS": AXONS, "NEURONS": NEURONS, "LANES": LANES, "BLOCKS": len(blocks),
                                  "PLACES": f"512'h{places_of(blocks, LANES):x}"})  # fmt: skip
