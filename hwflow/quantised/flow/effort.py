"""Other foldings of a compiled net that may be tried in its place, and the build of the fastest of them that holds."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from hwflow.errors import UserError
from hwflow.paths import only_one
from hwflow.progress import Progress
from hwflow.project import ProjectFolder, put
from hwflow.quantised.backend.choose import Space
from hwflow.quantised.backend.compiled import Compiled
from hwflow.quantised.backend.dataflow import FOLDING
from hwflow.quantised.backend.folding import Folding, folded_layers, parse_folding
from hwflow.quantised.backend.shells import shell_named
from hwflow.quantised.flow.dataflow import folded_project
from hwflow.quantised.report.check import CHECK
from hwflow.tool.build import Build
from hwflow.tool.effort import Design, best_build
from hwflow.tool.own import mark

STEP = 1.25  # between the intervals of two designs that are tried
MOST = 6  # faster ones, and as many slower


def build_best(compiled: Compiled, seconds: float, progress: Progress) -> Build:
    """The project's build, or that of the fastest folding of its net whose timing place and route found met, which then
    is the project in its folder; see `best_build`.

    Raises UserError for another backend's project and for a bound that is none, and as `best_build`.
    """
    if compiled.design.backend != "dataflow":
        raise UserError("FINN folds by its own estimates; build without --effort.")
    if not seconds > 0:
        raise UserError(f"--effort {seconds:g} is no time to build in; give seconds above 0.")
    source = compiled.folder
    with only_one(source.path):
        own = compiled.design.prediction.initiation_interval
        others = [] if compiled.folder.board.resources is None else list(_others(compiled, own))
        build, _ = best_build(source, own, others, seconds, progress, partial(_install, source))
        return build


def _others(compiled: Compiled, own: int) -> Iterator[Design]:
    """Of fewer and of more cycles, each the cheapest that fits the part by estimate; weights lie where the project's do."""
    board = compiled.folder.board
    part = shell_named(compiled.design.shell).room(board).resources
    network = compiled.network
    if part is None or not folded_layers(network):
        return
    folding = parse_folding(compiled.folder.files.get(FOLDING, b""), network, FOLDING)
    large = any(fold.large for fold in folding.folds.values())
    room = part.all if large else replace(part.all, large_rams=0)
    seen = {own}
    # A hardwired layer is often the smallest for all intervals, by an estimate that is a rough one: folded ones beside it.
    for hardwired in (True, False):
        space = Space(
            network, board.family, loaded=folding.loaded, large=large, hardwired=hardwired, clock_hz=board.clock_hz
        )
        fastest = space.fastest(room)
        for interval in _spread(space.intervals, fastest.interval, own) if fastest else ():
            choice = space.cheapest(interval, room)
            if choice is not None and choice.interval not in seen:
                seen.add(choice.interval)
                yield Design(choice.interval, partial(_make, compiled, choice.folding))


def _spread(intervals: list[int], fastest: int, own: int) -> Iterator[int]:
    """The fastest few, and those next behind the own one, none within a quarter of the one before."""
    for some in ([i for i in intervals if fastest <= i < own], [i for i in intervals if i > own]):
        last, count = 0.0, 0
        for interval in some:
            if interval >= STEP * last and count < MOST:
                last, count = interval, count + 1
                yield interval


def _make(compiled: Compiled, folding: Folding, where: Path) -> ProjectFolder:
    project = folded_project(compiled, folding)
    mark("project", project.digest)
    return put(project, where)[0]


def _install(source: ProjectFolder, better: ProjectFolder) -> None:
    """Into the project's place, with what its net was checked to be."""
    check = source.path / CHECK
    put(better.project, source.path, {CHECK: check.read_bytes()} if check.is_file() else {})
