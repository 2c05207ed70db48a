from pathlib import Path

import numpy as np

from hwflow.apps.taught.images import halved, mnist_halved, mnist_whole
from hwflow.sources import Source


def test_halved_pixels_are_means_of_two_by_two() -> None:
    images = np.random.default_rng(0).integers(0, 256, (3, 784)).astype(np.uint8)
    small = halved(images)
    assert small.shape == (3, 196) and small.dtype == np.uint8
    whole = images.reshape(3, 28, 28).astype(float)
    for row, column in ((0, 0), (5, 13), (13, 2)):
        mean = whole[:, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2].mean(axis=(1, 2))
        assert (np.abs(small[:, 14 * row + column] - mean) <= 0.5).all()
    assert halved(np.full((1, 784), 255, np.uint8)).max() == 255


def test_every_training_image_is_learnt(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    parts = {
        f"x_{part}": rng.integers(0, 256, (count, 28, 28)).astype(np.uint8)
        for part, count in (("train", 40), ("test", 10))
    }
    labels = {f"y_{part}": rng.integers(0, 10, count) for part, count in (("train", 40), ("test", 10))}
    np.savez(tmp_path / "mnist.npz", **parts, **labels)
    source = (Source(tmp_path / "mnist.npz"),)
    whole, small = mnist_whole(source, 0), mnist_halved(source, 0)
    assert sorted(whole.x_train.sum(axis=1).tolist()) == sorted(parts["x_train"].sum(axis=(1, 2)).tolist())
    assert len(whole.y_validation) == 0 and np.array_equal(whole.y_test, labels["y_test"])
    assert np.array_equal(small.x_train, halved(whole.x_train)) and np.array_equal(small.y_train, whole.y_train)
