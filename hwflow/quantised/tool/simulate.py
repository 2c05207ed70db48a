"""RTL against the reference, in volume: a Verilated bench, a C++ loop, and every layer boundary compared."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hwflow.errors import ToolError
from hwflow.ints import IntArray, IntType, pack_vectors, unpack_vectors, vector_bytes
from hwflow.paths import data_folder, scratch_folder, whole_folder
from hwflow.progress import Progress, silent
from hwflow.project import ProjectFolder
from hwflow.quantised import reference
from hwflow.quantised.backend.bench import TOP, BenchNet, Tap, bench_module, bench_net
from hwflow.quantised.backend.compiled import Compiled
from hwflow.quantised.backend.dataflow import FOLDING, MODULE
from hwflow.quantised.backend.folding import parse_folding
from hwflow.quantised.backend.units import units_of
from hwflow.quantised.network import Network
from hwflow.tool.process import Together, run_tool, side_by_side
from hwflow.tool.verilator import Model, build_model

# Vectors of one run of the program, at least and at most: starting one costs some, and memory is bounded.
_LEAST, _MOST = 1000, 5000


@dataclass(frozen=True)
class Boundary:
    """How the values of a node in the RTL compare with the reference."""

    node: str
    values: int
    mismatches: int


@dataclass(frozen=True, eq=False)
class Simulation:
    """What the RTL gave.

    outputs: integers [vectors, output_size]; boundaries: one for each node; cycles: [vectors, 3], of the first part of
    the vectors, those of the first input beat, the last input beat and the last output beat.
    """

    outputs: IntArray
    boundaries: tuple[Boundary, ...]
    cycles: IntArray

    @property
    def mismatches(self) -> int:
        """Values, over all boundaries, that differ from the reference."""
        return sum(boundary.mismatches for boundary in self.boundaries)

    @property
    def latency_cycles(self) -> int:
        """From the last input beat of the first vector, which meets an idle pipeline, to its last output beat."""
        return int(self.cycles[0, 2] - self.cycles[0, 1])

    @property
    def fill_cycles(self) -> int:
        """From the first input beat of the first vector to its last output beat."""
        return int(self.cycles[0, 2] - self.cycles[0, 0])

    @property
    def initiation_interval_cycles(self) -> float:
        """Mean cycles between two outputs once the pipeline is full: over the second half of the vectors."""
        ends = self.cycles[len(self.cycles) // 2 :, 2]
        return float(ends[-1] - ends[0]) / (len(ends) - 1) if len(ends) > 1 else float("nan")


@dataclass(frozen=True, eq=False)
class Bench:
    """A compiled bench of one or more nets, by module name; the folder holds the memory images."""

    folder: Path
    program: Path
    nets: Mapping[str, BenchNet]

    def _taps(self, module: str) -> tuple[int, tuple[Tap, ...]]:
        first = 0
        for name, net in self.nets.items():
            if name == module:
                return first, net.taps
            first += len(net.taps)
        raise KeyError(module)

    def run(
        self,
        module: str,
        network: Network,
        x: IntArray,
        *,
        spaced: bool = False,
        stall: int = 0,
        seed: int = 0,
        vcd: Path | None = None,
    ) -> Simulation:
        """Send integer vectors [n, input_size] through a net and compare every boundary with the reference.

        spaced: each vector waits for the one before to leave; stall: of 256 cycles, how many each end stands still.
        More than 1,000 vectors are shared out to the cores, in parts that each begin with reset. vcd: a file for the
        waveforms, which only a bench that was built for them writes, and only of at most 1,000 vectors.
        """
        if vcd and len(x) > _LEAST:
            raise ValueError(f"waveforms are of at most {_LEAST} vectors, not {len(x)}")
        cores = os.cpu_count() or 1
        size = min(max(-(-len(x) // cores), _LEAST), _MOST)
        starts = range(0, max(len(x), 1), size)

        def part(at: int, together: Together) -> Simulation:
            return self._run_part(module, network, x[at : at + size], spaced, stall, seed, vcd, together)

        parts = side_by_side(part, starts)
        boundaries = tuple(
            Boundary(same[0].node, sum(b.values for b in same), sum(b.mismatches for b in same))
            for same in zip(*(part.boundaries for part in parts), strict=True)
        )
        return Simulation(np.concatenate([part.outputs for part in parts]), boundaries, parts[0].cycles)

    def _run_part(
        self,
        module: str,
        network: Network,
        x: IntArray,
        spaced: bool,
        stall: int,
        seed: int,
        vcd: Path | None,
        together: Together,
    ) -> Simulation:
        net = self.nets[module]
        beats = to_beats(x, net.lanes_in, net.x)
        out_beats = -(-net.size_out // net.lanes_out)
        out_words = -(-net.bits_out // 32)
        with scratch_folder() as here:
            (here / "in").write_bytes(beats.tobytes())
            sizes = [len(x), beats.shape[2], beats.shape[1], out_words, out_beats, int(spaced), stall, seed]
            index = list(self.nets).index(module)
            (here / "load").write_bytes(net.content.records if net.content else b"")
            files = [str(here / name) for name in ("load", "in", "r")]
            arguments = [str(self.program), str(index), *map(str, sizes), *files]
            arguments += [str(vcd.absolute())] if vcd else []
            run_tool(arguments, here / "log", cwd=self.folder, together=together)
            words = np.fromfile(here / "r.out", dtype="<u4").reshape(len(x), out_beats, out_words)
            cycles = np.fromfile(here / "r.cycles", dtype="<u8").reshape(len(x), 3).astype(np.int64)
            number, taps = self._taps(module)
            expected = reference.trace(network, x)
            boundaries = []
            for i, tap in enumerate(taps, number):
                tapped = np.fromfile(here / f"r.tap{i}", dtype="<u4")
                beats_seen, beats_wanted = len(tapped) // tap.words, len(x) * -(-tap.size // tap.lanes)
                if beats_seen != beats_wanted:
                    raise ToolError(
                        f"{beats_seen:,} beats of {tap.node} passed in the simulation, not {beats_wanted:,}."
                    )
                tapped = tapped.reshape(len(x), -1, tap.words)
                seen = from_beats(tapped, tap.size, tap.lanes, tap.kind)
                seen[:, list(tap.negated)] *= -1
                differing = int(np.count_nonzero(seen != expected[tap.node]))
                boundaries.append(Boundary(tap.node, seen.size, differing))
        outputs = from_beats(words, net.size_out, net.lanes_out, net.y)
        return Simulation(outputs, tuple(boundaries), cycles)


def to_beats(x: IntArray, lanes: int, kind: IntType) -> NDArray[np.uint32]:
    """Integers [n, size] to words [n, beats, words of a beat]: `lanes` elements a beat, lowest bits first."""
    beats = -(-x.shape[1] // lanes)
    padded = np.pad(x, ((0, 0), (0, beats * lanes - x.shape[1]))).reshape(len(x) * beats, lanes)
    packed = pack_vectors(padded, kind)
    packed = np.pad(packed, ((0, 0), (0, -packed.shape[1] % 4)))
    return packed.view("<u4").reshape(len(x), beats, -1)


def from_beats(words: NDArray[np.uint32], size: int, lanes: int, kind: IntType) -> IntArray:
    """The inverse: words [n, beats, words of a beat] to integers [n, size]."""
    n, beats, _ = words.shape
    packed = np.ascontiguousarray(words).view(np.uint8).reshape(n * beats, -1)[:, : vector_bytes(lanes, kind)]
    return unpack_vectors(packed, lanes, kind).reshape(n, beats * lanes)[:, :size]


def bench_program(
    nets: Mapping[str, BenchNet],
    files: Mapping[str, bytes],
    *,
    optimise: bool = True,
    vcd: bool = False,
    progress: Callable[[], None] = lambda: None,
) -> Path:
    """The program that `Bench` runs, of nets whose modules are among `files`, in the order in which these are read.

    It reads the memory images from the folder that it runs in. optimise, vcd, progress, and what is raised: as in
    `build_model`.
    """
    sim = data_folder("rtl") / "sim"
    sources = {Path(path).name: content for path, content in files.items() if path.endswith((".sv", ".v"))}
    sources |= {"hwf_tap.sv": (sim / "hwf_tap.sv").read_bytes(), f"{TOP}.sv": bench_module(nets).encode()}
    return build_model(Model(sources, TOP, sim / "vectors.cpp", optimise=optimise, vcd=vcd), progress)


def build_bench(
    nets: Mapping[str, BenchNet], files: Mapping[str, bytes], out: Path, *, optimise: bool = True, vcd: bool = False
) -> Bench:
    """A bench of nets, whose modules and memory images are among `files`; the images are written into the folder `out`.

    optimise, vcd: as in `build_model`.
    """
    with whole_folder(out) as draft:
        for path, content in files.items():
            (draft / path).parent.mkdir(parents=True, exist_ok=True)
            (draft / path).write_bytes(content)
    return Bench(out, bench_program(nets, files, optimise=optimise, vcd=vcd), dict(nets))


@dataclass(frozen=True, eq=False)
class BenchSource:
    """What a bench of a compiled net is made from.

    module: the net's; net: its ends and taps; files: RTL and memory images, in the order in which they are read;
    optimise: as in `build_model`.
    """

    module: str
    net: BenchNet
    files: Mapping[str, bytes]
    optimise: bool = True


def dataflow_source(compiled: Compiled) -> BenchSource:
    """Of a net in hwflow's own RTL, without link and shell."""
    network, files = compiled.network, compiled.folder.files
    folding = parse_folding(files.get(FOLDING, b""), network, str(compiled.path / FOLDING))
    return BenchSource(MODULE, bench_net(units_of(network, folding)), net_files(files))


def simulate_source(
    source: BenchSource,
    folder: ProjectFolder,
    network: Network,
    x: IntArray,
    *,
    progress: Progress = silent,
    vcd: Path | None = None,
) -> Simulation:
    """Run the RTL of a compiled project on integer vectors [n, input_size] and compare every boundary.

    The bench is compiled once for all projects of equal RTL, and once more for waveforms. vcd: a file for them, as in
    `Bench.run`. Raises as `build_model` does.
    """
    nets = {source.module: source.net}
    program = bench_program(
        nets,
        source.files,
        optimise=source.optimise,
        vcd=vcd is not None,
        progress=lambda: progress("compiling the simulation"),
    )
    progress(f"simulating {len(x):,} vectors")
    return Bench(folder.path.resolve(), program, nets).run(source.module, network, x, vcd=vcd)


def net_files(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Those of a project's files that are RTL and memory images of the net alone, without link and shell."""
    rooms = ("stream", "dense", "chain", "join", "table", "split", "tokens")
    library = {path.name for room in rooms for path in (data_folder("rtl") / room).glob("*.sv")}
    net = {f"rtl/{name}" for name in library | {f"{MODULE}.sv"}}
    made = ("memory/", f"rtl/{MODULE}_")  # images, and modules of layers that are made for their weights
    return {path: content for path, content in files.items() if path in net or path.startswith(made)}
