"""hwf_fifo: order, latency, rate and capacity at several depths, under random stalls."""

import random
from typing import Any

import cocotb
import pytest
from cocotb.triggers import FallingEdge, RisingEdge
from harness import check, check_assertion_fires
from helpers.reset import check_resets
from helpers.streams import STALLS, Sink, Source, start

pytestmark = pytest.mark.slow


@cocotb.test()
async def passes_every_word_in_order(dut: Any) -> None:
    width = len(dut.s_data)
    clock = await start(dut)
    source, sink = Source(dut, clock=clock), Sink(dut, clock=clock)
    for source.stall, sink.stall in STALLS:
        words = [random.getrandbits(width) for _ in range(200)]
        await source.send(words)
        assert await sink.take(len(words)) == words


@cocotb.test()
async def passes_every_word_after_a_reset(dut: Any) -> None:
    width, depth = len(dut.s_data), int(dut.DEPTH.value)
    clock = await start(dut)
    source, sink = Source(dut, clock=clock), Sink(dut, clock=clock)

    async def work(rng: random.Random) -> None:
        sink.words.clear()
        source.stall, sink.stall = rng.choice(STALLS)
        words = [rng.getrandbits(width) for _ in range(3 * depth)]
        await source.send(words)
        assert await sink.take(len(words)) == words

    await check_resets(dut, work, idle={"s_valid": 0})


@cocotb.test()
async def takes_one_cycle_and_one_word_a_cycle(dut: Any) -> None:
    clock = await start(dut)
    source, sink = Source(dut, clock=clock), Sink(dut, clock=clock)
    await source.send(w % 2 for w in range(50))
    await sink.take(50)
    assert [out - into for into, out in zip(source.taken, sink.given, strict=True)] == [1] * 50
    assert source.taken == [source.taken[0] + w * cycles_a_word(dut) for w in range(50)]


@cocotb.test()
async def holds_depth_words_and_gives_them_without_a_gap(dut: Any) -> None:
    depth = int(dut.DEPTH.value)
    clock = await start(dut)
    source, sink = Source(dut, clock=clock), Sink(dut, stall=1.0, clock=clock)
    sending = cocotb.start_soon(source.send(w % 2 for w in range(depth + 1)))
    for _ in range(depth + 10):
        await RisingEdge(dut.clk)
    assert len(source.taken) == depth
    sink.stall = 0.0
    await sending
    assert await sink.take(depth + 1) == [w % 2 for w in range(depth + 1)]
    assert sink.given == [sink.given[0] + w * cycles_a_word(dut) for w in range(depth + 1)]


def cycles_a_word(dut: Any) -> int:
    """A FIFO of one word does not take the next one in the cycle in which that leaves."""
    return 2 if int(dut.DEPTH.value) == 1 else 1


@cocotb.test()
async def loses_the_head(dut: Any) -> None:
    await misuse(dut, dut.inner.m_valid, 0)


@cocotb.test()
async def changes_the_head(dut: Any) -> None:
    await misuse(dut, dut.inner.m_data, 7)


@cocotb.test()
async def overfills_the_memory(dut: Any) -> None:
    await misuse(dut, dut.inner.s_ready, 1)


@cocotb.test()
async def loses_the_second(dut: Any) -> None:
    await misuse(dut, dut.inner.second_valid, 0)


@cocotb.test()
async def confuses_the_addresses(dut: Any) -> None:
    await start(dut)
    dut.s_valid.value = 1
    for _ in range(5):
        await RisingEdge(dut.clk)
    dut.m_ready.value = 1
    for _ in range(2):
        await RisingEdge(dut.clk)
    await FallingEdge(dut.clk)
    dut.inner.deep.write_address.value = int(dut.inner.deep.read_address.value)
    for _ in range(3):
        await RisingEdge(dut.clk)


async def misuse(dut: Any, register: Any, value: int) -> None:
    """Fill the FIFO with zeros, then overwrite the register behind its back."""
    await start(dut)
    dut.s_valid.value = 1
    dut.s_data.value = 0
    for _ in range(int(dut.DEPTH.value) + 3):
        await RisingEdge(dut.clk)
    register.value = value
    for _ in range(5):
        await RisingEdge(dut.clk)


GOOD = [
    passes_every_word_in_order,
    passes_every_word_after_a_reset,
    takes_one_cycle_and_one_word_a_cycle,
    holds_depth_words_and_gives_them_without_a_gap,
]


@pytest.mark.parametrize(("width", "depth"), [(6, 1), (8, 2), (1, 3), (5, 4), (16, 37)])
def test_fifo(width: int, depth: int) -> None:
    check(__file__, "hwf_fifo", {"WIDTH": width, "DEPTH": depth}, tests=[t.name for t in GOOD])


@pytest.mark.parametrize(
    ("misuse", "assertion"),
    [
        ("loses_the_head", "the_first_word_is_in_front_of_the_second"),
        ("changes_the_head", "a_stalled_word_is_held"),
        ("overfills_the_memory", "the_memory_never_overflows"),
        ("confuses_the_addresses", "a_word_is_not_fetched_while_it_is_stored"),
        ("loses_the_second", "words_are_stored_only_behind_two_others"),
    ],
)
def test_assertions_fire(misuse: str, assertion: str) -> None:
    check_assertion_fires(__file__, "hwf_fifo", assertion, {"WIDTH": 5, "DEPTH": 4}, tests=[misuse])
