"""`--bus` to a feed."""

from hwflow.apps.can_ids.watch.batch import Feed
from hwflow.apps.can_ids.watch.bus import BusFeed
from hwflow.apps.can_ids.watch.replay import log_feed
from hwflow.errors import UserError


def feed_of(text: str) -> Feed:
    """`log:FILE[@SPEED]`, or python-can's `INTERFACE:CHANNEL`. Raises UserError if there is no such log or bus, MissingTool."""
    kind, sign, rest = text.partition(":")
    if not sign or not kind or not rest:
        raise UserError(
            f"{text!r:.60} names no bus; give --bus socketcan:can0, virtual:NAME, udp_multicast:GROUP or log:FILE."
        )
    return log_feed(rest) if kind == "log" else BusFeed(kind, rest)
