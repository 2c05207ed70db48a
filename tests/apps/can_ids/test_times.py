import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwflow.apps.can_ids.times import CLOCK_STEP, is_differences, sessions, spread_times, true_span
from hwflow.errors import UserError

ONE_BUS = np.zeros(10_000, dtype=np.uint8)


def parted(time: np.ndarray, bus: np.ndarray | None = None) -> list[int]:
    """Frames of each session."""
    _, session = sessions(time, ONE_BUS[: len(time)] if bus is None else bus)
    return np.bincount(session).tolist()


@pytest.mark.parametrize("gap", [1.5, 20.0, 86_400.0, -0.5, -3600.0])
def test_a_gap_or_a_clock_that_goes_back_begins_a_session(gap: float) -> None:
    time = 1e9 + np.arange(2000) * 0.001
    time[1200:] += gap
    assert parted(time) == [1200, 800]


def test_short_pauses_and_small_disorder_do_not() -> None:
    time = np.arange(2000) * 0.001
    time[1000:] += 0.9
    time[[500, 501]] = time[[501, 500]]
    order, session = sessions(time, ONE_BUS[:2000])
    assert session.max() == 0
    assert (np.diff(time[order]) >= 0).all()


def test_a_slow_or_coarse_clock_is_no_gap() -> None:
    assert parted(np.arange(50) * 2.0) == [50]
    assert parted(np.repeat(np.arange(9.0), 1000)) == [9000]


def test_two_buses_written_one_behind_the_other_are_one_session() -> None:
    time = np.concatenate([np.arange(1000), np.arange(1000)]) * 0.001
    bus = np.repeat([0, 1], 1000).astype(np.uint8)
    assert parted(time, bus) == [2000]
    assert parted(time) == [1000, 1000]


@given(st.lists(st.tuples(st.integers(-2000, 2000), st.integers(0, 2)), min_size=1, max_size=60))
def test_sessions_keep_every_frame_and_are_in_order(steps: list[tuple[int, int]]) -> None:
    time = np.cumsum([step / 1000 for step, _ in steps])
    bus = np.array([bus for _, bus in steps], dtype=np.uint8)
    order, session = sessions(time, bus)
    assert sorted(order.tolist()) == list(range(len(steps)))
    assert (np.diff(session) >= 0).all() and session[0] == 0
    for number in range(int(session[-1]) + 1):
        rows = order[session == number]
        assert (np.diff(time[rows]) >= 0).all()
        for one in range(3):
            of = np.sort(rows[bus[rows] == one])
            assert (np.diff(time[of]) >= -CLOCK_STEP - 1e-9).all()


def test_differences_are_known_from_times() -> None:
    rng = np.random.default_rng(0)
    steps = rng.exponential(0.001, 1000)
    steps[0], steps[500] = 0, 30.0
    assert is_differences(steps, "x")
    assert is_differences(np.concatenate([[0.0], np.full(999, 0.002)]), "x")
    assert not is_differences(np.cumsum(steps), "x")
    assert not is_differences(np.repeat(np.arange(9.0), 1000), "x")
    assert not is_differences(np.concatenate([[0.0], 10 + np.arange(99) * 0.01]), "x")
    with pytest.raises(UserError, match="x go back"):
        is_differences(1e9 + rng.permutation(1000) * 0.001, "x")


def test_the_true_span_has_pauses_and_no_steps_back() -> None:
    assert true_span([(0.0, 1.0), (5.0, 6.0), (2.0, 4.0)]) == 8.0


def test_coarse_clock_is_spread_evenly() -> None:
    time = spread_times(np.repeat([10.0, 11.0, 13.0], [4, 2, 1]))
    assert time.tolist() == [10.0, 10.25, 10.5, 10.75, 11.0, 11.5, 13.0]


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=50))
def test_spreading_keeps_order_and_stays_within_the_resolution(stamps: list[int]) -> None:
    time = np.sort(np.array(stamps, dtype=np.float64))
    spread = spread_times(time)
    assert (np.diff(spread) >= 0).all()
    distinct = np.unique(time)
    resolution = np.diff(distinct).min() if len(distinct) > 1 else 0
    assert ((spread - time >= 0) & (spread - time <= resolution)).all()
