"""Files that are damaged or hostile: each is refused in a sentence, and none costs time or memory."""

import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from onnx import ModelProto, TensorProto, helper, numpy_helper
from quantised.qonnx_graphs import Graph

from hwflow.errors import UserError
from hwflow.quantised.frontend import load
from hwflow.quantised.frontend.onnx_file import MAX_FILE_BYTES, MAX_NODES, shown


def sound() -> ModelProto:
    g = Graph()
    h = g.quant(g.node("MatMul", g.quant("x", 0.5, 4), g.weights(np.eye(8))), 0.5, 3)
    return g.model(g.node("Add", h, g.constant(1)))


def refuse(path: Path, content: ModelProto | bytes, sentence: str) -> None:
    path = path / "net.onnx"
    path.write_bytes(content if isinstance(content, bytes) else content.SerializeToString())
    with pytest.raises(UserError, match=sentence) as caught:
        load(path)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 700 + len(str(path))


def changed(change: Callable[[ModelProto], object]) -> ModelProto:
    model = sound()
    change(model)
    return model


def test_not_there(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Cannot read the model .*No such file"):
        load(tmp_path / "net.onnx")
    (tmp_path / "folder.onnx").mkdir()
    with pytest.raises(UserError, match="Cannot read the model"):
        load(tmp_path / "folder.onnx")


def test_truncated_at_every_place(tmp_path: Path) -> None:
    content = sound().SerializeToString()
    for length in range(0, len(content), max(1, len(content) // 60)):
        (tmp_path / "net.onnx").write_bytes(content[:length])
        with pytest.raises(UserError):
            load(tmp_path / "net.onnx")


def test_no_onnx(tmp_path: Path) -> None:
    refuse(tmp_path, b"\x89PNG\r\n\x1a\n" + bytes(100), "is not a whole ONNX file")
    refuse(tmp_path, ModelProto(), "holds no ONNX graph")


def test_oversized(tmp_path: Path) -> None:
    with (tmp_path / "net.onnx").open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)  # sparse: it takes no room
    with pytest.raises(UserError, match="larger than 128 MiB"):
        load(tmp_path / "net.onnx")


def test_too_many_nodes(tmp_path: Path) -> None:
    model = sound()
    nodes = [helper.make_node("Identity", [f"i{i}"], [f"i{i + 1}"]) for i in range(MAX_NODES)]
    model.graph.node.extend(nodes)
    refuse(tmp_path, model, "nodes, more than 10000")


def test_external_data_is_not_followed(tmp_path: Path) -> None:
    def outside(model: ModelProto) -> None:
        tensor = model.graph.initializer[0]
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value="../../../etc/passwd")

    refuse(tmp_path, changed(outside), "lies in another file")

    def only_named(model: ModelProto) -> None:
        model.graph.initializer[0].external_data.add(key="location", value="/etc/passwd")

    refuse(tmp_path, changed(only_named), "lies in another file")


def test_subgraphs_however_deep(tmp_path: Path) -> None:
    inner = sound().graph
    for _ in range(5):
        node = helper.make_node("If", ["c"], ["y"], name="again", then_branch=inner)
        inner = helper.make_graph([node], "g", [], [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)])
    refuse(tmp_path, helper.make_model(inner), r"Node 'again' \('If'\) holds a graph of its own")

    def field(number: int, content: bytes) -> bytes:
        size, length = len(content), bytearray()
        while size > 0x7F:
            length.append(size & 0x7F | 0x80)
            size >>= 7
        return bytes([number << 3 | 2]) + bytes([*length, size]) + content

    content = inner.SerializeToString()
    for _ in range(300):  # deeper than the parser follows: a graph in an attribute in a node in a graph
        content = field(1, field(5, field(6, content)))
    refuse(tmp_path, field(7, content), "is not a whole ONNX file")


def dims(*sizes: int) -> Callable[[ModelProto], None]:
    def change(model: ModelProto) -> None:
        del model.graph.initializer[0].dims[:]
        model.graph.initializer[0].dims.extend(sizes)

    return change


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (dims(1 << 40, 1 << 40), "goes beyond 32 million elements"),
        (dims(-1, 3), "claims an absurd shape"),
        (dims(*[1] * 30), "claims an absurd shape"),
        (dims(1000), "does not hold what its shape says"),
        (lambda m: m.graph.initializer.append(m.graph.initializer[0]), "is given twice"),
        (lambda m: m.graph.node.append(m.graph.node[0]), "is made twice"),
        (lambda m: m.graph.node[0].output.__setitem__(0, "x"), "Tensor 'x' .* is made twice"),
        (lambda m: m.graph.node[1].output.pop(), "gives nothing"),
        (lambda m: m.graph.sparse_initializer.add(), "is sparse"),
        (lambda m: m.graph.input.pop(), "has no input"),
        (lambda m: m.graph.input.append(helper.make_tensor_value_info("z", 1, [1])), "'z' has the shape"),
        (lambda m: m.graph.input.append(helper.make_tensor_value_info("z", 1, [1, 4])), "no output needs input 'z'"),
        (lambda m: m.graph.input.append(helper.make_tensor_value_info("z", 1, [2, 4])), "are of .1, 2. samples"),
        (lambda m: m.graph.output.pop(), "holds no ONNX graph"),
        (lambda m: m.graph.input[0].type.tensor_type.shape.dim.pop(), "has the shape"),
        (lambda m: setattr(m.graph.input[0].type.tensor_type.shape.dim[1], "dim_value", 1 << 50), "has the shape"),
        (lambda m: setattr(m.graph.input[0].type.tensor_type.shape.dim[1], "dim_value", -8), "has the shape"),
        (lambda m: setattr(m.graph.input[0].type.tensor_type.shape.dim[1], "dim_param", "n"), "has the shape"),
        (lambda m: setattr(m.graph.output[0], "name", "c1"), "Output 'c1' .* does not depend on its input"),
    ],
)  # fmt: skip
def test_structure(tmp_path: Path, change: Callable[[ModelProto], object], sentence: str) -> None:
    refuse(tmp_path, changed(change), sentence)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_none(tmp_path: Path, value: float) -> None:
    for index in range(len(sound().graph.initializer)):
        model = sound()
        tensor = model.graph.initializer[index]
        array = numpy_helper.to_array(tensor).copy()
        array.flat[0] = value
        tensor.CopyFrom(numpy_helper.from_array(array, tensor.name))
        refuse(tmp_path, model, "holds infinities or NaN")


@pytest.mark.parametrize("kind", [TensorProto.STRING, TensorProto.COMPLEX64, TensorProto.UNDEFINED, 99])
def test_tensors_of_no_numbers(tmp_path: Path, kind: int) -> None:
    refuse(tmp_path, changed(lambda m: setattr(m.graph.initializer[0], "data_type", kind)), "Tensor 'c1'")


@pytest.mark.parametrize("name", ["$(reboot)", "`id`", "a\nb", '"; drop', "x" * 5000, "\u202e\x1b[31m", "../../etc"])
def test_names_are_shown_harmlessly(tmp_path: Path, name: str) -> None:
    def rename(model: ModelProto) -> None:
        model.graph.node[3].name = name
        model.graph.node[3].op_type = name

    refuse(tmp_path, changed(rename), "cannot be built")
    text = shown(name)
    assert text.isascii() and text.isprintable() and len(text) <= 62

    model = changed(lambda m: setattr(m.graph.node[3], "name", name))
    (tmp_path / "ok.onnx").write_bytes(model.SerializeToString())
    network = load(tmp_path / "ok.onnx")
    assert [node.name for node in network.nodes] == ["dense0", "threshold0"]


@pytest.mark.slow
def test_random_damage_never_ends_in_a_traceback(tmp_path: Path) -> None:
    content, rng = sound().SerializeToString(), random.Random(0)
    read = 0
    for _ in range(1500):
        damaged = bytearray(content)
        for _ in range(rng.randint(1, 3)):
            damaged[rng.randrange(len(damaged))] = rng.choice([0, 1, 8, 0x7F, 0xFF, rng.randrange(256)])
        (tmp_path / "net.onnx").write_bytes(damaged)
        with suppress(UserError):
            load(tmp_path / "net.onnx")
            read += 1
    assert read  # some damage, as to a name, does not matter
