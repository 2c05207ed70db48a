"""What was seen so far: counts, latencies, confusion. A value; the next one is made of it and of what came."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hwflow.apps.can_ids.watch.detector import Verdicts

# Upper ends of the histogram's bins in microseconds, a power of two each; the last bin has no end.
EDGES = tuple(1 << power for power in range(27))
MOST_UNKNOWN = 4096  # different unknown identifiers, more than which are not told apart


@dataclass(frozen=True, eq=False)
class Seen:
    """frames: judged; said: of them, by class [classes]; confusion: [labels, classes], counted where frames have labels;

    latencies: frames by their microseconds from arrival to verdict, in the bins of EDGES; longest: of these
    microseconds; unknown: frames under identifiers that the profile does not know, strangers: these identifiers, as
    CanLog.keys, MOST_UNKNOWN of them at most; first, last: seconds on the frames' own clock.
    """

    frames: int
    said: NDArray[np.int64]
    confusion: NDArray[np.int64]
    latencies: NDArray[np.int64]
    longest: float = 0.0
    unknown: int = 0
    strangers: frozenset[int] = frozenset()
    first: float | None = None
    last: float | None = None

    @staticmethod
    def nothing(classes: int, labels: int) -> "Seen":
        """Before the first frame. labels: how many classes the frames' labels tell apart."""
        counts = np.zeros((labels, classes), dtype=np.int64)
        return Seen(0, np.zeros(classes, dtype=np.int64), counts, np.zeros(len(EDGES) + 1, dtype=np.int64))

    def and_then(self, verdicts: Verdicts) -> "Seen":
        """With these frames too."""
        log, said = verdicts.batch.log, verdicts.said
        waited = (verdicts.done - verdicts.batch.arrived) * 1e6
        labels, classes = self.confusion.shape
        cells = np.bincount(log.label * classes + said, minlength=labels * classes) if labels else self.confusion
        strange = ~verdicts.known
        keys = log.keys[strange].tolist() if strange.any() else []
        room = MOST_UNKNOWN - len(self.strangers)
        fresh = list(dict.fromkeys(key for key in keys if key not in self.strangers))[:room]
        return replace(
            self,
            frames=self.frames + len(log),
            said=self.said + np.bincount(said, minlength=classes),
            confusion=self.confusion + cells.reshape(labels, classes),
            latencies=self.latencies + np.bincount(np.searchsorted(EDGES, waited), minlength=len(EDGES) + 1),
            longest=max(self.longest, float(waited.max())),
            unknown=self.unknown + len(keys),
            strangers=self.strangers.union(fresh) if fresh else self.strangers,
            first=float(log.time[0]) if self.first is None else self.first,
            last=float(log.time[-1]),
        )

    def quantile(self, share: float) -> int | None:
        """Microseconds within which that share of the frames had a verdict: the upper end of its bin; None: no frame, or no end."""
        if not self.frames:
            return None
        bin_ = int(np.searchsorted(np.cumsum(self.latencies), share * self.frames))
        return EDGES[bin_] if bin_ < len(EDGES) else None
