"""Frames as a feed hands them on: some at a time, in the order in which they came."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwflow.apps.can_ids.frame import CanLog
from hwflow.apps.can_ids.times import CLOCK_STEP, GAP
from hwflow.quantised.host.guard import GuardCounts

MOST = 1024  # frames of a batch


@dataclass(frozen=True, eq=False)
class Batch:
    """n frames. log: the frames, their labels as indices in the feed's class_names; bus: index in its buses [n];

    session: its number [n], ascending for each bus, and nothing is timed from one to the next; arrived: seconds of the
    monotonic clock at which each came [n].
    """

    log: CanLog
    bus: NDArray[np.uint8]
    session: NDArray[np.int64]
    arrived: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.log)


class Feed(ABC):
    """Where frames come from.

    name: as the user wrote it; buses: the names of those that it has; class_names: of the labels, empty where no frame
    has one. While it is read: dropped, frames that came while too many waited; passed_over, what came and was no
    classic frame, by kind; fault, a sentence on why it ended before its end, else empty; counts, what a guard counted meanwhile,
    None where none is watched.
    """

    name: str
    buses: tuple[str, ...]
    class_names: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.dropped = 0
        self.passed_over: Counter[str] = Counter()
        self.fault = ""
        self.counts: GuardCounts | None = None

    @property
    def waiting(self) -> int:
        """Frames that came and were not handed on yet."""
        return 0

    @abstractmethod
    def batches(self) -> Iterator[Batch | None]:
        """The frames in batches of at most MOST; None where nothing came for a while. Ends with the feed."""

    def close(self) -> None:  # noqa: B027  (a log has nothing to let go of)
        """Let go of what was opened; may be called more than once."""


class Sessions:
    """Numbers of sessions while frames come: another one after a pause, or where the clock went back."""

    def __init__(self) -> None:
        self._number, self._last = 0, 0.0

    def of(self, time: float) -> int:
        """The session of the next frame. time: seconds."""
        if self._last and not self._last - CLOCK_STEP <= time <= self._last + GAP:
            self._number += 1
        self._last = time
        return self._number
