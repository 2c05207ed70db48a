"""A stand-in for `pynq` in a simulation: its `Overlay` and `allocate`, whose DMA and registers are the AXI of the dut.

The DMA is AMD's in simple mode (PG021), as pynq.lib.DMA drives it: a channel takes a transfer only while it is idle; what is
received before a transfer is armed waits in the core; more than was armed is an internal error. The driver runs in a thread
(`cocotb.task.bridge`) and comes back into the simulation for each access.
"""

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import cocotb
import numpy as np
from cocotb.task import resume
from cocotb.triggers import ClockCycles, RisingEdge

from helpers.axi import Device, stalls

MOST = 1 << 26  # bytes of a transfer
PATIENCE = 200_000  # cycles


class Buffer(np.ndarray):
    """As of pynq: an array with an address, which is freed."""

    freed = False

    def freebuffer(self) -> None:
        self.freed = True


def allocate(shape: Any, dtype: Any = "u4", **_: Any) -> Buffer:
    buffer = np.zeros(shape, dtype).view(Buffer)
    buffer[...] = 0xA5  # what nobody wrote shows
    return buffer


class _Registers:
    def __init__(self, device: Device) -> None:
        self.read = resume(device.read)
        self._write = resume(device.write)

    def write(self, offset: int, value: int) -> None:
        assert self._write(offset, value) == 0, f"{offset:#x} is not written"


class _Channel:
    def __init__(self, device: Device, share: float) -> None:
        self._device, self._share, self._seed = device, share, 0
        self.running, self.idle, self.transferred = True, True, 0
        self.transfer = resume(self._transfer)
        self.wait = resume(self._wait)

    def start(self) -> None:
        self.running = True

    def halt(self) -> None:
        self.running, self.idle = False, True

    def _begin(self, array: Buffer, start: int, nbytes: int) -> np.ndarray:
        if not self.running:
            raise RuntimeError("DMA channel not started")
        if not self.idle:
            raise RuntimeError("DMA channel not idle")
        assert not array.freed
        whole = array.view(np.ndarray).reshape(-1).view(np.uint8)
        nbytes = nbytes or whole.size - start
        if not 0 < nbytes < MOST or start + nbytes > whole.size:
            raise ValueError(f"Transferred array is {nbytes} bytes, of {whole.size}")
        self.idle = False
        self._seed += 2
        return whole[start : start + nbytes]


class _Send(_Channel):
    async def _transfer(self, array: Buffer, start: int = 0, nbytes: int = 0) -> None:
        data = self._begin(array, start, nbytes)
        self._device.source.set_pause_generator(stalls(self._seed, self._share))
        await self._device.send(data.tobytes())

    async def _wait(self) -> None:
        for _ in range(PATIENCE):
            if self._device.source.empty() and self._device.source.idle():
                self.idle = True
                return
            await RisingEdge(self._device.dut.aclk)
        raise RuntimeError("nothing takes what is sent")


class _Receive(_Channel):
    def __init__(self, device: Device, share: float) -> None:
        super().__init__(device, share)
        device.sink.pause = True

    async def _transfer(self, array: Buffer, start: int = 0, nbytes: int = 0) -> None:
        self._place = self._begin(array, start, nbytes)
        self._device.sink.set_pause_generator(stalls(self._seed, self._share))

    async def _wait(self) -> None:
        for _ in range(PATIENCE):
            if not self._device.sink.empty():
                break
            await RisingEdge(self._device.dut.aclk)
        else:
            raise RuntimeError("no packet ends")
        self._device.sink.clear_pause_generator()
        self._device.sink.pause = True
        data = (await self._device.take()).data
        if len(data) > self._place.size:
            raise RuntimeError("DMA Internal Error (transfer length 0?)")
        self._place[: len(data)] = np.frombuffer(data, np.uint8)
        self.transferred = len(data)
        self.idle = True


class _Dma:
    """Its registers are those by which it is reset."""

    def __init__(self, device: Device, share: float) -> None:
        self.sendchannel, self.recvchannel = _Send(device, share), _Receive(device, share)
        self._device = device
        self.write = resume(self._write)

    def read(self, offset: int) -> int:
        assert offset == 0
        return 0  # the reset is over at once

    async def _write(self, offset: int, value: int) -> None:
        assert (offset, value) == (0, 4)
        for _ in range(PATIENCE):  # what stands on the stream is sent first, as AXI wants it
            if not int(self._device.dut.s_axis_tvalid.value):
                break
            await RisingEdge(self._device.dut.aclk)
        self._device.forget()
        self._device.sink.pause = True
        self.sendchannel.halt()
        self.recvchannel.halt()
        await ClockCycles(self._device.dut.aclk, 2)


def pynq_for(device: Device, share: float = 0.3) -> ModuleType:
    """The module `pynq` whose overlays are this dut; its streams stand still in `share` of the cycles."""
    module = ModuleType("pynq")
    overlay = SimpleNamespace(core=_Registers(device), dma=_Dma(device, share))
    module.Overlay = lambda bitstream: overlay  # type: ignore[attr-defined]
    module.allocate = allocate  # type: ignore[attr-defined]
    sys.modules["pynq"] = module
    cocotb.log.info("pynq is a stand-in")
    return module
