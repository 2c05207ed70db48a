"""A CAN bus: which of the waiting frames goes next, and when it ends."""

from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from hwflow.apps.can_ids.frame import CanLog

BIT_RATE = 500_000  # bit/s


def frame_seconds(dlc: NDArray[np.uint8], extended: NDArray[np.bool_], bit_rate: int = BIT_RATE) -> NDArray[np.float64]:
    """Duration of a frame with its intermission: [n] seconds.

    47 + 8 * dlc bits, 20 more for a 29-bit identifier (ISO 11898-1), and one stuff bit in eight of the stuffed part,
    between none and the worst case of one in four: 0.246 ms for 8 bytes at 500 kbit/s.
    """
    fixed = 47 + 8 * dlc.astype(np.int64) + 20 * extended
    seconds: NDArray[np.float64] = (fixed + (fixed - 13) // 8) / bit_rate
    return seconds


def arbitrate(log: CanLog, bit_rate: int = BIT_RATE) -> CanLog:
    """Send frames that become ready at `log.time`; the result has the times at which they ended, in that order.

    Of the frames that wait, the lowest identifier wins (a standard one before an extended one of the same base).
    A node has one mailbox an identifier: a frame that still waits when its successor is ready is lost. Attackers
    (label not 0) are nodes of their own.
    """
    order = np.argsort(log.time, kind="stable")
    ready = log.time[order].tolist()
    seconds = frame_seconds(log.dlc, log.extended, bit_rate)[order].tolist()
    identifier = log.identifier.astype(np.int64)
    priority = np.where(log.extended, (identifier >> 18) << 19 | 1 << 18 | (identifier & 0x3FFFF), identifier << 19)
    ranks = priority[order].tolist()
    nodes = (priority * 2 + (log.label != 0))[order].tolist()
    waiting: list[tuple[int, int]] = []
    mailbox: dict[int, int] = {}
    sent: list[int] = []
    ends: list[float] = []
    now = 0.0
    arrived, total = 0, len(ready)
    while arrived < total or waiting:
        if not waiting:
            now = max(now, ready[arrived])
        while arrived < total and ready[arrived] <= now:
            heappush(waiting, (ranks[arrived], arrived))
            mailbox[nodes[arrived]] = arrived
            arrived += 1
        _, frame = heappop(waiting)
        if mailbox[nodes[frame]] != frame:
            continue
        now += seconds[frame]
        sent.append(frame)
        ends.append(now)
    result = log.take(order[np.array(sent, dtype=np.int64)])
    result.time[:] = ends
    return result
