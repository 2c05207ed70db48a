"""Accelerators: the right board or none, and vectors of any size through frames of 240 bytes."""

from collections.abc import Callable

import numpy as np
import pytest
from host.device_model import BUILD, DIGEST, Device, Faults, VirtualPort, identity
from hypothesis import given, settings
from hypothesis import strategies as st

from hwflow.errors import UserError
from hwflow.host.errors import LinkTimeout, WrongBoard
from hwflow.host.identity import VectorShape
from hwflow.host.link import Link
from hwflow.host.requests import PAYLOAD_LIMIT
from hwflow.ints import IntArray, IntType, pack_vectors, unpack_vectors
from hwflow.quantised.host.accelerator import Accelerator, Registers, stream_commands

SIZES = st.integers(1, 12) | st.integers(230, 250) | st.integers(1, 1000)
TYPES = st.builds(IntType, st.integers(1, 12), st.booleans())


def device_of(inputs: VectorShape, outputs: VectorShape) -> tuple[Device, Callable[[IntArray], IntArray]]:
    """A device whose output o is the input at o modulo its size, plus o, brought into the output's type."""

    def reference(x: IntArray) -> IntArray:
        places = np.arange(outputs.size)
        wide = x[:, places % inputs.size] + places
        return (wide - outputs.kind.min) % (outputs.kind.max - outputs.kind.min + 1) + outputs.kind.min

    def net(vector: bytes) -> bytes:
        x = unpack_vectors(np.frombuffer(vector, np.uint8)[None], inputs.size, inputs.kind)
        return pack_vectors(reference(x), outputs.kind).tobytes()

    types = (inputs.kind.bits, inputs.kind.signed, outputs.kind.bits, outputs.kind.signed)
    hello = identity(inputs=inputs.bytes, outputs=outputs.bytes, sizes=(inputs.size, outputs.size), types=types)
    return Device(inputs.bytes, outputs.bytes, net, hello_payload=hello), reference


def numbers(count: int, shape: VectorShape, seed: int = 0) -> IntArray:
    return np.random.default_rng(seed).integers(shape.kind.min, shape.kind.max + 1, (count, shape.size))


@pytest.mark.slow
@settings(deadline=None, max_examples=50)
@given(SIZES, TYPES, SIZES, TYPES, st.integers(0, 9), st.sampled_from([0.0, 0.0, 0.0003]))
def test_vectors_of_any_size(
    in_size: int, in_type: IntType, out_size: int, out_type: IntType, count: int, rate: float
) -> None:
    inputs, outputs = VectorShape(in_size, in_type), VectorShape(out_size, out_type)
    device, reference = device_of(inputs, outputs)
    link = Link(VirtualPort(device, Faults(rate, rate, rate)))
    try:
        accelerator = Accelerator(link, digest=DIGEST, inputs=inputs, outputs=outputs)
        x = numbers(count, inputs)
        assert np.array_equal(accelerator.infer(x), reference(x))
        assert np.array_equal(accelerator.infer(x[::-1]), reference(x[::-1]))
    except LinkTimeout:
        assert rate


@settings(deadline=None)
@given(st.integers(1, 600), st.integers(1, 600), st.integers(0, 700))
def test_requests_fit_frames_and_never_let_results_pile_up(inputs: int, outputs: int, count: int) -> None:
    sent = asked = 0
    data = bytes(np.random.default_rng(0).integers(0, 256, min(count * inputs, 20_000) // inputs * inputs, np.uint8))
    parts = []
    for command in stream_commands(data, inputs, outputs):
        owed_before = sent // inputs * outputs - asked
        sent += len(command.payload)
        owed = sent // inputs * outputs - asked
        assert len(command.payload) <= PAYLOAD_LIMIT
        assert command.address == min(owed, PAYLOAD_LIMIT)
        assert command.payload or command.address, "a request does something"
        assert owed <= max(PAYLOAD_LIMIT, owed_before, outputs)
        asked += command.address
        parts.append(command.payload)
    assert b"".join(parts) == data
    assert asked == len(data) // inputs * outputs


def test_requests_are_full_where_results_are_short() -> None:
    commands = list(stream_commands(bytes(784 * 100), 784, 4))
    assert len(commands) == -(-784 * 100 // PAYLOAD_LIMIT)


def test_progress_is_told() -> None:
    inputs, outputs = VectorShape(100, IntType(8, False)), VectorShape(3, IntType(8, True))
    device, _ = device_of(inputs, outputs)
    accelerator = Accelerator(Link(VirtualPort(device)), digest=DIGEST, inputs=inputs, outputs=outputs)
    told: list[tuple[int, int]] = []
    accelerator.infer(numbers(50, inputs), lambda done, total: told.append((done, total)))
    assert told[-1] == (50, 50)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert len(told) > 10


def test_a_call_that_is_broken_off_spoils_nothing() -> None:
    inputs, outputs = VectorShape(100, IntType(8, False)), VectorShape(3, IntType(8, True))
    device, reference = device_of(inputs, outputs)
    accelerator = Accelerator(Link(VirtualPort(device)), digest=DIGEST, inputs=inputs, outputs=outputs)
    x = numbers(50, inputs)

    def interrupt(done: int, total: int) -> None:
        if done > 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        accelerator.infer(x, interrupt)
    assert np.array_equal(accelerator.infer(x), reference(x))


def test_registers() -> None:
    inputs, outputs = VectorShape(3, IntType(8, False)), VectorShape(2, IntType(8, False))
    accelerator = Accelerator(Link(VirtualPort(Device())), digest=DIGEST, inputs=inputs, outputs=outputs)
    accelerator.infer(numbers(5, inputs))
    assert accelerator.registers() == Registers(10, 11, 12, 13, 14, 15, vectors=5, latency_cycles=17, cycles=18)


@pytest.mark.parametrize(
    ("payload", "digest", "words"),
    [
        (identity(kind=2), DIGEST, "holds a spiking net"),
        (identity(), "ff" * 32, "was built for the model 000102030405 and not for ffffffffffff"),
        (identity(inputs=4), DIGEST, "takes vectors of 4 x UINT8 and gives 2 x UINT8, the model 3 x UINT8 and 2 x UINT8"),
        (identity(outputs=4), DIGEST, "takes vectors of 3 x UINT8 and gives 4 x UINT8, the model"),
        (identity(types=(8, 1, 8, 0)), DIGEST, "takes vectors of 3 x INT8 and gives 2 x UINT8, the model"),
        (identity(types=(8, 0, 4, 0)), DIGEST, "takes vectors of 3 x UINT8 and gives 4 x UINT4, the model"),
        (identity(build="ab" * 16), DIGEST, r"another build \(abababababab, with a clock of 12 MHz\) than the project's "
         r"\(101112131415\); program it"),
    ],
)  # fmt: skip
def test_another_board_is_refused(payload: bytes, digest: str, words: str) -> None:
    inputs, outputs = VectorShape(3, IntType(8, False)), VectorShape(2, IntType(8, False))
    with pytest.raises(WrongBoard, match=words) as caught:
        Accelerator(
            Link(VirtualPort(Device(hello_payload=payload))), digest=digest, inputs=inputs, outputs=outputs, build=BUILD
        )
    assert caught.value.exit_status == 2


@pytest.mark.parametrize(
    "x", [np.zeros((2, 4), np.int64), np.zeros(3, np.int64), np.full((1, 3), 256), np.full((1, 3), -1)]
)
def test_vectors_that_do_not_fit_are_refused(x: IntArray) -> None:
    inputs, outputs = VectorShape(3, IntType(8, False)), VectorShape(2, IntType(8, False))
    device = Device()
    accelerator = Accelerator(Link(VirtualPort(device)), digest=DIGEST, inputs=inputs, outputs=outputs)
    with pytest.raises(UserError, match="vectors"):
        accelerator.infer(x)
    assert device.vectors == 0
