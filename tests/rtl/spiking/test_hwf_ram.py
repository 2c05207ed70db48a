"""hwf_ram: a word lies where it was written, whatever is read meanwhile."""

import random
from typing import Any

import cocotb
import pytest
from harness import check, check_assertion_fires
from helpers.cycles import begin, cycle

pytestmark = pytest.mark.slow


@cocotb.test()
async def keeps_words(dut: Any) -> None:
    depth, width, rng = int(dut.DEPTH.value), int(dut.WIDTH.value), random.Random(6)
    await begin(dut, write=0, write_address=0, write_data=0, read_address=0)
    words: dict[int, int] = {}
    wanted = None
    for _ in range(1500):
        write, place, at = rng.randrange(2), rng.randrange(depth), rng.randrange(depth)
        data = rng.getrandbits(width)
        (read,) = await cycle(dut, "read_data", write=write, write_address=place, write_data=data, read_address=at)
        assert wanted is None or read == wanted
        wanted = None if write and place == at else words.get(at)
        if write:
            words[place] = data


@cocotb.test()
async def writes_beyond(dut: Any) -> None:
    await begin(dut, write=1, write_address=5, write_data=0, read_address=0)
    await cycle(dut)


@pytest.mark.parametrize(("depth", "width"), [(1, 1), (5, 8), (16, 40)])
def test_ram(depth: int, width: int) -> None:
    check(__file__, "hwf_ram", {"DEPTH": depth, "WIDTH": width}, tests=[keeps_words.name])


def test_assertion_fires() -> None:
    tests = [writes_beyond.name]
    check_assertion_fires(__file__, "hwf_ram", "a_write_stays_inside", {"DEPTH": 5, "WIDTH": 8}, tests=tests)
