from pathlib import Path

import numpy as np
import pytest

from hwflow.apps.digits.images import digits_dataset, mnist_dataset
from hwflow.errors import UserError
from hwflow.sources import Source


def mnist_file(path: Path, n: int = 20) -> Path:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (n, 28, 28), dtype=np.uint8)
    labels = (np.arange(n) % 10).astype(np.uint8)
    np.savez(path, x_train=images, y_train=labels, x_test=images, y_test=labels)
    return path


@pytest.mark.slow
def test_digits_are_split_and_used_once() -> None:
    data = digits_dataset((), 0)
    assert [len(part) for part in (data.y_train, data.y_validation, data.y_test)] == [1198, 299, 300]
    assert (data.x_train.shape[1], data.x_train.max(), data.input_bits) == (64, 16, 5)
    assert not np.array_equal(data.y_test, digits_dataset((), 1).y_test)


def test_digits_take_no_file(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="leave out --data"):
        digits_dataset([Source(tmp_path / "x.npz")], 0)


def test_mnist_file(tmp_path: Path) -> None:
    data = mnist_dataset([Source(mnist_file(tmp_path / "mnist.npz"))], 0)
    assert data.x_test.shape == (20, 784)
    assert (len(data.y_train), len(data.y_validation), data.input_bits) == (18, 2, 8)


def test_mnist_without_a_file() -> None:
    with pytest.raises(UserError, match="--data mnist.npz"):
        mnist_dataset((), 0)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no archive"])
def test_mnist_from_a_broken_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mnist.npz"
    path.write_bytes(content)
    with pytest.raises(UserError, match="cannot be read"):
        mnist_dataset([Source(path)], 0)


def test_mnist_of_another_shape(tmp_path: Path) -> None:
    path = tmp_path / "mnist.npz"
    images = np.zeros((20, 8, 8), dtype=np.uint8)
    labels = np.zeros(20, dtype=np.uint8)
    np.savez(path, x_train=images, y_train=labels, x_test=images, y_test=labels)
    with pytest.raises(UserError, match="28 x 28"):
        mnist_dataset([Source(path)], 0)
    whole = mnist_file(path).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UserError):
        mnist_dataset([Source(path)], 0)


def test_mnist_takes_one_file_without_a_label(tmp_path: Path) -> None:
    path = mnist_file(tmp_path / "mnist.npz")
    for sources in ([Source(path), Source(path)], [Source(path, "seven")]):
        with pytest.raises(UserError, match="Recipe mnist takes"):
            mnist_dataset(sources, 0)
