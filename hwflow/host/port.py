"""A serial port, or anything pyserial opens as one, that never blocks for longer than it is told to.

DTR and RTS are left alone: the link does not need them, and a pseudo-terminal has none.
"""

import errno
import select
import time
from typing import Protocol

from hwflow.errors import UserError
from hwflow.host.errors import PortBusy, PortMissing

_WRITE_TIMEOUT = 0.05  # seconds
_POLL = 0.001  # seconds between looks at a port that has no file descriptor to wait for
_CHUNK = 4096
_DISCARDS = 64  # chunks that are thrown away at most
_SOCKET_SCHEME = "socket://"


class SerialLike(Protocol):
    """What hwflow uses of a `serial.Serial`, which must have been opened with timeout=0 and a write timeout."""

    def read(self, size: int = 1, /) -> bytes: ...
    def write(self, data: bytes, /) -> int | None: ...
    def fileno(self) -> int: ...
    def close(self) -> None: ...


class Port:
    """Bytes to and from a board. Every method raises OSError once the port is gone.

    name: how messages call it; baud: bits a second on the wire, of which a byte takes ten.
    """

    def __init__(self, serial: SerialLike, name: str, baud: int) -> None:
        self._serial = serial
        self.name = name
        self.baud = baud
        try:
            self._descriptor: int | None = serial.fileno()
        except (OSError, AttributeError):
            self._descriptor = None

    def now(self) -> float:
        """The time in seconds, by the clock that `receive` waits on."""
        return time.monotonic()

    def seconds(self, count: int) -> float:
        """How long `count` bytes take on the wire."""
        return count * 10 / self.baud

    def send(self, data: bytes) -> None:
        """Send the bytes. If they cannot leave within 0.05 s the rest is dropped, as on a broken wire."""
        from serial import SerialTimeoutException

        try:
            self._serial.write(data)
        except SerialTimeoutException:
            return
        except TypeError:  # what pyserial gives for a port that was closed meanwhile
            raise OSError(errno.ENODEV, "the port was closed") from None

    def receive(self, until: float) -> bytes:
        """The bytes that are there; if none, those that come first, or none if `now` reaches `until`."""
        while True:
            try:
                data = bytes(self._serial.read(_CHUNK))
                left = until - self.now()
                if data or left <= 0:
                    return data
                if self._descriptor is None:
                    time.sleep(min(left, _POLL))
                else:
                    select.select([self._descriptor], [], [], left)
            except (TypeError, ValueError):  # the port was closed meanwhile
                raise OSError(errno.ENODEV, "the port was closed") from None

    def discard(self) -> None:
        """Forget what was received and not read, or some of it if it never ends."""
        for _ in range(_DISCARDS):
            if not self.receive(0.0):
                return

    def close(self) -> None:
        """Give the port back; closing twice does no harm."""
        self._serial.close()


def open_port(name: str, baud: int) -> Port:
    """Open a port by its name or a URL of pyserial's, such as socket://host:1234, for this program alone.

    Raises PortMissing, PortBusy, or UserError if the name or the baud rate is none that can be opened.
    """
    import serial

    if baud < 1:
        raise UserError(f"{name!r} cannot be opened at {baud} baud; give a rate of 1 and more bits a second (--baud).")
    try:
        device = serial.serial_for_url(
            name, baudrate=baud, timeout=0, write_timeout=_WRITE_TIMEOUT, exclusive=None if "://" in name else True
        )
    except serial.SerialException as error:
        raise _refusal(name, error) from None
    except (ValueError, OverflowError, OSError) as error:
        raise UserError(f"{name!r} cannot be opened at {baud} baud ({error}); check --port and --baud.") from None
    _ask_for_low_latency(device)
    return Port(device, name, baud)


def _refusal(name: str, error: OSError) -> UserError:
    if error.errno in (errno.EBUSY, errno.EAGAIN, errno.EWOULDBLOCK):
        return PortBusy(f"{name} is in use by another program; stop that program first.")
    if error.errno in (errno.EACCES, errno.EPERM):
        return PortMissing(
            f"{name} may not be opened by this user; add the user to the group that owns it (`ls -l {name}`)."
        )
    if name.startswith(_SOCKET_SCHEME):
        return PortMissing(f"Nothing listens at {name}; start the simulated board first (`hwflow serve`).")
    if error.errno in (errno.ENOENT, errno.ENODEV, errno.ENXIO):
        return PortMissing(
            f"There is no port {name}; plug the board in, or list the ports (`python -m serial.tools.list_ports`)."
        )
    return PortMissing(f"{name} cannot be opened as a serial port; name another with --port.")


def _ask_for_low_latency(device: object) -> None:
    """USB adapters hold short replies back for 16 ms unless asked not to; what cannot be asked stays as it is."""
    ask = getattr(device, "set_low_latency_mode", None)
    if ask is None:
        return
    try:
        ask(True)
    except (ValueError, NotImplementedError, OSError):
        return
