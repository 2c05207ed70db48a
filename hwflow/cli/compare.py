"""`hwflow compare`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import RenderableType

from hwflow.cli.console import progress_on_stderr, table
from hwflow.cli.options import InputTypeName, ModelFile, int_type
from hwflow.cli.outcome import Outcome

if TYPE_CHECKING:
    from hwflow.finn.comparison import Comparison, Side


def compare(
    model: ModelFile,
    board: Annotated[str, typer.Option("--board", metavar="NAME", help="A board that FINN builds for, as zcu104.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Where both projects go. [default: MODEL-compare, in this folder]"),
    ] = None,
    target_fps: Annotated[
        float | None, typer.Option("--target-fps", metavar="N", help="Vectors a second. [default: what fits the board]")
    ] = None,
    folding: Annotated[
        Path | None, typer.Option("--folding", metavar="FILE", help="PE and SIMD of each layer.")
    ] = None,
    input_type: InputTypeName = None,
) -> Outcome:
    """The same net through FINN and through hwflow's own RTL, at the same folding.

    Both are simulated on the same vectors and synthesised by Yosys alike, the net alone.
    """
    from hwflow.finn.comparison import compare as compare_net
    from hwflow.quantised.flow.compilation import Request
    from hwflow.quantised.frontend import load

    with progress_on_stderr() as progress:
        progress(f"reading {model.name}")
        network = load(model, input_type=int_type(input_type))
        folder = out or Path(f"{model.stem}-compare")
        record = compare_net(model, network, board, folder, Request(folding, target_fps), progress)
    return Outcome(record, _show(record), record.right, "An output of the RTL differs from execution by qonnx.")


def _show(record: "Comparison") -> list[RenderableType]:
    heads = [
        "layer",
        "rows",
        "columns",
        "PE",
        "SIMD",
        "cycles: FINN",
        "cycles: hwflow",
        "weight bits: FINN",
        "weight bits: hwflow",
    ]
    layers = [
        (x.name, x.rows, x.columns, x.pe, x.simd, x.finn_cycles, x.own_cycles, x.finn_weight_bits, x.own_weight_bits)
        for x in record.layers
    ]
    sides = [_column(record.finn), _column(record.own)]
    rows = [(what, finn, own) for (what, finn), (_, own) in zip(*sides, strict=True)]
    show: list[RenderableType] = [
        f"{record.network} on {record.board} ({record.part}), {record.vectors:,} vectors",
        table(heads, layers),
        "",
        table(["the net alone", "FINN", "hwflow"], rows),
    ]
    show += [f"FINN: {sentence}" for sentence in record.finn.missing]
    cycles = record.finn.cycles
    if cycles and cycles.initiation_interval > record.finn.estimated_cycles:
        show.append(
            "FINN's FIFOs hold two beats: FINN sizes them by the vendor's simulator, and might then reach its estimate."
        )
    if record.edits:
        show += ["", "FINN's own RTL, no module replaced; read with these changes:"]
        show += [f"  {sentence}" for sentence in record.edits]
    return [*show, f"Cells by Yosys ({record.synthesis}), an estimate: nothing is placed."]


def _column(side: "Side") -> list[tuple[str, str]]:
    cycles, cells, guess = side.cycles, side.cells, side.estimate
    return [
        ("outputs that differ from qonnx", f"{side.mismatches:,} of {side.values:,}"),
        ("cycles between vectors, estimated", f"{side.estimated_cycles:,}"),
        ("cycles between vectors, simulated", _number(cycles.initiation_interval if cycles else None)),
        ("latency, cycles from the last input", _number(cycles.latency if cycles else None)),
        ("latency, cycles from the first input", _number(cycles.fill if cycles else None)),
        ("LUTs", _number(cells.luts if cells else None)),
        ("flip-flops", _number(cells.ffs if cells else None)),
        ("block RAMs", _number(cells.brams if cells else None)),
        ("multipliers", _number(cells.dsps if cells else None)),
        ("LUTs and 100 for a multiplier", _number(side.equivalent_luts)),
        ("LUTs estimated by the compiler", "not estimated" if guess.luts is None else f"{guess.luts:,}"),
        ("block RAMs estimated", f"{guess.brams:,}"),
        ("multipliers estimated", "not estimated" if guess.dsps is None else f"{guess.dsps:,}"),
        ("bits of weights stored", f"{side.weight_bits:,}"),
    ]


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,.6g}" if isinstance(value, float) else f"{value:,}"
