"""`hwflow compile`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import RenderableType

from hwflow.cli.console import progress_on_stderr, table
from hwflow.cli.options import ArgMaxFlag, InputTypeName, ModelFile, int_type
from hwflow.cli.outcome import Outcome
from hwflow.cli.spiking import (
    Axons,
    ClipFlag,
    Lanes,
    NeuronCount,
    StateBits,
    TickSeconds,
    Without,
    check_options,
    checked_bits,
    compile_spiking_model,
)
from hwflow.errors import UserError

if TYPE_CHECKING:
    from hwflow.finn.compilation import FinnRecord
    from hwflow.quantised.backend.design import Estimate


def compile_(
    model: ModelFile,
    board: Annotated[str, typer.Option("--board", metavar="NAME", help="See `hwflow boards`; `sim` has no limits.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The project's folder.")],
    backend: Annotated[
        Literal["dataflow", "finn"],
        typer.Option("--backend", help="How the net becomes hardware: hwflow's own RTL, or AMD's FINN (for Zynq)."),
    ] = "dataflow",
    target_fps: Annotated[
        float | None, typer.Option("--target-fps", metavar="N", help="Vectors a second. [default: what fits the board]")
    ] = None,
    folding: Annotated[
        Path | None, typer.Option("--folding", metavar="FILE.json", help="PE and SIMD of each layer, by its name.")
    ] = None,
    argmax: ArgMaxFlag = False,
    input_type: InputTypeName = None,
    baud: Annotated[
        int | None, typer.Option("--baud", help="Bits a second of the UART. [default: the board's]")
    ] = None,
    dt: TickSeconds = None,
    clip: ClipFlag = False,
    state_bits: StateBits = None,
    lanes: Lanes = None,
    axons: Axons = None,
    neurons: NeuronCount = None,
    without: Without = None,
) -> Outcome:
    """Turn a model into hardware for a board.

    The folder gets RTL, memory images, constraints, and the net in integers.
    """
    from hwflow.family import family_of

    family = family_of(model)
    quantised = {"--target-fps": target_fps, "--folding": folding, "--argmax": argmax, "--input-type": input_type,
                 "--backend": backend != "dataflow"}  # fmt: skip
    spiking = {"--dt": dt, "--clip": clip, "--state-bits": state_bits, "--lanes": lanes, "--axons": axons,
               "--neurons": neurons, "--without": without}  # fmt: skip
    check_options(family, model, quantised, spiking)
    if family == "spiking":
        from hwflow.spiking.backend.core import SpikingOptions

        bits = checked_bits(state_bits)
        options = SpikingOptions(axons, neurons, lanes, bits, without=tuple(without or ()), baud=baud)
        return compile_spiking_model(model, board, out, dt, clip, options)
    from hwflow.quantised.flow.compilation import Request, compile_to, compile_with_finn
    from hwflow.quantised.frontend import load

    request = Request(folding, target_fps, baud)
    if backend == "finn" and argmax:
        raise UserError(
            "FINN has a class at the end in HLS only; compile without --argmax, and the host takes the class."
        )
    with progress_on_stderr() as progress:
        progress(f"reading {model.name}")
        network = load(model, argmax=argmax, input_type=int_type(input_type))
        if backend == "finn":
            record = compile_with_finn(model, network, board, out, request, progress)
        else:
            record = compile_to(network, board, out, request, progress)
    heads = ["layer", "rows", "columns", "PE", "SIMD", "cycles", "weights", "input", "output", "memory bits"]
    rows = [
        (x.name, x.rows, x.columns, x.pe, x.simd, x.cycles, x.weight_type, x.input_type, x.output_type, x.memory_bits)
        for x in record.layers
    ]
    clock, cycles = record.clock_hz, record.prediction
    show: list[RenderableType] = [
        table(heads, rows),
        "",
        f"predicted at {clock / 1e6:g} MHz: a vector every {cycles.initiation_interval:,} cycles "
        f"({record.predicted_fps:,.0f} a second), latency {cycles.latency:,} cycles ({cycles.latency / clock * 1e6:.2f} µs)",
        f"estimated before synthesis: {_guess(record.estimate)}",
        f"{record.project}: {'unchanged' if record.kept else 'written'}, digest {record.digest[:16]}",
    ]
    if record.finn:
        show = [*show[:2], *_finn(record.finn), *show[2:]]
    return Outcome(record, show)


def _guess(estimate: "Estimate") -> str:
    counts = [(estimate.luts, "LUTs"), (estimate.ffs, "flip-flops"), (estimate.brams, "block RAMs")]
    counts += [(estimate.dsps, "multipliers")] if estimate.dsps else []
    return ", ".join(f"{what} not estimated" if count is None else f"{count:,} {what}" for count, what in counts)


def _finn(record: "FinnRecord") -> list[RenderableType]:
    steps = [(s.name, f"{s.seconds:.2f}", f"{s.check_seconds:.2f}", s.values, s.mismatches) for s in record.steps]
    return [
        table(["FINN's step", "s", "check, s", "accumulators", "mismatches"], steps),
        f"finn-plus {record.version}: each step on {record.vectors:,} random vectors against execution by qonnx",
        *(f"in HLS only, so not simulated here: {sentence}" for sentence in record.hls),
        "",
    ]
