from collections.abc import Callable

import numpy as np
import pytest

from hwflow.apps.can_ids.bus import arbitrate, frame_seconds
from hwflow.apps.can_ids.frame import CanLog

LogOf = Callable[..., CanLog]


def test_eight_bytes_at_500_kbit_take_a_quarter_of_a_millisecond() -> None:
    seconds = frame_seconds(np.array([0, 8], dtype=np.uint8), np.array([False, False]))
    assert seconds.tolist() == pytest.approx([51 / 500e3, 123 / 500e3])


def test_lowest_identifier_first_and_no_two_at_once(log_of: LogOf) -> None:
    sent = arbitrate(log_of((0.0, 0x300), (1e-5, 0x200), (2e-5, 0x100)))
    assert sent.identifier.tolist() == [0x300, 0x100, 0x200]
    assert np.diff(sent.time).tolist() == pytest.approx([123 / 500e3] * 2)


def test_standard_before_extended_of_the_same_base(log_of: LogOf) -> None:
    both = log_of((0.0, 0x7FF), (1e-5, 0x100 << 18), (1e-5, 0x100))
    both.extended[1] = True
    assert arbitrate(both).extended.tolist() == [False, False, True]


def test_a_waiting_frame_is_overwritten_by_its_successor(log_of: LogOf) -> None:
    both = log_of((0.0, 0x100), (1e-5, 0x200), (2e-5, 0x200))
    both.payload[:, 0] = (1, 2, 3)
    assert arbitrate(both).payload[:, 0].tolist() == [1, 3]


def test_idle_bus_adds_only_the_frame(log_of: LogOf) -> None:
    sent = arbitrate(log_of((0.0, 5), (1.0, 5)))
    assert sent.time.tolist() == pytest.approx([123 / 500e3, 1 + 123 / 500e3])
