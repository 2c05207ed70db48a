"""hwf_resize: contents, latency and rate for widths that need wires, a pack, an unpack, or both."""

import random
from itertools import pairwise
from math import lcm
from typing import Any

import cocotb
import pytest
from harness import check
from helpers.streams import Sink, Source, start
from helpers.vectors import beats
from helpers.widths import check_contents, check_contents_after_resets, shape_of

pytestmark = pytest.mark.slow


def latency(per_in: int, per_out: int, count: int) -> int:
    """Cycles from the beat that completes the first one out, as the module's header says."""
    if per_in == per_out and count % per_in == 0:
        return 0
    one = per_out % per_in == 0 or per_in % per_out == 0 or per_in >= count or per_out >= count
    return 1 if one else 2


@cocotb.test()
async def resizes_every_vector(dut: Any) -> None:
    await check_contents(dut)


@cocotb.test()
async def resizes_every_vector_after_a_reset(dut: Any) -> None:
    await check_contents_after_resets(dut)


@cocotb.test()
async def takes_as_long_as_the_side_with_more_beats(dut: Any) -> None:
    element, per_in, per_out, count = shape_of(dut)
    clock = await start(dut)
    source, sink = Source(dut, clock=clock), Sink(dut, clock=clock)
    vector = [random.getrandbits(element) for _ in range(count)]
    into, out = beats(vector, per_in, element), beats(vector, per_out, element)
    await source.send(into * 20)
    await sink.take(len(out) * 20)
    ends = sink.given[len(out) - 1 :: len(out)]
    wide = min(lcm(per_in, per_out), count)
    uneven = latency(per_in, per_out, count) == 2 and count % wide
    slowest = max(len(into), len(out)) + (wide // per_out if uneven else 0)
    assert max(len(into), len(out)) <= max(b - a for a, b in pairwise(ends[3:])) <= slowest
    needed = -(-(wide if latency(per_in, per_out, count) == 2 else min(per_out, count)) // per_in)
    assert sink.given[0] == source.taken[needed - 1] + latency(per_in, per_out, count)


@pytest.mark.parametrize(
    ("element", "per_in", "per_out", "count"),
    [(2, 4, 4, 12), (1, 8, 3, 104), (3, 2, 3, 7), (1, 3, 2, 7), (2, 3, 6, 13), (1, 5, 8, 13), (2, 5, 2, 4)],
)
def test_resize(element: int, per_in: int, per_out: int, count: int) -> None:
    check(__file__, "hwf_resize", {"ELEMENT": element, "IN": per_in, "OUT": per_out, "COUNT": count})
