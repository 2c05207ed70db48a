"""`make bench`, the link of a spiking core: how much of the wire's time carries payload, in clock cycles of the simulated board.

Frames are sent without a pause between them, so the wire is always busy, and what is measured is whether the device keeps up: a
frame that it could not take would be lost and is an error. Then the same through the host, which waits for replies; there a slow or
busy machine counts, since the simulated clock runs while the host thinks. Last, behind a USB adapter's timer, in simulated time
(usb_timer.py).
"""

import argparse
import resource
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import numpy as np
from run import Row
from usb_timer import BAR, usb_rows

from hwflow.board import find_board
from hwflow.host.frame import Decoder, Reply, Request, encode
from hwflow.host.link import open_link
from hwflow.host.registers import read_registers
from hwflow.host.requests import PAYLOAD_LIMIT, Command, Operation, Status
from hwflow.paths import whole_folder
from hwflow.progress import silent
from hwflow.project import ProjectFolder
from hwflow.spiking.backend.compiled import Compiled
from hwflow.spiking.backend.core import SpikingOptions, compile_spiking
from hwflow.spiking.host.board import SpikingBoard
from hwflow.spiking.host.exchange import REPLY_SPIKES
from hwflow.spiking.host.golden import GoldenModel
from hwflow.spiking.host.ticks import encode_ticks
from hwflow.spiking.map import weight_address
from hwflow.spiking.network import Core, Neurons, SpikingNetwork
from hwflow.tool.simulated import board_program
from hwflow.tool.simulated_board import SimulatedBoard

CYCLES = Command(Operation.READ, 0x20, bytes([4]))


def quiet_network(axons: int, neurons: int, loud: bool) -> SpikingNetwork:
    """A net in which no neuron fires, or each one in every tick."""
    weight = np.random.default_rng(0).integers(-128, 128, (axons + neurons, neurons))
    threshold = -32768 if loud else 32767
    parameters = Neurons.of(neurons, threshold=threshold, leak=65535, reset=0)
    return SpikingNetwork("loud" if loud else "quiet", weight * (not loud), parameters, np.ones(weight.shape, np.bool_))


class Wire:
    """A socket to the simulated board, on which frames follow each other without waiting for replies."""

    def __init__(self, url: str) -> None:
        host, port = url.removeprefix("socket://").split(":")
        self._socket = socket.create_connection((host, int(port)))
        self._decoder = Decoder(Reply)
        self._sequence = 7
        (reply,) = self.ask([Command(Operation.HELLO, 0)])
        assert reply.payload.startswith(b"HWF1")

    def close(self) -> None:
        self._socket.close()

    def ask(self, commands: Sequence[Command]) -> list[Reply]:
        """The replies to all of them, in order. Raises RuntimeError if one is missing or is not OK."""
        frames, numbers = [], []
        for command in commands:
            numbers.append(self._sequence)
            frames.append(encode(Request(self._sequence, command.operation, command.address, command.payload)))
            self._sequence = (self._sequence + 1) % 256
        sender = threading.Thread(target=self._socket.sendall, args=(b"".join(frames),))
        sender.start()
        replies: list[Reply] = []
        self._socket.settimeout(30)
        while len(replies) < len(commands):
            replies += self._decoder.feed(self._socket.recv(65536))
        sender.join()
        if [r.sequence for r in replies] != numbers or any(r.status != Status.OK for r in replies):
            raise RuntimeError(f"the device did not keep up: {[r for r in replies if r.status][:3]}")
        return replies

    def cycles_of(self, commands: Sequence[Command]) -> int:
        """Clock cycles from the first frame's coming to the last one's end."""
        first, *_, last = self.ask([CYCLES, *commands, CYCLES])
        spent = int.from_bytes(last.payload, "little") - int.from_bytes(first.payload, "little")
        return spent % (1 << 32)


def pieces(data: bytes) -> Iterator[tuple[int, bytes]]:
    return ((at, data[at : at + PAYLOAD_LIMIT]) for at in range(0, len(data), PAYLOAD_LIMIT))


def back_to_back(url: str, core: Core, byte: float) -> Iterator[Row]:
    """Frame after frame."""
    wire = Wire(url)
    weights = np.random.default_rng(1).integers(0, 256, core.sources * core.neurons, dtype=np.uint8).tobytes()
    weights = weights[: 200 * PAYLOAD_LIMIT]
    writes = [Command(Operation.WRITE, weight_address(*divmod(at, core.neurons)), part) for at, part in pieces(weights)]
    yield _row("weights in, frame after frame", len(weights) * byte / wire.cycles_of(writes))
    reads = [Command(Operation.READ, command.address, bytes([len(command.payload)])) for command in writes]
    found = b"".join(reply.payload for reply in wire.ask(reads[:2]))
    assert found == weights[: len(found)]
    active = np.random.default_rng(2).random((2000, core.axons)) < 0.1
    stream = encode_ticks(active, core.axons).data[: 150 * PAYLOAD_LIMIT]
    streams = [Command(Operation.STREAM, at, part) for at, part in pieces(stream)]
    yield _row("ticks in, 10 % of the axons, frame after frame", len(stream) * byte / wire.cycles_of(streams))
    wire.close()


def through_the_host(board: SpikingBoard, cycles: Callable[[], int], byte: float) -> Iterator[Row]:
    """What `hwflow run` does."""
    core = board.core
    weight_bytes = core.sources * core.neurons * (2 if core.synapse_mask else 1)
    quiet, loud = quiet_network(core.axons, core.neurons, False), quiet_network(core.axons, core.neurons, True)
    begun = cycles()
    board.load(quiet)
    yield _row("the host loads a net: weights and plastic bits", weight_bytes * byte / (cycles() - begun), bar=False)
    active = np.random.default_rng(2).random((2000, core.axons)) < 0.1
    begun = cycles()
    board.run(active)
    yield _row("the host streams ticks, 10 % of the axons", len(encode_ticks(active, core.axons).data) * byte /
               (cycles() - begun), bar=False)  # fmt: skip
    board.load(loud)
    begun = cycles()
    spikes = board.run(np.zeros((400, core.axons), np.bool_))
    replies = spikes.sum() / REPLY_SPIKES * PAYLOAD_LIMIT
    yield _row("the host takes spikes, every neuron in every tick", replies * byte / (cycles() - begun), bar=False)
    model = GoldenModel(core)
    model.load(loud)
    right = np.array_equal(spikes, model.run(np.zeros((400, core.axons), np.bool_)))
    yield Row("  spikes equal to the golden model's", str(right), "True", right)


def _row(name: str, share: float, *, bar: bool = True) -> Row:
    return Row(name, f"{share:.1%} of the wire", f">= {BAR:.0%}" if bar else "-", share >= BAR or not bar)


def rows(axons: int, neurons: int, lanes: int, baud: int | None, folder: Path) -> Iterator[Row]:
    options = SpikingOptions(lanes=lanes, baud=baud)
    project = compile_spiking(quiet_network(axons, neurons, False), find_board("sim"), options)
    with whole_folder(folder / "project") as draft:
        project.save(draft)
    compiled = Compiled.of(ProjectFolder.read(folder / "project"))
    design = compiled.design
    bit = design.clock_hz / design.baud
    program = board_program(project, silent)
    yield Row(f"A = {axons}, N = {neurons}, L = {lanes}: clock cycles a bit", f"{bit:g}", ">= 8", bit >= 8)
    before = _children_seconds()
    with SimulatedBoard(program, clocks_per_bit=bit, folder=folder / "project", tcp=0) as simulated:
        with open_link(simulated.port, baud=design.baud, deadline=30) as link:
            board = SpikingBoard(link, design.core)
            yield from through_the_host(board, lambda: read_registers(link).cycles, 10 * bit)
            board.load(quiet_network(axons, neurons, False))
        yield from back_to_back(simulated.port, design.core, 10 * bit)
    assert simulated.passed is not None
    speed = simulated.passed.cycles / (_children_seconds() - before)
    yield Row("cycles of the simulated board a second of its processor", f"{speed / 1e6:.2f} M", ">= 1 M", speed >= 1e6)


def _children_seconds() -> float:
    """Processor time of programs that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--axons", type=int, default=96)
    parser.add_argument("--neurons", type=int, default=96)
    parser.add_argument("--lanes", type=int, default=4)
    parser.add_argument("--baud", type=int, help="bits a second (the simulated board's, 8 clock cycles a bit)")
    options = parser.parse_args()
    missed = 0
    with tempfile.TemporaryDirectory() as scratch:
        core = rows(options.axons, options.neurons, options.lanes, options.baud, Path(scratch))
        for row in chain(core, usb_rows(Path(scratch))):
            print(row, flush=True)
            missed += not row.met
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
