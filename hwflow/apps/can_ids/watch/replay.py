"""A log as a feed: as fast as it is read, or at the pace at which it was recorded, or so many times that."""

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hwflow.apps.can_ids.frame import CanLog
from hwflow.apps.can_ids.labels import UNKNOWN
from hwflow.apps.can_ids.logfile import LogFile
from hwflow.apps.can_ids.readers import read_log
from hwflow.apps.can_ids.times import spread_times
from hwflow.apps.can_ids.watch.batch import MOST, Batch, Feed
from hwflow.apps.can_ids.watch.queued import WAITING, QueuedFeed
from hwflow.errors import UserError

_LOOK = 0.1  # seconds after which one looks whether it is to end


@dataclass(frozen=True, eq=False)
class Recorded:
    """A log's frames in the order in which they came, on whatever bus: see Batch; buses and class_names as of a Feed."""

    log: CanLog
    bus: NDArray[np.uint8]
    session: NDArray[np.int64]
    buses: tuple[str, ...]
    class_names: tuple[str, ...]

    def batch(self, rows: NDArray[np.int64] | slice, arrived: NDArray[np.float64]) -> Batch:
        """Some of the frames, which came at these seconds."""
        return Batch(self.log.take(rows), self.bus[rows], self.session[rows], arrived)


def recorded(path: Path) -> Recorded:
    """The frames of a log. Raises UserError as `read_log`, and for a log without times."""
    file = read_log(path)
    if not file.timed:
        raise UserError(f"{path} has no times, and half of what the net sees of a frame is when it came; give a log with "
                        "time stamps.")  # fmt: skip
    buses = tuple(dict.fromkeys(trace.bus for trace in file.traces))
    log, bus, session = _columns(file, buses)
    order = np.lexsort((log.time, session))
    labelled = file.labelled and any(name != UNKNOWN for name in file.class_names)
    return Recorded(log.take(order), bus[order], session[order], buses, file.class_names if labelled else ())


def _columns(file: LogFile, buses: tuple[str, ...]) -> tuple[CanLog, NDArray[np.uint8], NDArray[np.int64]]:
    logs = [replace(trace.log, time=spread_times(trace.log.time)) for trace in file.traces]
    log = CanLog(*(np.concatenate([getattr(part, column.name) for part in logs]) for column in fields(CanLog)))
    sizes = [len(part) for part in logs]
    bus = np.repeat(np.array([buses.index(trace.bus) for trace in file.traces], dtype=np.uint8), sizes)
    session = np.repeat(np.array([trace.session for trace in file.traces], dtype=np.int64), sizes)
    return log, bus, session


class LogFeed(Feed):
    """A log as fast as it is read: each batch arrives when the one before is done, and nothing is dropped."""

    def __init__(self, name: str, frames: Recorded) -> None:
        super().__init__()
        self.name, self.buses, self.class_names = name, frames.buses, frames.class_names
        self._frames = frames

    def batches(self) -> Iterator[Batch | None]:
        total = len(self._frames.log)
        for start in range(0, total, MOST):
            count = min(MOST, total - start)
            yield self._frames.batch(slice(start, start + count), np.full(count, time.monotonic()))


class PacedFeed(QueuedFeed[int]):
    """A log at `speed` times its own pace, each session at once behind the one before.

    A frame arrives when it is due, whether or not anybody is ready for it.
    """

    def __init__(self, name: str, frames: Recorded, speed: float, waiting: int = WAITING) -> None:
        super().__init__(waiting)
        self.name, self.buses, self.class_names = name, frames.buses, frames.class_names
        self._frames, self._speed = frames, speed

    def _take(self) -> str:
        due = _due(self._frames, self._speed) + time.monotonic()
        times = due.tolist()
        row = 0
        while row < len(times) and not self._closed.is_set():
            now = time.monotonic()
            while row < len(times) and times[row] <= now:
                self._put(row, times[row])
                row += 1
            if row < len(times):
                time.sleep(max(0.0, min(_LOOK, times[row] - time.monotonic())))
        return ""

    def _batch(self, arrived: Sequence[float], items: Sequence[int]) -> Batch:
        return self._frames.batch(np.array(items, dtype=np.int64), np.array(arrived))


def _due(frames: Recorded, speed: float) -> NDArray[np.float64]:
    """Seconds from the start at which each frame is due: steps between sessions take no time."""
    steps = np.diff(frames.log.time, prepend=frames.log.time[:1])
    steps[1:][np.diff(frames.session) != 0] = 0.0
    due: NDArray[np.float64] = np.cumsum(steps) / speed
    return due


def log_feed(text: str) -> Feed:
    """`FILE` or `FILE@SPEED` as a feed; a file of the whole name goes first. Raises UserError as `recorded`."""
    path, sign, speed = text.rpartition("@")
    if not sign or Path(text).exists():
        return LogFeed(f"log:{text}", recorded(Path(text)))
    try:
        factor = float(speed)
    except ValueError:
        factor = math.nan
    if not 0 < factor < math.inf:
        raise UserError(f"{speed!r:.40} is no speed; give log:{path}@1 for the log's own pace, @10 for ten times that, or "
                        "no @ for as fast as it goes.")  # fmt: skip
    return PacedFeed(f"log:{text}", recorded(Path(path)), factor)
