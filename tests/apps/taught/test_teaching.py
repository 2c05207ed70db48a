import numpy as np
import pytest

from hwflow.apps.taught.teaching import Teaching, most_spikes
from hwflow.spiking.fit import core_for
from hwflow.spiking.reference import Rules, initial, run

HOW = Teaching(hidden=12, ticks=4)


def test_a_pixel_spikes_in_as_many_ticks_as_it_is_bright() -> None:
    spikes = HOW.encode(np.array([[0, 16, 9, 2, 3]], np.uint8), 16, 3)
    assert spikes.shape == (1, 6, 5 + 1 + 3)
    assert spikes[0, :4, :5].sum(axis=0).tolist() == [0, 4, 2, 0, 1] and not spikes[0, 4:, :5].any()
    assert np.flatnonzero(spikes[0, :, 5]).tolist() == [5] and not spikes[0, :, 6:].any()


def test_the_teacher_speaks_in_the_last_tick() -> None:
    silent = HOW.encode(np.zeros((2, 5), np.uint8), 16, 3)
    taught = HOW.taught(silent, np.array([2, 0]), 3)
    assert not silent[:, :, 6:].any()
    assert np.argwhere(taught[:, :, 6:]).tolist() == [[0, 5, 2], [1, 5, 0]]


def test_errors_are_the_factors_of_the_outputs() -> None:
    """Before learning no output fires, so the error is `ticks` for the class and nothing for the others."""
    images = np.random.default_rng(0).integers(0, 17, (20, 5)).astype(np.uint8)
    network = HOW.network(images, 16, 3, seed=1)
    assert network.digest == HOW.network(images, 16, 3, seed=1).digest != HOW.network(images, 16, 3, seed=2).digest
    assert network.modulation and network.modulation.closing == 5 and network.modulation.gated == 12
    rules = Rules(network, core_for(network))
    taught = HOW.taught(HOW.encode(images[:1], 16, 3), np.array([2]), 3)[0]
    before = run(rules, initial(network), taught[:-1], learn=True).state
    taught[-1, 5] = False  # so that it does not end, and the factor stays to be seen
    factor = run(rules, before, taught[-1:], learn=True).state.factor
    assert factor[12:].tolist() == [0, 0, 4]
    assert factor[:12].tolist() == network.weight[8, :12].tolist()


def test_slower_passes_have_smaller_rates() -> None:
    how = Teaching(hidden=12, ticks=4, rate=0.1, output_rate=0.5, slower=0.5)
    images = np.full((3, 5), 9, np.uint8)
    rates = [how.network(images, 16, 3, 0, slowed).modulation for slowed in (0, 0.5, 1)]
    assert [(one.rate, one.free_rate) for one in rates if one] == [(1638, 8192), (1159, 5793), (819, 4096)]


def test_rates_fall_in_equal_steps_of_a_pass() -> None:
    shares = [0.0, 0.24, 0.25, 0.6, 0.99]
    assert [Teaching(steps=4).slowed(share, 2) for share in shares] == [2.0, 2.0, 2.25, 2.5, 2.75]
    assert [Teaching().slowed(share, 2) for share in shares] == [2.0] * 5


@pytest.mark.parametrize(
    ("fired", "wanted"),
    [([[1, 0], [1, 1]], 0), ([[0, 1], [1, 0]], 1), ([[0, 0], [0, 0]], 0), ([[1, 0], [0, 1]], 0)],
)
def test_most_spikes_and_of_equals_the_earlier(fired: list[list[int]], wanted: int) -> None:
    assert most_spikes(np.array([fired], np.bool_)).tolist() == [wanted]
