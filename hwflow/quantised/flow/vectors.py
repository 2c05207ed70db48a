"""Test vectors: from the user's .npz, or random over the whole input range; and what labels say about outputs."""

import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hwflow.errors import UserError
from hwflow.evaluation import Evaluation, evaluate
from hwflow.ints import IntArray
from hwflow.quantised.network import ArgMax, Network
from hwflow.quantised.report.training import TRAINING, read_training

_LAYOUT = "it should hold x, the model's float inputs with the sample as first axis, and, if known, y, a class each"
RANDOM_COUNT = 1000


@dataclass(frozen=True, eq=False)
class Vectors:
    """Integer inputs [n, input_size], labels [n] or None, and where they came from."""

    x: IntArray
    y: NDArray[np.int64] | None
    source: str


def vectors_for(network: Network, path: Path | None, count: int | None, seed: int = 0) -> Vectors:
    """The file's vectors, the first `count` of them if given; without a file, random ones, 1,000 if no count is given.

    Raises UserError if the file is not usable for this network, or holds fewer than `count`.
    """
    if count is not None and count < 1:
        raise UserError(f"{count} vectors cannot be sent; give --count 1 or more.")
    if path is None:
        return random_vectors(network, count or RANDOM_COUNT, seed)
    return read_vectors(network, path, count)


def random_vectors(network: Network, count: int, seed: int) -> Vectors:
    """Integers drawn evenly from the whole range of the input's type."""
    kind = network.input_type
    draw = np.random.default_rng(seed)
    x = draw.integers(kind.min, kind.max, size=(count, network.input_size), dtype=np.int64, endpoint=True)
    return Vectors(x, None, f"random, seed {seed}")


def read_vectors(network: Network, path: Path, count: int | None = None) -> Vectors:
    """Vectors from an .npz. Raises UserError if there is no usable x, or y does not go with it."""
    x, y = read_arrays(path)
    if count is not None and count > len(x):
        raise UserError(f"{path} holds {len(x)} vectors, not {count}; give a smaller --count.")
    labels = None if y is None else _labels(network, path, len(x), y)[:count]
    return Vectors(network.quantise(x[:count]), labels, path.name)


def judge(network: Network, outputs: IntArray, vectors: Vectors, class_names: tuple[str, ...]) -> Evaluation | None:
    """How the outputs' classes compare with the labels; None without labels or without classes."""
    classes = _classes(network)
    if vectors.y is None or classes < 2:
        return None
    names = class_names if len(class_names) == classes else tuple(str(index) for index in range(classes))
    last = network.nodes[-1].layer
    said = outputs[:, 0] if isinstance(last, ArgMax) else network.dequantise(outputs).argmax(axis=1)
    return evaluate(network.name, names, vectors.y, said.astype(np.int64))


def class_names_beside(path: Path | None) -> tuple[str, ...]:
    """The names of the classes, from the record that `hwflow train` leaves beside its vectors; else none."""
    if path is None or not (path.parent / TRAINING).is_file():
        return ()
    return read_training(path.parent / TRAINING).quantised.class_names


def _classes(network: Network) -> int:
    last = network.nodes[-1].layer
    return last.channels if isinstance(last, ArgMax) else network.output_size


def _labels(network: Network, path: Path, samples: int, y: NDArray[np.generic]) -> NDArray[np.int64]:
    if y.shape != (samples,) or not np.issubdtype(y.dtype, np.integer):
        raise UserError(f"y in {path} is not one class number for each of the {samples} vectors; {_LAYOUT}.")
    labels, classes = y.astype(np.int64), _classes(network)
    if classes > 1 and (int(labels.min()) < 0 or int(labels.max()) >= classes):
        raise UserError(f"y in {path} runs from {labels.min()} to {labels.max()}, but {network.name} has {classes} "
                        "classes, counted from 0.")  # fmt: skip
    return labels


def read_arrays(path: Path) -> tuple[NDArray[np.generic], NDArray[np.generic] | None]:
    """x [n, …] and y, if there is one, as they lie in the file. Raises UserError if there is no usable x."""
    try:
        with path.open("rb") as handle:  # numpy would leave a damaged file open
            file = np.load(handle, allow_pickle=False)
            if not isinstance(file, np.lib.npyio.NpzFile):
                raise ValueError("it is a single array")
            x, y = file["x"], file.get("y", None)
    except FileNotFoundError:
        raise UserError(f"There is no file {path}; {_LAYOUT}.") from None
    except (OSError, ValueError, KeyError, EOFError, MemoryError, zipfile.BadZipFile, zlib.error) as error:
        raise UserError(f"{path} cannot be read as vectors ({str(error)[:80]!r}); {_LAYOUT}.") from None
    if x.ndim < 2 or not len(x) or not (np.issubdtype(x.dtype, np.number) or x.dtype == np.bool_):
        raise UserError(f"x in {path} is {x.dtype} of shape {x.shape}; {_LAYOUT}.")
    if np.issubdtype(x.dtype, np.complexfloating):
        raise UserError(f"x in {path} is complex; {_LAYOUT}.")
    return x, y
