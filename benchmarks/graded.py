"""`make bench`, graded input: images of MNIST's size learnt over the link, a pixel a byte, at 1 and 3 MBaud and 25 MHz.

A presentation is an image in one tick, ticks in which its currents stay, and one with a teacher that closes it. Requests follow each
other without a pause, and learn: what is measured in cycles of the simulated board is whether the core keeps up with the wire. The reply is
the spikes of all neurons that are told, of the outputs or of all, or, from a core that counts, how many there were.
--data: a folder with mnist.npz, without which images are drawn, a fifth of whose pixels are not zero; --images: so many.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import numpy as np
from link import Wire, pieces
from run import Row

from hwflow.apps.taught.images import mnist_whole
from hwflow.board import find_board
from hwflow.clock import clocked
from hwflow.host.frame import Reply, Request, encode
from hwflow.host.link import open_link
from hwflow.host.requests import Command, Operation
from hwflow.progress import silent
from hwflow.project import ProjectFolder
from hwflow.sources import Source
from hwflow.spiking.backend.compiled import Compiled
from hwflow.spiking.backend.core import spiking_project
from hwflow.spiking.fit import blocks_for, core_for, with_blocks
from hwflow.spiking.frontend.builder import SpikingBuilder
from hwflow.spiking.host.board import SpikingBoard
from hwflow.spiking.host.exchange import REPLY_SPIKES
from hwflow.spiking.host.golden import GoldenModel
from hwflow.spiking.host.ticks import TickStream, encode_presentations
from hwflow.spiking.learning import Learning
from hwflow.spiking.map import Setting
from hwflow.spiking.network import Core, SpikingNetwork
from hwflow.spiking.presentations import Presentations
from hwflow.spiking.writes import setting_writes
from hwflow.tool.simulated import board_program
from hwflow.tool.simulated_board import SimulatedBoard

PIXELS, HIDDEN, CLASSES = 784, 256, 10
_SILENT = 4  # ticks in which the currents of an image drive the neurons on
_LANES, _STATE_BITS, _MHZ = 8, 20, 25
_CYCLES = 46_930  # to learn an image
_BARS = {1_000_000: 9.0, 3_000_000: 3.0}  # ms a presentation


def network(images: np.ndarray) -> SpikingNetwork:
    """A hidden layer and outputs, taught by direct feedback alignment, as hwflow/apps/taught has it of spikes."""
    rng = np.random.default_rng(0)
    first = rng.integers(-20, 21, (PIXELS, HIDDEN))
    feedback, own = rng.integers(-7, 8, (CLASSES, HIDDEN)), np.eye(CLASSES, dtype=np.int64)
    net = SpikingBuilder("graded-784-256-10", graded=True)
    shown, closing, teachers = net.axons(PIXELS), net.axons(1), net.axons(CLASSES)
    level = 2 * int((images.astype(np.int64) @ first).std())
    hidden = net.neurons(HIDDEN, threshold=level, leak=16384, decay=0, subtract=True)
    outputs = net.neurons(CLASSES, threshold=round(4.5 * HIDDEN), subtract=True)
    net.connect(shown, hidden, first, plastic=True)
    net.connect(hidden, outputs, 0, plastic=True)
    net.connect(teachers, outputs, _SILENT * own)
    net.connect(teachers, hidden, _SILENT * feedback)
    net.connect(outputs, outputs, -own)
    net.connect(outputs, hidden, -feedback)
    net.third_factor(
        closing=closing, modulators=[teachers, outputs], free=[outputs], rate=4, free_rate=3000, near_shift=2, least=1,
        most=_SILENT,
    )  # fmt: skip
    learning = Learning(plastic_neurons=True, pre_step=1, post_step=1, weight_min=-128, stochastic=True)
    return net.build(outputs=[outputs], told=[outputs], learning=learning)


def presentations(images: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """[n, ticks, axons]."""
    shown = np.zeros((len(images), _SILENT + 2, PIXELS + 1 + CLASSES), np.uint8)
    shown[:, 0, :PIXELS] = images
    shown[:, -1, PIXELS] = 1
    shown[np.arange(len(images)), -1, PIXELS + 1 + labels] = 1
    return shown


def images_of(data: Path | None, count: int) -> tuple[np.ndarray, np.ndarray]:
    """uint8 [n, 784] and their classes."""
    if data is not None:
        mnist = mnist_whole((Source(data / "mnist.npz"),), 0)
        return np.asarray(mnist.x_train[:count], np.uint8), np.asarray(mnist.y_train[:count])
    rng = np.random.default_rng(0)
    values = rng.integers(1, 256, (count, PIXELS)) * (rng.random((count, PIXELS)) < 0.2)
    return values.astype(np.uint8), rng.integers(0, CLASSES, count)


def requests_of(stream: TickStream, words: int) -> list[bytes]:
    """The frames of a stream in full requests, and of as many empty ones as it takes to fetch so many spikes, or pairs of counts."""
    full = [encode(Request(0, Operation.STREAM, at, part)) for at, part in pieces(stream.data)]
    return full + [encode(Request(0, Operation.STREAM, 0))] * (-(-words // REPLY_SPIKES) - len(full))


def frame_bits(stream: TickStream, words: int) -> tuple[int, int]:
    """Bits on the wire to the device and back."""
    requests, empty = requests_of(stream, words), len(encode(Reply(0, 0, 0, bytes(8))))
    return 10 * sum(map(len, requests)), 10 * (len(requests) * empty + 4 * words)


@dataclass(frozen=True)
class Sent:
    """Presentations, frame after frame. what: comes back, in `words`; took: clock cycles, None where a request brings more than its reply holds."""

    what: str
    stream: TickStream
    words: int
    took: int | None

    @staticmethod
    def of(url: str, parts: Presentations, core: Core, told: int, spikes: int | None) -> "Sent":
        """spikes: that come back, None for counts."""
        stream = encode_presentations(parts, core.axons, give=spikes is None, graded=True)
        what = "counts" if spikes is None else "spikes"
        words = len(parts) * -(-(core.neurons - told) // 2) if spikes is None else spikes
        requests = [Command(Operation.STREAM, at, part) for at, part in pieces(stream.data)]
        if words > 0.8 * REPLY_SPIKES * len(requests):
            return Sent(what, stream, words, None)
        wire = Wire(url)
        wire.ask(setting_writes({Setting.COUNTING: int(spikes is None)}))
        took = wire.cycles_of(requests)
        wire.close()
        return Sent(what, stream, words, took)

    def rows(self, baud: int, count: int, clock_hz: int) -> Iterator[Row]:
        """count: presentations."""
        data, words, requests = len(self.stream.data), self.words, len(requests_of(self.stream, self.words))
        out, back = (bits / baud * 1e3 / count for bits in frame_bits(self.stream, words))
        yield Row(f"  {self.what}: bytes a presentation, out; of the reply, without frames; requests",
                  f"{data / count:.0f}; {4 * words / count:.0f}; {requests / count:.2f}", "-", True)  # fmt: skip
        if self.took is None:
            yield Row("    ms a presentation: by its frames, out and back", f"{out:.2f}, {back:.2f}", "-", True)
            return
        measured, share, bar = self.took / clock_hz * 1e3 / count, 10 * clock_hz / baud * data / self.took, _BARS[baud]
        yield Row("    ms a presentation: by its frames, out and back; measured", f"{out:.2f}, {back:.2f}; {measured:.2f}",
                  f"<= {bar:g} ms", measured <= bar)  # fmt: skip
        light = 8 * words < data  # replies are no part of what is to keep the wire busy
        yield Row(
            "    payload's share of the wire", f"{share:.1%}", ">= 90 %" if light else "-", share >= 0.9 or not light
        )


def rows(data: Path | None, count: int, baud: int, told: int, folder: Path) -> Iterator[Row]:
    images, labels = images_of(data, count)
    net, board = replace(network(images), told=told), clocked(find_board("sim"), f"{_MHZ}")
    fitting = core_for(net, _LANES, _STATE_BITS)
    core = with_blocks(
        fitting, *blocks_for(net, fitting.axons, fitting.neurons, _LANES)
    )  # which spares loading plastic bits
    assert core is not None
    core = replace(core, counting=True)
    project = spiking_project(net, board, core, (), "link", baud)
    project.save(folder / "project")
    compiled = Compiled.of(ProjectFolder.read(folder / "project"))
    design, shown = compiled.design, presentations(images, labels)
    bit = design.clock_hz / design.baud
    model = GoldenModel(core)
    model.load(net)
    right = model.present(shown, learn=True, rest=False)
    program = board_program(project, silent)
    with SimulatedBoard(program, clocks_per_bit=bit, folder=folder / "project", tcp=0) as simulated:
        with open_link(simulated.port, baud=design.baud, deadline=60) as link:
            device = SpikingBoard(link, core)
            device.load(net)
            same = np.array_equal(device.present(shown, learn=True, rest=False), right)
            same = same and np.array_equal(device.weights(), model.state().weight)
            cycles = device.busy_cycles() / count
        found = [
            Sent.of(simulated.port, Presentations.of(shown, net, True, False), core, told, counts)
            for counts in (int(right.sum()), None)
        ]
    whom = "all neurons are told of" if told == 0 else f"{net.size - told} outputs are told of"
    yield Row(
        f"{baud / 1e6:g} MBaud, A={core.axons} N={core.neurons} L={core.lanes}, {core.state_bits} bits; {whom}",
        "-",
        "-",
        True,
    )
    for sent in found:
        yield from sent.rows(baud, count, design.clock_hz)
    yield Row("  core cycles a presentation that learns", f"{cycles:,.0f}", f"<= {_CYCLES:,}", cycles <= _CYCLES)
    yield Row("  spikes that are told and weights as of the golden model", str(same), "True", bool(same))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--images", type=int, default=40)
    parser.add_argument("--baud", type=int, choices=tuple(_BARS), action="append", help="[default: both]")
    options = parser.parse_args()
    missed = 0
    for baud in options.baud or _BARS:
        for told in (HIDDEN, 0):
            with tempfile.TemporaryDirectory() as scratch:
                for row in rows(options.data, options.images, baud, told, Path(scratch)):
                    print(row, flush=True)
                    missed += not row.met
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
