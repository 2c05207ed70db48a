"""Time stamps as logs have them to seconds: differences summed, sessions parted, coarse clocks spread."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from hwflow.errors import UserError

GAP = 1.0  # seconds without a frame after which another session begins
CLOCK_STEP = 0.1  # seconds; frames of two buses may be out of order by less than that
_DESCENTS = 0.2  # of the steps; absolute times hardly ever go back
_DIFFERENCE = 0.1  # seconds, the most that the middle one of the differences of a bus in use may be


def is_differences(stamps: NDArray[np.float64], name: str) -> bool:
    """Whether stamps in the order of the file count from one line to the next (candump -td) and not from one start.

    Raises UserError if they are neither.
    """
    steps = np.diff(stamps)
    descents = int((steps < 0).sum())
    if _is_steady(stamps, steps):
        return True
    if descents < 5 or descents < _DESCENTS * len(stamps):
        return False
    if float(np.median(stamps)) <= _DIFFERENCE:
        return True
    raise UserError(f"The times of {name} go back {descents:,} times in {len(stamps):,} lines, so they are neither times "
                    "from one start nor differences; give a log in the order of its recording.")  # fmt: skip


def _is_steady(stamps: NDArray[np.float64], steps: NDArray[np.float64]) -> bool:
    """Whether these are the differences of frames that come at even distances: zero, and then the same ever again."""
    if len(stamps) < 20 or stamps[0] != 0 or 2 * (steps <= 0).sum() < len(steps):
        return False
    low, high = np.quantile(stamps[1:], (0.1, 0.9))
    return bool(low > high / 2)


def sessions(time: NDArray[np.float64], bus: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which frames were recorded without a break. time: seconds [n], bus: its number [n], in the file's order.

    Returns rows, the frames' order within and over the sessions, and the session of each of these rows, ascending. A
    session ends where a bus's clock goes back by more than CLOCK_STEP, and where no bus sends for longer than GAP or
    ten times the usual step between two time stamps.
    """
    epoch = np.zeros(len(time), dtype=np.int64)
    for number in np.unique(bus):
        rows = np.flatnonzero(bus == number)
        epoch[rows[1:]] = np.cumsum(np.diff(time[rows]) < -CLOCK_STEP)
    order = np.lexsort((time, epoch))
    steps = np.diff(time[order])
    turns = np.diff(epoch[order]) != 0
    moves = steps[~turns & (steps > 0)]
    gap = max(GAP, 10 * float(np.median(moves))) if len(moves) else GAP
    breaks = turns | (steps > gap)
    return order, np.concatenate([np.zeros(min(1, len(time)), dtype=np.int64), np.cumsum(breaks)])


def true_span(spans: Sequence[tuple[float, float]]) -> float:
    """Seconds from the first frame to the last over sessions, each (first, last); a clock that goes back adds none."""
    recorded = sum(last - first for first, last in spans)
    pauses = sum(max(0.0, after[0] - before[1]) for before, after in pairwise(spans))
    return recorded + pauses


def spread_times(time: NDArray[np.float64]) -> NDArray[np.float64]:
    """Spread frames that share a time stamp evenly over the clock's resolution. time: seconds [n], ascending.

    The resolution is the smallest step between different stamps: k frames stamped t, the next stamp being t', end at
    t + i * min(t' - t, resolution) / k, i = 0 … k-1. A log with a fine clock is left as it is.
    """
    stamps, first, count = np.unique(time, return_index=True, return_counts=True)
    if len(stamps) < 2 or count.max() == 1:
        return time
    steps = np.diff(stamps)
    resolution = steps.min()
    width = np.append(np.minimum(steps, resolution), resolution)
    # The recording ends within the last stamp: its frames come as densely as those before.
    width[-1] = min(resolution, np.median(width[:-1] / count[:-1]) * count[-1])
    position = np.arange(len(time)) - np.repeat(first, count)
    spread: NDArray[np.float64] = np.repeat(stamps, count) + position * np.repeat(width / count, count)
    return spread
