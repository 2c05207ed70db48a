"""hwf_axi_device round a net that echoes, driven by cocotbext-axi: stalls, gaps, short vectors, illegal accesses, resets."""

import itertools
import random
from pathlib import Path
from typing import Any

import cocotb
import pytest
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, FallingEdge, with_timeout
from harness import check, check_assertion_fires
from helpers.axi import (
    CAME_SHORT,
    CONTROL,
    CYCLES,
    DECERR,
    ENABLE,
    END,
    EVENTS,
    LATENCY,
    OKAY,
    PACKET_LEFT,
    SHORT,
    SLVERR,
    VECTORS_IN,
    VECTORS_OUT,
    Device,
    Result,
    Watch,
)
from helpers.streams import STALLS

from hwflow.host.identity import parse_identity

pytestmark = pytest.mark.slow
BENCH = Path(__file__).with_name("hwf_axi_bench.sv")
SHAPES = [
    {"S_BITS": 6, "M_BITS": 10, "COUNT": 50, "S_AXIS_BITS": 32, "M_AXIS_BITS": 32},
    {"S_BITS": 128, "M_BITS": 3, "COUNT": 128, "S_AXIS_BITS": 128, "M_AXIS_BITS": 32},  # wires at the input
    {"S_BITS": 17, "M_BITS": 18, "COUNT": 18, "S_AXIS_BITS": 64, "M_AXIS_BITS": 8, "MARKS": 2},
]


class Bench:
    """The device, and what comes of vectors: themselves, each from its own beat on."""

    def __init__(self, dut: Any, device: Device) -> None:
        self.dut, self.device = dut, device
        self.count = int(dut.COUNT.value)
        self.lanes_in, self.lanes_out = int(dut.S_AXIS_BITS.value) // 8, int(dut.M_AXIS_BITS.value) // 8
        self.bytes_in = -(-self.count // (8 * self.lanes_in)) * self.lanes_in
        self.beats_out = -(-self.count // (8 * self.lanes_out))

    @classmethod
    async def start(cls, dut: Any) -> "Bench":
        return cls(dut, await Device.start(dut))

    def result(self, vector: bytes) -> bytes:
        bits = int.from_bytes(vector, "little") & (1 << self.count) - 1
        return bits.to_bytes(self.beats_out * self.lanes_out, "little")

    def packet(self, vectors: list[bytes], short: int | None = None) -> Result:
        """What has to come of a packet, whose vector of that number came short."""
        user = [0] * self.beats_out * len(vectors)
        if short is not None:
            user[(short + 1) * self.beats_out - 1] = 1
        return Result(b"".join(map(self.result, vectors)), tuple(user))

    def vectors(self, rng: random.Random, count: int) -> list[bytes]:
        return [rng.randbytes(self.bytes_in) for _ in range(count)]

    async def take(self) -> Result:
        return await with_timeout(self.device.take(), 200, "us")

    async def idle(self) -> bool:
        """Whether nothing more comes."""
        await ClockCycles(self.dut.aclk, 50)
        return self.device.sink.empty() and self.device.sink.idle()


@cocotb.test()
async def passes_packets_under_stalls(dut: Any) -> None:
    bench = await Bench.start(dut)
    rng, came = random.Random(cocotb.RANDOM_SEED), 0
    into, out = Watch(dut, "s_axis"), Watch(dut, "m_axis", ("tdata", "tlast", "tuser", "tkeep"))
    for number, stall in enumerate(STALLS):
        bench.device.stall(*stall, number)
        packets = [bench.vectors(rng, rng.choice((1, 1, 2, 3, 30))) for _ in range(12)]
        for packet in packets:
            await bench.device.send(b"".join(packet))
        for packet in packets:
            assert await bench.take() == bench.packet(packet)
        came += sum(map(len, packets))
    assert await bench.idle()
    assert [await bench.device.read(at) for at in (VECTORS_IN, VECTORS_OUT, SHORT)] == [came, came, 0]
    assert (into.beats, out.beats) == (came * bench.bytes_in // bench.lanes_in, came * bench.beats_out)


@cocotb.test()
async def fills_short_vectors_with_zeros_and_marks_them(dut: Any) -> None:
    """The packet ends early, or a byte in the midst is left out; what is only padding may be missing."""
    bench = await Bench.start(dut)
    rng, wrong = random.Random(cocotb.RANDOM_SEED), 0
    whole = -(-bench.count // 8)
    for number in range(60):
        bench.device.stall(*rng.choice(STALLS), number)
        packet = bench.vectors(rng, rng.randint(1, 3))
        data, at, short = bytearray(b"".join(packet)), (len(packet) - 1) * bench.bytes_in, None
        keep = [1] * len(data)
        length = rng.randint(1, bench.bytes_in)
        if rng.random() < 0.5:
            keep = keep[: at + length]
            data = data[: at + length]
            short = len(packet) - 1 if length < whole else None
            packet[-1] = packet[-1][:length].ljust(bench.bytes_in, b"\0")
        else:
            index = rng.randrange(len(packet))
            keep[index * bench.bytes_in + length - 1] = 0
            short = index if length <= whole else None
            packet[index] = packet[index][: length - 1] + b"\0" + packet[index][length:]
        wrong += short is not None
        await bench.device.send(bytes(data), keep)
        assert await bench.take() == bench.packet(packet, short), (number, length)
    assert wrong
    assert await bench.device.read(SHORT) == wrong
    assert await bench.idle()


@cocotb.test()
async def tells_identity_and_refuses_what_it_has_not(dut: Any) -> None:
    bench = await Bench.start(dut)
    device, count = bench.device, bench.count
    device.stall_control(0.5, cocotb.RANDOM_SEED)
    words = b"".join([(await device.read(at)).to_bytes(4, "little") for at in range(0, 64, 4)])
    identity = parse_identity(words, 0)
    assert identity.digest == bytes(range(16))
    assert identity.build == bytes(range(0xF0, 0x100))
    assert (identity.inputs, identity.clock_hz, identity.limit_cycles) == (-(-count // 8), 100_000_000, None)
    assert identity.vector_in is not None
    assert identity.vector_out is not None
    assert (str(identity.vector_in), str(identity.vector_out)) == (f"{count} x UINT1", f"{count // 2} x INT2")
    for address in range(0, 4096, 4):
        response = await device.control.read(address, 4)
        assert int(response.resp) == (OKAY if address < END else DECERR), hex(address)
        assert address < END or not any(response.data)
    for address in (*range(0, CONTROL, 4), *range(VECTORS_IN, 0x120, 4), 0xFFC):
        expected = SLVERR if address < END else DECERR
        assert await device.write(address, 0xFFFF_FFFF) == expected, hex(address)
    assert b"".join([(await device.read(at)).to_bytes(4, "little") for at in range(0, 64, 4)]) == words
    assert int((await device.control.write(ENABLE, b"\3")).resp) == SLVERR  # a part of the word
    assert await device.read(ENABLE) == 0
    assert await device.write(ENABLE, 0xFFFF_FFFF) == OKAY
    assert await device.read(ENABLE) == 3
    before, after = await device.read(CYCLES), await device.read(CYCLES)
    assert 0 < after - before < 200


@cocotb.test()
async def interrupts(dut: Any) -> None:
    """Of packets that left and vectors that came short, if they are passed on, until they are cleared."""
    bench = await Bench.start(dut)
    device, rng = bench.device, random.Random(cocotb.RANDOM_SEED)
    for enabled in (0, PACKET_LEFT, CAME_SHORT, PACKET_LEFT | CAME_SHORT):
        await device.write(ENABLE, enabled)
        for short in (0, CAME_SHORT):
            (vector,) = bench.vectors(rng, 1)
            await device.send(vector, [0] * len(vector) if short else None)
            await bench.take()
            await ClockCycles(dut.aclk, 2)
            assert int(dut.irq.value) == bool(enabled & (PACKET_LEFT | short))
            assert await device.read(EVENTS) == PACKET_LEFT | short
            await device.write(EVENTS, PACKET_LEFT)
            assert await device.read(EVENTS) == short
            assert int(dut.irq.value) == bool(enabled & short)
            await device.write(EVENTS, CAME_SHORT)
            assert (await device.read(EVENTS), int(dut.irq.value)) == (0, 0)


@cocotb.test()
async def latency_is_that_of_the_pins(dut: Any) -> None:
    bench = await Bench.start(dut)
    for vector in bench.vectors(random.Random(1), 3):
        times: dict[str, list[int]] = {"s_axis": [], "m_axis": []}
        watch = cocotb.start_soon(_beats(dut, times))
        await bench.device.send(vector)
        await bench.take()
        watch.cancel()
        assert await bench.device.read(LATENCY) == times["m_axis"][-1] - times["s_axis"][-1]


@cocotb.test()
async def latency_is_that_of_a_vector_though_others_follow(dut: Any) -> None:
    """Of any packet, whose vectors overlap, one vector's own: the k-th last beat in to the k-th out, for some k."""
    bench = await Bench.start(dut)
    rng, overlapped = random.Random(cocotb.RANDOM_SEED), 0
    for number in range(40):
        bench.device.stall(*rng.choice(STALLS), number)
        times: dict[str, list[int]] = {"s_axis": [], "m_axis": []}
        watch = cocotb.start_soon(_beats(dut, times))
        packet = bench.vectors(rng, rng.randint(1, 12))
        await bench.device.send(b"".join(packet))
        assert await bench.take() == bench.packet(packet)
        watch.cancel()
        beats_in = len(times["s_axis"]) // len(packet)
        came, left = times["s_axis"][beats_in - 1 :: beats_in], times["m_axis"][bench.beats_out - 1 :: bench.beats_out]
        followed, wanted = -1, 0
        for begun, ended in zip(came, left, strict=True):
            if begun >= followed:  # nothing is followed
                followed, wanted = ended, ended - begun
        overlapped += any(later < ended for later, ended in zip(came[1:], left, strict=False))
        assert await bench.device.read(LATENCY) == wanted, number
    assert overlapped > 10


async def _beats(dut: Any, times: dict[str, list[int]]) -> None:
    """The cycles of all beats."""
    cycle = 0
    while True:
        await ClockCycles(dut.aclk, 1, rising=False)
        cycle += 1
        for prefix, seen in times.items():
            if all(int(getattr(dut, f"{prefix}_{name}").value) for name in ("tvalid", "tready")):
                seen.append(cycle)


@cocotb.test()
async def works_after_a_reset_by_the_pin(dut: Any) -> None:
    bench = await Bench.start(dut)
    rng = random.Random(cocotb.RANDOM_SEED)
    for number in range(40):
        bench.device.stall(*rng.choice(STALLS), number)
        for _ in range(3):
            await bench.device.send(b"".join(bench.vectors(rng, rng.randint(1, 4))))
        await bench.device.write(ENABLE, rng.randint(0, 3))
        await ClockCycles(dut.aclk, rng.randint(1, 60))
        dut.aresetn.value = 0
        await ClockCycles(dut.aclk, rng.choice((1, 2, 9)))
        bench.device.source.clear()
        bench.device.sink.clear()
        dut.aresetn.value = 1
        await ClockCycles(dut.aclk, 1)
        counts = VECTORS_IN, VECTORS_OUT, SHORT, LATENCY, EVENTS, ENABLE
        assert [await bench.device.read(at) for at in counts] == [0] * 6
        packet = bench.vectors(rng, 2)
        await bench.device.send(b"".join(packet))
        assert await bench.take() == bench.packet(packet), number


@cocotb.test()
async def works_after_a_reset_that_the_host_asks_for(dut: Any) -> None:
    """A beat that stands then is still taken; nothing else of the work before comes, and nothing behind it is lost."""
    bench = await Bench.start(dut)
    rng, stood = random.Random(cocotb.RANDOM_SEED), 0
    Watch(dut, "m_axis", ("tdata", "tlast", "tuser"))
    cocotb.start_soon(_takes_nothing_in_the_net_s_reset(dut))
    for number in range(40):
        bench.device.stall(0.0, rng.choice((0.0, 0.5, 0.9)), number)
        packet = bench.vectors(rng, 4)
        await bench.device.send(b"".join(packet))
        await ClockCycles(dut.aclk, rng.randint(4, 60))
        bench.device.source.set_pause_generator(itertools.repeat(True))  # as a DMA that is stopped
        while int(dut.s_axis_tvalid.value):
            await ClockCycles(dut.aclk, 1)
        bench.device.sink.set_pause_generator(itertools.repeat(True))
        await ClockCycles(dut.aclk, rng.randint(0, 8))
        assert await bench.device.write(CONTROL, 1) == OKAY
        stands = await bench.device.read(CONTROL)
        assert stands in (0, 2)
        stood += stands == 2
        bench.device.sink.set_pause_generator(itertools.repeat(False))
        while await bench.device.read(CONTROL):
            pass
        bench.device.forget()
        new = bench.vectors(rng, 2)
        await bench.device.send(b"".join(new))
        assert await bench.take() == bench.packet(new), number
    assert stood


async def _takes_nothing_in_the_net_s_reset(dut: Any) -> None:
    while True:
        await FallingEdge(dut.aclk)
        assert not (int(dut.device.net_rst.value) and int(dut.s_axis_tready.value))


@cocotb.test()
async def takes_back_a_beat(dut: Any) -> None:
    """As no system may."""
    cocotb.start_soon(Clock(dut.aclk, 10, unit="ns").start())
    for name in ("aresetn", "s_axi_awvalid", "s_axi_wvalid", "s_axi_arvalid", "s_axis_tvalid", "s_ready", "m_valid"):
        getattr(dut, name).value = 0
    await ClockCycles(dut.aclk, 3)
    dut.aresetn.value = 1
    dut.s_axis_tvalid.value = 1
    await ClockCycles(dut.aclk, 60)  # until nothing more is taken
    dut.s_axis_tvalid.value = 0
    await ClockCycles(dut.aclk, 2)


GOOD = [
    passes_packets_under_stalls.name,
    fills_short_vectors_with_zeros_and_marks_them.name,
    tells_identity_and_refuses_what_it_has_not.name,
    interrupts.name,
    latency_is_that_of_the_pins.name,
    latency_is_that_of_a_vector_though_others_follow.name,
    works_after_a_reset_by_the_pin.name,
    works_after_a_reset_that_the_host_asks_for.name,
]


def test_assertion_fires() -> None:
    fires = "the_system_holds_a_beat_that_stands"
    check_assertion_fires(__file__, "hwf_axi_device", fires, tests=[takes_back_a_beat.name])


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: f"{shape['S_AXIS_BITS']}-{shape['COUNT']}")
def test_axi_device(shape: dict[str, int]) -> None:
    check(__file__, "hwf_axi_bench", shape, tests=GOOD, extra=[BENCH])
