"""The verb `compile` for spiking nets."""

from dataclasses import dataclass, replace
from pathlib import Path

from hwflow.board import Board
from hwflow.clock import clock_words
from hwflow.host.package import FOLDER, PACKAGE
from hwflow.paths import only_one
from hwflow.progress import Progress
from hwflow.project import Project, ProjectFolder, put, put_beside
from hwflow.resources import Estimate
from hwflow.spiking.backend.compiled import Compiled
from hwflow.spiking.backend.core import SpikingOptions, compile_spiking, spiking_project
from hwflow.spiking.backend.schedule import TickCycles
from hwflow.spiking.backend.synapses import SynapseBits
from hwflow.spiking.frontend.inspection import SpikingInspection, inspection_of
from hwflow.spiking.frontend.model import IMPORT, SpikingModel, beside, import_file, with_import
from hwflow.spiking.network import Core
from hwflow.tool.clock_search import ClockSearch, search_beside
from hwflow.tool.own import mark
from hwflow.words import Done, Part


@dataclass(frozen=True)
class SpikingCompilation(Done):
    """What was compiled.

    project: the folder; digest: of the project; kept: whether the folder held the same project before; layers and model:
    as `hwflow inspect` says; left_out: features that would not have fitted; cycles: of a tick; estimate: a guess made
    before synthesis; synapses: what their memory takes, and would take otherwise, None of a project of before; oscillator_hz: of which the part's PLL makes clock_hz, 0 if that is the oscillator's; clock_search: what was tried to find it.
    """

    project: str
    digest: str
    board: str
    network: str
    network_digest: str
    layers: tuple[object, ...]
    model: SpikingInspection
    core: Core
    left_out: tuple[str, ...]
    clock_hz: int
    cycles: TickCycles
    memory_bits: int
    estimate: Estimate
    kept: bool
    synapses: SynapseBits | None
    oscillator_hz: int = 0
    clock_search: ClockSearch | None = None

    def words(self) -> tuple[Part, ...]:
        """Layers, core, prediction and estimate."""
        core, cycles, mhz = self.core, self.cycles, self.clock_hz / 1e6
        quiet = cycles.of(0, 0, False)
        busy = cycles.of(core.sources // 10, core.neurons // 10, core.learning, entries=core.entries // 10)
        return (
            *self.model.layers_in_words(),
            "",
            f"core: {core.axons:,} axons, {core.neurons:,} neurons, {core.lanes} lanes, {core.weight_bits}-bit weights, "
            f"{core.state_bits}-bit state",
            *([self.synapses.words] if self.synapses else []),
            *([f"left out, to fit {self.board}: {', '.join(self.left_out)}"] if self.left_out else []),
            *(self.clock_search.words() if self.clock_search else ()),
            *clock_words(self.clock_hz, self.oscillator_hz),
            f"predicted at {mhz:g} MHz: a tick without spikes takes {quiet:,} cycles, one with a tenth of all spiking"
            f"{' and learning' if core.learning else ''} {busy:,} ({busy / mhz:.1f} µs)",
            f"estimated before synthesis: {self.estimate.words}",
            f"{self.project}: {'unchanged' if self.kept else 'written'}, digest {self.digest[:16]}",
        )


def compile_imported(
    model: SpikingModel, board: Board, out: Path, options: SpikingOptions, progress: Progress
) -> tuple[ProjectFolder, bool]:
    """Compile a spiking model for a board into the folder `out`, which appears whole or not at all.

    What was rounded is kept in it, and beside it what a trial gave and the floats to compare runs with. Gives the project, and whether the same was there before. Raises UserError for options
    that are not legal, a net that does not fit the board, or a folder that holds something else or is being worked on.
    """
    progress(f"compiling {model.network.name} for {board.name}")
    # The net's read-outs never fire in a core of the width that it was made for.
    wide = replace(
        options, state_bits=max(options.state_bits, model.info.state_bits), without=_with_parts(options.without)
    )
    with only_one(out):
        made = compile_spiking(model.network, board, wide)
        project = replace(made, files={**made.files, IMPORT: import_file(model.info)})
        mark("project", project.digest)
        folder, kept = put(project, out, beside(model))
        if kept:
            put_beside(folder.path, beside(model))
        return folder, kept


def compiled_again(compiled: Compiled) -> Project:
    """What compiling a project's own net for its own core gives now. Raises UserError if it cannot be compiled."""
    network, design, files = compiled.network, compiled.design, compiled.folder.files
    board = compiled.folder.board
    left_out = tuple(name for name in design.core.missing if name in design.left_out)
    project = spiking_project(network, board, design.core, left_out, design.shell, design.baud or None)
    saved = tuple(network.to_files())
    paths = (*saved, *(f"{FOLDER}/{PACKAGE}/{name}" for name in saved), IMPORT)
    given = {path: files[path] for path in paths if path in files}
    return replace(project, files={**project.files, **given})  # data, which another zlib packs otherwise


def compilation_of(compiled: Compiled, kept: bool) -> SpikingCompilation:
    """The record of a project; kept: as in SpikingCompilation."""
    design = compiled.design
    inspection = inspection_of(with_import(compiled.network, compiled.folder.files, compiled.path))
    return SpikingCompilation(
        project=str(compiled.path),
        digest=compiled.digest,
        board=compiled.folder.project.board,
        network=design.network,
        network_digest=design.network_digest,
        layers=inspection.layers,
        model=inspection,
        core=design.core,
        left_out=design.left_out,
        clock_hz=design.clock_hz,
        oscillator_hz=compiled.folder.oscillator_hz,
        clock_search=search_beside(compiled.path, compiled.digest),
        cycles=design.cycles,
        memory_bits=design.memory_bits,
        estimate=design.estimate,
        synapses=design.synapses,
        kept=kept,
    )


def _with_parts(without: tuple[str, ...]) -> tuple[str, ...]:
    """Features to leave out, and those that are parts of them."""
    parts = ("synapse_mask", "normalisation") if "learning" in without else ()
    return tuple(dict.fromkeys((*without, *parts)))
