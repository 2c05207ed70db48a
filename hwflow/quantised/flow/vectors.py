"""Test vectors: from the user's .npz, or random over the whole input range; and what labels say about outputs."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hwflow.errors import UserError
from hwflow.evaluation import Evaluation, evaluate
from hwflow.ints import IntArray
from hwflow.quantised.frontend.inputs import check_input
from hwflow.quantised.network import ArgMax, Network
from hwflow.quantised.report.training import TRAINING, read_training
from hwflow.samples import GivenInputs, read_parts

RANDOM_COUNT = 1000


@dataclass(frozen=True, eq=False)
class Vectors:
    """Integer inputs [n, input_size], labels [n] or None, and where they came from."""

    x: IntArray
    y: NDArray[np.int64] | None
    source: str


def vectors_for(network: Network, given: GivenInputs, count: int | None, seed: int = 0) -> Vectors:
    """The given vectors, the first `count` of them if that is set; without any, random ones, 1,000 if no count is.

    given: an .npz by its path, or floats as the model takes them [n, …]. Raises UserError if they are not usable for
    this network, fewer than `count`, or changed too much by the rounding of the input's format.
    """
    if count is not None and count < 1:
        raise UserError(f"{count} vectors cannot be sent; give --count 1 or more.")
    if given is None:
        return random_vectors(network, count or RANDOM_COUNT, seed)
    x, y, source = read_parts(given, [(port.name, port.size) for port in network.sources])
    if count is not None and count > len(x):
        raise UserError(f"{source} holds {len(x)} vectors, not {count}; give a smaller --count.")
    labels = None if y is None else _labels(network, source, len(x), y)[:count]
    check_input(network, x[:count], source)
    return Vectors(network.quantise(x[:count]), labels, source)


def random_vectors(network: Network, count: int, seed: int) -> Vectors:
    """Integers drawn evenly from the whole range of each input's type."""
    draw = np.random.default_rng(seed)
    parts = [
        draw.integers(port.kind.min, port.kind.max, size=(count, port.size), dtype=np.int64, endpoint=True)
        for port in network.sources
    ]
    return Vectors(np.concatenate(parts, axis=1), None, f"random, seed {seed}")


def judge(network: Network, outputs: IntArray, vectors: Vectors, class_names: tuple[str, ...]) -> Evaluation | None:
    """How the outputs' classes compare with the labels; None without labels or without classes."""
    classes = _classes(network)
    if vectors.y is None or classes < 2:
        return None
    names = class_names if len(class_names) == classes else tuple(str(index) for index in range(classes))
    last = network.nodes[-1].layer
    said = outputs[:, 0] if isinstance(last, ArgMax) else network.dequantise(outputs).argmax(axis=1)
    return evaluate(network.name, names, vectors.y, said.astype(np.int64))


def class_names_beside(given: GivenInputs) -> tuple[str, ...]:
    """The names of the classes, from the record that `hwflow train` leaves beside its vectors; else none."""
    if not isinstance(given, str | Path) or not (record := Path(given).parent / TRAINING).is_file():
        return ()
    return read_training(record).quantised.class_names


def _classes(network: Network) -> int:
    last = network.nodes[-1].layer
    return last.channels if isinstance(last, ArgMax) else network.output_size


def _labels(network: Network, source: str, samples: int, y: NDArray[np.generic]) -> NDArray[np.int64]:
    if y.shape != (samples,) or not np.issubdtype(y.dtype, np.integer):
        raise UserError(f"y in {source} is not one class number for each of the {samples} vectors; give as many.")
    labels, classes = y.astype(np.int64), _classes(network)
    if network.outputs:
        raise UserError(
            f"{network.name} has several outputs, so that y in {source} are not the classes of one; leave y out."
        )
    if classes > 1 and (int(labels.min()) < 0 or int(labels.max()) >= classes):
        raise UserError(f"y in {source} runs from {labels.min()} to {labels.max()}, but {network.name} has {classes} "
                        "classes, counted from 0.")  # fmt: skip
    return labels
