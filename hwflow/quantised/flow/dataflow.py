"""hwflow's own RTL as a backend."""

from dataclasses import replace
from pathlib import Path

from hwflow.board import Board
from hwflow.errors import UserError
from hwflow.finn.folding import FINN_FOLDING, read_any, to_finn
from hwflow.paths import only_one
from hwflow.progress import Progress
from hwflow.project import Project, ProjectFolder, put
from hwflow.quantised.backend.compiled import Compiled
from hwflow.quantised.backend.dataflow import FOLDING, Options, compile_network, folding_for
from hwflow.quantised.backend.estimate import MeasuredAs, measured_as
from hwflow.quantised.backend.folding import Folding, checked, parse_folding
from hwflow.quantised.backend.units import units_of
from hwflow.quantised.flow.request import Request
from hwflow.quantised.network import Network
from hwflow.quantised.tool.simulate import BenchSource, dataflow_source
from hwflow.quantised.tool.unit_cost import unit_costs
from hwflow.resources import Estimate, Resources
from hwflow.tool.build import Build, build_project, plan_build
from hwflow.tool.own import mark
from hwflow.tool.process import Together

_ROUNDS = 8  # of choosing and measuring, at most


class _Dataflow:
    no_argmax = ""
    no_clock = ""

    def compile(
        self, model: Path, network: Network, board: Board, out: Path, request: Request, progress: Progress
    ) -> tuple[ProjectFolder, bool]:
        progress(f"compiling {network.name} for {board.name}")
        folding = read_any(request.folding, network).folding if request.folding else None
        if folding and request.loaded:
            folding = checked(folding.with_loaded_weights(), network, str(request.folding))
        options = Options(
            folding,
            request.target_fps,
            request.baud,
            max_luts=request.max_luts,
            max_brams=request.max_brams,
            max_latency=request.max_latency,
            loaded=request.loaded,
            shell=request.shell,
            strike=request.strike,
        )
        if request.measure:
            options = _measured(network, board, options, progress)
        with only_one(out):
            project = _project(network, board, options)
            mark("project", project.digest)
            return put(project, out, request.beside)

    def again(self, compiled: Compiled) -> Project:
        folding = parse_folding(compiled.folder.files.get(FOLDING, b""), compiled.network, FOLDING)
        estimate = compiled.design.estimate
        return folded_project(compiled, folding, estimate if estimate.measured else None)  # synthesis is not repeated

    def source(self, compiled: Compiled) -> BenchSource:
        return dataflow_source(compiled)

    def edits(self, compiled: Compiled) -> tuple[str, ...]:
        return ()

    def record(self, folder: ProjectFolder) -> None:
        return None

    def build(self, folder: ProjectFolder, progress: Progress, together: Together | None) -> Build:
        return build_project(folder, progress, together)

    def commands(self, folder: ProjectFolder) -> tuple[str, ...]:
        return plan_build(folder).commands


def _measured(network: Network, board: Board, options: Options, progress: Progress) -> Options:
    """With the folding that is best once its units are measured: those of the best choice are synthesised alone, and it is
    chosen again with what that gave, until the choice has no other units than measured ones."""
    if not board.has_part:
        raise UserError(f"{board.name} has no part for which units could be measured; compile without --measure.")
    measured: dict[MeasuredAs, Resources] = {}
    for _ in range(_ROUNDS):
        folding = options.folding or folding_for(network, board, replace(options, measured=measured))
        new = [unit for unit in units_of(network, folding) if measured_as(unit) not in measured]
        if not new:
            break
        costs = unit_costs(new, board.family, progress)
        measured |= {measured_as(unit): cost for unit, cost in zip(new, costs, strict=True)}
    # Of the last round's units all are measured, whether or not others would be chosen next.
    return replace(options, folding=folding, measured=measured)


def _project(network: Network, board: Board, options: Options) -> Project:
    """With the folding in FINN's form too."""
    project = compile_network(network, board, options)
    chosen = parse_folding(project.files[FOLDING], network, FOLDING)
    as_finn = {FINN_FOLDING: (to_finn(chosen, network) + "\n").encode()}
    return replace(project, files={**project.files, **as_finn})


def folded_project(compiled: Compiled, folding: Folding, told: Estimate | None = None) -> Project:
    """A compiled net's project with a folding; told: its estimate, if that is known. Raises UserError if it cannot be
    compiled."""
    network, files = compiled.network, compiled.folder.files
    design = compiled.design
    options = Options(folding, baud=design.baud, told=told, shell=design.shell, strike=design.strike)
    project = _project(network, compiled.folder.board, options)
    given = {path: files[path] for path in network.to_files()}  # data, which another zlib packs otherwise
    return replace(project, files={**project.files, **given})


DATAFLOW = _Dataflow()
