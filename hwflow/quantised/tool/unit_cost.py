"""What a unit takes of a part, or the way between two, by synthesis of it alone."""

from collections.abc import Sequence

from hwflow.board import Family
from hwflow.progress import Progress, silent
from hwflow.quantised.backend.alone import link_files, unit_files
from hwflow.quantised.backend.memories import in_block_ram
from hwflow.quantised.backend.streams import Stream
from hwflow.quantised.backend.units import Unit
from hwflow.resources import Resources
from hwflow.shell.library import rtl_library
from hwflow.tool.cells import Module, synthesised

_TOP = "hwf_unit"
_ROOMS = ("chain", "dense", "join", "split", "stream", "table", "tokens")


def unit_costs(units: Sequence[Unit | Stream], family: Family, progress: Progress = silent) -> tuple[Resources, ...]:
    """Look-up tables, flip-flops and block RAMs of each unit, without FIFO and resizing; see `synthesised`.

    Of a stream they are those of the way to its first reader: what packs, keeps, unpacks and widens.
    """
    return synthesised([_module(unit, family) for unit in units], family, progress)


def _module(unit: Unit | Stream, family: Family) -> Module:
    block_ram = in_block_ram(family)
    if isinstance(unit, Stream):
        return _with_library(link_files(unit.links[0], unit.lanes, _TOP, block_ram))
    return _with_library(unit_files(unit, _TOP, block_ram))


def _with_library(files: dict[str, bytes]) -> Module:
    """With those hand-written modules of which these are made, so that the others may change."""
    library = rtl_library(*_ROOMS)
    used, new = dict(files), list(files.values())
    while new:
        text = b"".join(new)
        named = {path: content for path, content in library.items() if _module_of(path) in text and path not in used}
        used |= named
        new = list(named.values())
    return Module(used, _TOP)


def _module_of(path: str) -> bytes:
    return path.removeprefix("rtl/").removesuffix(".sv").encode() + b" "
