"""`make bench`, nets trained off the chip: accuracy in floats and in integers, what an image takes of the core, and what of the wire.

--data: a folder with mnist.npz, without which only digits are trained; --images: of the training images, at most (all); --wire:
test images whose frames are counted (100; 0: none); --net: only this application. On the RTL `hwflow demo` runs both.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from run import Row

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from host.device_model import VirtualPort
from spiking.host.device import SpikingDevice

from hwflow.apps.digits_off_chip.app import DIGITS_OFF_CHIP, MNIST_OFF_CHIP, OffChipApp
from hwflow.apps.digits_off_chip.running import off_chip
from hwflow.board import find_board
from hwflow.dataset import Dataset
from hwflow.host.link import Link
from hwflow.progress import silent
from hwflow.sources import Source
from hwflow.spiking.backend.core import SpikingOptions, choose_core
from hwflow.spiking.backend.estimate import estimate_core, log_words
from hwflow.spiking.backend.schedule import tick_cycles
from hwflow.spiking.fit import core_for
from hwflow.spiking.frontend import load
from hwflow.spiking.host.board import SpikingBoard
from hwflow.spiking.host.lockstep import Lockstep
from hwflow.spiking.network import SpikingNetwork
from hwflow.spiking.train.surrogate import DT, write_nir

_BOARD = "ulx3s-85f"
_CLOCKS = (25e6, 36e6)  # its oscillator, and what a core of 8 lanes was built for there
_RATES = (1e6, 3e6)  # of the wire, in bits a second
_MOST_MS = 0.25  # of the core for an image of MNIST
_UART_BITS = 10  # of a byte
_AT_ONCE = 20  # images


def of(app: OffChipApp, mnist: Path | None, images: int, wire: int) -> Iterator[Row]:
    """All of an application's rows."""
    whole = app.dataset((Source(mnist),) if mnist and "data" in app.takes else (), 0)
    data = replace(whole, x_train=whole.x_train[:images], y_train=whole.y_train[:images])
    start = time.process_time()
    layers = app.train(data, 0, silent)
    seconds, held = time.process_time() - start, len(data.y_test)
    floats = app.right_in_floats(layers, data)
    yield Row(f"{app.name}, {app.how.hidden} hidden, {len(data.y_train):,} images: of {held:,} right in floats",
              f"{floats:.2%} ({seconds:.0f} s of one core)", "-", True)  # fmt: skip
    with tempfile.TemporaryDirectory() as scratch:
        write_nir(layers, Path(scratch) / "net.nir")
        network = load(Path(scratch) / "net.nir", dt=DT).network
        yield from on_core(app, network, data)
        if wire:
            yield from over_wire(app, network, data, wire)


def on_core(app: OffChipApp, network: SpikingNetwork, data: Dataset) -> Iterator[Row]:
    """In integers, and by the schedule of the core that is chosen for a board."""
    board = find_board(_BOARD)
    core = choose_core(network, board, SpikingOptions(lanes=app.lanes, without=app.without))
    ran = off_chip(Lockstep(core), network, app.shown(data.x_test, app.silence), data, None, silent)
    right, pace, need = ran.evaluation.accuracy, ran.pace(tick_cycles(core), board.clock_hz), estimate_core(core, board)
    yield Row("  in integers", f"{right:.2%}", f">= {app.least:.0%}", right >= app.least)
    yield Row(f"  {_BOARD}, {core.axons} axons, {core.neurons} neurons, {core.lanes} lanes: LUTs; block RAMs, by estimate",
              f"{need.resources.luts:,}; {need.resources.brams} of {board.resources.brams if board.resources else '-'}", "-", True)  # fmt: skip
    yield Row("  sources with a spike in an image, neurons that fire; cycles of it, mean; worst",
              f"{ran.sources.mean():.0f}, {ran.fired.mean():.0f}; {pace.mean:,.0f}; {pace.worst:,}", "-", True)  # fmt: skip
    for clock in _CLOCKS:
        mean, worst = (1e3 * cycles / clock for cycles in (pace.mean, pace.worst))
        most = _MOST_MS if app is MNIST_OFF_CHIP else None
        yield Row(f"  ms of the core an image at {clock / 1e6:.0f} MHz, mean; worst", f"{mean:.3f}; {worst:.3f}",
                  f"<= {most}" if most else "-", most is None or mean <= most)  # fmt: skip


def over_wire(app: OffChipApp, network: SpikingNetwork, data: Dataset, count: int) -> Iterator[Row]:
    """Bytes of some test images between the host and a device that is the golden model, frames and all, and their time alone."""
    core = core_for(network, app.lanes or 1)
    link = Link(VirtualPort(SpikingDevice(core=core, log=log_words(core))))
    both = Lockstep(core, SpikingBoard(link, core))
    both.load(network)
    spikes, before = app.shown(data.x_test[:count], app.silence), link.counters
    for first in range(0, count, _AT_ONCE):
        both.run(spikes[first : first + _AT_ONCE].reshape(-1, spikes.shape[2]))
    after = link.counters
    sent, received = (
        (getattr(after, name) - getattr(before, name)) / count for name in ("bytes_sent", "bytes_received")
    )
    yield Row(f"  {count:,} images: spikes compared; differing", f"{both.compared:,}; {both.differing}", "0", both.differing == 0)  # fmt: skip
    yield Row("  bytes of an image on the wire, to the board; back", f"{sent:.0f}; {received:.0f}", "-", True)
    for rate in _RATES:
        milliseconds = 1e3 * _UART_BITS * max(sent, received) / rate
        yield Row(f"  ms of the wire an image at {rate / 1e6:.0f} Mbaud, both ways at once", f"{milliseconds:.2f}", "-", True)  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--images", type=int, default=60_000)
    parser.add_argument("--wire", type=int, default=100)
    parser.add_argument("--net")
    options = parser.parse_args()
    mnist = options.data / "mnist.npz" if options.data else None
    missed = 0
    for app in (DIGITS_OFF_CHIP, *([MNIST_OFF_CHIP] if mnist else [])):
        if options.net in (None, app.name):
            for row in of(app, mnist, options.images, options.wire):
                print(row, flush=True)
                missed += not row.met
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
