"""Vectors: what files may hold, and what labels say."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hwflow.errors import UserError
from hwflow.ints import IntType
from hwflow.quantised.flow.vectors import Vectors, judge, random_vectors, vectors_for
from hwflow.quantised.network import INPUT, ArgMax, Dense, Network, Node


def network(*, argmax: bool = True) -> Network:
    """Three inputs, the class of the largest; or the inputs themselves."""
    nodes = [Node("dense0", Dense(np.eye(3, dtype=np.int64), IntType(2, True)), (INPUT,))]
    if argmax:
        nodes.append(Node("argmax", ArgMax(np.ones(3, dtype=np.int64), np.zeros(3, dtype=np.int64)), ("dense0",)))
    return Network("largest", 3, IntType(4, False), tuple(nodes))


def save(path: Path, **arrays: Any) -> Path:
    np.savez(path, **arrays)
    return path


def test_random_vectors_reach_both_ends_and_come_again() -> None:
    vectors = random_vectors(network(), 1000, seed=3)
    assert vectors.x.min() == 0
    assert vectors.x.max() == 15
    assert np.array_equal(vectors.x, random_vectors(network(), 1000, seed=3).x)
    assert vectors.source == "random, seed 3"
    assert len(vectors_for(network(), None, None).x) == 1000


def test_a_file_gives_its_vectors_and_labels(tmp_path: Path) -> None:
    x, y = np.arange(12, dtype=np.float32).reshape(4, 1, 3), np.array([2, 2, 1, 0])
    path = save(tmp_path / "v.npz", x=x, y=y)
    vectors = vectors_for(network(), path, 3)
    assert np.array_equal(vectors.x, x.reshape(4, 3)[:3])
    assert vectors.y is not None
    assert vectors.y.tolist() == [2, 2, 1]
    assert vectors.source == "v.npz"


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"z": np.zeros((2, 3))}, "v.npz holds z, and no x"),
        ({"a\nb": np.zeros((2, 3))}, r"v.npz holds a\\nb, and no x"),
        ({"x": np.zeros((2, 4))}, "4 values each"),
        ({"x": np.zeros(3)}, "shape"),
        ({"x": np.zeros((0, 3))}, "shape"),
        ({"x": np.full((2, 3), "a")}, "<U1"),
        ({"x": np.zeros((2, 3), dtype=complex)}, "complex"),
        ({"x": np.full((2, 3), np.nan)}, "holds NaN in row 0.*in 1 other rows"),
        ({"x": np.array([[1, 2, 3], [1, np.inf, 3]])}, "an infinity in row 1"),
        ({"x": np.full((2, 3), 1e9)}, "UINT4"),
        ({"x": np.full((2, 3), 16.0)}, "outside UINT4"),
        ({"x": np.full((2, 3), 0.5)}, "whole UINT4"),
        ({"x": np.zeros((2, 3)), "y": np.zeros(3, dtype=int)}, "each of the 2 vectors"),
        ({"x": np.zeros((2, 3)), "y": np.zeros(2)}, "class number"),
        ({"x": np.zeros((2, 3)), "y": np.array([0, 3])}, "3 classes"),
        ({"x": np.zeros((2, 3)), "y": np.array([0, -1])}, "3 classes"),
        ({"x": np.array([[{}, 1, 2]])}, "holds Python objects"),
    ],
)
def test_unusable_files_are_the_users_fault(tmp_path: Path, arrays: dict[str, Any], words: str) -> None:
    with pytest.raises(UserError, match=words):
        vectors_for(network(), save(tmp_path / "v.npz", **arrays), None)


def marked(archive: bytes, field: int, value: int) -> bytes:
    """An archive with another value in that field of every file's header, and in the list at its end."""
    for magic, at in ((b"PK\x03\x04", field), (b"PK\x01\x02", field + 2)):
        parts = archive.split(magic)
        archive = magic.join([parts[0], *(p[: at - 4] + value.to_bytes(2, "little") + p[at - 2 :] for p in parts[1:])])
    return archive


def test_files_that_are_no_archive_are_the_users_fault(tmp_path: Path) -> None:
    whole = save(tmp_path / "whole.npz", x=np.zeros((50, 3))).read_bytes()
    contents = {
        "empty.npz": b"",
        "text.npz": b"1,2,3\n",
        "pickle.npz": pickle.dumps([1, 2, 3]),
        "cut.npz": whole[: len(whole) // 2],
        "single.npy": b"",
        # An archive that is packed in a way that nobody knows, by LZMA and broken, and with a password.
        **{f"packed{how}.npz": marked(whole, 8, how) for how in (9, 14, 99)},
        "secret.npz": marked(whole, 6, 1),
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    np.save(tmp_path / "single.npy", np.zeros((2, 3)))
    for name in [*contents, "absent.npz", "."]:
        with pytest.raises(UserError, match="it should hold x"):
            vectors_for(network(), tmp_path / name, None)


def test_counts_must_be_there(tmp_path: Path) -> None:
    path = save(tmp_path / "v.npz", x=np.zeros((2, 3)))
    for file, count in ((path, 3), (path, 0), (None, -1)):
        with pytest.raises(UserError, match="--count"):
            vectors_for(network(), file, count)


@pytest.mark.parametrize("argmax", [True, False])
def test_labels_judge_outputs(argmax: bool) -> None:
    x = np.array([[1, 2, 3], [3, 2, 1], [0, 9, 0]])
    outputs = x.argmax(axis=1, keepdims=True) if argmax else x
    labels = np.array([2, 0, 0])
    judged = judge(network(argmax=argmax), outputs, Vectors(x, labels, ""), ("a", "b", "c"))
    assert judged is not None
    assert judged.confusion == ((1, 1, 0), (0, 0, 0), (0, 0, 1))
    assert judged.class_names == ("a", "b", "c")
    assert judge(network(argmax=argmax), outputs, Vectors(x, None, ""), ()) is None
