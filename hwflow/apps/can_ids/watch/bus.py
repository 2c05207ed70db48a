"""A bus that runs, through python-can."""

import importlib.util
from collections.abc import Sequence
from typing import Any

import numpy as np

from hwflow.apps.can_ids.frame import CanLog
from hwflow.apps.can_ids.lines import Record, Unread
from hwflow.apps.can_ids.pythoncan import of_message
from hwflow.apps.can_ids.watch.batch import Batch, Sessions
from hwflow.apps.can_ids.watch.queued import WAITING, QueuedFeed
from hwflow.errors import UserError, missing, needed

_LOOK = 0.1  # seconds after which one looks whether it is to end
_WAYS = "socketcan:can0, udp_multicast:239.74.163.2, virtual:NAME, another interface of python-can, or log:FILE"


class BusFeed(QueuedFeed[tuple[int, Record]]):
    """The frames of a bus, from now on.

    A frame's time is the interface's stamp; it arrived when python-can gave it, which is what latencies count from.
    """

    def __init__(self, interface: str, channel: str, waiting: int = WAITING) -> None:
        """Raises UserError if there is no such bus or it cannot be opened, MissingTool without python-can."""
        super().__init__(waiting)
        self.name = f"{interface}:{channel}"
        self.buses = (channel,)
        self._bus = _opened(interface, channel)
        self._sessions = Sessions()

    def _take(self) -> str:
        import can

        while not self._closed.is_set():
            try:
                message = self._bus.recv(_LOOK)
            except (can.CanError, OSError, ValueError) as error:
                if self._closed.is_set():
                    return ""
                return f"{self.name} went away ({_reason(error)}); look at the interface, and start again"
            if message is not None:
                self._received(message)
        return ""

    def _received(self, message: Any) -> None:
        made = of_message(message, self.buses[0])
        if isinstance(made, Record):
            self._put((self._sessions.of(made.time), made))
        elif isinstance(made, Unread):
            self.passed_over[made.reason if made.known else "what is no frame"] += 1

    def _batch(self, arrived: Sequence[float], items: Sequence[tuple[int, Record]]) -> Batch:
        sessions, records = zip(*items, strict=True)
        n = len(items)
        payload = np.frombuffer(b"".join(record.data.ljust(8, b"\0") for record in records), dtype=np.uint8)
        log = CanLog(
            np.array([record.time for record in records]),
            np.array([record.identifier for record in records], dtype=np.uint32),
            np.array([record.extended for record in records], dtype=np.bool_),
            np.array([record.dlc for record in records], dtype=np.uint8),
            payload.reshape(n, 8),
            np.zeros(n, dtype=np.uint8),
        )
        return Batch(log, np.zeros(n, dtype=np.uint8), np.array(sessions, dtype=np.int64), np.array(arrived))

    def close(self) -> None:
        super().close()
        self._bus.shutdown()


def _opened(interface: str, channel: str) -> Any:
    with needed("Watching a bus", "can"):
        import can
    if interface not in can.VALID_INTERFACES:
        raise UserError(f"python-can has no interface {interface!r:.40}; give {_WAYS}.")
    if interface == "udp_multicast" and importlib.util.find_spec("msgpack") is None:
        raise missing("Watching udp_multicast", "msgpack", "can")
    try:
        return can.Bus(channel, interface=interface)
    except (can.CanError, OSError, ValueError, TypeError, ImportError, RuntimeError) as error:
        raise UserError(
            f"There is no bus {interface}:{channel} that can be opened ({_reason(error)}); give {_WAYS}."
        ) from None


def _reason(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return (text.splitlines() or [type(error).__name__])[0][:120].rstrip(".").replace("; ", ", ")
