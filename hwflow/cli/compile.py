"""`hwflow compile`."""

from pathlib import Path
from typing import Annotated, Literal

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


def compile_(
    model: ModelFile,
    board: Annotated[str, typer.Option("--board", metavar="NAME", help="See `hwflow boards`; `sim` has no limits.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The project's folder.")],
    backend: Annotated[
        Literal["dataflow"], typer.Option("--backend", help="How the net becomes hardware.")
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
    from hwflow.frontend import family_of

    family = family_of(model)
    quantised = {"--target-fps": target_fps, "--folding": folding, "--argmax": argmax, "--input-type": input_type}
    spiking = {"--dt": dt, "--clip": clip, "--state-bits": state_bits, "--lanes": lanes, "--axons": axons,
               "--neurons": neurons, "--without": without}  # fmt: skip
    check_options(family, model, quantised, spiking)
    if family == "spiking":
        from hwflow.backend.spiking import SpikingOptions

        bits = checked_bits(state_bits)
        options = SpikingOptions(axons, neurons, lanes, bits, without=tuple(without or ()), baud=baud)
        return compile_spiking_model(model, board, out, dt, clip, options)
    from hwflow.flow.compilation import Request, compile_to
    from hwflow.frontend import load

    with progress_on_stderr() as progress:
        progress(f"reading {model.name}")
        network = load(model, argmax=argmax, input_type=int_type(input_type))
        record = compile_to(network, board, out, Request(folding, target_fps, baud), progress)
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
        f"estimated before synthesis: {record.estimate.luts:,} LUTs, {record.estimate.ffs:,} flip-flops, "
        f"{record.estimate.brams:,} block RAMs",
        f"{record.project}: {'unchanged' if record.kept else 'written'}, digest {record.digest[:16]}",
    ]
    return Outcome(record, show)
