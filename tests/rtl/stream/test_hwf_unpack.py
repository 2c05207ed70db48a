"""hwf_unpack: contents, latency and rate for several widths, under random stalls."""

import random
from typing import Any

import cocotb
import pytest
from harness import check, check_assertion_fires
from helpers.streams import Sink, Source, start
from helpers.vectors import beats
from helpers.widths import check_contents, check_contents_after_resets, shape_of, turn_a_bit

pytestmark = pytest.mark.slow


@cocotb.test()
async def unpacks_every_vector(dut: Any) -> None:
    await check_contents(dut)


@cocotb.test()
async def unpacks_every_vector_after_a_reset(dut: Any) -> None:
    await check_contents_after_resets(dut)


@cocotb.test()
async def gives_a_beat_every_cycle_from_the_next_one_on(dut: Any) -> None:
    element, per_in, per_out, count = shape_of(dut)
    clock = await start(dut)
    source, sink = Source(dut, clock=clock), Sink(dut, clock=clock)
    vector = [random.getrandbits(element) for _ in range(count)]
    out = beats(vector, per_out, element)
    await source.send(beats(vector, per_in, element) * 5)
    await sink.take(len(out) * 5)
    assert sink.given[0] == source.taken[0] + 1
    assert sink.given == list(range(sink.given[0], sink.given[0] + len(out) * 5))


@cocotb.test()
async def changes_a_stalled_beat(dut: Any) -> None:
    await turn_a_bit(dut, dut.inner.m_data)


@cocotb.test()
async def loses_a_stalled_beat(dut: Any) -> None:
    await turn_a_bit(dut, dut.inner.m_valid)


GOOD = [
    unpacks_every_vector.name,
    unpacks_every_vector_after_a_reset.name,
    gives_a_beat_every_cycle_from_the_next_one_on.name,
]
SHAPES = [(2, 6, 2, 17), (3, 4, 1, 7), (1, 20, 8, 19), (5, 4, 4, 14), (2, 5, 12, 5)]


@pytest.mark.parametrize(("element", "per_in", "per_out", "count"), SHAPES)
def test_unpack(element: int, per_in: int, per_out: int, count: int) -> None:
    check(__file__, "hwf_unpack", {"ELEMENT": element, "IN": per_in, "OUT": per_out, "COUNT": count}, tests=GOOD)


@pytest.mark.parametrize(
    ("misuse", "assertion"),
    [
        ("changes_a_stalled_beat", "a_stalled_beat_is_held"),
        ("loses_a_stalled_beat", "pieces_wait_only_behind_another"),
    ],
)
def test_assertions_fire(misuse: str, assertion: str) -> None:
    check_assertion_fires(__file__, "hwf_unpack", assertion, tests=[misuse])
