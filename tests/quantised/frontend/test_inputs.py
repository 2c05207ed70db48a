"""Inputs without a quantiser."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto
from quantised.qonnx_graphs import Graph, execute

from hwflow.errors import UserError
from hwflow.ints import IntType
from hwflow.quantised import reference
from hwflow.quantised.frontend import load
from hwflow.quantised.frontend.inputs import InputFormat, check_input, format_of, input_error

W = np.random.default_rng(0).integers(-3, 4, (8, 5))


def net(path: Path, *before: tuple[str, float], quantised: bool = False, element: int = TensorProto.FLOAT) -> Path:
    g = Graph(element=element)
    h = "x" if element == TensorProto.FLOAT else g.node("Cast", "x", to=TensorProto.FLOAT)
    for operator, operand in before:
        h = g.node(operator, h, g.constant(operand))
    h = g.quant(h, 0.5, 4) if quantised else h
    return g.save(path / "net.onnx", g.node("MatMul", h, g.constant(W)))


def annotate(path: Path, kind: str) -> None:
    from qonnx.core.datatype import DataType
    from qonnx.core.modelwrapper import ModelWrapper

    model = ModelWrapper(str(path))
    model.set_tensor_datatype("x", DataType[kind])
    model.save(str(path))


def outputs(path: Path, x: np.ndarray, input_type: IntType | None = None) -> np.ndarray:
    network = load(path, input_type=input_type)
    return network.dequantise(reference.run(network, network.quantise(x)))


def test_given_type(tmp_path: Path) -> None:
    path = net(tmp_path, ("Sub", 128))
    kind = IntType(8, signed=False)
    x = np.random.default_rng(1).integers(0, 256, (9, 8))
    np.testing.assert_array_equal(outputs(path, x, kind), (x - 128) @ W)
    network = load(path, input_type=kind)
    assert network.input_type == kind and network.encode == ()
    with pytest.raises(UserError, match="outside UINT8"):
        network.quantise(x - 1 - x.min())


def test_given_type_for_a_file_that_quantises_itself(tmp_path: Path) -> None:
    path = net(tmp_path, quantised=True)
    with pytest.raises(UserError, match="turns its input into INT4 by itself, not into UINT8"):
        load(path, input_type=IntType(8, signed=False))
    assert load(path, input_type=IntType(4, signed=True)).digest == load(path).digest


@pytest.mark.parametrize(
    ("kind", "expected"), [("UINT8", "UINT8"), ("INT4", "INT4"), ("BINARY", "UINT1"), ("TERNARY", "INT2")]
)
def test_annotated_type(tmp_path: Path, kind: str, expected: str) -> None:
    path = net(tmp_path)
    annotate(path, kind)
    assert str(load(path).input_type) == expected
    x = np.random.default_rng(1).integers(0, 2, (9, 8))
    np.testing.assert_array_equal(outputs(path, x), x @ W)


@pytest.mark.parametrize("before", [(), (("Add", 1.0), ("Div", 2.0)), (("Mul", 3.0),)])
def test_annotated_bipolar(tmp_path: Path, before: tuple[tuple[str, float], ...]) -> None:
    path = net(tmp_path, *before)
    annotate(path, "BIPOLAR")
    x = np.random.default_rng(1).choice([-1, 1], (9, 8))
    meant = {0: x, 1: 3 * x, 2: (x + 1) / 2}[len(before)]
    np.testing.assert_array_equal(outputs(path, x), meant @ W)
    assert load(path).input_type == IntType(1, signed=False)
    with pytest.raises(UserError, match="not whole|outside"):
        load(path).quantise(np.zeros((1, 8)))


def test_annotated_fixed_point(tmp_path: Path) -> None:
    path = net(tmp_path)
    annotate(path, "FIXED<6,3>")
    x = np.random.default_rng(1).integers(-32, 32, (9, 8)) / 8
    np.testing.assert_array_equal(outputs(path, x), x @ W)
    assert load(path).input_type == IntType(6, signed=True)


@pytest.mark.parametrize("kind", ["UINT0", "INT99", "FIXED<40,8>"])
def test_an_annotation_of_a_width_that_cannot_be(tmp_path: Path, kind: str) -> None:
    path = net(tmp_path)
    annotate(path, "INT4")
    reannotate(path, kind)
    with pytest.raises(UserError, match=r"Input 'x' is annotated with a type of \d+ bits; 1 to"):
        load(path)


def reannotate(path: Path, *kinds: str) -> None:
    """The annotation of the input, made into one of each kind."""
    import onnx

    model = onnx.load(path)
    first = model.graph.quantization_annotation[0]
    for _ in kinds[1:]:
        model.graph.quantization_annotation.append(first)
    for annotation, kind in zip(model.graph.quantization_annotation, kinds, strict=True):
        annotation.quant_parameter_tensor_names[0].value = kind
    path.write_bytes(model.SerializeToString())


def test_two_annotations_are_refused(tmp_path: Path) -> None:
    path = net(tmp_path)
    annotate(path, "INT4")
    reannotate(path, "BIPOLAR", "FLOAT32")
    with pytest.raises(UserError, match="Input 'x' is annotated with 2 types; keep one"):
        load(path)


def test_unknown_annotation(tmp_path: Path) -> None:
    path = net(tmp_path)
    annotate(path, "INT4")
    reannotate(path, "INT4; $(id)")
    with pytest.raises(UserError, match="annotated with a type that qonnx does not know"):
        load(path)


@pytest.mark.parametrize(
    ("element", "kind"), [(TensorProto.UINT8, "UINT8"), (TensorProto.INT8, "INT8"), (TensorProto.BOOL, "UINT1")]
)
def test_integer_tensors(tmp_path: Path, element: int, kind: str) -> None:
    assert str(load(net(tmp_path, element=element)).input_type) == kind


@pytest.mark.parametrize("half", [("Div", 2.0), ("Mul", 0.5)])
def test_half_of_x_plus_one_is_a_bit(tmp_path: Path, half: tuple[str, float]) -> None:
    path = net(tmp_path, ("Add", 1.0), half)
    x = np.random.default_rng(1).choice([-1, 1], (9, 8))
    np.testing.assert_array_equal(outputs(path, x), (x + 1) // 2 @ W)
    assert load(path).input_type == IntType(1, signed=False)


def test_else_fixed_point_that_refuses_what_does_not_fit(tmp_path: Path) -> None:
    path = net(tmp_path, ("Mul", 0.5))
    x = np.random.default_rng(1).integers(-(1 << 14), 1 << 14, (9, 8)) / 512
    np.testing.assert_array_equal(outputs(path, x), x / 2 @ W)
    assert load(path).input_type == IntType(16, signed=True)
    with pytest.raises(UserError, match="outside INT16"):
        load(path).quantise(np.full((1, 8), 255.0))


def test_what_the_file_says_is_no_assumption(tmp_path: Path) -> None:
    assert load(net(tmp_path, quantised=True)).assumptions == ()
    assert load(net(tmp_path, element=TensorProto.UINT8)).assumptions == ()
    path = net(tmp_path)
    assert load(path, input_type=IntType(8, signed=False)).assumptions == ()
    assert load(path, input_type=InputFormat.parse("FIXED16.10")).assumptions == ()
    annotate(path, "INT4")
    assert load(path).assumptions == ()


def test_what_it_does_not_say_is_said_with_the_options(tmp_path: Path) -> None:
    path = net(tmp_path)
    (said,) = load(path).assumptions
    assert "Node 'matmul_0' (MatMul): the file does not say how its input is quantised" in said
    assert "FIXED16.10, 16 bits with 10 of fraction, -32 to 31.999" in said
    assert "--vectors" in said and "--input-type" in said
    (said,) = load(net(tmp_path, ("Add", 1.0), ("Div", 2.0))).assumptions
    assert "taken as -1 or +1" in said


def test_assumptions_are_in_no_digest_and_no_file(tmp_path: Path) -> None:
    network = load(net(tmp_path))
    other = replace(network, assumptions=())
    assert network.assumptions and other.digest == network.digest and other.to_files() == network.to_files()


def tiny(path: Path) -> tuple[Path, np.ndarray]:
    """A net whose features are near 4e-4, which 10 bits of fraction round to nothing."""
    g = Graph()
    h = g.quant(g.node("Relu", g.node("MatMul", "x", g.constant(W))), 2e-4, 4, signed=0)
    path = g.save(path / "net.onnx", g.node("MatMul", h, g.weights(np.eye(5))))
    return path, np.random.default_rng(2).normal(0, 4e-4, (200, 8)).astype(np.float32)


@pytest.mark.slow
def test_samples_choose_the_format(tmp_path: Path) -> None:
    path, x = tiny(tmp_path)
    theirs = execute(path, x).outputs

    def wrong(samples: np.ndarray | None) -> int:
        network = load(path, samples=samples)
        ours = network.dequantise(reference.run(network, network.quantise(x)))
        return int(np.count_nonzero(np.abs(ours - theirs) > 1e-6))

    assert wrong(None) > 400
    assert wrong(x) <= 3  # sums that lie within the rounding of a step
    network = load(path, samples=x)
    assert network.input_type == IntType(16, True) and "chosen by the range of the samples" in network.assumptions[0]
    assert 0 < input_error(network, x) < 2.0**-15


def test_too_large_an_error_is_refused_with_the_options(tmp_path: Path) -> None:
    path, x = tiny(tmp_path)
    network = load(path)
    assert input_error(network, x) > 0.05
    with pytest.raises(
        UserError, match=r"vectors of v.npz by up to .*% of their range; compile with --vectors v.npz .*--input-type"
    ):
        check_input(network, x, "v.npz")
    assert check_input(load(path, samples=x), x, "v.npz") < 1e-4
    assert input_error(load(path, samples=x), np.zeros((3, 8))) == 0


def test_the_models_own_quantiser_makes_no_error(tmp_path: Path) -> None:
    network = load(net(tmp_path, quantised=True))
    assert input_error(network, np.random.default_rng(0).normal(0, 1e-6, (9, 8))) == 0
    whole = load(net(tmp_path), input_type=IntType(8, signed=True))
    assert input_error(whole, np.ones((9, 8))) == 0


def test_samples_that_are_no_bits_are_no_bits(tmp_path: Path) -> None:
    path = net(tmp_path, ("Add", 1.0), ("Div", 2.0))
    signs = np.random.default_rng(1).choice([-1.0, 1.0], (9, 8))
    assert load(path, samples=signs).input_type == IntType(1, False)
    assert load(path, samples=signs / 2).input_type == IntType(16, True)


@pytest.mark.parametrize("samples", [np.zeros(8), np.zeros((0, 8)), np.full((2, 8), np.nan), np.full((2, 8), 3e38)])
def test_samples_that_say_nothing_are_refused(tmp_path: Path, samples: np.ndarray) -> None:
    with pytest.raises(UserError, match="sample|NaN"):
        load(net(tmp_path, ("Mul", 10.0)), samples=samples)


@pytest.mark.parametrize(
    ("values", "expected"),
    [([0, 255], "FIXED16.0"), ([0.5, -3], "FIXED16.1"), ([0, 0], "FIXED16.0"), ([40_000, 8], "FIXED16.-3"),
     ([1 / 3, 1], "FIXED16.14"), ([1 / 3, -1], "FIXED16.14"), ([1 / 3, 0.999999], "FIXED16.14"), ([2.0**-20, 0], "FIXED16.20")],
)  # fmt: skip
def test_formats_of_samples(values: list[float], expected: str) -> None:
    assert str(format_of(np.array([values], dtype=np.float32))) == expected


@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=9), st.integers(-20, 20))
def test_a_format_holds_its_samples_as_finely_as_16_bits_can(values: list[float], shift: int) -> None:
    x = np.array([values], dtype=np.float32) * np.float32(2.0**shift)
    found = format_of(x)
    assert found.fraction is not None
    integers = np.rint(x.astype(np.float64) * 2.0**found.fraction)
    assert found.kind.holds(integers.astype(np.int64))
    if found.fraction < 100 and np.any(integers != x.astype(np.float64) * 2.0**found.fraction):
        finer = np.rint(x.astype(np.float64) * 2.0 ** (found.fraction + 1))
        assert not found.kind.holds(finer.astype(np.int64)) or np.abs(finer).max() >= 1 << 15


@pytest.mark.parametrize("name", ["INT8", "UINT16", "FIXED16.10", "UFIXED8.8", "FIXED16.-3", "FIXED16.26"])
def test_names_of_formats(name: str) -> None:
    assert str(InputFormat.parse(name)) == name and InputFormat.parse(name.lower()) == InputFormat.parse(name)


@pytest.mark.parametrize(
    "name", ["INT0", "INT33", "FIXED17.3", "FIXED16", "FIXED0.1", "FIXED8.101", "INT8.2", "float", ""]
)
def test_names_of_none(name: str) -> None:
    with pytest.raises(
        UserError, match="is no type of an input; give integers of 1 to 32 bits, as UINT8, or fixed point"
    ):
        InputFormat.parse(name)


def test_fixed_point_that_the_user_names(tmp_path: Path) -> None:
    path = net(tmp_path, ("Sub", 0.25), ("Mul", 2.0))
    network = load(path, input_type=InputFormat.parse("FIXED8.4"))
    x = np.random.default_rng(1).integers(-60, 60, (9, 8)) / 32
    np.testing.assert_array_equal(network.dequantise(reference.run(network, network.quantise(x))), (x - 0.25) * 2 @ W)
    assert network.input_type == IntType(8, True)
    with pytest.raises(UserError, match="outside INT8"):
        network.quantise(np.full((1, 8), 9.0))
