"""Cells of a module that Yosys synthesises alone, by the commands of a build, kept by content in the user's cache."""

import json
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from hwflow.board import Family
from hwflow.drafts import remove_whole
from hwflow.paths import scratch_folder
from hwflow.progress import Progress, silent
from hwflow.resources import Resources
from hwflow.tool import xilinx
from hwflow.tool.cache import cache_folder, digest_of, kept, state_of
from hwflow.tool.logic_cells import logic_cells
from hwflow.tool.process import Together, run_tool
from hwflow.tool.toolchains import TOOLCHAINS
from hwflow.tool.yosys import count_cells, counting, reading, resolve
from hwflow.versions import tools

_NETLIST = "netlist.json"
_CELLS = "cells.json"
_COST = "cost.json"
_LOG = "synthesis.log"


@dataclass(frozen=True)
class Module:
    """RTL and memory images of a module and of all below it, by path, and its name."""

    files: Mapping[str, bytes]
    top: str


def synthesised(modules: Sequence[Module], family: Family, progress: Progress = silent) -> tuple[Resources, ...]:
    """What each takes of a part of the family, by Yosys: look-up tables (on iCE40 logic cells), flip-flops, block RAMs.

    Modules of equal content are synthesised once, in as many processes as there are cores, and kept in the user's cache
    under their content and Yosys's version; what cannot be read there is made again. Raises MissingTool without Yosys,
    ToolError if it fails.
    """
    yosys = resolve()
    digests = [_digest(module, family, yosys) for module in modules]
    once = dict(zip(digests, modules, strict=True))
    left = len(once)
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool, Together() as together:

        def one(digest: str) -> Resources:
            nonlocal left
            found = _known(digest) or _made(digest, once[digest], family, yosys, together)
            left -= 1
            progress(f"synthesising units alone: {len(once) - left} of {len(once)}")
            return found

        costs = dict(zip(once, pool.map(one, once), strict=True))
    return tuple(costs[digest] for digest in digests)


def _digest(module: Module, family: Family, yosys: Sequence[str]) -> str:
    named = [part for path in sorted(module.files) for part in (path, module.files[path])]
    return digest_of(["cells", state_of(yosys[0]), tools("pyosys"), _synthesis(module.top, family), *named])


def _synthesis(top: str, family: Family) -> str:
    """As in a build; a module alone has no pins."""
    tools = TOOLCHAINS.get(family)
    if tools is None:
        return xilinx.synthesise(top, pins=False)
    return tools.synthesise(top, f"-json {_NETLIST}" if tools.logic_cells else "", pins=False)


def _known(digest: str) -> Resources | None:
    """What the cache has; None if it has nothing that is whole."""
    place = cache_folder() / digest
    try:
        document = json.loads((place / _COST).read_bytes())
        cost = Resources(**document["cost"])
        if document["seal"] == _seal(digest, cost):
            return cost
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass
    if place.exists():
        with suppress(OSError):
            remove_whole(place)
    return None


def _seal(digest: str, cost: Resources) -> str:
    return digest_of([digest, *(str(count) for count in asdict(cost).values())])


def _made(digest: str, module: Module, family: Family, yosys: Sequence[str], together: Together) -> Resources:
    costs: list[Resources] = []

    def make(out: Path) -> None:
        with scratch_folder() as scratch:
            for path, content in module.files.items():
                (scratch / path).parent.mkdir(parents=True, exist_ok=True)
                (scratch / path).write_bytes(content)
            sources = (path for path in sorted(module.files) if path.endswith(".sv"))
            script = counting(reading(sources), _synthesis(module.top, family), _CELLS)
            run_tool([*yosys, "-p", script], out / _LOG, cwd=scratch, together=together)
            costs.append(_count(scratch, family, module.top))
        (out / _COST).write_text(json.dumps({"cost": asdict(costs[0]), "seal": _seal(digest, costs[0])}))
        (out / _LOG).unlink()

    kept(digest, make)
    return costs[0] if costs else _known(digest) or _made(digest, module, family, yosys, together)


def _count(scratch: Path, family: Family, top: str) -> Resources:
    cells = json.loads((scratch / _CELLS).read_bytes())["design"]["num_cells_by_type"]
    counts = count_cells(cells)
    tools = TOOLCHAINS.get(family)
    packed = tools is not None and tools.logic_cells
    luts = logic_cells(json.loads((scratch / _NETLIST).read_bytes()), top) if packed else counts.luts
    return Resources(luts, counts.ffs, counts.brams)
