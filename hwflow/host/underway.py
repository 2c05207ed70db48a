"""Requests under way, and what a reply to one shows of the others (docs/link.md).

The wire keeps order both ways and the device answers in order. So whatever was sent before the frame that a reply answers
has been answered before, or it is lost: the request, or its reply.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from hwflow.host.frame import Reply, Request


@dataclass(eq=False)
class Waiting:
    """A request that was sent.

    frame: on the wire; copies: the places of its copies among all frames that were sent, in order; sent: when the last of
    them was; since: when its time began; rejected: replies that asked for a repetition; reply: the one that answers it.
    """

    request: Request
    frame: bytes
    copies: list[int]
    sent: float
    since: float
    rejected: int = 0
    reply: Reply | None = None

    @property
    def repeated(self) -> bool:
        """Whether it was sent more than once, so that which copy was answered cannot be known."""
        return len(self.copies) > 1

    @property
    def replied(self) -> int:
        """The place of the copy that the next reply is to, or of an earlier one, if copies were lost."""
        return self.copies[min(self.rejected, len(self.copies) - 1)]


def lost_before(answered: Waiting, older: Iterable[Waiting]) -> list[Waiting]:
    """Those of the `older` requests whose replies must be lost, now that there is one that answers `answered`."""
    return [entry for entry in older if entry.reply is None and entry.copies[-1] < answered.replied]


def lost_with(rejected: Waiting, expected: int, waiting: Sequence[Waiting]) -> list[Waiting] | None:
    """What to send again, in order, after a reply that says: not `rejected` but `expected` is next. Notes that reply.

    That is everything without an answer, or nothing if the expected request has been sent again since. None if the device
    cannot have been brought to expect that number by these requests.
    """
    older = islice(waiting, waiting.index(rejected))
    missing = next((entry for entry in older if entry.request.sequence == expected), None)
    if missing is None:
        return None
    stale = missing.reply is not None or missing.copies[-1] > rejected.replied
    rejected.rejected += 1
    return [] if stale else [entry for entry in waiting if entry.reply is None]
