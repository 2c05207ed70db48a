"""hwf_fork: every reader gets every word, whoever stalls."""

import random
from typing import Any

import cocotb
import pytest
from cocotb.triggers import RisingEdge
from harness import check, check_assertion_fires
from helpers.bundle import Bundle
from helpers.reset import check_resets
from helpers.streams import STALLS, Cycles, Sink, Source, start

pytestmark = pytest.mark.slow


async def begin(dut: Any) -> tuple[Bundle, Source, list[Sink], Cycles]:
    fork = Bundle(dut, m=int(dut.READERS.value))
    clock = await start(fork, sinks=fork.names("m"))
    sinks = [Sink(fork, name, clock=clock, seed=i) for i, name in enumerate(fork.names("m"))]
    return fork, Source(fork, clock=clock), sinks, clock


async def pass_words(dut: Any, source: Source, sinks: list[Sink], rng: random.Random, count: int) -> None:
    source.stall = rng.choice(STALLS)[0]
    for sink in sinks:
        sink.words.clear()
        sink.stall = rng.choice(STALLS)[1]
    words = [rng.getrandbits(len(dut.s_data)) for _ in range(count)]
    await source.send(words)
    for sink in sinks:
        assert await sink.take(count) == words


@cocotb.test()
async def gives_every_word_to_every_reader(dut: Any) -> None:
    _, source, sinks, _ = await begin(dut)
    rng = random.Random(cocotb.RANDOM_SEED)
    for _ in range(12):
        await pass_words(dut, source, sinks, rng, 60)


@cocotb.test()
async def gives_them_after_a_reset(dut: Any) -> None:
    fork, source, sinks, _ = await begin(dut)
    await check_resets(fork, lambda rng: pass_words(dut, source, sinks, rng, 12), idle={"s_valid": 0})


@cocotb.test()
async def passes_a_word_a_cycle_at_once(dut: Any) -> None:
    _, source, sinks, _ = await begin(dut)
    await source.send([0] * 30)
    for sink in sinks:
        await sink.take(30)
    assert source.taken == list(range(source.taken[0], source.taken[0] + 30))
    assert [sink.given for sink in sinks] == [source.taken] * len(sinks)


@cocotb.test()
async def takes_a_word_back(dut: Any) -> None:
    await start(Bundle(dut, m=2), sinks=["m0", "m1"])
    dut.s_valid.value = 1
    dut.m_ready.value = 1
    await RisingEdge(dut.clk)
    dut.s_valid.value = 0
    for _ in range(3):
        await RisingEdge(dut.clk)


GOOD = [
    gives_every_word_to_every_reader.name,
    gives_them_after_a_reset.name,
    passes_a_word_a_cycle_at_once.name,
]


@pytest.mark.parametrize(("readers", "width"), [(2, 5), (3, 1), (5, 9)])
def test_fork(readers: int, width: int) -> None:
    check(__file__, "hwf_fork", {"READERS": readers, "WIDTH": width}, tests=GOOD)


def test_assertion_fires() -> None:
    tests = [takes_a_word_back.name]
    check_assertion_fires(__file__, "hwf_fork", "a_word_taken_by_some_waits_for_the_others", tests=tests)
