"""The verb `compile` for spiking nets."""

from dataclasses import dataclass, replace
from pathlib import Path

from hwflow.board import find_board
from hwflow.paths import only_one, whole_folder
from hwflow.progress import Progress
from hwflow.quantised.backend.design import Estimate, SpikingDesign
from hwflow.quantised.flow.compilation import holds
from hwflow.records import to_json
from hwflow.spiking.backend.core import SpikingOptions, compile_spiking
from hwflow.spiking.backend.schedule import TickCycles
from hwflow.spiking.frontend.inspection import SpikingInspection, inspection_of
from hwflow.spiking.frontend.model import IMPORT, SpikingModel
from hwflow.spiking.network import Core


@dataclass(frozen=True)
class SpikingCompilation:
    """What was compiled.

    project: the folder; digest: of the project; kept: whether the folder held the same project before; layers and model:
    as `hwflow inspect` says; left_out: features that would not have fitted; cycles: of a tick; estimate: a guess made
    before synthesis.
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


def compile_spiking_to(
    model: SpikingModel, board_name: str, out: Path, options: SpikingOptions, progress: Progress
) -> SpikingCompilation:
    """Compile a spiking model for a board into the folder `out`, which appears whole or not at all.

    What was rounded is kept in it. Raises UserError for an unknown board, options that are not legal, a net that does not
    fit the board, or a folder that holds something else or is being worked on.
    """
    board = find_board(board_name)
    progress(f"compiling {model.network.name} for {board_name}")
    # The net's read-outs never fire in a core of the width that it was made for.
    wide = replace(
        options, state_bits=max(options.state_bits, model.info.state_bits), without=_with_parts(options.without)
    )
    with only_one(out):
        project = compile_spiking(model.network, board, wide)
        project = replace(project, files={**project.files, IMPORT: to_json(model.info).encode()})
        kept = holds(out, project)
        if not kept:
            with whole_folder(out.resolve()) as draft:
                project.save(draft)
    design, inspection = SpikingDesign.from_folder(out), inspection_of(model)
    return SpikingCompilation(
        project=str(out),
        digest=project.digest,
        board=project.board,
        network=design.network,
        network_digest=design.network_digest,
        layers=inspection.layers,
        model=inspection,
        core=design.core,
        left_out=design.left_out,
        clock_hz=design.clock_hz,
        cycles=design.cycles,
        memory_bits=design.memory_bits,
        estimate=design.estimate,
        kept=kept,
    )


def _with_parts(without: tuple[str, ...]) -> tuple[str, ...]:
    """Features to leave out, and those that are parts of them."""
    parts = ("synapse_mask", "normalisation") if "learning" in without else ()
    return tuple(dict.fromkeys((*without, *parts)))
