"""hwf_pack: contents, latency and rate for several widths, under random stalls."""

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
async def packs_every_vector(dut: Any) -> None:
    await check_contents(dut)


@cocotb.test()
async def packs_every_vector_after_a_reset(dut: Any) -> None:
    await check_contents_after_resets(dut)


@cocotb.test()
async def takes_a_beat_every_cycle_and_answers_in_the_next(dut: Any) -> None:
    element, per_in, per_out, count = shape_of(dut)
    clock = await start(dut)
    source, sink = Source(dut, clock=clock), Sink(dut, clock=clock)
    vector = [random.getrandbits(element) for _ in range(count)]
    into, out = beats(vector, per_in, element), beats(vector, per_out, element)
    await source.send(into * 5)
    await sink.take(len(out) * 5)
    assert source.taken == list(range(source.taken[0], source.taken[0] + len(into) * 5))
    completing = [min(-(-(o + 1) * per_out // per_in), len(into)) - 1 for o in range(len(out))]
    assert sink.given == [source.taken[v * len(into) + c] + 1 for v in range(5) for c in completing]


@cocotb.test()
async def changes_a_stalled_beat(dut: Any) -> None:
    await turn_a_bit(dut, dut.inner.m_data)


@cocotb.test()
async def loses_a_stalled_beat(dut: Any) -> None:
    await turn_a_bit(dut, dut.inner.m_valid)


GOOD = [
    packs_every_vector.name,
    packs_every_vector_after_a_reset.name,
    takes_a_beat_every_cycle_and_answers_in_the_next.name,
]
SHAPES = [(2, 2, 6, 17), (3, 1, 4, 7), (1, 8, 20, 20), (5, 4, 4, 10), (2, 3, 12, 5), (2, 4, 4, 3)]


@pytest.mark.parametrize(("element", "per_in", "per_out", "count"), SHAPES)
def test_pack(element: int, per_in: int, per_out: int, count: int) -> None:
    check(__file__, "hwf_pack", {"ELEMENT": element, "IN": per_in, "OUT": per_out, "COUNT": count}, tests=GOOD)


@pytest.mark.parametrize(
    ("misuse", "assertion"),
    [
        ("changes_a_stalled_beat", "a_stalled_beat_is_held"),
        ("loses_a_stalled_beat", "a_beat_waits_only_behind_a_finished_one"),
    ],
)
def test_assertions_fire(misuse: str, assertion: str) -> None:
    check_assertion_fires(__file__, "hwf_pack", assertion, tests=[misuse])
