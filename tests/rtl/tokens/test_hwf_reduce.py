"""hwf_reduce: sums and greatest along an axis, whoever stalls."""

import random
from typing import Any

import cocotb
import pytest
from cocotb.triggers import RisingEdge
from harness import check, check_assertion_fires
from helpers.reset import check_resets
from helpers.streams import Sink, Source, pass_words, start

pytestmark = pytest.mark.slow


async def begin(dut: Any) -> tuple[Source, Sink]:
    clock = await start(dut)
    return Source(dut, clock=clock), Sink(dut, clock=clock)


def vectors(dut: Any, rng: random.Random, count: int) -> tuple[list[int], list[int]]:
    """The beats of random vectors, and of what they come to."""
    names = ("AXIS", "BEATS", "LANES", "X_BITS", "X_SIGNED", "Y_BITS", "GREATEST")
    axis, beats, lanes, x_bits, signed, y_bits, greatest = (int(getattr(dut, name).value) for name in names)

    def packed(elements: list[int], bits: int) -> list[int]:
        return [
            sum((value & ((1 << bits) - 1)) << bits * i for i, value in enumerate(elements[at : at + lanes]))
            for at in range(0, len(elements), lanes)
        ]

    sent: list[int] = []
    out: list[int] = []
    for _ in range(count):
        low = -(1 << (x_bits - 1)) if signed else 0
        x = [[rng.randrange(low, low + (1 << x_bits)) for _ in range(beats * lanes)] for _ in range(axis)]
        sent += [beat for row in x for beat in packed(row, x_bits)]
        out += packed([max(own) if greatest else sum(own) for own in zip(*x, strict=True)], y_bits)
    return sent, out


async def pass_vectors(dut: Any, source: Source, sink: Sink, rng: random.Random, count: int) -> None:
    await pass_words(source, sink, rng, *vectors(dut, rng, count))


@cocotb.test()
async def reduces(dut: Any) -> None:
    source, sink = await begin(dut)
    rng = random.Random(cocotb.RANDOM_SEED)
    for _ in range(8):
        await pass_vectors(dut, source, sink, rng, 10)


@cocotb.test()
async def reduces_after_a_reset(dut: Any) -> None:
    source, sink = await begin(dut)
    await check_resets(dut, lambda rng: pass_vectors(dut, source, sink, rng, 4), idle={"s_valid": 0}, times=30)


@cocotb.test()
async def takes_a_beat_a_cycle_and_gives_a_result_in_the_next(dut: Any) -> None:
    source, sink = await begin(dut)
    sent, out = vectors(dut, random.Random(2), 5)
    cocotb.start_soon(source.send(sent))
    assert await sink.take(len(out)) == out
    axis, beats = int(dut.AXIS.value), int(dut.BEATS.value)
    assert source.taken == list(range(source.taken[0], source.taken[0] + len(sent)))
    silent = (axis - 1) * beats
    assert sink.given == [cycle + 1 for i, cycle in enumerate(source.taken) if i % (axis * beats) >= silent]


@cocotb.test()
async def changes_a_stalled_beat(dut: Any) -> None:
    clock = await start(dut)
    await Source(dut, clock=clock).send([1] * 10)
    await RisingEdge(dut.clk)
    dut.inner.m_data.value = 0x55
    for _ in range(3):
        await RisingEdge(dut.clk)


GOOD = [reduces.name, reduces_after_a_reset.name, takes_a_beat_a_cycle_and_gives_a_result_in_the_next.name]


@pytest.mark.parametrize(
    ("axis", "beats", "lanes", "bits", "signed", "greatest"),
    [(4, 3, 2, 4, 1, 0), (5, 1, 1, 3, 0, 0), (3, 2, 2, 4, 1, 1), (1, 2, 1, 2, 0, 1)],
)
def test_reduce(axis: int, beats: int, lanes: int, bits: int, signed: int, greatest: int) -> None:
    total = bits if greatest else bits + (axis - 1).bit_length()
    parameters: dict[str, int | str] = {
        "AXIS": axis, "BEATS": beats, "LANES": lanes, "X_BITS": bits, "X_SIGNED": signed, "SUM_BITS": total + 1,
        "Y_BITS": total, "GREATEST": greatest,
    }  # fmt: skip
    check(__file__, "hwf_reduce", parameters, tests=GOOD)


def test_assertion_fires() -> None:
    check_assertion_fires(__file__, "hwf_reduce", "a_stalled_beat_is_held", tests=[changes_a_stalled_beat.name])
