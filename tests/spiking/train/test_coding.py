import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwflow.spiking.train.coding import on_and_off, rate_code


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.integers(1, 60), st.integers(0, 5))
def test_spikes_follow_the_value_evenly(values: list[float], ticks: int, silence: int) -> None:
    rates = np.array(values)
    spikes = rate_code(rates, ticks / 2, ticks, silence)
    assert spikes.shape == (ticks + silence, len(values)) and not spikes[ticks:].any()
    assert np.all(np.abs(spikes.sum(axis=0) - rates * ticks / 2) < 1 + 1e-9)
    for axon, rate in enumerate(rates):  # no two spikes are nearer than the period, less the tick they fall into
        gaps = np.diff(np.flatnonzero(spikes[:, axon]))
        assert rate == 0 or not len(gaps) or gaps.min() >= np.floor(2 / rate)


def test_a_rate_is_at_most_a_spike_a_tick() -> None:
    assert rate_code(np.array([1.0]), 100, 10).sum() == 10


def test_on_and_off_sum_up_to_the_number_of_values() -> None:
    assert on_and_off(np.array([[0.25, 1.0]])).tolist() == [[0.25, 1.0, 0.75, 0.0]]


def test_equal_values_do_not_spike_together() -> None:
    spikes = rate_code(np.full(8, 0.5), 8, 64)
    assert spikes.sum(axis=1).max() < 8
    assert spikes.sum(axis=0).tolist() == pytest.approx([4] * 8, abs=1)
