"""hwf_stream_device: both directions at once, under random stalls at the link and at the net."""

import random
from typing import Any

import cocotb
import pytest
from cocotb.triggers import ClockCycles, FallingEdge, RisingEdge
from harness import check, check_assertion_fires
from helpers.link import OK, STALLED, STREAM
from helpers.requests import carry_out
from helpers.reset import check_resets
from helpers.streams import STALLS, Sink, Source, start
from helpers.vectors import beats

pytestmark = pytest.mark.slow
IDLE = dict.fromkeys(
    ("hello", "request_valid", "request_operation", "request_address", "p_more", "p_valid", "m_valid"), 0
)
PARAMETERS = {"S_BITS": 6, "S_COUNT": 18, "M_BITS": 10, "M_COUNT": 20, "LIMIT_BITS": 8}


class Bench:
    """The device between a link, whose requests the test makes, and a net, whose beats it takes and gives."""

    def __init__(self, dut: Any) -> None:
        self.dut = dut

    async def begin(self) -> "Bench":
        dut = self.dut
        for name, value in IDLE.items():
            getattr(dut, name).value = value
        clock = await start(dut, sources=("p", "m"), sinks=("r", "s"))
        self.payload = Source(dut, "p", clock=clock)
        self.results = Sink(dut, "r", clock=clock)
        self.into = Sink(dut, "s", clock=clock, rules=False, rst="net_rst")
        self.net = Source(dut, "m", clock=clock)
        await ClockCycles(dut.clk, 3)
        return self

    async def stream(self, payload: bytes, wanted: int) -> tuple[int, bytes]:
        """One STREAM request; its status and its reply's payload."""
        return await carry_out(self.dut, self.payload, self.results, STREAM, wanted, payload)


@cocotb.test()
async def passes_vectors_both_ways_at_once(dut: Any) -> None:
    bench = await Bench(dut).begin()
    rng = random.Random(18)
    for bench.payload.stall, bench.results.stall in STALLS:
        bench.into.stall, bench.net.stall = rng.choice(STALLS)
        inputs = [rng.getrandbits(18) for _ in range(20)]
        outputs = [rng.getrandbits(20) for _ in range(20)]
        sending = cocotb.start_soon(bench.net.send(beat for v in outputs for beat in beats([v & 1023, v >> 10], 1, 10)))
        payload = b"".join(v.to_bytes(3, "little") for v in inputs)
        expected = b"".join(v.to_bytes(3, "little") for v in outputs)
        assert await bench.stream(payload, 60) == (OK, expected)
        await sending
        taken = await bench.into.take(60)
        assert taken == [v >> 6 * i & 63 for v in inputs for i in range(3)]


@cocotb.test()
async def stalls_when_results_are_missing_and_hello_clears_what_is_left(dut: Any) -> None:
    bench = await Bench(dut).begin()
    await bench.net.send([1, 2])
    assert await bench.stream(b"\1\2\3\4", 4) == (STALLED, (1 | 2 << 10).to_bytes(3, "little"))
    assert await bench.into.take(3) == [1, 8, 48]
    dut.hello.value = 1
    await RisingEdge(dut.clk)
    dut.hello.value = 0
    await FallingEdge(dut.clk)
    assert int(dut.net_rst.value) == 1
    await ClockCycles(dut.clk, 2)
    assert await bench.stream(b"\7\0\0", 0) == (OK, b"")
    await ClockCycles(dut.clk, 20)
    assert await bench.into.take(3) == [7, 0, 0]


async def both_ways(bench: Bench, rng: random.Random) -> None:
    """Vectors into the net, and others out of it, from a new beginning."""
    dut = bench.dut
    await RisingEdge(dut.clk)  # net_rst falls a cycle after rst
    bench.results.words.clear()
    bench.into.words.clear()
    bench.payload.stall, bench.results.stall = rng.choice(STALLS)
    bench.into.stall, bench.net.stall = rng.choice(STALLS)
    inputs, outputs = [rng.getrandbits(18) for _ in range(3)], [rng.getrandbits(20) for _ in range(3)]

    async def see_vectors_end() -> None:
        """`vector_in` is high with every third beat into the net, `vector_out` with every second one out of it."""
        beats = {"s": 0, "m": 0}
        while True:
            await FallingEdge(dut.clk)
            for prefix, count, last in (("s", 3, dut.vector_in), ("m", 2, dut.vector_out)):
                beat = int(getattr(dut, f"{prefix}_valid").value) and int(getattr(dut, f"{prefix}_ready").value)
                beats[prefix] += beat
                assert int(last.value) == (beat and beats[prefix] % count == 0)

    seeing = cocotb.start_soon(see_vectors_end())
    sending = cocotb.start_soon(bench.net.send(v >> 10 * i & 1023 for v in outputs for i in range(2)))
    try:
        payload = b"".join(v.to_bytes(3, "little") for v in inputs)
        assert await bench.stream(payload, 9) == (OK, b"".join(v.to_bytes(3, "little") for v in outputs))
        assert await bench.into.take(9) == [v >> 6 * i & 63 for v in inputs for i in range(3)]
    finally:
        seeing.cancel()
        sending.cancel()


@cocotb.test()
async def passes_vectors_after_a_reset(dut: Any) -> None:
    bench = await Bench(dut).begin()
    await check_resets(dut, lambda rng: both_ways(bench, rng), idle=IDLE)


@cocotb.test()
async def passes_vectors_after_a_hello(dut: Any) -> None:
    """However much of a vector went in, and of a result came out."""
    bench = await Bench(dut).begin()
    rng = random.Random(19)
    for _ in range(50):
        bench.payload.stall = bench.into.stall = bench.net.stall = 0.0
        await bench.net.send(rng.getrandbits(10) for _ in range(rng.randrange(3)))
        await bench.stream(rng.randbytes(rng.randrange(1, 8)), 0)
        dut.hello.value = 1
        await RisingEdge(dut.clk)
        dut.hello.value = 0
        await RisingEdge(dut.clk)
        await both_ways(bench, rng)


@cocotb.test()
async def loses_its_request(dut: Any) -> None:
    await Bench(dut).begin()
    dut.request_valid.value = 1
    dut.request_operation.value = STREAM
    dut.request_address.value = 3
    await ClockCycles(dut.clk, 3)
    dut.request_operation.value = 1
    await ClockCycles(dut.clk, 3)


GOOD = [
    passes_vectors_both_ways_at_once.name,
    stalls_when_results_are_missing_and_hello_clears_what_is_left.name,
    passes_vectors_after_a_reset.name,
    passes_vectors_after_a_hello.name,
]


def test_stream_device() -> None:
    check(__file__, "hwf_stream_device", PARAMETERS, tests=GOOD)


def test_assertion_fires() -> None:
    check_assertion_fires(
        __file__,
        "hwf_stream_device",
        "a_request_stays_while_it_runs",
        PARAMETERS,
        tests=[loses_its_request.name],
    )
