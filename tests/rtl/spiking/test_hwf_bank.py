"""hwf_bank: weights of any width with two ports, and two in a word with one, where a cycle that writes does not read."""

import random
from typing import Any

import cocotb
import pytest
from harness import check, check_assertion_fires
from helpers.cycles import begin, cycle

pytestmark = pytest.mark.slow


@cocotb.test()
async def keeps_weights(dut: Any) -> None:
    depth, bits, single = (int(getattr(dut, name).value) for name in ("DEPTH", "BITS", "SINGLE_PORT"))
    rng = random.Random(7)
    await begin(dut, write=0, write_address=0, write_data=0, read_address=0)
    weights: dict[int, int] = {}
    wanted = None
    for _ in range(1500):
        write, place, at = rng.randrange(2), rng.randrange(depth), rng.randrange(depth)
        data = rng.getrandbits(bits)
        (read,) = await cycle(dut, "read_data", write=write, write_address=place, write_data=data, read_address=at)
        assert wanted is None or read == wanted
        if not (single and write):  # which leaves what was read before
            wanted = None if write and place == at else weights.get(at)
        if write:
            weights[place] = data


@cocotb.test()
async def writes_beyond(dut: Any) -> None:
    await begin(dut, write=1, write_address=5, write_data=0, read_address=0)
    await cycle(dut)


@pytest.mark.parametrize(
    ("depth", "bits", "single"), [(1, 2, 0), (37, 8, 0), (1, 8, 1), (37, 8, 1), (16, 5, 1), (2, 2, 1)]
)
def test_bank(depth: int, bits: int, single: int) -> None:
    parameters = {"DEPTH": depth, "BITS": bits, "SINGLE_PORT": single}
    check(__file__, "hwf_bank", parameters, tests=[keeps_weights.name])


def test_assertion_fires() -> None:
    tests = [writes_beyond.name]
    check_assertion_fires(__file__, "hwf_bank", "a_weight_is_written_inside", {"DEPTH": 5}, tests=tests)
