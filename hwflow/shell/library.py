"""The hand-written modules of `rtl/`."""

from hwflow.board import Board
from hwflow.clock import pll_of
from hwflow.paths import data_folder


def rtl_library(*rooms: str) -> dict[str, bytes]:
    """The hand-written modules of some rooms of `rtl/`, as project files."""
    root = data_folder("rtl")
    return {f"rtl/{path.name}": path.read_bytes() for room in rooms for path in sorted((root / room).glob("hwf_*.sv"))}


def rtl_modules(room: str, *names: str) -> dict[str, bytes]:
    """Some of a room's modules, as project files."""
    return {f"rtl/{name}.sv": (data_folder("rtl") / room / f"{name}.sv").read_bytes() for name in names}


def pll_modules(board: Board) -> dict[str, bytes]:
    """The modules of the board's PLL, as project files; none if its oscillator is its clock. Raises UserError as `pll_of`."""
    pll = pll_of(board)
    return rtl_modules("shell/pll", pll.module, "hwf_pll_model") if pll else {}
