"""Which serial ports have a hwflow board behind them, and what runs on it: each is greeted with HELLO (docs/link.md)."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hwflow.errors import HwflowError
from hwflow.host.errors import LinkTimeout
from hwflow.host.identity import Identity, Kind
from hwflow.host.link import BAUD, open_link
from hwflow.words import Done, Part, table

PATIENCE = (
    1.0  # seconds for an answer: a board takes a few milliseconds, a simulated one as long as the machine is busy
)
_NETS = {Kind.DATAFLOW: "quantised net", Kind.SPIKING: "spiking core", Kind.GUARD: "guard on a CAN bus"}
_PAUSE = 0.2  # seconds between looks for a board that starts


@dataclass(frozen=True)
class Adapter:
    """A serial port of this machine.

    port: its name; title: what its USB adapter calls itself; serial: that adapter's serial number, None if it has none.
    """

    port: str
    title: str | None = None
    serial: str | None = None


@dataclass(frozen=True)
class Device:
    """What answers on a port.

    baud: bits a second at which it answered; net: what it holds; model, build: first 16 bytes, in hex, of the SHA-256 of
    the model and of the build; clock_hz: its clock; sizes: of its inputs and outputs.
    """

    adapter: Adapter
    baud: int
    net: str
    model: str
    build: str
    clock_hz: int
    sizes: str


@dataclass(frozen=True)
class Silent:
    """A port on which nothing answers that hwflow knows; why: in a sentence."""

    adapter: Adapter
    why: str


@dataclass(frozen=True)
class Devices(Done):
    """The ports on which a board answered, and the others."""

    devices: tuple[Device, ...]
    others: tuple[Silent, ...]

    def words(self) -> tuple[Part, ...]:
        if not self.devices and not self.others:
            return ("There is no serial port here; plug the board in, or name a port.",)
        heads = ("port", "adapter", "serial", "net", "sizes", "model", "build", "MHz", "baud")
        rows = [
            (d.adapter.port, d.adapter.title, d.adapter.serial, d.net, d.sizes, d.model[:12], d.build[:12],
             f"{d.clock_hz / 1e6:g}", d.baud)
            for d in self.devices
        ]  # fmt: skip
        return (*((table(heads, rows),) if rows else ()), *(silent.why for silent in self.others))


def adapters() -> tuple[Adapter, ...]:
    """The serial ports of this machine that are on USB, by their names; built-in ones have no board behind them."""
    from serial.tools.list_ports import comports

    ports = sorted(comports(), key=lambda each: each.device)
    return tuple(Adapter(each.device, each.product, each.serial_number) for each in ports if each.vid is not None)


def find_devices(ports: Sequence[str] = (), bauds: Sequence[int] = (BAUD,), *, patience: float = PATIENCE) -> Devices:
    """Greet what is behind each port, at each rate until one is answered.

    ports: by name or URL; none for all that are on USB. patience: seconds for each answer. A port that is missing, busy
    or silent is no error: `others` tells why.
    """
    known = {adapter.port: adapter for adapter in adapters()}
    asked = [known.get(port, Adapter(port)) for port in dict.fromkeys(ports)] if ports else list(known.values())
    found = [greet(adapter, bauds, patience) for adapter in asked]
    return Devices(
        tuple(each for each in found if isinstance(each, Device)),
        tuple(each for each in found if isinstance(each, Silent)),
    )


def greet(adapter: Adapter, bauds: Iterable[int], patience: float = PATIENCE) -> Device | Silent:
    """What answers on a port at the first rate that is answered; only silence leads on to the next one."""
    why = ""
    for baud in bauds:
        try:
            with open_link(adapter.port, baud=baud, deadline=patience) as link:
                return _device(adapter, baud, link.hello())
        except LinkTimeout as error:
            why = why or str(error)
        except HwflowError as error:
            return Silent(adapter, str(error))
    return Silent(adapter, why)


def wait_for_build(build: str, ports: Sequence[str], bauds: Sequence[int], seconds: float) -> Device | None:
    """The first device that answers as the build with this digest, in hex, within so many seconds; None if none does.

    ports: as for `find_devices`; they are looked for anew each time, since a board that is loaded may vanish and come back.
    """
    until = time.monotonic() + seconds
    while True:
        for device in find_devices(ports, bauds).devices:
            if device.build == build[:32].lower():
                return device
        if time.monotonic() >= until:
            return None
        time.sleep(_PAUSE)


def _device(adapter: Adapter, baud: int, identity: Identity) -> Device:
    if identity.vector_in is not None:
        sizes = f"{identity.vector_in} to {identity.vector_out}"
    else:
        sizes = f"{identity.inputs:,} to {identity.outputs:,}"
    return Device(
        adapter, baud, _NETS[identity.kind], identity.digest.hex(), identity.build.hex(), identity.clock_hz, sizes
    )
