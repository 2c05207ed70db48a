"""A queue that overflows, and a source that fails."""

import threading
from collections.abc import Sequence

import numpy as np
from apps.can_ids import watching as made

from hwflow.apps.can_ids.watch.batch import Batch
from hwflow.apps.can_ids.watch.queued import QueuedFeed


class Numbers(QueuedFeed[int]):
    """The first frames of a log, one for each number, and then a failure."""

    name, buses = "numbers", ("",)

    def __init__(self, count: int, waiting: int) -> None:
        super().__init__(waiting)
        self._count = count
        self.all_put = threading.Event()

    def _take(self) -> str:
        for number in range(self._count):
            self._put(number)
        self.all_put.set()
        raise RuntimeError("the driver fell over")

    def _batch(self, arrived: Sequence[float], items: Sequence[int]) -> Batch:
        log = made.benign(self._count).take(np.array(items))
        return Batch(log, np.zeros(len(items), dtype=np.uint8), np.zeros(len(items), dtype=np.int64), np.array(arrived))


def test_what_does_not_fit_the_queue_is_dropped_and_counted() -> None:
    feed = Numbers(50, waiting=30)
    batches = feed.batches()
    feed._thread.start()
    feed.all_put.wait()
    feed._thread = threading.Thread(target=lambda: None)  # it has run already
    assert feed.waiting == 30
    frames = sum(len(batch) for batch in batches if batch is not None)
    assert (frames, feed.dropped, feed.waiting) == (30, 20, 0)
    assert feed.fault == "numbers failed (RuntimeError: the driver fell over)"
    feed.close()
    feed.close()
