"""A feed that does not wait for who reads it: frames queue up, and those that come while the queue is full are dropped."""

import queue
import threading
import time
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Generic, TypeVar

from hwflow.apps.can_ids.watch.batch import MOST, Batch, Feed

WAITING = 1 << 16  # frames, about 15 s of a full bus of 500 kbit/s
_LOOK = 0.1  # seconds without a frame after which the reader is told so

Item = TypeVar("Item")


class QueuedFeed(Feed, Generic[Item]):
    """Another thread takes the frames from where they come, as they come."""

    def __init__(self, waiting: int = WAITING) -> None:
        super().__init__()
        self._queue: queue.Queue[tuple[float, Item]] = queue.Queue(waiting)
        self._closed = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def waiting(self) -> int:
        return self._queue.qsize()

    @abstractmethod
    def _take(self) -> str:
        """Take frames and `_put` each, until there are no more or `_closed` is set; a sentence on what went wrong, or nothing."""

    @abstractmethod
    def _batch(self, arrived: Sequence[float], items: Sequence[Item]) -> Batch:
        """What was put, as a batch."""

    def _put(self, item: Item, arrived: float | None = None) -> None:
        try:
            self._queue.put_nowait((time.monotonic() if arrived is None else arrived, item))
        except queue.Full:
            self.dropped += 1

    def _run(self) -> None:
        try:
            self.fault = self._take()
        except Exception as error:  # whatever a driver raises: it ends the feed, and what was seen is kept
            self.fault = f"{self.name} failed ({type(error).__name__}: {error})"
        finally:
            self._ended.set()

    def batches(self) -> Iterator[Batch | None]:
        self._thread.start()
        while True:
            ended = self._ended.is_set()  # before the look, so that nothing put before the end is missed
            found = self._waiting()
            if found:
                yield self._batch(*zip(*found, strict=True))
            elif ended:
                return
            else:
                yield None

    def _waiting(self) -> list[tuple[float, Item]]:
        """All that waits, up to MOST; the first one is waited for."""
        found: list[tuple[float, Item]] = []
        with suppress(queue.Empty):
            found.append(self._queue.get(timeout=_LOOK))
            while len(found) < MOST:
                found.append(self._queue.get_nowait())
        return found

    def close(self) -> None:
        self._closed.set()
        if self._thread.ident is not None:
            self._thread.join()
