"""hwf_random: the draws of random rows and columns, from random states that move on, against the golden model's."""

import random
from typing import Any

import cocotb
import numpy as np
import pytest
from harness import check
from helpers.cycles import begin, cycle, unpack

from hwflow.spiking.draws import advanced, column_draws, row_draws

pytestmark = pytest.mark.slow
IDLE = dict.fromkeys(("column", "from_axon", "visited", "word", "advance", "write_low", "write_high", "data"), 0)


async def write(dut: Any, state: int) -> None:
    await cycle(dut, write_low=1, data=state & 0xFFFFFFFF)
    await cycle(dut, write_low=0, write_high=1, data=state >> 32)
    await cycle(dut, write_high=0)


@cocotb.test()
async def draws_as_the_model_does(dut: Any) -> None:
    await begin(dut, **IDLE)
    lanes, count, rng = int(dut.LANES.value), 1 << int(dut.NUMBER.value), random.Random(5)
    words = max(1, count // lanes)
    size = words * lanes
    for _ in range(60):
        state, column, neuron = rng.getrandbits(63), rng.randrange(2), rng.randrange(2)
        visited = rng.randrange(count)
        await write(dut, state)
        numbers, rest = np.array([visited]), neuron * size
        row = row_draws(state, size, size, numbers + rest)[0]
        wanted = column_draws(state, size, size, numbers)[rest : rest + size, 0] if column else row
        walk = [rng.randrange(words) for _ in range(8)]
        dut.column.value, dut.from_axon.value, dut.visited.value = column, not neuron, visited
        seen = [await cycle(dut, "draw2", word=word) for word in [*walk, 0, 0]]
        for word, (draw,) in zip(walk, seen[2:], strict=True):
            assert unpack(draw, lanes, 16) == wanted[word * lanes :][:lanes].tolist()


@cocotb.test()
async def moves_on(dut: Any) -> None:
    await begin(dut, **IDLE)
    rng = random.Random(6)
    state = rng.getrandbits(63)
    await write(dut, state)
    for _ in range(200):
        moves = rng.randrange(2)
        assert await cycle(dut, "state", advance=moves) == [state]
        state = advanced(state) if moves else state


@pytest.mark.parametrize(("lanes", "number"), [(1, 1), (1, 14), (4, 13), (4, 5), (8, 3)])
def test_random(lanes: int, number: int) -> None:
    check(__file__, "hwf_random", {"LANES": lanes, "NUMBER": number})
