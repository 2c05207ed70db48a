"""The simulated board as a user meets it: a port, opened by unmodified pyserial, with the real link behind it."""

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import serial

from hwflow.errors import ToolError
from hwflow.host.errors import DeviceReset, LinkTimeout, NetStalled, PortLost, Refused, WrongBoard
from hwflow.host.frame import Decoder, Reply, Request, encode
from hwflow.host.identity import VectorShape
from hwflow.host.link import Link, open_link
from hwflow.host.requests import Operation, Status
from hwflow.ints import IntArray, IntType
from hwflow.paths import data_folder
from hwflow.quantised.host.accelerator import Accelerator
from hwflow.tool.simulated_board import Faults, SimulatedBoard, build_simulated_board

DESIGNS = Path(__file__).parent / "designs"
DIGEST = bytes(range(16)).hex()
SHAPE = VectorShape(5, IntType(8, True))
CLOCKS_PER_BIT = 12
NONE = Faults()
MILD = [Faults(flip_rate=1e-4, seed=1), Faults(drop_rate=1e-3, seed=2), Faults(duplicate_rate=1e-3, seed=3)]

pytestmark = pytest.mark.slow


def sources(design: str) -> dict[str, bytes]:
    rtl = data_folder("rtl")
    modules = [path for room in ("uart", "link", "shell", "stream") for path in sorted((rtl / room).glob("hwf_*.sv"))]
    return {path.name: path.read_bytes() for path in (DESIGNS / design / "hwf_top.sv", *modules)}


@pytest.fixture(scope="module")
def loopback() -> Path:
    return build_simulated_board(sources("loopback"))


@pytest.fixture(scope="module")
def echo() -> Path:
    return build_simulated_board(sources("echo"))


@contextmanager
def linked(
    program: Path, *, faults: Faults = NONE, tcp: int | None = None, deadline: float = 30.0
) -> Iterator[tuple[SimulatedBoard, Link]]:
    with (
        SimulatedBoard(program, clocks_per_bit=CLOCKS_PER_BIT, faults=faults, tcp=tcp) as board,
        open_link(board.port, deadline=deadline) as link,
    ):
        yield board, link


def accelerator(link: Link) -> Accelerator:
    return Accelerator(link, digest=DIGEST, inputs=SHAPE, outputs=SHAPE)


def numbers(count: int, seed: int = 0) -> IntArray:
    return np.random.default_rng(seed).integers(-128, 128, (count, SHAPE.size))


@pytest.mark.parametrize("tcp", [None, 0])
def test_vectors_come_back(loopback: Path, tcp: int | None) -> None:
    x = numbers(3000)
    with linked(loopback, tcp=tcp) as (board, link):
        net = accelerator(link)
        before = net.registers()
        assert np.array_equal(net.infer(x), x)
        after = net.registers()
    assert after.vectors - before.vectors == len(x)
    assert (after.frames_crc, after.frames_length, after.uart_framing) == (0, 0, 0)
    assert (link.counters.crc_errors, link.counters.length_errors) == (0, 0)
    assert board.passed is not None
    assert board.passed.bytes_to_device == link.counters.bytes_sent
    assert board.passed.bytes_from_device == link.counters.bytes_received


def test_who_it_is(loopback: Path) -> None:
    with linked(loopback) as (_, link):
        who = link.hello()
        assert (who.digest.hex(), who.inputs, who.outputs, who.clock_hz) == (DIGEST, 5, 5, 12_000_000)
        assert link.identity() == who
        with pytest.raises(WrongBoard, match="was built for the model 000102030405"):
            Accelerator(link, digest="ab" * 32, inputs=SHAPE, outputs=SHAPE)


@pytest.mark.parametrize("faults", [*MILD, Faults(flip_rate=1e-4, drop_rate=1e-3, duplicate_rate=1e-3, seed=4)])
def test_faults_of_the_wire_change_no_result(loopback: Path, faults: Faults) -> None:
    x = numbers(2000)
    with linked(loopback, faults=faults) as (board, link):
        net = accelerator(link)
        assert np.array_equal(net.infer(x), x)
        assert net.registers().vectors == len(x)
        assert link.counters.repeated > 0
    assert board.passed is not None
    hits = (board.passed.bits_flipped, board.passed.bytes_dropped, board.passed.bytes_duplicated)
    assert [count > 0 for count in hits] == [
        rate > 0 for rate in (faults.flip_rate, faults.drop_rate, faults.duplicate_rate)
    ]


@pytest.mark.parametrize("percent", [-2.5, 2.5])
def test_clocks_that_differ(loopback: Path, percent: float) -> None:
    x = numbers(500)
    with linked(loopback, faults=Faults(baud_error=percent)) as (_, link):
        net = accelerator(link)
        assert np.array_equal(net.infer(x), x)
        registers = net.registers()
    assert (registers.frames_crc, registers.frames_length, registers.uart_framing) == (0, 0, 0)
    assert (link.counters.crc_errors, link.counters.length_errors) == (0, 0)


def test_a_wrong_baud_rate_is_said(loopback: Path) -> None:
    with (
        linked(loopback, faults=Faults(baud_error=20), deadline=0.5) as (_, link),
        pytest.raises(LinkTimeout, match="No hwflow board answered"),
    ):
        link.hello()


@pytest.mark.parametrize("after", [40, 333, 2000])
def test_a_reset_in_the_middle_of_a_frame(loopback: Path, after: int) -> None:
    x = numbers(1000)
    with linked(loopback, faults=Faults(reset_after=(after,))) as (board, link):
        net = accelerator(link)
        with pytest.raises(DeviceReset, match="was reset during the session"):
            net.infer(x)
        session = net.identity.session
        again = accelerator(link)
        assert again.identity.session != session
        assert np.array_equal(again.infer(x), x)
        assert again.registers().vectors == len(x)
    assert board.passed is not None
    assert board.passed.resets == 1


def test_what_a_program_leaves_half_done_does_not_reach_the_next(loopback: Path) -> None:
    x = numbers(20)
    with SimulatedBoard(loopback, clocks_per_bit=CLOCKS_PER_BIT) as board:
        with open_link(board.port) as link:
            link.stream(bytes(13), 0)
        with open_link(board.port) as link:
            assert np.array_equal(accelerator(link).infer(x), x)


def test_results_that_do_not_come_are_missed(loopback: Path) -> None:
    with linked(loopback) as (_, link):
        with pytest.raises(NetStalled, match="gave 3 of 10 bytes") as caught:
            link.stream(b"abc", 10)
        assert caught.value.results == b"abc"
        with pytest.raises(Refused, match="no such register"):
            link.write(0, b"x")


def test_unmodified_pyserial_opens_it(loopback: Path) -> None:
    with (
        SimulatedBoard(loopback, clocks_per_bit=CLOCKS_PER_BIT) as board,
        serial.Serial(board.port, 1_000_000, timeout=5) as port,
    ):
        port.write(encode(Request(7, Operation.HELLO, 0)))
        (reply,) = Decoder(Reply).feed(port.read(1 + 1 + 7 + 64 + 4 + 1))
    assert (reply.sequence, reply.status, reply.payload[:4]) == (7, Status.OK, b"HWF1")


@pytest.mark.parametrize("tcp", [None, 0])
def test_bits_of_a_broken_number_of_clocks(echo: Path, tcp: int | None) -> None:
    data = np.random.default_rng(0).bytes(3000)
    with SimulatedBoard(echo, clocks_per_bit=139 / 16, tcp=tcp) as board:
        port = serial.serial_for_url(board.port, timeout=5)
        received = b""
        for start in range(0, len(data), 500):
            port.write(data[start : start + 500])
            received += port.read(500)
        port.close()
    assert received == data
    assert board.passed is not None
    # Bytes without a gap between them: the bits' fractions are kept.
    assert board.passed.framing_errors == 0


def test_a_design_without_a_button_cannot_be_reset(echo: Path) -> None:
    board = SimulatedBoard(echo, clocks_per_bit=139 / 16, faults=Faults(reset_after=(1,)))
    with pytest.raises(ToolError, match="needs a top with a pin `button`"), board:
        pass


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_well(loopback: Path, number: int) -> None:
    with linked(loopback) as (board, link):
        link.hello()
        board._process.send_signal(number)
        board.wait()
        with pytest.raises(PortLost):
            link.read(0, 4)
    assert board.passed is not None
    assert board.passed.bytes_to_device > 0


def test_it_ends_with_the_program_that_started_it(loopback: Path) -> None:
    text = (
        "import sys, time\nfrom pathlib import Path\nfrom hwflow.tool.simulated_board import SimulatedBoard\n"
        "board = SimulatedBoard(Path(sys.argv[1]), clocks_per_bit=12).__enter__()\n"
        "print(board._process.pid, flush=True)\ntime.sleep(60)\n"
    )
    root = Path(__file__).parents[2]
    parent = subprocess.Popen([sys.executable, "-c", text, str(loopback)], stdout=subprocess.PIPE, cwd=root)
    assert parent.stdout is not None
    with parent.stdout:
        child = int(parent.stdout.readline())
        parent.kill()
        parent.wait()
    for _ in range(100):
        try:
            os.kill(child, 0)
            stat = Path(f"/proc/{child}/stat").read_text()
        except (ProcessLookupError, FileNotFoundError):
            break
        if ") Z" in stat:  # nobody is left to bury it
            break
        time.sleep(0.05)
    else:
        pytest.fail("the board outlived its parent by five seconds")


def test_a_board_nobody_talks_to_takes_no_time(loopback: Path) -> None:
    def spent() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    before = spent()
    with SimulatedBoard(loopback, clocks_per_bit=CLOCKS_PER_BIT):
        time.sleep(1.5)
    assert spent() - before < 0.3


def test_a_program_that_is_missing_or_no_board(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="cannot be started"), SimulatedBoard(tmp_path / "board", clocks_per_bit=12):
        pass
    with pytest.raises(ToolError, match="did not start"), SimulatedBoard(Path("/bin/true"), clocks_per_bit=12):
        pass


def test_a_board_that_fails_says_why(tmp_path: Path) -> None:
    program = tmp_path / "board"
    program.write_text(
        "#!/bin/sh\necho port /dev/null\n"
        "echo '[10] %Error: hwf_fifo.sv:9: Assertion failed in top.never_full' >&2\necho Aborting >&2\nexit 134\n"
    )
    program.chmod(0o755)
    with (
        pytest.raises(ToolError, match=r"ended by itself: .*Assertion failed in top\.never_full"),
        SimulatedBoard(program, clocks_per_bit=12) as board,
    ):
        board.wait()
