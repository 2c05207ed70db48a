"""hwflow's core in an overlay of PYNQ's, on the board itself: its registers, and transfers by the DMA before it (docs/how-to/zynq.md).

Takes in nothing but Python, so that a driver of the board's own can be made of it (`hwflow.host.package`).
"""

from dataclasses import dataclass
from typing import Any

_IDENTITY_BYTES = 64
_CONTROL, _COUNTS = 0x40, 0x4C
_STANDS, _RESET = 2, 1
_DMA_CONTROL, _DMA_RESET = 0x00, 4  # MM2S_DMACR of AMD's PG021


@dataclass(frozen=True)
class Counts:
    """What the core counted since its reset, modulo 2^32: vectors, or requests, that came; results, or replies, that left; what
    came short; the latency in clock cycles of the latest vector that was followed, one at a time; cycles since the part was
    configured."""

    vectors_in: int
    vectors: int
    short: int
    latency_cycles: int
    cycles: int


class OverlayCore:
    """The core of an overlay, whose cells are called `core` and `dma`. overlay: as of pynq."""

    def __init__(self, overlay: Any) -> None:
        self._core, self._dma = overlay.core, overlay.dma

    def identity(self) -> bytes:
        """The 64 bytes that HELLO tells on a link."""
        return b"".join(self._core.read(at).to_bytes(4, "little") for at in range(0, _IDENTITY_BYTES, 4))

    def counts(self) -> Counts:
        """What it counted."""
        return Counts(*(self._core.read(_COUNTS + 4 * i) for i in range(5)))

    def transfer(self, into: Any, sent: int, back: Any, room: int) -> None:
        """Send the first bytes of a buffer as a packet, and wait for the packet that answers it, of at most `room` bytes."""
        self._dma.recvchannel.transfer(back, nbytes=room)
        self._dma.sendchannel.transfer(into, nbytes=sent)
        self._dma.sendchannel.wait()
        self._dma.recvchannel.wait()

    def reset(self, back: Any) -> None:
        """Forget all that is under way, as after a transfer that was broken off. back: a buffer to receive into."""
        self._core.write(_CONTROL, _RESET)  # so that the DMA gets rid of what it began to send
        self._reset_dma()
        self._core.write(_CONTROL, _RESET)
        if self._core.read(_CONTROL) & _STANDS:  # no reset takes back a beat that stands: it is taken, and forgotten
            self._dma.recvchannel.transfer(back)
            while self._core.read(_CONTROL) & _STANDS:
                pass
            self._reset_dma()

    def _reset_dma(self) -> None:
        """Both channels, as one does."""
        self._dma.write(_DMA_CONTROL, _DMA_RESET)
        while self._dma.read(_DMA_CONTROL) & _DMA_RESET:
            pass
        self._dma.sendchannel.start()
        self._dma.recvchannel.start()
