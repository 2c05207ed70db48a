"""`make bench`, digits taught on the chip: MNIST in full on the golden model, a part of it in RTL, and how fast the compiled model is.

--data: a folder with mnist.npz, without which only digits are taught; --images: of a pass, at most (60,000); --lockstep:
presentations that learn in RTL, and as many that are judged there (500); --board: the same of digits, behind the UART of the simulated
board (40); --only: speed, taught, lockstep or board; --net: of what is taught, only this application, and --passes: only with so many.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from run import Row

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from spiking.campaign import campaign_bench

from hwflow.apps.taught.app import DIGITS_TAUGHT, MNIST_TAUGHT, TaughtApp
from hwflow.apps.taught.learning import Lesson, teach
from hwflow.board import find_board
from hwflow.dataset import Dataset
from hwflow.host.linked import SIM
from hwflow.progress import silent
from hwflow.project import ProjectFolder
from hwflow.sources import Source
from hwflow.spiking import native, reference
from hwflow.spiking.backend.compiled import Compiled
from hwflow.spiking.backend.core import SpikingOptions, compile_spiking
from hwflow.spiking.fit import core_for, pad
from hwflow.spiking.flow.running import opened
from hwflow.spiking.host.lockstep import Lockstep
from hwflow.spiking.rules import Rules
from hwflow.spiking.tool.simulate import Stimulus

_LANES = 8
_PRESENTATIONS = 40  # of the comparison of speed


def lessons(
    mnist: Path | None, images: int, net: str | None, passes: int | None
) -> Iterator[tuple[str, float, Lesson]]:
    """What is taught, with the accuracy that it must reach; fewer passes of an application too."""
    whole, large, small = MNIST_TAUGHT
    wanted = [(DIGITS_TAUGHT, DIGITS_TAUGHT.how.passes, 0.93)]
    if mnist is not None:
        wanted += [(whole, 1, 0.95), (large, 1, 0.955), (large, 3, 0.97), (small, 1, 0.95), (small, 2, 0.96)]
    for app, times, least in wanted:
        if net in (None, app.name) and passes in (None, times):
            lesson = lesson_of(app, mnist, images)
            yield app.name, least, replace(lesson, how=replace(app.how, passes=times))


def lesson_of(app: TaughtApp, mnist: Path | None, images: int) -> Lesson:
    data: Dataset = app.dataset((Source(mnist),) if mnist and "data" in app.takes else (), 0)
    return Lesson(replace(data, x_train=data.x_train[:images], y_train=data.y_train[:images]), app.how, 0)


def taught(asked: Iterator[tuple[str, float, Lesson]]) -> Iterator[Row]:
    """Accuracy on the test images, on the golden model."""
    for name, least, lesson in asked:
        start = time.process_time()
        found = teach(Lockstep(core_for(lesson.network())), lesson, silent)
        seconds, accuracy = time.process_time() - start, found.evaluation.accuracy
        passes, hidden = lesson.how.passes, lesson.how.hidden
        yield Row(f"{name}, {hidden} hidden, passes over {len(lesson.data.y_train):,}: {passes}; of {len(lesson.data.y_test):,} right",
                  f"{accuracy:.2%} ({seconds:.0f} s)", f">= {least:.1%}", accuracy >= least)  # fmt: skip


def speed(mnist: Path | None) -> Iterator[Row]:
    """The compiled golden model beside the one in numpy: presentations that learn, both on one core, the better of three."""
    lesson = lesson_of(MNIST_TAUGHT[0] if mnist else DIGITS_TAUGHT, mnist, 60_000)
    network, data = lesson.network(), lesson.data
    rules, state = Rules(network, core_for(network)), reference.initial(network)
    spikes = lesson.presentations(data.x_train[:_PRESENTATIONS], data.y_train[:_PRESENTATIONS])
    library = native.library()
    if library is None:
        yield Row("compiled golden model", "no C++ compiler", ">= 10 x", False)
        return
    seconds = []
    for compiled in (True, False):
        tried = []
        for _ in range(3):
            start = time.process_time()
            if compiled:
                native.run(library, rules, state, spikes, learn=True, keep_membranes=False, told=lambda _: None)
            else:
                reference.run(rules, state, spikes, learn=True)
            tried.append(time.process_time() - start)
        seconds.append(min(tried))
    each = [one / len(spikes) * 1e6 for one in seconds]
    yield Row(f"golden model, N={network.size} A={network.axons}, taught: µs/tick, compiled; numpy", f"{each[0]:.1f}; {each[1]:.0f}",
              "-", True)  # fmt: skip
    yield Row("  compiled against numpy", f"{each[1] / each[0]:.1f} x", ">= 10 x", each[1] >= 10 * each[0])


def lockstep(mnist: Path | None, count: int) -> Iterator[Row]:
    """Presentations that learn and as many that are judged, in RTL: every register and weight after every tick."""
    lesson = lesson_of(MNIST_TAUGHT[0] if mnist else DIGITS_TAUGHT, mnist, 60_000)
    network, data = lesson.network(), lesson.data
    core = core_for(network, lanes=_LANES)
    learnt, judged = (
        lesson.presentations(data.x_train[:count], data.y_train[:count]),
        lesson.presentations(data.x_test[:count]),
    )
    spikes = np.pad(np.concatenate([learnt, judged]), ((0, 0), (0, core.axons - network.axons)))
    learn = np.arange(len(spikes)) < len(learnt)
    bench = campaign_bench([core])
    start = time.perf_counter()
    done = bench.run(0, pad(network, core), replace(Stimulus.of(spikes), learn=learn))
    seconds = time.perf_counter() - start
    said = lesson.said(done.fired[len(learnt) :, : network.size])
    right = float((said == data.y_test[:count]).mean())
    changed = np.count_nonzero(done.state.weight != pad(network, core).weight)
    yield Row(f"RTL, N={core.neurons} A={core.axons} L={core.lanes}: presentations that learn; that are judged; ticks",
              f"{count:,}; {len(said):,}; {done.ticks:,}", "-", True)  # fmt: skip
    yield Row("  cycles a presentation; weights changed; right; seconds",
              f"{done.cycles / (2 * count):,.0f}; {changed:,}; {right:.1%}; {seconds:.0f}", "> 0", bool(changed > 0))  # fmt: skip
    yield Row("  registers compared; differing; ticks with other cycles than predicted", f"{done.values:,}; {done.mismatches}; {done.late}",
              "0; 0", done.mismatches == 0 and done.late == 0)  # fmt: skip


def behind_uart(folder: Path, count: int) -> Iterator[Row]:
    """Presentations of digits on the simulated board, through its UART: all spikes, and at the end every register and weight."""
    lesson = lesson_of(DIGITS_TAUGHT, None, 60_000)
    lesson, board = replace(lesson, how=replace(lesson.how, passes=1), beside=(count, count)), find_board("sim")
    compile_spiking(lesson.network(), board, SpikingOptions(lanes=1)).save(folder)
    compiled = Compiled.of(ProjectFolder.read(folder))
    start = time.perf_counter()
    with opened(compiled, SIM, None, silent) as (core, link):
        both = Lockstep(compiled.design.core, core)
        done = teach(both, lesson, silent)
        cycles, wire = both.cycles, link.counters
    seconds = time.perf_counter() - start
    yield Row(f"simulated board behind its UART, N={both.model.core.neurons} A={both.model.core.axons}: learnt; judged; ticks; cycles",
              f"{done.beside[0]}; {done.beside[1]}; {both.ticks:,}; {cycles:,}", "> 0", cycles > 0)  # fmt: skip
    yield Row("  spikes, registers and weights compared; differing", f"{both.compared:,}; {both.differing} {both.first}", "0",
              both.differing == 0)  # fmt: skip
    yield Row(
        "  of all held-out digits right, learnt further on the model",
        f"{done.evaluation.accuracy:.2%} ({seconds:.0f} s, {wire})",
        "-",
        True,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--images", type=int, default=60_000)
    parser.add_argument("--lockstep", type=int, default=500)
    parser.add_argument("--only", choices=("speed", "taught", "lockstep", "board"))
    parser.add_argument("--board", type=int, default=40)
    parser.add_argument("--net")
    parser.add_argument("--passes", type=int)
    options = parser.parse_args()
    mnist = options.data / "mnist.npz" if options.data else None
    parts = {"speed": lambda: speed(mnist), "taught": lambda: taught(lessons(mnist, options.images, options.net, options.passes)),
             "lockstep": lambda: lockstep(mnist, options.lockstep)}  # fmt: skip
    missed = 0
    with tempfile.TemporaryDirectory() as scratch:
        parts["board"] = lambda: behind_uart(Path(scratch), options.board)
        for name, part in parts.items():
            if options.only in (None, name):
                for row in part():
                    print(row, flush=True)
                    missed += not row.met
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
