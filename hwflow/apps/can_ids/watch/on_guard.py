"""A guard on the wire as a feed: its entries are frames that are judged already, and their features are those of its fabric."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from hwflow.apps.can_ids.features import MEASURES, PAYLOAD_COLUMNS
from hwflow.apps.can_ids.guard import log_of
from hwflow.apps.can_ids.profile import Profile
from hwflow.apps.can_ids.profile_image import profile_image
from hwflow.apps.can_ids.watch.batch import Batch, Feed
from hwflow.apps.can_ids.watch.detector import Verdicts
from hwflow.quantised.host.guard import Guard, GuardCounts
from hwflow.quantised.host.guard import Verdicts as Entries

_LOOK = 0.02  # seconds between two looks at a log in which nothing waits
_COUNT = 0.5  # seconds between two looks at the counts
_FIRST = PAYLOAD_COLUMNS[1]
_ENDS = np.cumsum([len(kind.levels) for kind in MEASURES])
_LEVELS = [np.array([0, *kind.levels]) for kind in MEASURES]


@dataclass(frozen=True, eq=False)
class Judged(Batch):
    """A batch that a guard judged. entries: what it says of each frame; done: see Verdicts."""

    entries: Entries
    done: NDArray[np.float64]


class GuardFeed(Feed):
    """The log of a guard, read as it fills.

    dropped: entries for which the log had no room, and passed_over, since the feed was made; both as the guard counts them,
    twice a second, as are its counts.
    """

    def __init__(self, name: str, guard: Guard, clock_hz: int) -> None:
        super().__init__()
        self.name, self.buses = name, ("",)
        self._guard, self._clock_hz = guard, clock_hz
        self._before = guard.counts()
        self.counts = _since(self._before, self._before)

    def batches(self) -> Iterator[Batch | None]:
        counted = 0.0
        while True:
            entries = self._guard.verdicts()
            if time.monotonic() - counted > _COUNT:
                counted = time.monotonic()
                self._count()
            if not len(entries):
                time.sleep(_LOOK)
            yield self._batch(entries) if len(entries) else None

    def _count(self) -> None:
        self.counts = counts = _since(self._guard.counts(), self._before)
        self.dropped = counts.dropped
        if counts.passed_over:
            self.passed_over["a remote or FD frame"] = counts.passed_over

    def _batch(self, entries: Entries) -> Judged:
        n = len(entries)
        # On the guard's own clock, on which only differences mean anything.
        ended = np.zeros(n)
        judged = ended + entries.latency / self._clock_hz
        return Judged(log_of(entries), np.zeros(n, np.uint8), np.zeros(n, np.int64), ended, entries, judged)


class OnGuard:
    """The verdicts of a guard's entries. The measures are what the features say of them: the highest level that each reached."""

    def judge(self, batch: Batch) -> Verdicts:
        """Nothing is left to classify."""
        assert isinstance(batch, Judged)
        x, said = batch.entries.features, batch.entries.verdict.astype(np.int64)
        return Verdicts(batch, reached(x), x, said, batch.done)


def reached(x: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The highest level of each of MEASURES that features [n, 128] say was reached, 0 for none: [n, len(MEASURES)]."""
    parts = np.split(x[:, _FIRST:], _ENDS[:-1], axis=1)
    counts = [part.astype(np.int64).sum(axis=1) for part in parts]
    return np.stack([levels[count] for levels, count in zip(_LEVELS, counts, strict=True)], axis=1)


def prepare(guard: Guard, profile: Profile, bit_rate: int | None) -> None:
    """Let a guard judge: at this bit rate, if one is given, and with this profile, unless it has one.

    Raises UserError if the guard cannot listen at that rate, or its table has not the room."""
    if bit_rate is not None:
        guard.set_bit_rate(bit_rate)
    if not guard.loaded:
        guard.load(profile_image(profile, guard.identifiers, cut=True).words)


def _since(now: GuardCounts, before: GuardCounts) -> GuardCounts:
    """What was counted from one look to the next, modulo 2^32."""

    def count(name: str) -> int:
        difference: int = getattr(now, name) - getattr(before, name)
        return difference % (1 << 32)

    said = tuple((a - b) % (1 << 32) for a, b in zip(now.verdicts, before.verdicts, strict=True))
    plain = [field.name for field in fields(GuardCounts) if field.name != "verdicts"]
    return GuardCounts(**{name: count(name) for name in plain}, verdicts=said)
