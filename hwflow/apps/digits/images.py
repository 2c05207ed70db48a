"""Images of digits: scikit-learn's 8 x 8 and MNIST's 28 x 28."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hwflow.dataset import Dataset
from hwflow.documents import DAMAGE, array_of
from hwflow.errors import UserError, needed
from hwflow.sources import Source, one_file

_DIGITS = tuple(str(digit) for digit in range(10))
_MNIST_HINT = (
    "give --data mnist.npz with x_train, y_train, x_test and y_test (Keras' file at "
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz)"
)


def digits_dataset(sources: Sequence[Source], seed: int) -> Dataset:
    """scikit-learn's 1,797 real images, 64 pixels of 0 … 16: a seeded sixth for validation, another as test."""
    with needed("The recipe digits", "train"):
        from sklearn.datasets import load_digits

    if sources:
        raise UserError(f"Recipe digits has its own images and cannot use {sources[0].path}; leave out --data.")
    images = load_digits()
    order = np.random.default_rng(seed).permutation(len(images.target))
    x, y = images.data[order].astype(np.uint8), images.target[order].astype(np.int64)
    a, b = len(y) * 4 // 6, len(y) * 5 // 6
    names = tuple(f"pixel[{row}][{column}]" for row in range(8) for column in range(8))
    note = "scikit-learn's digits, shuffled with the seed: four sixths training, one validation, one test."
    return Dataset(x[:a], y[:a], x[a:b], y[a:b], x[b:], y[b:], 5, _DIGITS, names, notes=(note,))


def mnist_dataset(sources: Sequence[Source], seed: int) -> Dataset:
    """MNIST from an .npz with x_train, y_train, x_test, y_test: 784 pixels of 0 … 255.

    A seeded tenth of the training images is for validation. Raises UserError if there is no such file.
    """
    path = one_file(sources, "mnist")
    if path is None:
        raise UserError(f"Recipe mnist needs the images: {_MNIST_HINT}.")
    x_train, y_train, x_test, y_test = _read_npz(path)
    order = np.random.default_rng(seed).permutation(len(y_train))
    fit, validation = order[len(order) // 10 :], order[: len(order) // 10]
    names = tuple(f"pixel[{row}][{column}]" for row in range(28) for column in range(28))
    return Dataset(
        x_train[fit],
        y_train[fit],
        x_train[validation],
        y_train[validation],
        x_test,
        y_test,
        8,
        _DIGITS,
        names,
        notes=(f"MNIST from {path.name}: the file's own test images, a tenth of the others for validation.",),
    )


def digits_or_mnist(sources: Sequence[Source], seed: int) -> Dataset:
    """MNIST where its file is given, else scikit-learn's digits."""
    return mnist_dataset(sources, seed) if sources else digits_dataset(sources, seed)


def _read_npz(path: Path) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.uint8], NDArray[np.int64]]:
    try:
        with path.open("rb") as handle, np.load(handle, allow_pickle=False) as file:
            x_train, y_train, x_test, y_test = (
                array_of(file, key) for key in ("x_train", "y_train", "x_test", "y_test")
            )
    except DAMAGE:
        raise UserError(f"{path} cannot be read as MNIST; {_MNIST_HINT}.") from None
    parts = []
    for x, y in ((x_train, y_train), (x_test, y_test)):
        fits = x.dtype == np.uint8 and x.ndim >= 2 and len(x) == len(y) >= 10 and x[0].size == 784 and y.ndim == 1
        if not fits or not np.issubdtype(y.dtype, np.integer) or y.min() < 0 or y.max() > 9:
            raise UserError(f"{path} does not hold uint8 images of 28 x 28 with a digit each; {_MNIST_HINT}.")
        parts += [x.reshape(len(x), 784), y.astype(np.int64)]
    return parts[0], parts[1], parts[2], parts[3]
