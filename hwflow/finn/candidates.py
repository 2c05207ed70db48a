"""FINN at the foldings of the same cycles that suit it, compiled and synthesised, and the best of them."""

from dataclasses import replace
from pathlib import Path

from hwflow.board import Board
from hwflow.errors import ToolError
from hwflow.finn.backend import FINN_BACKEND, KEPT
from hwflow.finn.comparison import Tried
from hwflow.finn.design import FinnDesign
from hwflow.finn.packing import Packed, packed_foldings
from hwflow.finn.synthesis import synthesise_net
from hwflow.paths import scratch_folder
from hwflow.progress import Progress
from hwflow.project import ProjectFolder, put
from hwflow.quantised.backend.compiled import Compiled
from hwflow.quantised.backend.dataflow import FOLDING
from hwflow.quantised.backend.folding import parse_folding
from hwflow.quantised.flow.request import Request
from hwflow.quantised.model import QuantisedModel
from hwflow.tool.yosys import Counts

_OWN = "FINN's own choice"
_ASKED = "as asked"


def best_of_finn(
    model: QuantisedModel, board: Board, out: Path, request: Request, progress: Progress
) -> tuple[ProjectFolder, tuple[Tried, ...]]:
    """FINN's project in the folder `out`, and what was tried for it.

    A folding that the request names is the only one. Else FINN chooses, and what packs its multipliers at no more cycles is
    tried too; of all the one of fewest multipliers is taken, and of those of as few that of fewest look-up tables. Nodes
    that are HLS only cannot be synthesised, so that FINN's own choice then stands.
    """
    folder, _ = FINN_BACKEND.compile(model.path, model.network, board, out, request, progress)
    design = FinnDesign.of(folder)
    first = _tried(folder, design, _OWN if request.folding is None else _ASKED, progress)
    if request.folding is not None or design.hls:
        return folder, (replace(first, used=True),)
    with scratch_folder() as scratch:
        made = [(folder, first)]
        for i, packed in enumerate(packed_foldings(model.network, design)):
            if packed.folding.folds not in [dict(tried.folds) for _, tried in made]:
                made.append(_packed(model, board, scratch / str(i), request, packed, progress))
        best = min(made, key=lambda pair: _rank(pair[1].cells))
        if best[0] is not folder:
            project, here = best[0].project, best[0].path
            folder, _ = put(project, out, {name: (here / name).read_bytes() for name in KEPT})
    return folder, tuple(replace(tried, used=tried is best[1]) for _, tried in made)


def _packed(
    model: QuantisedModel, board: Board, out: Path, request: Request, packed: Packed, progress: Progress
) -> tuple[ProjectFolder, Tried]:
    file = out.with_suffix(".json")
    file.write_text(packed.folding.to_json())
    asked = replace(request, folding=file, target_fps=None)
    folder, _ = FINN_BACKEND.compile(model.path, model.network, board, out, asked, progress)
    return folder, _tried(folder, FinnDesign.of(folder), packed.rule, progress)


def _tried(folder: ProjectFolder, design: FinnDesign, rule: str, progress: Progress) -> Tried:
    compiled = Compiled.of(folder)
    cells: Counts | None = None
    if not design.hls:
        source = FINN_BACKEND.source(compiled)
        try:
            cells = synthesise_net(folder, source.files, source.module, progress)
        except ToolError:
            cells = None  # its side of the comparison says why
    folding = parse_folding(folder.files[FOLDING], compiled.network, str(folder.path / FOLDING))
    return Tried(rule, folding.folds, max(node.cycles for node in design.nodes), cells, used=False)


def _rank(cells: Counts | None) -> tuple[float, float]:
    return (float("inf"), 0.0) if cells is None else (cells.dsps, cells.luts)
