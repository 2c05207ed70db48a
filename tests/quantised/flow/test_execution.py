"""Many vectors at once give what each gives alone, in whatever form the file is written."""

from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto
from quantised.qonnx_graphs import Graph, execute

from hwflow.progress import silent
from hwflow.quantised.flow.equality import check
from hwflow.quantised.flow.execution import BATCH, Execution, NotExecuted
from hwflow.quantised.frontend import load

W = np.random.default_rng(0).normal(0, 1, (8, 6))
X = np.random.default_rng(1).normal(0, 2, (BATCH + 3, 8)).astype(np.float32)


def body(g: Graph, x: str) -> str:
    return g.node("Softmax", g.quant(g.node("MatMul", g.quant(x, 0.5, 4), g.weights(W)), 0.5, 3))


def test_more_than_a_batch(tmp_path: Path) -> None:
    g = Graph()
    path = g.save(tmp_path / "net.onnx", body(g, "x"))
    np.testing.assert_array_equal(Execution(path).outputs(X, silent)[-30:], execute(path, X[-30:]).outputs)


@pytest.mark.parametrize("shape", [[1, 8], [-1, 8], [0, 8]])
def test_shapes_that_hold_the_batch(tmp_path: Path, shape: list[int]) -> None:
    g = Graph((1, 2, 4))
    path = g.save(tmp_path / "net.onnx", body(g, g.node("Reshape", "x", g.constant(np.array(shape) if shape[0] else [1, -1],
                                                                                   np.int64))))  # fmt: skip
    x = X[:20].reshape(-1, 2, 4)
    np.testing.assert_array_equal(Execution(path).outputs(x, silent), execute(path, x).outputs)


def test_a_file_for_ten_vectors_and_one_that_leaves_it_open(tmp_path: Path) -> None:
    def net(batch: object) -> Path:
        g = Graph((batch, 8))
        return g.save(tmp_path / f"{batch}.onnx", body(g, "x"))

    alone = execute(net(1), X[:23]).outputs
    np.testing.assert_array_equal(Execution(net(10)).outputs(X[:23], silent), alone)
    np.testing.assert_array_equal(Execution(net("n")).outputs(X[:23], silent), alone)


def test_a_column_is_executed_alone(tmp_path: Path) -> None:
    g = Graph((8, 1))
    path = g.save(tmp_path / "net.onnx", g.node("MatMul", g.constant(np.arange(24).reshape(3, 8)), "x"))
    np.testing.assert_array_equal(
        Execution(path).outputs(X[:5].round(), silent), X[:5].round() @ np.arange(24).reshape(3, 8).T
    )


def test_what_qonnx_does_not_execute_has_a_reason(tmp_path: Path) -> None:
    g = Graph()
    path = g.save(tmp_path / "net.onnx", g.node("MatMul", "x", g.weights(W, 0.5, np.tile([2.0, 3.0], (8, 3)))))
    with pytest.raises(NotExecuted, match="ValueError: "):
        Execution(path).outputs(X, silent)


def test_scales(tmp_path: Path) -> None:
    g = Graph()
    path = g.save(tmp_path / "net.onnx", body(g, "x"))
    assert sorted(set(Execution(path).scales().tolist())) == [0.25, 0.5, 1.0]  # type: ignore[union-attr]


def test_a_file_that_qonnx_cannot_read_has_a_reason(tmp_path: Path) -> None:
    g = Graph()
    model = g.model(body(g, "x"))
    model.graph.value_info.append(model.graph.input[0])
    (tmp_path / "net.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(NotExecuted, match="x"):
        Execution(tmp_path / "net.onnx")


def test_an_input_of_a_type_that_numpy_does_not_have_is_not_executed(tmp_path: Path) -> None:
    g = Graph(element=TensorProto.FLOAT8E4M3FN)
    path = g.save(tmp_path / "net.onnx", body(g, g.quant("x", 0.5, 8)))
    with pytest.raises(NotExecuted, match="type float8_e4m3fn, which numpy"):
        Execution(path)
    assert "float8_e4m3fn" in check(path, load(path), count=50).unchecked


@pytest.mark.parametrize(
    ("element", "held"),
    [
        (TensorProto.UINT8, [0, 0, 3, 255]),
        (TensorProto.INT8, [-3, 0, 3, 127]),
        (TensorProto.BOOL, [0, 0, 1, 1]),
        (TensorProto.FLOAT16, [-3, 0.39990234375, 2.599609375, 300]),
    ],
)
def test_inputs_get_no_vectors_that_they_cannot_hold(tmp_path: Path, element: int, held: list[float]) -> None:
    """A quantiser behind an input of another type: what is drawn for it is what the input holds, and so what hwflow compares."""
    g = Graph(element=element)
    path = g.save(tmp_path / "net.onnx", body(g, g.quant("x", 0.5, 8)))
    assert Execution(path).held(np.array([[-3, 0.4, 2.6, 300] * 2])).tolist() == [held * 2]
    record = check(path, load(path), count=50)
    assert record.made and record.mismatches == 0
