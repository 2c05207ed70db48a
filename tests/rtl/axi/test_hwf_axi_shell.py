"""hwf_axi_shell round a memory, driven by cocotbext-axi: stalls, gaps, several requests a packet, identity, counts, resets."""

import itertools
from typing import Any

import cocotb
import pytest
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles
from harness import check, check_assertion_fires
from helpers.axi import (
    CAME_SHORT,
    CONTROL,
    DECERR,
    ENABLE,
    END,
    EVENTS,
    LATENCY,
    OKAY,
    PACKET_LEFT,
    SLVERR,
    VECTORS_IN,
    Watch,
)
from helpers.axi_requests import (
    BENCH,
    IDLE,
    STREAM,
    WRITE,
    Bench,
    Request,
    last_words,
    packet_of,
    random_request,
)
from helpers.streams import STALLS

from hwflow.host.identity import parse_identity

pytestmark = pytest.mark.slow


@cocotb.test()
async def carries_out_requests_under_stalls(dut: Any) -> None:
    """Several a packet, wrong ones among them, and packets behind each other."""
    bench = await Bench.start(dut)
    into, out = Watch(dut, "s_axis"), Watch(dut, "m_axis", ("tdata", "tlast", "tuser", "tkeep"))
    came = 2
    words = [0, 0]
    for stall, idle in itertools.product(STALLS, IDLE[1:]):
        bench.device.stall(*stall, came)
        dut.idle.value = idle
        packets = [[random_request(bench.rng) for _ in range(bench.rng.choice((1, 1, 2, 7)))] for _ in range(6)]
        for packet in packets:
            await bench.send(packet)
        for packet in packets:
            replies = [bench.memory.reply(request) for request in packet]
            assert await bench.take() == packet_of(replies), packet
            words[0] += sum(2 + -(-len(request.payload) // 4) for request in packet)
            words[1] += sum(len(reply.words()) // 4 for reply in replies)
        came += sum(map(len, packets))
    assert await bench.idle()
    assert await bench.counts() == [came, came, 0]
    assert int(dut.carried.value) == bench.memory.carried
    assert [into.beats, out.beats] == words


@cocotb.test()
async def tells_identity_and_refuses_what_it_has_not(dut: Any) -> None:
    bench = await Bench.start(dut)
    device = bench.device
    device.stall_control(0.5, cocotb.RANDOM_SEED)
    identity = parse_identity(b"".join([(await device.read(at)).to_bytes(4, "little") for at in range(0, 64, 4)]), 0)
    assert (identity.digest, identity.build) == (bytes(range(16)), bytes(range(0xF0, 0x100)))
    assert (identity.inputs, identity.outputs, identity.clock_hz) == (784, 10, 100_000_000)
    for address in (0, CONTROL - 4, VECTORS_IN, END, 0xFFC):
        assert await device.write(address, 0xFFFF_FFFF) == (SLVERR if address < END else DECERR), hex(address)
        assert int((await device.control.read(address, 4)).resp) == (OKAY if address < END else DECERR), hex(address)


@cocotb.test()
async def interrupts(dut: Any) -> None:
    """Of packets that left and requests that came short, if they are passed on, until they are cleared."""
    bench = await Bench.start(dut)
    device = bench.device
    await device.write(EVENTS, PACKET_LEFT)
    for enabled in (0, PACKET_LEFT, CAME_SHORT, PACKET_LEFT | CAME_SHORT):
        await device.write(ENABLE, enabled)
        for short in (0, CAME_SHORT):
            await device.send(bytes([WRITE, 0, 0, 0, 0, 1, 0, 0][: 4 if short else 8]))
            await bench.take()
            await ClockCycles(dut.aclk, 2)
            assert int(dut.irq.value) == bool(enabled & (PACKET_LEFT | short))
            assert await device.read(EVENTS) == PACKET_LEFT | short
            await device.write(EVENTS, PACKET_LEFT | CAME_SHORT)
            assert (await device.read(EVENTS), int(dut.irq.value)) == (0, 0)


@cocotb.test()
async def latency_is_that_of_the_pins(dut: Any) -> None:
    """Of the latest request, also when the next one already waits."""
    bench = await Bench.start(dut)
    for _ in range(6):
        bench.stall()
        times: list[int] = []
        watch = cocotb.start_soon(last_words(dut, times))
        requests = [[Request(STREAM, 0x100, bytes(bench.rng.randrange(30)))] for _ in range(3)]
        for request in requests:
            await bench.send(request)
        for request in requests:
            assert await bench.take() == packet_of([bench.memory.reply(each) for each in request])
        watch.cancel()
        assert await bench.device.read(LATENCY) == times[-1] - times[-2]


@cocotb.test()
async def works_after_a_reset_by_the_pin(dut: Any) -> None:
    bench = await Bench.start(dut)
    rng = bench.rng
    for number in range(40):
        bench.stall()
        for _ in range(3):
            await bench.send([random_request(rng) for _ in range(rng.randint(1, 4))])
        await ClockCycles(dut.aclk, rng.randint(1, 400))
        dut.aresetn.value = 0
        await ClockCycles(dut.aclk, rng.choice((1, 2, 9)))
        bench.device.source.clear()
        bench.device.sink.clear()
        dut.aresetn.value = 1
        await ClockCycles(dut.aclk, 1)
        assert [*await bench.counts(), await bench.device.read(EVENTS)] == [0] * 4
        await bench.fill()
        await bench.exchange([random_request(rng) for _ in range(3)])
        assert await bench.counts() == [5, 5, 0], number


@cocotb.test()
async def works_after_a_reset_that_the_host_asks_for(dut: Any) -> None:
    """A beat that stands then is still taken; nothing else of the work before comes, and nothing behind it is lost."""
    bench = await Bench.start(dut)
    rng, stood, device = bench.rng, 0, bench.device
    Watch(dut, "m_axis", ("tdata", "tlast", "tuser"))
    for _ in range(40):
        bench.stall()
        await bench.send([random_request(rng) for _ in range(rng.choice((1, 1, 4)))])
        await ClockCycles(dut.aclk, rng.randint(4, 500))
        device.source.set_pause_generator(itertools.repeat(True))  # as a DMA that is stopped
        while int(dut.s_axis_tvalid.value):
            await ClockCycles(dut.aclk, 1)
        device.sink.set_pause_generator(itertools.repeat(True))
        await ClockCycles(dut.aclk, rng.randint(0, 300))
        assert await device.write(CONTROL, 1) == OKAY
        stands = await device.read(CONTROL)
        assert stands in (0, 2)
        stood += stands == 2
        device.sink.set_pause_generator(itertools.repeat(False))
        while await device.read(CONTROL):
            pass
        device.forget()
        await bench.fill()
        await bench.exchange([random_request(rng) for _ in range(2)])
        assert await bench.idle()
    assert 5 < stood < 35


@cocotb.test()
async def takes_back_a_beat(dut: Any) -> None:
    """As no system may."""
    cocotb.start_soon(Clock(dut.aclk, 10, unit="ns").start())
    names = (
        "aresetn",
        "s_axi_awvalid",
        "s_axi_wvalid",
        "s_axi_arvalid",
        "s_axis_tvalid",
        "s_axis_tlast",
        "m_axis_tready",
    )
    for name in (*names, "p_ready", "r_valid", "request_done"):
        getattr(dut, name).value = 0
    await ClockCycles(dut.aclk, 3)
    dut.aresetn.value = 1
    dut.s_axis_tlast.value = 1
    dut.s_axis_tvalid.value = 1
    await ClockCycles(dut.aclk, 20)  # until nothing more is taken
    dut.s_axis_tvalid.value = 0
    await ClockCycles(dut.aclk, 2)


GOOD = [
    carries_out_requests_under_stalls.name,
    tells_identity_and_refuses_what_it_has_not.name,
    interrupts.name,
    latency_is_that_of_the_pins.name,
    works_after_a_reset_by_the_pin.name,
    works_after_a_reset_that_the_host_asks_for.name,
]


def test_assertion_fires() -> None:
    fires = "the_system_holds_a_beat_that_stands"
    check_assertion_fires(__file__, "hwf_axi_shell", fires, tests=[takes_back_a_beat.name])


def test_axi_shell() -> None:
    check(__file__, "hwf_requests_bench", tests=GOOD, extra=[BENCH])
