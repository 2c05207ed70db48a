"""The registers of AMD's AXI DMA in simple mode (PG021) for a program in C, whose streams are the AXI of the dut; its memory is the program's own."""

import ctypes

from cocotb.triggers import ClockCycles

from helpers.axi import Device, stalls

SEND, RECEIVE = 0x00, 0x30
CONTROL, STATUS, ADDRESS, HIGH, LENGTH = 0x00, 0x04, 0x18, 0x1C, 0x28
RUN, RESET = 1, 4
HALTED, IDLE, INTERNAL = 1, 2, 0x10
MOST = 1 << 26
ACCESS = 20  # cycles of one


class DmaRegisters:
    """Both channels; streams stand still in `share` of the cycles while a transfer is on its way."""

    def __init__(self, device: Device, share: float = 0.3) -> None:
        self._device, self._share, self._seed = device, share, 0
        self._forget()

    def _forget(self) -> None:
        self._words = dict.fromkeys((base + at for base in (SEND, RECEIVE) for at in (CONTROL, ADDRESS, HIGH)), 0)
        self._armed = self._error = 0
        self._device.sink.pause = True

    def _address(self, base: int) -> int:
        return self._words[base + HIGH] << 32 | self._words[base + ADDRESS]

    async def read(self, offset: int) -> int:
        base, at = (RECEIVE, offset - RECEIVE) if offset >= RECEIVE else (SEND, offset)
        await ClockCycles(self._device.dut.aclk, ACCESS)
        if at != STATUS:
            return self._words[offset]
        if base == RECEIVE:
            await self._receive()
            idle = not self._armed
        else:
            idle = self._device.source.empty() and self._device.source.idle()
        halted = not self._words[base + CONTROL] & RUN
        return halted * HALTED | idle * IDLE | (self._error if base == RECEIVE else 0)

    async def _receive(self) -> None:
        if not self._armed or self._device.sink.empty():
            return
        self._device.sink.clear_pause_generator()
        self._device.sink.pause = True
        data = (await self._device.take()).data
        self._error = INTERNAL if len(data) > self._armed else 0
        ctypes.memmove(self._address(RECEIVE), data, min(len(data), self._armed))
        self._armed = 0

    async def write(self, offset: int, value: int) -> None:
        base, at = (RECEIVE, offset - RECEIVE) if offset >= RECEIVE else (SEND, offset)
        if at == CONTROL and value & RESET:
            self._device.forget()
            self._forget()
        elif at == LENGTH:
            assert self._words[base + CONTROL] & RUN, "the channel is halted"
            assert 0 < value < MOST
            self._seed += 2
            await self._begin(base, value)
        else:
            self._words[offset] = value

    async def _begin(self, base: int, length: int) -> None:
        if base == SEND:
            self._device.source.set_pause_generator(stalls(self._seed, self._share))
            await self._device.send(ctypes.string_at(self._address(SEND), length))
        else:
            assert not self._armed, "the channel is busy"
            self._armed = length
            self._device.sink.set_pause_generator(stalls(self._seed, self._share))
