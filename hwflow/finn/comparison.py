"""What one net became in FINN's RTL and in hwflow's own, side by side: `comparison.json`."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hwflow.board import Board
from hwflow.quantised.backend.folding import Fold
from hwflow.records import read_record
from hwflow.resources import Estimate
from hwflow.tool.yosys import Counts
from hwflow.words import Part, table

COMPARISON = "comparison.json"


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
class Tried:
    """A folding that FINN was compiled with: rule, how it was found; fold of each matrix; cycles between two vectors by
    FINN's estimate; cells of the net alone, None where Yosys cannot read it; used: whether it is the one compared."""

    rule: str
    folds: Mapping[str, Fold]
    cycles: int
    cells: Counts | None
    used: bool


@dataclass(frozen=True)
class Comparison:
    """FINN and hwflow side by side, `comparison.json`.

    project: digest of FINN's project; vectors: random ones, the same for both and for qonnx; synthesis: the command;
    tried: the foldings that FINN was given, of which one is compared; room: what the part has; edits: what was changed in
    FINN's files so that the tools could read them; tool: versions.
    """

    model: str
    network: str
    project: str
    board: str
    part: str
    vectors: int
    layers: tuple[LayerPair, ...]
    tried: tuple[Tried, ...]
    room: Counts
    finn: Side
    own: Side
    synthesis: str
    edits: tuple[str, ...]
    tool: str

    @property
    def right(self) -> bool:
        """Whether neither gave a wrong output."""
        return self.finn.mismatches == self.own.mismatches == 0

    @property
    def wrong(self) -> str:
        """Why it is not right."""
        return "An output of the RTL differs from execution by qonnx."

    def words(self) -> tuple[Part, ...]:
        """Layers and both sides."""
        heads = ["layer", "rows", "columns", "PE", "SIMD", "cycles: FINN", "cycles: hwflow", "weight bits: FINN",
                 "weight bits: hwflow"]  # fmt: skip
        layers = [
            (
                x.name,
                x.rows,
                x.columns,
                x.pe,
                x.simd,
                x.finn_cycles,
                x.own_cycles,
                x.finn_weight_bits,
                x.own_weight_bits,
            )
            for x in self.layers
        ]
        sides = zip(_column(self.finn, self.room), _column(self.own, self.room), strict=True)
        cycles = self.finn.cycles
        slower = cycles is not None and cycles.initiation_interval > self.finn.estimated_cycles
        fifos = (
            "FINN's FIFOs hold two beats: FINN sizes them by the vendor's simulator, and might then reach its estimate."
        )
        edits = ("", "FINN's own RTL, no module replaced; read with these changes:") if self.edits else ()
        return (
            f"{self.network} on {self.board} ({self.part}), {self.vectors:,} vectors",
            table(heads, layers),
            "",
            *self._foldings(),
            table(["the net alone", "FINN", "hwflow"], [(what, finn, own) for (what, finn), (_, own) in sides]),
            *(f"FINN: {sentence}" for sentence in self.finn.missing),
            *((fifos,) if slower else ()),
            *edits,
            *(f"  {sentence}" for sentence in self.edits),
            f"Cells by Yosys ({self.synthesis}), an estimate: nothing is placed.",
        )

    def _foldings(self) -> tuple[Part, ...]:
        """Those that FINN was given, if there are several."""
        if len(self.tried) == 1:
            return ()
        heads = ["foldings of FINN", "PE × SIMD", "cycles", "LUTs", "flip-flops", "block RAMs", "multipliers", ""]
        rows = [
            (
                each.rule,
                ", ".join(f"{fold.pe}×{fold.simd}" for fold in each.folds.values()),
                each.cycles,
                *(("–",) * 4 if each.cells is None else _counted(each.cells)),
                "used" if each.used else "",
            )
            for each in self.tried
        ]
        return (table(heads, rows), "")

    @staticmethod
    def from_folder(folder: Path) -> "Comparison":
        """Raises UserError if it is not there or is damaged."""
        return read_record(Comparison, folder / COMPARISON, "run `hwflow compare` again.")


def room_of(board: Board) -> Counts:
    """What the part of a board has that FINN builds for."""
    assert board.resources is not None
    has = board.resources
    return Counts(has.luts, has.ffs, has.brams, has.dsps)


def _counted(cells: Counts) -> tuple[int, int, int, int]:
    return cells.luts, cells.ffs, cells.brams, cells.dsps


def _column(side: Side, room: Counts) -> list[tuple[str, str]]:
    cycles, guess = side.cycles, side.estimate
    kinds = ("LUTs", "flip-flops", "block RAMs", "multipliers")
    cells = ["–"] * 4 if side.cells is None else map(_share, _counted(side.cells), _counted(room))
    return [
        ("outputs that differ from qonnx", f"{side.mismatches:,} of {side.values:,}"),
        ("cycles between vectors, estimated", f"{side.estimated_cycles:,}"),
        ("cycles between vectors, simulated", _number(cycles.initiation_interval if cycles else None)),
        ("latency, cycles from the last input", _number(cycles.latency if cycles else None)),
        ("latency, cycles from the first input", _number(cycles.fill if cycles else None)),
        *((f"{kind}, and of the part", count) for kind, count in zip(kinds, cells, strict=True)),
        ("LUTs estimated by the compiler", "not estimated" if guess.luts is None else f"{guess.luts:,}"),
        ("block RAMs estimated", f"{guess.brams:,}"),
        ("multipliers estimated", "not estimated" if guess.dsps is None else f"{guess.dsps:,}"),
        ("bits of weights stored", f"{side.weight_bits:,}"),
    ]


def _share(used: int, available: int) -> str:
    return f"{used:,} ({used / available:.2%})"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,.6g}" if isinstance(value, float) else f"{value:,}"
