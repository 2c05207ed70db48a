import numpy as np
import pytest

from hwflow.apps.digits_off_chip.showing import by_rates, in_one_tick, warped


def test_a_pixel_brighter_than_half_spikes_once_in_the_one_tick() -> None:
    spikes = in_one_tick(np.array([[0, 127, 128, 255], [255, 0, 0, 0]], np.uint8), 2)
    assert spikes.shape == (2, 3, 4) and spikes.dtype == np.bool_
    assert np.argwhere(spikes).tolist() == [[0, 0, 2], [0, 0, 3], [1, 0, 0]]


def test_by_rates_a_bright_pixel_has_six_spikes_and_silence_is_silent() -> None:
    spikes = by_rates(np.array([[0, 16, 8]], np.uint8), 5)
    assert spikes.shape == (1, 21, 3) and not spikes[:, 16:].any()
    assert spikes.sum(axis=1).tolist() == [[0, 6, 3]]


@pytest.mark.slow
def test_warped_copies_stand_behind_the_images_and_are_drawn_from_the_seed() -> None:
    pytest.importorskip("torch", reason="no torch, which `pip install 'hwflow[train]'` brings")
    images = np.zeros((3, 784), np.uint8)
    images.reshape(3, 28, 28)[:, 8:20, 10:18] = 200
    whole = warped(images, 2, 0)
    assert whole.shape == (9, 784) and np.array_equal(whole[:3], images)
    assert np.array_equal(whole, warped(images, 2, 0)) and not np.array_equal(whole, warped(images, 2, 1))
    copies = whole[3:]
    assert len(np.unique(copies, axis=0)) == 6 and copies.max() <= 200
    lit = (copies > 100).sum(axis=1) / (images[0] > 100).sum()
    assert lit.min() > 0.7 and lit.max() < 1.4
