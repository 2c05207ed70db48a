"""The AXI of a device in a simulation: cocotbext-axi's masters and sinks, which stall at random, and words of its registers."""

import itertools
import logging
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, FallingEdge
from cocotbext.axi import (
    AxiLiteBus,
    AxiLiteMaster,
    AxiStreamBus,
    AxiStreamFrame,
    AxiStreamSink,
    AxiStreamSource,
)

CONTROL, ENABLE, EVENTS, VECTORS_IN, VECTORS_OUT, SHORT, LATENCY, CYCLES, END = range(0x40, 0x64, 4)
OKAY, SLVERR, DECERR = 0, 2, 3
PACKET_LEFT, CAME_SHORT = 1, 2


def stalls(seed: int, share: float) -> Iterator[bool]:
    """Whether to stand still, cycle by cycle: in `share` of them, in runs of random length."""
    rng = random.Random(seed)
    while True:
        for stall in (False, True):
            most = 1 + int(8 * (share if stall else 1 - share) * 2)
            if (share if stall else 1 - share) > 0:
                yield from itertools.repeat(stall, rng.randint(1, most))


@dataclass(frozen=True)
class Result:
    """A packet of results as it came: bytes, and TUSER of each beat."""

    data: bytes
    user: tuple[int, ...]


class Device:
    """The device's AXI ports, with a clock; made by `start`."""

    def __init__(self, dut: Any) -> None:
        self.dut = dut
        reset = {"clock": dut.aclk, "reset": dut.aresetn, "reset_active_level": False}
        self.source = AxiStreamSource(AxiStreamBus.from_prefix(dut, "s_axis"), **reset)
        self.sink = AxiStreamSink(AxiStreamBus.from_prefix(dut, "m_axis"), **reset)
        self.control = AxiLiteMaster(AxiLiteBus.from_prefix(dut, "s_axi"), **reset)
        logging.getLogger(f"cocotb.{dut._name}").setLevel(logging.WARNING)

    @classmethod
    async def start(cls, dut: Any) -> "Device":
        cocotb.start_soon(Clock(dut.aclk, 10, unit="ns").start())
        dut.aresetn.value = 0
        device = cls(dut)
        await device.reset()
        return device

    async def reset(self, cycles: int = 4) -> None:
        """By the pin."""
        self.dut.aresetn.value = 0
        await ClockCycles(self.dut.aclk, cycles)
        self.dut.aresetn.value = 1
        await ClockCycles(self.dut.aclk, 2)

    def stall(self, source: float, sink: float, seed: int) -> None:
        """From now on, both ends of the streams stand still in so many of the cycles."""
        self.source.set_pause_generator(stalls(seed, source))
        self.sink.set_pause_generator(stalls(seed + 1, sink))

    def stall_control(self, share: float, seed: int) -> None:
        """From now on, each channel of AXI4-Lite stands still in so many of the cycles, each for itself."""
        write, read = self.control.write_if, self.control.read_if
        channels = write.aw_channel, write.w_channel, write.b_channel, read.ar_channel, read.r_channel
        for number, channel in enumerate(channels):
            channel.set_pause_generator(stalls(seed + number, share))

    def forget(self) -> None:
        """Both ends of the streams begin anew with their next packet, as a DMA that was reset."""
        for end in (self.source, self.sink):
            end.clear()
            end._handle_reset(True)
            end._handle_reset(False)
            end.clear_pause_generator()
            end.pause = False

    async def read(self, address: int) -> int:
        """A word that can be read."""
        response = await self.control.read(address, 4)
        assert int(response.resp) == OKAY, f"{address:#x}: {response.resp}"
        return int.from_bytes(response.data, "little")

    async def write(self, address: int, value: int) -> int:
        """The answer to a write of a word."""
        return int((await self.control.write(address, value.to_bytes(4, "little"))).resp)

    async def send(self, data: bytes, keep: Sequence[int] | None = None) -> None:
        """Give a packet to the source, which sends it whole."""
        await self.source.send(AxiStreamFrame(data, tkeep=list(keep) if keep is not None else None))

    async def take(self) -> Result:
        """The next packet that comes."""
        frame = await self.sink.recv(compact=False)
        lanes = self.sink.byte_lanes
        return Result(bytes(frame.tdata), tuple(frame.tuser[::lanes]))


class Watch:
    """Counts beats of a stream, and demands its rule: a beat that stands stays as it is until it is taken."""

    def __init__(self, dut: Any, prefix: str, signals: Iterable[str] = ("tdata", "tlast")) -> None:
        self.beats = 0
        self._dut = dut
        self._valid, self._ready = getattr(dut, f"{prefix}_tvalid"), getattr(dut, f"{prefix}_tready")
        self._signals = [getattr(dut, f"{prefix}_{name}") for name in signals]
        cocotb.start_soon(self._run())

    async def _run(self) -> None:
        stood: list[int] | None = None
        while True:
            await FallingEdge(self._dut.aclk)
            valid = int(self._valid.value) and int(self._dut.aresetn.value)
            here = [int(signal.value) for signal in self._signals] if valid else None
            assert stood is None or not int(self._dut.aresetn.value) or here == stood, f"{stood} became {here}"
            taken = valid and int(self._ready.value)
            self.beats += bool(taken)
            stood = None if taken else here
