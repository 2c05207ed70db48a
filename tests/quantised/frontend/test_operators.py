"""What cannot be built is refused with the node's name and the reason."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from quantised.qonnx_graphs import GENERAL, Graph

from hwflow.errors import UserError
from hwflow.quantised.frontend import load, refused

RNG = np.random.default_rng(0)
W = RNG.normal(0, 1, (8, 8))


def dense(g: Graph, x: str) -> str:
    return g.node("MatMul", x, g.weights(W))


def hidden(g: Graph) -> str:
    return dense(g, g.quant("x", 0.5, 4))


REFUSALS: dict[str, tuple[Callable[[Graph], str], str]] = {
    "unknown": (lambda g: g.node("Conv", hidden(g), g.constant(W)), r"'conv_3' \(Conv\) cannot be built; MLPs of Add,"),
    "domain": (lambda g: g.node("Relu", hidden(g), domain="evil"), r"\(Relu\) of the operator set 'evil'"),
    "quant domain": (lambda g: g.node("Quant", "x"), r"\(Quant\) cannot be built; MLPs of"),
    "float quant": (lambda g: g.node("FloatQuant", "x", domain=GENERAL), r"\(FloatQuant\) of the operator set"),
    "branches": (lambda g: g.node("Add", hidden(g), "x"), r"'add_3' \(Add\) .* quantises the model's input in another way"),
    "branches of the input": (lambda g: g.node("Add", hidden(g), dense(g, g.quant("x", 0.25, 4))),
                            r"'matmul_5' \(MatMul\) .* quantises the model's input in another way"),
    "product of biased branches": (lambda g: g.node("Mul", hidden(g), g.quant("x", 0.5, 4, zero=1)),
                                   "quantises the model's input in another way"),
    "ratio of branches": (lambda g: g.node("Div", hidden(g), hidden(g)), r"'div_6' \(Div\) .* divides by values"),
    "add of other shapes": (lambda g: g.node("Add", hidden(g), g.node("MatMul", g.quant("x", 0.5, 4), g.weights(W[:, :3]))),
                            r"'add_6' \(Add\) .* adds branches of the shapes \(1, 8\) and \(1, 3\)"),
    "add of scales": (lambda g: g.node("Add", hidden(g), g.node("Mul", hidden(g), g.constant(1e-30))),
                      r"'add_7' \(Add\) .* no common unit within 40 bits"),
    "concat of rows": (lambda g: g.node("Concat", hidden(g), hidden(g), axis=0), r"'concat_6' \(Concat\) .* side by side along"),
    "two matrices": (lambda g: dense(g, hidden(g)), r"'matmul_4' \(MatMul\) .*no quantiser stands between"),
    "not affine": (lambda g: dense(g, g.node("Tanh", g.quant(hidden(g), 0.5, 3))), "is not affine"),
    "float weights": (lambda g: g.node("MatMul", g.quant("x", 1, 4), g.constant(W)), "weights are not quantised"),
    "wide weights": (lambda g: g.node("MatMul", g.quant("x", 1, 4), g.weights(W, 1e-5, 20)), "more than 16 bits"),
    "wide activation": (lambda g: dense(g, g.quant(hidden(g), 1e-6, 20)), "levels, more than 65536"),
    "wide input": (lambda g: dense(g, g.quant("x", 0.5, 17)), "the input has 17 bits, more than 16"),
    "unbounded input": (lambda g: dense(g, g.node("Trunc", "x", *map(g.constant, (1, 0, 8, 4)), domain=GENERAL)),
                        "has no bounds"),
    "shape": (lambda g: g.node("MatMul", g.quant("x", 1, 4), g.weights(W[:4])), r"\(4, 8\) do not fit"),
    "no weights": (lambda g: g.node("MatMul", g.quant("x", 1, 4), "x"), "one must be constant weights"),
    "matrix first": (lambda g: g.node("MatMul", g.weights(W), g.quant("x", 1, 4)), r"do not fit an input of \(1, 8\)"),
    "gemm": (lambda g: g.node("Gemm", g.quant("x", 1, 4), g.weights(W), transA=1), r"do not fit an input of \(8, 1\)"),
    "bits": (lambda g: dense(g, g.quant("x", 1, 2.5)), "2.5 bits is not 1 to 32"),
    "bits of each": (lambda g: dense(g, g.quant("x", 1, [2, 3])), "broadcast"),
    "some bits of one": (lambda g: dense(g, g.quant("x", 1, [1, 1, 2, 2, 2, 2, 2, 2])), "tools differ in the meaning"),
    "negative scale": (lambda g: dense(g, g.quant("x", -1, 4)), "scale is not positive"),
    "zero scale": (lambda g: dense(g, g.bipolar("x", 0)), "scale is not positive"),
    "zero point": (lambda g: dense(g, g.quant("x", 1, 4, zero=0.5)), "zero point is not a whole number"),
    "bipolar zero point": (lambda g: dense(g, g.quant("x", 1, 1, zero=1)), "one signed bit has no zero point"),
    "rounding": (lambda g: dense(g, g.quant("x", 1, 4, rounding="STOCHASTIC\n$(id)")), r"rounding mode 'STOCHASTIC\\n"),
    "scale shape": (lambda g: g.node("MatMul", g.quant("x", 1, 4), g.weights(W, np.ones(7))), "broadcast"),
    "activation shape": (lambda g: dense(g, g.quant("x", np.ones((3, 1)), 4)), "does not broadcast"),
    "divide by zero": (lambda g: g.node("Div", hidden(g), g.constant([0, 1, 1, 1, 1, 1, 1, 1])), "divides by zero"),
    "reciprocal": (lambda g: g.node("Div", g.constant(1), hidden(g)), "no value for|without a quantiser"),
    "clip": (lambda g: g.node("Clip", hidden(g), g.constant(2), g.constant(1)), "least value is above"),
    "slope": (lambda g: g.node("LeakyRelu", hidden(g), alpha=-0.5), "without a quantiser"),
    "variance": (lambda g: g.node("BatchNormalization", hidden(g), *[g.constant(-np.ones(8))] * 4), "variance"),
    "transpose axes": (lambda g: g.node("Transpose", "x", perm=[0, 0]), "other axes"),
    "reshape": (lambda g: g.node("Reshape", "x", g.constant([2, 5], np.int64)), "does not hold the 8 elements"),
    "squeeze": (lambda g: g.node("Squeeze", "x", g.constant([1], np.int64)), "longer than 1"),
    "cast": (lambda g: g.node("Cast", "x", to=7), "casts values that may have fractions"),
    "gather": (lambda g: g.node("Gather", "x", g.constant([8], np.int64), axis=1), "an index is outside the 8 elements"),
    "gather by floats": (lambda g: g.node("Gather", "x", g.constant([0]), axis=1), "its indices are float32"),
    "slice": (lambda g: g.node("Slice", "x", *(g.constant([i], np.int64) for i in (4, 4, 1))), "it takes no element"),
    "slice of softmax": (lambda g: g.node("Gather", g.node("Softmax", hidden(g)), g.constant([1], np.int64), axis=1),
                         "it moves what a softmax gives"),
    "quantiser behind softmax": (lambda g: dense(g, g.quant(g.node("Softmax", hidden(g)), 0.1, 4)), "a softmax before it joins"),
    "copies treated differently": (lambda g: dense(g, g.quant(
        g.node("Gather", "x", g.constant([0, 0, 1, 1, 2, 2, 3, 3], np.int64), axis=1), [0.5, 0.25] * 4, 4)), "two copies of one element"),
    "copies of other scales": (lambda g: g.node("MatMul", g.node("Gather", g.quant("x", 0.5, 4), g.constant([0, 0], np.int64), axis=1),
                                                g.weights(W[:2], [[0.5], [0.3]])), "weights of different scales"),
    "dynamic": (lambda g: g.node("DynamicQuantizeLinear", hidden(g), outputs=3), "scale depends on each sample"),
    "thresholds": (lambda g: g.node("MultiThreshold", hidden(g), g.constant(np.ones((3, 2))), domain=GENERAL), "of 3 channels"),
    "linear of floats": (lambda g: g.node("MatMulInteger", g.quant("x", 1, 4), g.constant(W)), "float32, not integers"),
    "linear to 4 bits": (lambda g: g.node("QLinearMatMul", g.quant("x", 1, 4), g.constant(1), g.constant(0, np.int8),
        g.constant(np.ones((8, 8)), np.int8), g.constant(1), g.constant(0, np.int8), g.constant(1), g.constant(0, np.int32)),
        "quantises to int32"),
    "gemm elsewhere": (lambda g: g.node("QGemm", "x"), r"\(QGemm\) cannot be built"),
    "microsoft": (lambda g: g.node("QLinearAdd", "x", domain="com.microsoft"), r"QuantFormat\.QDQ"),
    "concat": (lambda g: g.node("Concat", hidden(g), "x", axis=1), "quantises the model's input in another way"),
    "unquantised function": (lambda g: g.node("Exp", "x"), "without a quantiser"),
    "softmax": (lambda g: g.node("Softmax", hidden(g), axis=0), "last axis"),
    "argmax": (lambda g: g.node("ArgMax", hidden(g), axis=0), "first greatest of the last axis"),
    "argmax of the input": (lambda g: g.node("ArgMax", "x", axis=1), "nothing is computed before it"),
    "topk": (lambda g: g.node("TopK", hidden(g), g.constant([9], np.int64), outputs=2), "takes 9 elements"),
    "smallest": (lambda g: g.node("TopK", hidden(g), g.constant([1], np.int64), largest=0), "only the greatest ones"),
    "greatest of what": (lambda g: g.node("ReduceMax", hidden(g), axes=[0]), "over the samples of a batch"),
    "matrix behind the greatest": (lambda g: g.node("MatMul", g.node("ReduceMax", hidden(g), axes=[1]), g.weights(W[:1])), "a greatest before it joins"),
    "after argmax": (lambda g: dense(g, g.node("ArgMax", hidden(g), axis=1)), "do not fit"),
    "missing input": (lambda g: g.node("Quant", "x", domain=GENERAL), "lacks an input"),
    "layer norm": (lambda g: dense(g, g.node("LayerNormalization", hidden(g), g.constant(np.ones(8)))),
                   r"\(LayerNormalization\) cannot be built: it divides by the spread of each sample, .* BatchNormalization"),
    "empty input": (lambda g: g.node("Add", hidden(g), ""), "an input is missing"),
    "nothing": (lambda g: g.quant("x", 1, 4), "multiplies by no matrix"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSALS)
def test_refused(tmp_path: Path, case: str) -> None:
    build, sentence = REFUSALS[case]
    g = Graph()
    g.save(tmp_path / "net.onnx", build(g))
    with pytest.raises(UserError, match=sentence) as caught:
        load(tmp_path / "net.onnx")
    assert str(caught.value).startswith(("Node '", "Output '")) and "\n" not in str(caught.value)


def test_all_unknown_operators_are_named_at_once(tmp_path: Path) -> None:
    g = Graph()
    h = g.node("Conv", g.node("GRU", hidden(g)), g.constant(W))
    g.save(tmp_path / "net.onnx", h)
    first, second = refused(tmp_path / "net.onnx")
    assert first.startswith("Node 'gru_3' (GRU) cannot") and second.startswith("Node 'conv_4' (Conv) cannot")


def test_a_net_with_every_known_standard_operator_is_not_refused(tmp_path: Path) -> None:
    g = Graph()
    g.save(tmp_path / "net.onnx", hidden(g))
    assert refused(tmp_path / "net.onnx") == ()
