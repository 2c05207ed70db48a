"""Images to be taught: scikit-learn's digits, and MNIST's, whole or at a quarter of their pixels."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from hwflow.apps.digits.images import mnist_dataset
from hwflow.apps.digits_on_chip.competition import digits_and_a_fifth
from hwflow.dataset import Dataset, Samples
from hwflow.sources import Source

_SIDE = 28  # pixels of MNIST's


def digits_with_validation(sources: Sequence[Source], seed: int) -> Dataset:
    """The images of `spiking-digits`, with the same fifth held out; a tenth of the others is for validation."""
    whole = digits_and_a_fifth(seed)
    kept = len(whole.y_train) * 9 // 10
    note = f"{whole.notes[0]} A tenth of the training images is for validation."
    return Dataset(whole.x_train[:kept], whole.y_train[:kept], whole.x_train[kept:], whole.y_train[kept:], whole.x_test,
                   whole.y_test, whole.input_bits, whole.class_names, whole.feature_names, notes=(note,))  # fmt: skip


def mnist_whole(sources: Sequence[Source], seed: int) -> Dataset:
    """MNIST with all 60,000 training images to learn from, and none for validation. Raises UserError as `mnist_dataset`."""
    data = mnist_dataset(sources, seed)
    x, y = np.concatenate([data.x_train, data.x_validation]), np.concatenate([data.y_train, data.y_validation])
    notes = ("All of MNIST's training images are learnt, and its own test images judge.",)
    return replace(data, x_train=x, y_train=y, x_validation=x[:0], y_validation=y[:0], notes=notes)


def mnist_halved(sources: Sequence[Source], seed: int) -> Dataset:
    """The same at 14 x 14 pixels, means of two by two. Raises UserError as `mnist_dataset`."""
    data, side = mnist_whole(sources, seed), _SIDE // 2
    names = tuple(f"pixel[{row}][{column}]" for row in range(side) for column in range(side))
    return data.mapped(halved, feature_names=names, notes=(*data.notes, "Pixels are means of two by two."))


def halved(images: Samples) -> Samples:
    """[n, 784], 0 … 255, to [n, 196]: means of two by two pixels, rounded."""
    blocks = images.reshape(len(images), _SIDE // 2, 2, _SIDE // 2, 2).sum(axis=(2, 4), dtype=np.uint16)
    return np.asarray((blocks + 2) // 4, np.uint8).reshape(len(images), (_SIDE // 2) ** 2)
