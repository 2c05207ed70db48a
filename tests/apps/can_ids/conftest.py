"""Small traffic that the tests share."""

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from hwflow.apps.can_ids.frame import CanLog
from hwflow.apps.can_ids.vehicle import generate


@cache
def _generated() -> CanLog:
    return generate(7, 2.0)


@pytest.fixture
def benign() -> CanLog:
    """Two seconds of the generator's traffic, the caller's own copy."""
    log = _generated()
    return log.take(np.arange(len(log)))  # a slice would be a view


@pytest.fixture(scope="session")
def log_of() -> Callable[..., CanLog]:
    """`log_of((seconds, identifier), …)`: normal frames of eight zeros."""

    def make(*frames: tuple[float, int], extended: bool = False) -> CanLog:
        n = len(frames)
        return CanLog(
            np.array([time for time, _ in frames]),
            np.array([identifier for _, identifier in frames], dtype=np.uint32),
            np.full(n, extended),
            np.full(n, 8, dtype=np.uint8),
            np.zeros((n, 8), dtype=np.uint8),
            np.zeros(n, dtype=np.uint8),
        )

    return make
