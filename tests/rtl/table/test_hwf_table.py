"""hwf_table: entries of each element under random stalls, its latency and rate, and its assertion."""

import random
from typing import Any

import cocotb
import pytest
from cocotb.triggers import RisingEdge
from harness import check, check_assertion_fires, simulate
from helpers.reset import check_resets
from helpers.streams import STALLS, Sink, Source, start
from helpers.vectors import beats

pytestmark = pytest.mark.slow

Y_BITS = 5


def shape_of(dut: Any) -> tuple[int, int, int, int]:
    rows, pe, x_bits, own = (int(getattr(dut, name).value) for name in ("ROWS", "PE", "X_BITS", "OWN"))
    return rows, pe, x_bits, own


def tables(rows: int, x_bits: int, own: int) -> list[list[int]]:
    """The table of each channel: known to both sides."""
    rng = random.Random(rows)
    made = [[rng.getrandbits(Y_BITS) for _ in range(1 << x_bits)] for _ in range(rows)]
    return made if own else made[:1] * rows


def images(rows: int, pe: int, x_bits: int, own: int) -> dict[str, str]:
    """As the header describes them, written down plainly."""
    every = tables(rows, x_bits, own)
    folds = -(-rows // pe)
    files = {}
    for lane in range(pe if own else 1):
        channels = [min(fold * pe + lane, rows - 1) for fold in range(folds if own else 1)]
        files[f"t{lane:03d}.hex"] = "".join(f"{entry:x}\n" for channel in channels for entry in every[channel])
    return files


async def check_entries(dut: Any, source: Source, sink: Sink, rng: random.Random, count: int) -> None:
    rows, pe, x_bits, own = shape_of(dut)
    folds = -(-rows // pe)
    every = tables(rows, x_bits, own)
    vectors = [[rng.getrandbits(x_bits) for _ in range(rows)] for _ in range(count)]
    sink.words.clear()
    task = cocotb.start_soon(source.send(beat for vector in vectors for beat in beats(vector, pe, x_bits)))
    try:
        words = await sink.take(folds * count)
        for i, vector in enumerate(vectors):
            own_words = words[i * folds : (i + 1) * folds]
            found = [own_words[c // pe] >> (c % pe * Y_BITS) & ((1 << Y_BITS) - 1) for c in range(rows)]
            assert found == [every[c][x] for c, x in enumerate(vector)]
        await task
    finally:
        task.cancel()


@cocotb.test()
async def looks_up(dut: Any) -> None:
    clock = await start(dut)
    source, sink = Source(dut, clock=clock), Sink(dut, clock=clock)
    rng = random.Random(cocotb.RANDOM_SEED)
    for source.stall, sink.stall in STALLS:
        await check_entries(dut, source, sink, rng, 12)


@cocotb.test()
async def looks_up_after_a_reset(dut: Any) -> None:
    clock = await start(dut)
    source, sink = Source(dut, clock=clock), Sink(dut, clock=clock)

    async def work(rng: random.Random) -> None:
        source.stall, sink.stall = rng.choice(STALLS)
        await check_entries(dut, source, sink, rng, rng.randint(1, 3))

    await check_resets(dut, work, idle={"s_valid": 0})


@cocotb.test()
async def answers_in_the_next_cycle(dut: Any) -> None:
    clock = await start(dut)
    source, sink = Source(dut, clock=clock), Sink(dut, clock=clock)
    cocotb.start_soon(source.send([0] * 12))
    await sink.take(12)
    assert source.taken == list(range(source.taken[0], source.taken[0] + 12))
    assert sink.given == [cycle + 1 for cycle in source.taken]


@cocotb.test()
async def loses_a_stalled_entry(dut: Any) -> None:
    await start(dut)
    dut.s_valid.value = 1
    dut.s_data.value = 0
    for _ in range(4):
        await RisingEdge(dut.clk)
    dut.inner.m_valid.value = 0
    for _ in range(3):
        await RisingEdge(dut.clk)


GOOD = [looks_up.name, looks_up_after_a_reset.name, answers_in_the_next_cycle.name]


def parameters(rows: int, pe: int, x_bits: int, own: int) -> dict[str, int | str]:
    return {"ROWS": rows, "PE": pe, "X_BITS": x_bits, "Y_BITS": Y_BITS, "OWN": own, "TABLES": "t"}


@pytest.mark.parametrize("shape", [(5, 2, 3, 1), (5, 5, 6, 1), (4, 1, 2, 1), (6, 4, 4, 0), (1, 1, 1, 0)], ids=str)
def test_table(shape: tuple[int, int, int, int]) -> None:
    check(__file__, "hwf_table", parameters(*shape), tests=GOOD, files=images(*shape))


def test_assertion_fires() -> None:
    shape = (4, 2, 3, 0)
    check_assertion_fires(__file__, "hwf_table", "a_stalled_entry_is_held", parameters(*shape),
                          tests=[loses_a_stalled_entry.name], files=images(*shape))  # fmt: skip


@pytest.mark.parametrize("illegal", [{"PE": 5}, {"X_BITS": 17}])
def test_illegal_parameters_do_not_build(illegal: dict[str, int]) -> None:
    with pytest.raises(AssertionError, match="hwf_table: "):
        simulate(__file__, "hwf_table", parameters(4, 2, 3, 0) | illegal)
