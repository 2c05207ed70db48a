"""A study in PostgreSQL: claimed once by either of two, and nothing lost while the server is away."""

import os
import threading

import pytest
from postgres_server import programs, server
from search.plans import plan_of

from hwflow.search.lease import own_lease
from hwflow.search.store import COMPLETE, Store

pytestmark = pytest.mark.slow


def test_a_study_outlives_its_server() -> None:
    if programs() is None:
        pytest.skip("PostgreSQL is not installed")
    told: list[str] = []
    with server() as running:
        one, other = Store(running.url, "study", told.append), Store(running.url, "study")
        assert one.create(plan_of()) and not other.create(plan_of())
        lease = own_lease(os.getpid()).to_json()
        assert one.claim(1, lease) and not other.claim(1, lease)
        running.stop()
        again = threading.Timer(1.5, running.start)
        again.start()
        assert one.finish(1, COMPLETE, {"reason": ""}, [0.5, 100])
        again.join()
        assert not other.finish(1, COMPLETE, {"reason": "late"}, [0.1, 1])
        assert [trial.values for trial in other.trials()[:2]] == [None, [0.5, 100]]
        one.close()
        other.close()
    assert told == ["the storage does not answer; waiting for it for up to 120 s"]
