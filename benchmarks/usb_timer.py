"""How much of the wire's time carries payload when a USB adapter holds replies back: the real host, the real RTL, simulated time.

An adapter hands on what has come once in so many milliseconds, 16 for FTDI's as they come and 1 at the least; the model lets every
byte wait for the next of these moments, also those that would fill a packet before, and 125 us more for the bus. The host's own time
does not count: the simulated clock stands still meanwhile.
"""

from collections import deque
from collections.abc import Iterator
from math import ceil
from pathlib import Path

from link_wire import Wire, build_wire
from run import Row

from hwflow.host.link import Link
from hwflow.host.port import Port
from hwflow.host.requests import PAYLOAD_LIMIT, Command, Operation

BAR = 0.90
FRAMES = 600  # full ones in a row
BUS = 125e-6  # seconds
CELLS = 0x100


class UsbPort(Port):
    """A port to the simulated device, of which `baud` says how long its clock cycles are; timer: in seconds."""

    def __init__(self, wire: Wire, baud: int, timer: float) -> None:
        self.name, self.baud = "simulated", baud
        self._wire = wire
        self._clock = baud * wire.clocks_per_bit
        self._timer, self._bus = round(timer * self._clock), round(BUS * self._clock)
        self._cycle = wire.wait(0)[0]
        self._held: deque[tuple[int, bytes]] = deque()

    def now(self) -> float:
        return self._cycle / self._clock

    def send(self, data: bytes) -> None:
        self._wire.send(data)

    def receive(self, until: float) -> bytes:
        last = ceil(until * self._clock)
        last += last / self._clock < until  # what rounding may hide: `now` must reach `until`
        while not (self._held and self._held[0][0] <= self._cycle):
            if self._cycle >= last:
                return b""
            target = min(last, self._held[0][0]) if self._held else last
            self._cycle, data = self._wire.wait(max(target, self._cycle))
            if data:
                self._held.append((-(-self._cycle // self._timer) * self._timer + self._bus, data))
        return self._held.popleft()[1]

    def discard(self) -> None:
        while self.receive(0.0):
            pass

    def close(self) -> None:
        pass


WORK = {
    "written": Command(Operation.WRITE, CELLS, bytes(PAYLOAD_LIMIT)),
    "read": Command(Operation.READ, CELLS, bytes([PAYLOAD_LIMIT])),
    "streamed both ways": Command(Operation.STREAM, PAYLOAD_LIMIT, bytes(range(PAYLOAD_LIMIT))),
}


def share(wire: Wire, baud: int, timer: float, command: Command) -> float:
    """Of the time, how much the payload would take on a wire without anything else."""
    port = UsbPort(wire, baud, timer)
    link = Link(port)
    link.hello()
    begun = port.now()
    for _ in link.run([command] * FRAMES):
        pass
    if link.counters.repeated:
        raise RuntimeError(f"the wire is whole, and yet the host repeated requests: {link.counters}")
    return port.seconds(FRAMES * PAYLOAD_LIMIT) / (port.now() - begun)


def usb_rows(folder: Path) -> Iterator[Row]:
    """The bars at a window of 8; what the smaller one of the iCEBreaker gives, at its clock."""
    for window, clocks_per_bit, cases in (
        (8, 8, ((12_000_000, 0.001, True), (1_000_000, 0.016, True))),
        (4, 12, ((1_000_000, 0.001, True), (1_000_000, 0.016, False))),
    ):
        program = build_wire(folder / f"window-{window}", clocks_per_bit, window=window)
        with Wire(program, clocks_per_bit) as wire:
            for baud, timer, bar in cases:
                for name, command in WORK.items():
                    found = share(wire, baud, timer, command)
                    yield Row(f"window {window}, {baud / 1e6:g} MBaud behind {timer * 1e3:g} ms: {name}", f"{found:.1%} of the wire",
                              f">= {BAR:.0%}" if bar else "-", found >= BAR or not bar)  # fmt: skip
