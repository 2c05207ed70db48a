"""hwf_can_rx: frames of every kind at every timing, errors, resets, against the framing model."""

import random
from typing import Any

import cocotb
import pytest
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, FallingEdge, RisingEdge, Timer
from cocotb.utils import get_sim_time
from harness import check, check_assertion_fires
from helpers.can_bench import CLOCK_PS, PULSES, Timing, Told, expected, random_frame, random_traffic, send
from helpers.can_framing import Frame, fd_bits, frame_bits, receive
from helpers.reset import check_resets
from helpers.streams import reset

pytestmark = pytest.mark.slow

TIMINGS = (Timing(), Timing(1, 5, 2, 2), Timing(2, 8, 3, 2), Timing(3, 13, 2, 2))
QUIET = [1] * 12  # so that what was sent has ended


async def begin(dut: Any, timing: Timing) -> Told:
    cocotb.start_soon(Clock(dut.clk, CLOCK_PS, unit="ps").start())
    dut.can_rx.value = 1
    timing.apply(dut)
    await reset(dut)
    await Timer(12 * timing.bit_ps, unit="ps")
    assert int(dut.idle.value)
    return Told(dut)


@cocotb.test()
async def hears_what_the_model_hears(dut: Any) -> None:
    rng = random.Random(cocotb.RANDOM_SEED)
    told = await begin(dut, TIMINGS[0])
    for timing in TIMINGS:
        timing.apply(dut)
        for wrong in (0.0, 0.7):
            for error in (0.0, 0.005, -0.005):
                await Timer(20 * timing.bit_ps + rng.randrange(timing.bit_ps), unit="ps")
                told.clear()
                bits = [*random_traffic(rng, 6, wrong), *QUIET]
                await send(dut.can_rx, bits, round(timing.bit_ps * (1 + error)))
                assert told.log == expected(*receive(bits))


@cocotb.test()
async def tells_in_the_cycle_it_says(dut: Any) -> None:
    """Three cycles from the pin on, of which up to one is the part of the first quantum that came before the edge."""
    rng = random.Random(cocotb.RANDOM_SEED)
    timing = TIMINGS[0]
    told = await begin(dut, timing)
    for _ in range(10):
        await Timer(20 * timing.bit_ps + rng.randrange(timing.bit_ps), unit="ps")
        told.clear()
        bits = [*frame_bits(Frame(0x123, data=rng.randbytes(3))), *QUIET]
        begun = get_sim_time("ps")
        await send(dut.can_rx, bits, timing.bit_ps)
        (heard,), _ = receive(bits)
        assert heard.payload_end is not None
        for name, place in (("started", 0), ("payload_end", heard.payload_end), ("accepted", heard.at)):
            late = told.moments(name)[0] - begun - place * timing.bit_ps - timing.sample_ps
            assert 2 * CLOCK_PS <= late <= 3 * CLOCK_PS, (name, late)


@cocotb.test()
async def hears_every_frame_after_a_reset(dut: Any) -> None:
    timing = TIMINGS[0]
    told = await begin(dut, timing)

    async def work(rng: random.Random) -> None:
        told.clear()
        await Timer(rng.randrange(timing.bit_ps), unit="ps")
        bits = [*[1] * 11, *frame_bits(random_frame(rng)), 1, 1]
        if rng.random() < 0.5:
            place = rng.randrange(12, len(bits) - 2)
            bits = [*bits[:place], *[0] * 6]
        await send(dut.can_rx, [*bits, *[1] * 8], timing.bit_ps)
        assert told.log == expected(*receive([*bits, *[1] * 8], 0))

    await check_resets(dut, work, idle={"can_rx": 1}, times=40)


@cocotb.test()
async def tells_nothing_in_the_cycle_of_a_reset(dut: Any) -> None:
    """Every pulse, with the reset in the very cycle in which it would come."""
    timing = TIMINGS[0]
    told = await begin(dut, timing)
    good = frame_bits(Frame(0x123, data=b"ab"))
    overload = [*[0] * 6, *[1] * 8]
    bits = [*[1] * 12, *good, *overload, *[1] * 3, 0, 1, *[0] * 6, *[1] * 11, *fd_bits(0x321, False, 30), *QUIET]

    async def play() -> int:
        await reset(dut, 1)
        told.clear()
        begun = int(get_sim_time("ps"))
        await send(dut.can_rx, bits, timing.bit_ps)
        return begun

    begun = await play()
    assert told.log == expected(*receive(bits, 0))
    first = {name: told.moments(name)[0] - begun for name in PULSES}
    for name, moment in first.items():
        await RisingEdge(dut.clk)
        task = cocotb.start_soon(play())
        await RisingEdge(dut.clk)  # in which it resets
        await Timer(moment - CLOCK_PS // 2, unit="ps")
        dut.rst.value = 1
        await Timer(CLOCK_PS, unit="ps")
        assert not told.moments(name), name
        assert not int(getattr(dut, name).value), name
        task.cancel()
        dut.rst.value = 0


@cocotb.test()
async def counts_an_fd_frame_for_nothing_after_a_reset(dut: Any) -> None:
    """Short pulses begin the wait anew within an FD frame alone."""
    timing = TIMINGS[0]
    told = await begin(dut, timing)
    await send(dut.can_rx, [0, *[1, 0] * 5, 1, 0, 0, 1, 0], timing.bit_ps)
    assert told.log[-1] == ("passed_over",)
    await reset(dut)
    told.clear()
    await send(dut.can_rx, [1] * 4, timing.bit_ps)
    await send(dut.can_rx, [0, 1], CLOCK_PS)
    await send(dut.can_rx, [*[1] * 7, *frame_bits(Frame(1)), *QUIET], timing.bit_ps)
    assert told.log[-1][0] == "accepted"


@cocotb.test()
async def waits_for_eleven_recessive_bits_after_a_reset(dut: Any) -> None:
    timing = TIMINGS[0]
    told = await begin(dut, timing)
    rng = random.Random(cocotb.RANDOM_SEED)
    for recessive in (0, 3, 9, 10):
        await reset(dut)
        told.clear()
        bits = [0, 0, 0, *[1] * recessive, *frame_bits(random_frame(rng)), *QUIET]
        await send(dut.can_rx, bits, timing.bit_ps)
        assert told.log == expected(*receive(bits, 0))
        assert ("started",) in told.log or recessive < 10


@cocotb.test()
async def passes_over_fast_data(dut: Any) -> None:
    """An FD frame whose data come at eight times the rate, with edges between the samples; then a frame at once."""
    timing = Timing(1, 17, 6, 6)
    told = await begin(dut, timing)
    rng = random.Random(cocotb.RANDOM_SEED)
    for _ in range(8):
        told.clear()
        start = [0, *[rng.getrandbits(1), 1, 0] * 3, 0, 1, 0, 0, 1, 0, 1]  # to BRS
        await send(dut.can_rx, start, timing.bit_ps)
        period = rng.choice((8, 16, 3))
        pattern = [rng.getrandbits(1) for _ in range(period - 1)] + [0]
        await send(dut.can_rx, (pattern * 200)[: 8 * 60], timing.bit_ps // 8)
        after = [1, 0, 1, *[1] * 7, 1, 1, 1, *frame_bits(Frame(0x55, data=b"now")), *QUIET]
        await send(dut.can_rx, after, timing.bit_ps)
        names = [entry[0] for entry in told.log]
        assert names[:3] == ["started", "id_valid", "passed_over"]
        assert told.log[3:] == expected(*receive(after[13:]))


@cocotb.test()
async def begins_no_frame_for_a_short_pulse(dut: Any) -> None:
    timing = TIMINGS[0]
    told = await begin(dut, timing)
    for cycles in range(1, 6):
        await send(dut.can_rx, [0], cycles * CLOCK_PS)
        await send(dut.can_rx, [1] * 3, timing.bit_ps)
    assert not told.log
    assert int(dut.idle.value)


def _forced(name: str, **values: int) -> Any:
    async def misuse(dut: Any) -> None:
        await begin(dut, TIMINGS[0])
        await FallingEdge(dut.clk)
        for signal, value in values.items():
            getattr(dut.inner, signal).value = value
        await ClockCycles(dut.clk, 3)

    misuse.__name__ = misuse.__qualname__ = name
    return cocotb.test()(misuse)


ends_twice = _forced("ends_twice", accepted=1, failed=1)
ends_unopened = _forced("ends_unopened", accepted=1)
pays_unopened = _forced("pays_unopened", payload_end=1)


@cocotb.test()
async def vanishes(dut: Any) -> None:
    timing = TIMINGS[0]
    await begin(dut, timing)
    await send(dut.can_rx, [0, 1, 0, 1], timing.bit_ps)
    await FallingEdge(dut.clk)
    dut.inner.field.value = 0
    await ClockCycles(dut.clk, 3)


GOOD = [
    t.name
    for t in (
        hears_what_the_model_hears,
        tells_in_the_cycle_it_says,
        hears_every_frame_after_a_reset,
        tells_nothing_in_the_cycle_of_a_reset,
        counts_an_fd_frame_for_nothing_after_a_reset,
        waits_for_eleven_recessive_bits_after_a_reset,
        passes_over_fast_data,
        begins_no_frame_for_a_short_pulse,
    )
]


def test_can_rx() -> None:
    check(__file__, "hwf_can_rx", tests=GOOD)


@pytest.mark.parametrize(
    ("assertion", "case"),
    [
        ("a_frame_ends_in_one_way", ends_twice),
        ("what_ends_was_open", ends_unopened),
        ("a_payload_belongs_to_an_open_frame", pays_unopened),
        ("an_open_frame_stays_open_until_it_ends", vanishes),
    ],
)
def test_assertion_fires(assertion: str, case: Any) -> None:
    check_assertion_fires(__file__, "hwf_can_rx", assertion, tests=[case.name])
