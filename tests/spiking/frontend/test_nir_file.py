"""NIR files that are damaged or hostile: each is refused in a sentence, and none costs much time or memory."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import h5py
import nir
import numpy as np
import pytest

from hwflow.errors import UserError
from hwflow.spiking.frontend.nir_file import MAX_FILE_BYTES, read_graph


def sound(path: Path) -> Path:
    neurons = nir.LIF(*(np.full(3, value) for value in (0.01, 1.0, 0.0, 1.0)))
    nir.write(path, nir.NIRGraph.from_list(nir.Affine(np.ones((3, 2)), np.zeros(3)), neurons))
    return path


def refuse(path: Path, sentence: str) -> None:
    start = time.monotonic()
    with pytest.raises(UserError, match=sentence) as caught:
        read_graph(path)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 400 + 2 * len(str(path))
    assert time.monotonic() - start < 30


def test_a_sound_file(tmp_path: Path) -> None:
    graph = read_graph(sound(tmp_path / "net.nir"))
    assert [node.kind for node in graph.nodes.values()] == ["Affine", "Input", "LIF", "Output"]
    assert graph.nodes["lif"].values["v_reset"].tolist() == [0, 0, 0]
    assert set(graph.edges) == {("input", "affine"), ("affine", "lif"), ("lif", "output")}


@pytest.mark.slow
def test_not_there_or_no_hdf5(tmp_path: Path) -> None:
    refuse(tmp_path / "net.nir", "Cannot read the model .*No such file")
    (tmp_path / "net.nir").write_bytes(b"\x89PNG" + bytes(100))
    refuse(tmp_path / "net.nir", "It is not a whole NIR file")
    with (tmp_path / "large.nir").open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    refuse(tmp_path / "large.nir", "is larger than 256 MiB")


@pytest.mark.slow
def test_damaged_at_many_places(tmp_path: Path) -> None:
    content = sound(tmp_path / "net.nir").read_bytes()
    rng = np.random.default_rng(0)
    for _ in range(12):
        cut = int(rng.integers(len(content)))
        (tmp_path / "net.nir").write_bytes(content[:cut])
        refuse(tmp_path / "net.nir", "cannot be read|to an end")
        changed = bytearray(content)
        for place in rng.integers(len(content), size=8):
            changed[place] ^= int(rng.integers(1, 256))
        (tmp_path / "net.nir").write_bytes(changed)
        with suppress(UserError):  # it may have hit nothing that counts
            read_graph(tmp_path / "net.nir")


def absurd(file: Any) -> None:
    del file["node/nodes/affine/weight"]
    file["node/nodes/affine"].create_dataset("weight", shape=(1 << 24, 1 << 20), chunks=(1024, 1024), dtype="f8")


def looped(file: Any) -> None:
    file["node/nodes/affine/again"] = file["node"]


def outside(file: Any) -> None:
    del file["node/nodes/affine/weight"]
    file["node/nodes/affine/weight"] = h5py.ExternalLink("/etc/passwd", "/")


def external(file: Any) -> None:
    del file["node/nodes/affine/weight"]
    file["node/nodes/affine"].create_dataset("weight", shape=(3, 2), dtype="f8", external=[("/etc/passwd", 0, 48)])


def replaced(path: str, value: Any) -> Callable[[Any], None]:
    def change(file: Any) -> None:
        del file[path]
        file[path] = value

    return change


def removed(*paths: str) -> Callable[[Any], None]:
    def change(file: Any) -> None:
        for path in paths:
            del file[path]

    return change


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (absurd, "'/node/nodes/affine/weight' goes beyond 16 million numbers"),
        (looped, "lies too deep, or in a loop"),
        (outside, "'/node/nodes/affine/weight' is a link to elsewhere"),
        (external, "'/node/nodes/affine/weight' does not lie in the file itself"),
        (replaced("node/nodes/lif/type", "Izhikevich"), "Node 'lif' is a 'Izhikevich', which hwflow does not know"),
        (replaced("node/nodes/lif/tau", np.full(3, np.nan)), r"Node 'lif' \(LIF\) holds infinities or NaN as tau"),
        (replaced("node/nodes/lif/tau", np.ones((2, 2))), r"Node 'lif' \(LIF\) is not as NIR has it"),
        (replaced("node/nodes/lif/tau", "fast"), r"Node 'lif' \(LIF\) is not as NIR has it"),
        (removed("node/nodes/lif/tau"), r"Node 'lif' \(LIF\) is not as NIR has it"),
        (replaced("node/edges", [[b"input", b"nowhere"]]), "An edge of the model names 'nowhere', which is no node"),
        (replaced("node/edges", [[b"input", b"lif"]] * 2), "edge from 'input' to 'lif' is given twice"),
        (replaced("node/edges", 3), "edges of the model are not pairs of names"),
        (replaced("node/edges", [[b"input"]]), "edges of the model are not pairs of names"),
        (removed("node", "version"), "The file holds no NIR graph"),
        (removed("node"), "The file is incomplete: it ends before its graph"),
        (removed("node/type"), "The file is incomplete: its graph has no type"),
        (removed("node/type", "node/edges", "node/nodes/lif/type"), "The file is incomplete"),
        (replaced("node/nodes/affine/bias", "none"), r"Node 'affine' \(Affine\) has no numbers for bias"),
        (replaced("node/type", "Graph"), "The file holds 'Graph' and no NIRGraph"),
    ],
)
@pytest.mark.slow
def test_hostile_files(tmp_path: Path, change: Callable[[Any], None], sentence: str) -> None:
    with h5py.File(sound(tmp_path / "net.nir"), "r+") as file:
        change(file)
    refuse(tmp_path / "net.nir", sentence)


def test_one_that_takes_too_long(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="could not be read within 0.001 s"):
        read_graph(sound(tmp_path / "net.nir"), seconds=0.001)
