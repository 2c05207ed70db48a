"""The spiking core's RTL against the golden model: every register after every tick, and the cycles of each tick."""

import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from hwflow.errors import ToolError
from hwflow.ints import IntArray
from hwflow.paths import data_folder, scratch_folder
from hwflow.progress import Progress, silent
from hwflow.shell.library import rtl_library
from hwflow.spiking.backend.bench import TOP, bench_module
from hwflow.spiking.backend.compiled import Compiled
from hwflow.spiking.backend.registers import VISIBLE, register_map
from hwflow.spiking.backend.schedule import tick_cycles
from hwflow.spiking.entries import entries_of, row_lengths
from hwflow.spiking.fit import pad
from hwflow.spiking.host.ticks import Order
from hwflow.spiking.map import neuron_alone
from hwflow.spiking.network import Core, SpikingNetwork
from hwflow.spiking.reference import Rules, State, initial, normalise, step, to_rest
from hwflow.spiking.tool.compare import Comparison, Difference
from hwflow.spiking.tool.script import Stimulus as Stimulus
from hwflow.spiking.tool.script import load_script, tick_script
from hwflow.tool.process import family
from hwflow.tool.verilator import Model, build_model


@dataclass(frozen=True, eq=False)
class SpikingSimulation:
    """What the RTL gave.

    fired: bool [ticks, N]; state: after the last tick; cycles: of all ticks; values: registers compared, over all ticks;
    mismatches: those, spikes and counts that differ; first: the first of them; late: ticks that took other cycles
    than predicted.
    """

    fired: NDArray[np.bool_]
    state: State
    cycles: int
    values: int
    mismatches: int
    first: Difference | None
    late: int

    @property
    def ticks(self) -> int:
        return len(self.fired)

    @property
    def spikes(self) -> int:
        return int(np.count_nonzero(self.fired))


@dataclass(frozen=True, eq=False)
class SpikingBench:
    """A compiled bench of one or more cores."""

    program: Path
    cores: tuple[Core, ...]

    def run(
        self,
        number: int,
        network: SpikingNetwork,
        stimulus: Stimulus,
        state: State | None = None,
        *,
        vcd: Path | None = None,
    ) -> SpikingSimulation:
        """Load a net of the size of core `number`, run it in RTL and golden model, and compare after each tick.

        At the end everything is read through the host port, and compared once more.

        state: to begin with, in place of the net's own; vcd: a file for the waveforms of the ticks, which only a bench that
        was built for them writes. Raises ToolError if the core stands still.
        """
        core, rules = self.cores[number], Rules(network, self.cores[number])
        state = state.copy() if state else initial(network)
        entries = entries_of(state.weight, core.lanes) if core.entries else None
        lengths = row_lengths(state.weight, core.lanes) if entries else np.zeros(core.sources, np.int64)
        comparison = Comparison(core, network.told, counting=stimulus.counting, entries=entries)
        fired = np.zeros((len(stimulus.learn), core.neurons), np.bool_)
        with scratch_folder() as scratch:
            script = scratch / "script"
            script.write_bytes(load_script(core, network, state) + tick_script(core, stimulus, entries))
            (place := scratch / "map").write_bytes(register_map(core, f"TOP.{TOP}.core{number}", entries))
            arguments = [str(self.program), *map(str, (number, core.axons, core.neurons, script, place))]
            arguments += [str(vcd.absolute())] if vcd else []
            with _output_of(arguments) as output:
                for t in range(len(fired)):
                    fired[t] = self._tick(rules, state, lengths, stimulus, t, comparison, output)
                comparison.take_readback(len(fired) - 1, _record(output, comparison.readback.itemsize), network)
        return SpikingSimulation(
            fired=fired,
            state=state,
            cycles=comparison.cycles,
            values=comparison.values,
            mismatches=comparison.mismatches,
            first=comparison.first,
            late=comparison.late,
        )

    def _tick(
        self,
        rules: Rules,
        state: State,
        lengths: IntArray,
        stimulus: Stimulus,
        t: int,
        comparison: Comparison,
        output: IO[bytes],
    ) -> NDArray[np.bool_]:
        """lengths: [sources], entries of each row, zero in a core without."""
        row, learn = stimulus.axon_spikes[t], bool(stimulus.learn[t]) and rules.core.learning
        axons = row.nonzero()[0]
        sources, clipped = len(axons) + int(np.count_nonzero(state.fired)), state.saturations
        walked = int(lengths[axons].sum() + lengths[rules.core.axons :][state.fired].sum())
        done = step(rules, state, axons, learn, row[axons].astype(np.int64))
        fires = done.fires
        cycles = tick_cycles(rules.core).of(sources, int(np.count_nonzero(fires)), learn, done.columns, walked)
        comparison.expect(state, sources, state.saturations - clipped, fires)
        fired = comparison.take(t, _record(output, comparison.kind.itemsize), cycles)
        if word := int(stimulus.normalise[t]):
            only = neuron_alone(word)
            normalise(rules, state, only)
            comparison.expect(state, 0, 0, np.zeros_like(fires))
            record = _record(output, comparison.kind.itemsize)
            count = 1 if only is not None else rules.core.neurons
            comparison.take(t, record, tick_cycles(rules.core).normalisation(count), counted=False)
        if stimulus.orders[t] & Order.REST:
            to_rest(state)
            comparison.expect(state, 0, 0, np.zeros_like(fires))
            record = _record(output, comparison.kind.itemsize)
            comparison.take(t, record, tick_cycles(rules.core).rest, counted=False)
        if stimulus.orders[t] & Order.GIVE:
            count = int.from_bytes(_record(output, 4), "little")
            comparison.take_told(t, _record(output, 4 * count))
        return fired


@contextmanager
def _output_of(arguments: Sequence[str]) -> Iterator[IO[bytes]]:
    """The standard output of a program, which ends with the block. Raises ToolError if it failed."""
    with tempfile.TemporaryFile() as errors:
        whole = False
        with family(arguments, stdout=subprocess.PIPE, stderr=errors) as process:
            assert process.stdout is not None
            try:
                yield process.stdout
                whole = process.stdout.read(1) == b""
                if whole:
                    process.wait()
            except _EndsEarlyError:
                process.wait()
        if whole and process.returncode == 0:
            return
        errors.seek(0)
        words = errors.read().decode(errors="replace").strip().splitlines()
        if process.returncode > 0 or words:
            reason = f"failed with status {process.returncode}: {words[0] if words else 'it said nothing'}"
        else:
            reason = "wrote more or fewer records than there are ticks"
        raise ToolError(f"The simulated core {reason}.")


class _EndsEarlyError(Exception):
    """The program gave less than it should have."""


def _record(output: IO[bytes], size: int) -> bytes:
    record = output.read(size)
    if len(record) < size:
        raise _EndsEarlyError
    return record


def build_spiking_bench(
    cores: Sequence[Core],
    files: Mapping[str, bytes],
    *,
    optimise: bool = True,
    vcd: bool = False,
    progress: Callable[[], None] = lambda: None,
) -> SpikingBench:
    """A bench of cores, whose RTL is among `files`. optimise, vcd, progress, and what is raised: as in `build_model`."""
    library = {Path(path).name: files[path] for path in sorted(files) if path.endswith(".sv")}
    sources = {"visible.vlt": VISIBLE.encode()} | library | {f"{TOP}.sv": bench_module(cores).encode()}
    main = data_folder("rtl") / "sim" / "spiking.cpp"
    program = build_model(Model(sources, TOP, main, optimise=optimise, vcd=vcd), progress)
    return SpikingBench(program, tuple(cores))


def simulate_core(
    compiled: Compiled, stimulus: Stimulus, *, progress: Progress = silent, vcd: Path | None = None
) -> SpikingSimulation:
    """Run a compiled project's net on its RTL and in the golden model. stimulus: with the axons of the net.

    The bench is compiled once for all projects of equal RTL, and once more for waveforms. vcd: a file for them, as in
    `SpikingBench.run`. Raises as `build_model` does.
    """
    core = compiled.design.core
    network = pad(compiled.network, core)
    files = {path: compiled.folder.files[path] for path in rtl_library("spiking")}
    bench = build_spiking_bench(
        [core], files, vcd=vcd is not None, progress=lambda: progress("compiling the simulation")
    )
    progress(f"simulating {len(stimulus.learn):,} ticks")
    wide = np.zeros((len(stimulus.learn), core.axons), np.uint8)
    wide[:, : stimulus.axon_spikes.shape[1]] = stimulus.axon_spikes
    return bench.run(0, network, replace(stimulus, axon_spikes=wide), vcd=vcd)
