"""Counts that nothing bends: whatever the batches, the sum is that of one."""

from dataclasses import replace

import numpy as np
from apps.can_ids import watching as made
from hypothesis import given, settings
from hypothesis import strategies as st

from hwflow.apps.can_ids.profile import learn_profile
from hwflow.apps.can_ids.watch.batch import Batch
from hwflow.apps.can_ids.watch.detector import Detector, OnReference
from hwflow.apps.can_ids.watch.seen import EDGES, MOST_UNKNOWN, Seen

LOG = made.attacked()


def batch(start: int, stop: int) -> Batch:
    n = stop - start
    return Batch(
        LOG.take(slice(start, stop)), np.zeros(n, np.uint8), np.zeros(n, np.int64), np.arange(start, stop) / 1000
    )


@settings(max_examples=25)
@given(cut=st.integers(1, len(LOG) - 1))
def test_two_batches_are_counted_as_one(cut: int) -> None:
    def seen(*parts: Batch) -> Seen:
        detector = Detector((learn_profile(made.benign()),), OnReference(made.net()))
        total = Seen.nothing(5, 5)
        for part in parts:
            total = total.and_then(replace(detector.judge(part), done=1.0))
        return total

    one, two = seen(batch(0, len(LOG))), seen(batch(0, cut), batch(cut, len(LOG)))
    assert one.frames == two.frames == len(LOG) == int(one.latencies.sum())
    for name in ("said", "confusion", "latencies"):
        assert np.array_equal(getattr(one, name), getattr(two, name)), name
    for name in ("longest", "unknown", "strangers", "first", "last"):
        assert getattr(one, name) == getattr(two, name), name
    assert one.confusion[1].tolist() == [0, 4, 0, 0, 0]
    assert (one.longest, one.quantile(1.0), one.quantile(0.5)) == (1e6, 1 << 20, 1 << 20)


def test_nothing_seen_has_no_latency() -> None:
    assert Seen.nothing(5, 0).quantile(0.5) is None
    assert EDGES[-1] > 60e6 and MOST_UNKNOWN == 4096
