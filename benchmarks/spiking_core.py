"""`make bench`, the spiking core: its RTL against the golden model over random nets, and what a tick costs.

--ticks: of the comparison, in all (1,000,000); --jobs: processes side by side; --taught: digits taught in the RTL (100);
--presented: ticks of presentations on the simulated board, for each core (20,000); --convolutional: ticks of a net of 8,970 neurons (9).
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from run import Row

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from spiking.campaign import campaign_bench, campaign_cores, cases, run_case
from spiking.convolutional import AXONS, cnn
from spiking.nets import random_network, random_stimuli

from hwflow.apps.taught.images import digits_with_validation
from hwflow.apps.taught.learning import Lesson
from hwflow.apps.taught.teaching import Teaching
from hwflow.board import find_board
from hwflow.host.link import open_link
from hwflow.progress import silent
from hwflow.project import ProjectFolder
from hwflow.spiking.backend.compiled import Compiled
from hwflow.spiking.backend.core import SpikingOptions, compile_spiking, spiking_project
from hwflow.spiking.backend.synapses import Form
from hwflow.spiking.fit import core_for, pad
from hwflow.spiking.frontend import nir
from hwflow.spiking.host.board import SpikingBoard
from hwflow.spiking.host.lockstep import Lockstep
from hwflow.spiking.learning import Learning
from hwflow.spiking.network import Core, Neurons, SpikingNetwork
from hwflow.spiking.reference import Rules, initial, run
from hwflow.spiking.tool.simulate import Stimulus, simulate_core
from hwflow.tool.simulated import board_program
from hwflow.tool.simulated_board import SimulatedBoard

COMPETITOR = 96_000  # cycles of NeuroCoreX's 100 MHz clock in a tick, whatever the activity
ACTIVITY = 0.1


def campaign(ticks: int, jobs: int) -> Iterator[Row]:
    """Random nets on random cores: every register after every tick, and the cycles of each tick."""
    cores = campaign_cores()
    bench = campaign_bench(cores)
    start = time.perf_counter()
    with ProcessPoolExecutor(jobs) as pool:
        done = list(pool.map(partial(run_case, bench), cases(cores, ticks)))
    seconds = time.perf_counter() - start
    total = sum(one.ticks for one in done)
    values, mismatches = sum(one.values for one in done), sum(one.mismatches for one in done)
    late, saturations = sum(one.late for one in done), sum(one.state.saturations for one in done)
    first = next((str(one.first) for one in done if one.first), "")
    yield Row(f"golden model and RTL, {len(done)} nets on {len(cores)} cores: ticks", f"{total:,}", f">= {ticks:,}",
              total >= ticks)  # fmt: skip
    yield Row("  registers compared; sums that saturated", f"{values:,}; {saturations:,}", "> 0", saturations > 0)
    yield Row("  differing values", f"{mismatches:,} {first}", "0", mismatches == 0)
    yield Row("  ticks with other cycles than predicted", f"{late:,}", "0", late == 0)
    yield Row("  ticks/s, RTL and golden model together", f"{total / seconds:,.0f}", "-", True)


def of_its_size(axons: int, neurons: int) -> SpikingNetwork:
    """A net that learns, of which about a tenth of the neurons fire in a tick when a tenth of the axons do."""
    rng = np.random.default_rng(0)
    weight = rng.integers(0, 60, (axons + neurons, neurons))
    return SpikingNetwork(
        "lively",
        weight,
        Neurons.of(neurons, threshold=1000, leak=6000, refractory=7),
        np.ones(weight.shape, np.bool_),
        learning=Learning(plastic_neurons=True, potentiation=20, depression=-15, pre_decay=6000, post_decay=6000,
                          pre_step=100, post_step=100, weight_max=60),
    )  # fmt: skip


def cost() -> Iterator[Row]:
    """A tick at NeuroCoreX's size, measured in the RTL."""
    core = Core(96, 96, 4)
    network = of_its_size(96, 96)
    spikes = np.random.default_rng(1).random((2000, 96)) < ACTIVITY
    bench = campaign_bench([core])
    done = bench.run(0, network, Stimulus.of(spikes, learn=True))
    cycles, activity = done.cycles / done.ticks, done.spikes / done.fired.size
    yield Row(f"N=96 A=96 L=4, learning, {ACTIVITY:.0%} of axons, {activity:.1%} of neurons: cycles/tick",
              f"{cycles:,.0f} ({COMPETITOR / cycles:.0f} x fewer)", "<= 1,200", cycles <= 1200 and activity >= 0.08)  # fmt: skip
    yield Row("  differing values; ticks with other cycles than predicted", f"{done.mismatches}; {done.late}", "0; 0",
              done.mismatches == 0 and done.late == 0)  # fmt: skip
    small = of_its_size(64, 100)
    start = time.process_time()
    run(Rules(small, core), initial(small), spikes[:, :64], learn=True)
    each = (time.process_time() - start) / len(spikes) * 1e6
    yield Row("golden model, N=100 A=64, learning: µs/tick", f"{each:.0f}", "<= 80", each <= 80)


def taught(count: int) -> Iterator[Row]:
    """Presentations of digits that teach by a third factor, in the RTL, every register after every tick."""
    lesson = Lesson(digits_with_validation((), 0), Teaching(), 0)
    network, data = lesson.network(), lesson.data
    core = core_for(network, lanes=8)
    spikes = lesson.presentations(data.x_train[:count], data.y_train[:count])
    wide = np.pad(spikes, ((0, 0), (0, core.axons - spikes.shape[1])))
    done = campaign_bench([core]).run(0, pad(network, core), Stimulus.of(wide, learn=True))
    changed = int(
        np.count_nonzero(done.state.weight[: network.axons, : network.size] != network.weight[: network.axons])
    )
    yield Row(f"{count} digits taught by a third factor, N={core.neurons} A={core.axons} L=8: cycles each",
              f"{done.cycles / count:,.0f}", "-", True)  # fmt: skip
    yield Row("  registers compared; weights of the hidden layer that changed", f"{done.values:,}; {changed:,}", "> 0",
              changed > 0)  # fmt: skip
    yield Row("  differing values; ticks with other cycles than predicted", f"{done.mismatches}; {done.late}", "0; 0",
              done.mismatches == 0 and done.late == 0)  # fmt: skip


def board_speed(folder: Path) -> Iterator[Row]:
    """Clock cycles a second of the simulated board, behind its UART, from the first HELLO to the last spike."""
    network, board = of_its_size(256, 256), find_board("sim")
    project, core_options = folder / "board", SpikingOptions(lanes=8)
    project.mkdir()
    compile_spiking(network, board, core_options).save(project)
    program = board_program(ProjectFolder.read(project).project, silent)
    spikes = np.random.default_rng(2).random((2000, 256)) < ACTIVITY
    own = os.times()
    start = time.perf_counter()
    with SimulatedBoard(program, clocks_per_bit=board.clock_hz / board.baud, folder=project) as simulated:
        with open_link(simulated.port, baud=board.baud, deadline=60.0) as link:
            target = SpikingBoard(link, Core(256, 256, 8))
            target.load(network)
            fired = target.run(spikes, learn=True)
        seconds = time.perf_counter() - start
    assert simulated.passed is not None
    cycles, busy = simulated.passed.cycles, os.times().children_user - own.children_user
    yield Row(f"simulated board, N=256 A=256 L=8, {len(spikes):,} ticks that learn, {fired.mean():.1%} fire: cycles/s",
              f"{cycles / seconds:,.0f}", ">= 1,000,000", cycles >= 1e6 * seconds)  # fmt: skip
    yield Row("  cycles; cycles of a second of its processor time", f"{cycles:,}; {cycles / busy:,.0f}", "-", True)


def presented(ticks: int, folder: Path) -> Iterator[Row]:
    """Presentations on the simulated board in lockstep: learning or not each, at rest or not, by counts or by spikes."""
    rng, board = np.random.default_rng(4), find_board("sim")
    for core in (
        Core(24, 20, 4, stochastic=True, modulation=True, graded=True, counting=True),
        Core(12, 9, 1, stochastic=True, modulation=True, graded=True),
        Core(
            16,
            40,
            8,
            learning=False,
            synapse_mask=False,
            adaptation=False,
            normalisation=False,
            counters=False,
            counting=True,
        ),
        Core(24, 32, 8, learning=False, synapse_mask=False, normalisation=False, counting=True, entries=120),
    ):
        made = spiking_project(random_network(rng, core), board, core, (), "link", 2_000_000)
        made.save(project := folder / core.digest[:8])
        start, lockstep, count = time.perf_counter(), None, 0
        with (
            SimulatedBoard(
                board_program(made, silent), clocks_per_bit=board.clock_hz / 2e6, folder=project
            ) as simulated,
            open_link(simulated.port, baud=2_000_000, deadline=60.0) as link,
        ):
            lockstep = Lockstep(core, SpikingBoard(link, core))
            while lockstep.ticks < ticks:
                lockstep.load(network := random_network(rng, core))
                for _ in range(4):
                    some, each = int(rng.integers(1, 60)), int(rng.integers(1, 30))
                    shown = random_stimuli(rng, network, some * each).reshape(some, each, core.axons)
                    lockstep.present(shown, learn=rng.random(some) < 0.5, rest=bool(rng.integers(2)))
                    count += some
                lockstep.state()
        seconds = time.perf_counter() - start
        features = ("counting" if core.counting else "by spikes") + ", rows of entries" * bool(core.entries)
        yield Row(f"{count:,} presentations on the simulated board, N={core.neurons} A={core.axons} L={core.lanes}, {features}: ticks",
                  f"{lockstep.ticks:,}", f">= {ticks:,}", lockstep.ticks >= ticks)  # fmt: skip
        yield Row("  spikes told; differing values; ticks/s",
                  f"{lockstep.spikes:,}; {lockstep.differing} {lockstep.first}; {lockstep.ticks / seconds:,.0f}",
                  "> 0; 0; -", lockstep.spikes > 0 and lockstep.differing == 0)  # fmt: skip


def convolutional(ticks: int, folder: Path) -> Iterator[Row]:
    """A net of the NIR paper's size, in blocks and in rows of entries: memory, and the cycles of its ticks, those of entries in the RTL."""
    model = nir.from_dict(cnn().to_dict(), 1.0, "cnn", state_bits=18)
    spikes = np.random.default_rng(1).random((ticks, AXONS)) < 0.15
    fired = run(Rules(model.network, core_for(model.network, state_bits=18)), initial(model.network), spikes).spikes
    sources = np.count_nonzero(spikes, axis=1) + np.append(0, fired.sum(axis=1)[:-1])
    forms: tuple[Form, ...] = ("blocks", "entries")
    designs = {}
    for form in forms:
        options, start = SpikingOptions(lanes=8, state_bits=18, synapses=form), time.perf_counter()
        compile_spiking(model.network, find_board("sim"), options).save(made := folder / form)
        designs[form] = Compiled.of(ProjectFolder.read(made))
        yield Row(
            f"{model.network.size:,} neurons in {form}, 8 lanes: compiled in",
            f"{time.perf_counter() - start:.1f} s",
            "-",
            True,
        )
    bits, plain = designs["entries"].design.synapses, designs["blocks"].design.cycles
    assert bits is not None and bits.blocks is not None and bits.entries is not None
    yield Row("  bits as a matrix, in blocks, in rows of entries", f"{bits.matrix:,}; {bits.blocks:,}; {bits.entries:,}",
              "entries <= blocks / 7", 7 * bits.entries <= bits.blocks)  # fmt: skip
    done = simulate_core(designs["entries"], Stimulus.of(spikes))
    whole = sum(plain.of(int(n), int(k), False) for n, k in zip(sources, fired.sum(axis=1), strict=True))
    yield Row(f"  a tick of {sources.mean():,.0f} sources with a spike, cycles: blocks, entries",
              f"{whole / ticks:,.0f}; {done.cycles / ticks:,.0f}", "<= 1/25", 25 * done.cycles <= whole)  # fmt: skip
    yield Row("  registers compared; differing; ticks with other cycles than predicted",
              f"{done.values:,}; {done.mismatches} {done.first or ''}; {done.late}", "> 0; 0; 0", done.mismatches == done.late == 0)  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ticks", type=int, default=1_000_000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--taught", type=int, default=100)
    parser.add_argument("--presented", type=int, default=20_000)
    parser.add_argument("--convolutional", type=int, default=9)
    options = parser.parse_args()
    missed = 0
    with tempfile.TemporaryDirectory() as scratch:
        for part in (
            cost(),
            taught(options.taught),
            board_speed(Path(scratch)),
            presented(options.presented, Path(scratch)),
            convolutional(options.convolutional, Path(scratch)),
            campaign(options.ticks, options.jobs),
        ):
            for row in part:
                print(row, flush=True)
                missed += not row.met
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
